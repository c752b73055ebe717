"""The contract for what people asked, and the table from their words to the room's events.

`intents_redis` fulfils it. The words are `app.desk.intents`; here is the only translation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.desk.intents import Intent


@dataclass(frozen=True, slots=True)
class Asked:
    """One intent, under the id by which it is acknowledged."""

    id: str
    intent: Intent


class Intents(Protocol):
    """A stream with at-least-once delivery to the one dialer; order is kept per sender."""

    async def read(self, count: int, wait_ms: int) -> Sequence[Asked]:
        """Up to `count` intents, waiting at most `wait_ms` for the first; none is an empty sequence.

        Begins with what an earlier reader took and did not acknowledge. An intent that cannot be
        decoded is counted, acknowledged and left out. Raises `app.errors.Unavailable`.
        """
        ...

    async def ack(self, ids: Sequence[str]) -> None:
        """These are carried out. One that is not acknowledged comes again after a restart."""
        ...
