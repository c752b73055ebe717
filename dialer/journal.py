"""The contract for writing what happened in the room. `journal_postgres` fulfils it."""

from collections.abc import Sequence
from typing import Protocol

from dialer.core.live import LiveAgent, LiveCall
from dialer.core.records import AgentChanged, CallEnded, CallMoment, DialingStopped, Moment, Record

__all__ = [
    "AgentChanged",
    "CallEnded",
    "CallMoment",
    "DialingStopped",
    "Journal",
    "Moment",
    "Record",
]


class Journal(Protocol):
    """Writes in batches and in order. The engine keeps a batch until it is written."""

    async def write(self, records: Sequence[Record], now_ms: int, fence: int) -> None:
        """Write all in one transaction, in the order given, or none.

        Safe to repeat: a record already written (same call and moment, same ended call, same agent
        and instant) is passed over. `CallEnded` frees the customer's lock and moves the lead to
        RETRY (`retry_at_ms`) or DONE in the same transaction.
        Raises `dialer.fence.Fenced` for an old number: nothing is written;
        `app.errors.Unavailable` when the store does not answer: try again.
        """
        ...

    async def restore(
        self, now_ms: int, fence: int
    ) -> tuple[Sequence[LiveAgent], Sequence[LiveCall]]:
        """Who was on the floor and which calls were not ended, for a dialer that starts."""
        ...
