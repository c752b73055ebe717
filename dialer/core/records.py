"""What the room asks to have written. `dialer.journal` says how; every instant is ms of business time."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from dialer.core.monitor import MonitorChanged


class Moment(StrEnum):
    """A named instant of a call; each is written at most once, save HELD, RESUMED and the assignments."""

    DIALED = "DIALED"
    RINGING = "RINGING"
    ANSWERED = "ANSWERED"
    PERSON = "PERSON"
    MACHINE = "MACHINE"
    WAITING = "WAITING"
    ASSIGNED = "ASSIGNED"  # an agent was reserved: starts the pop clock; the last one counts
    RETURNED = "RETURNED"  # back to the wait queue; the agent did not receive the pop
    PUBLISHED = "PUBLISHED"  # the pop left for the browser
    RECEIVED = "RECEIVED"  # the browser has the pop
    PAINTED = "PAINTED"
    CONNECTED = "CONNECTED"  # voice is up
    HELD = "HELD"
    RESUMED = "RESUMED"
    MESSAGE = "MESSAGE"


@dataclass(frozen=True, slots=True)
class CallMoment:
    """One instant of a call and the state it is in from now on."""

    call: UUID
    moment: Moment
    at_ms: int
    state: str  # word of core.call.CallState after the moment
    agent: UUID | None = None
    error_ms: int = 0  # how wrong the instant may be; other than 0 only for PAINTED
    said: str = (
        ""  # of MESSAGE: the text or the recording's name; of PERSON and MACHINE: the verdict
    )


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A call is over. Writing it also frees the customer and settles the lead, in one transaction."""

    call: UUID
    campaign: UUID
    lead: UUID
    customer: UUID
    at_ms: int
    cause: str  # word of core.call.Cause
    by: str  # CUSTOMER, AGENT, SYSTEM or CARRIER
    abandoned: bool
    answered: bool  # by a person
    agent: UUID | None
    talk_ms: int
    held_ms: int
    retry_at_ms: (
        int | None
    )  # when the lead may be called again; None: this campaign is done with it


@dataclass(frozen=True, slots=True)
class AgentChanged:
    """An agent's status, state or link from `at_ms` on; intervals of one agent are contiguous."""

    agent: UUID
    at_ms: int
    status: str
    reason: str | None
    state: str
    link: str
    call: UUID | None
    campaign: UUID | None
    because: str  # the event that did it, for the audit: AGENT, SERVER, SUPERVISOR or NETWORK
    deadline_ms: int | None = None  # end of wrap-up
    extends_left: int = 0
    mode: str = "AUTO"


@dataclass(frozen=True, slots=True)
class BreakOverran:
    """A break has lasted longer than its limit, or (FAR_OVER) five minutes longer than that."""

    agent: UUID
    at_ms: int
    reason: str
    limit_ms: int
    overrun: str  # word of core.standing.Overrun


@dataclass(frozen=True, slots=True)
class DialingStopped:
    """Dialling of one campaign (None: all) was stopped or resumed by a person."""

    campaign: UUID | None
    at_ms: int
    by: UUID
    reason: str
    stopped: bool


Record = CallMoment | CallEnded | AgentChanged | BreakOverran | DialingStopped | MonitorChanged
