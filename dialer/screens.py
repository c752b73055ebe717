"""Warms a screen when a call rings and publishes it the moment the call has an agent.

What stands on it is the business of `app.desk.screenpop`, which is injected; here is only when.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What the room knows of a call; enough to find the rest."""

    call: UUID
    campaign: UUID
    campaign_name: str
    customer: UUID
    loan: UUID | None
    lead: UUID
    number: str  # E.164
    attempt_no: int
    attempts_today: int
    cap: int
    window_until_ms: int | None
    offered: bool = False  # nobody is on the line: an agent decides on it


class Screens(Protocol):
    """The seam of the engine. Neither verb may hold up the room: both return within their bound."""

    def warm(self, facts: CallFacts) -> None:
        """Begin to assemble, in the background, within a bounded number at once."""
        ...

    async def finish(self, call: UUID, agent: UUID, assigned_at_ms: int) -> int | None:
        """Publish the card `screen:{call}` of `agent:{agent}`; first version within 300 ms of the call.

        When the data is not there by then, a version marked late goes out and the whole one follows.
        Returns the instant (ms) at which the first version left; None when it did not leave: the broker
        did not take it, or the call was dropped. The voice must not follow then.
        """
        ...

    def meet(self, agent: UUID) -> None:
        """An agent sits down: how he is called and which language he reads may have changed."""
        ...

    def renew(self, call: UUID, agent: UUID | None, assigned_at_ms: int) -> None:
        """Read a warmed call's facts again; who has its screen (None: nobody yet) gets a newer version.

        When they cannot be read, the screen that stands there stays.
        """
        ...

    def drop(self, call: UUID) -> None:
        """Forget what was warmed."""
        ...
