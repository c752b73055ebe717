"""A line, an agent, a call as the store has them: what the room is told of them when it opens or takes over."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class LineOpened:
    """Lead, verdict, lock, attempt and call row are committed: the call may be placed."""

    call: UUID
    campaign: UUID
    lead: UUID
    customer: UUID
    number: str  # E.164
    caller_id: str
    attempt_no: int  # of this campaign, from 1
    attempts_today: int  # over all campaigns and means, this one included
    cap: int  # most attempts a day
    loan: UUID | None = None
    promised_to: UUID | None = None  # the agent who agreed to call now; he goes first if he is free
    language: str = "vi"  # the customer's: in which a message is said
    agent: UUID | None = None  # who had it dialled himself: it is his and nobody else's


@dataclass(frozen=True, slots=True)
class LiveAgent:
    """An agent as the store last knew him, for a floor that starts again."""

    agent: UUID
    name: str
    team: UUID | None
    campaigns: frozenset[UUID]
    wrapup_multiplier: float
    status: str
    reason: str | None
    status_since_ms: int
    state: str
    state_since_ms: int
    call: UUID | None
    deadline_ms: int | None
    extends_left: int
    disposed: bool
    mode: str = "AUTO"
    limit_ms: int | None = None  # of the break that he is on
    desk_phone: bool = False


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call that was not ended in the store, for a floor that starts again."""

    line: LineOpened
    state: str
    agent: UUID | None
    dialed_at_ms: int
    answered_at_ms: int | None
    assigned_at_ms: int | None
    connected_at_ms: int | None
