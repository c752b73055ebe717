"""What may happen to the room. Past tense, frozen; the time is given to the floor beside the event.

`at_ms` is present only where the instant was taken elsewhere (carrier, browser); ms of business time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dialer.core.campaign import Campaign
from dialer.core.lessons import Lesson
from dialer.core.live import LineOpened, LiveAgent, LiveCall
from dialer.core.monitor import MonitorEvent, SupervisorWord
from dialer.core.offers import OfferAnswer, OfferAsked
from dialer.core.roster import Absence

# --- told by the carrier -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ringing:
    """The far end rings."""

    call: UUID
    at_ms: int


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody or something picked up. Without detection this is a person until shown otherwise."""

    call: UUID
    at_ms: int


@dataclass(frozen=True, slots=True)
class PersonHeard:
    """Detection decided for a person. Comes only when the placement asked for detection.

    Who could not be told apart is one too; `verdict` holds the carrier's own words, if it has any.
    """

    call: UUID
    at_ms: int
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class MachineHeard:
    """Detection decided for a machine. The room hangs up."""

    call: UUID
    at_ms: int
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class BridgedUp:
    """The customer's and the agent's voice are joined."""

    call: UUID
    agent: UUID
    at_ms: int


@dataclass(frozen=True, slots=True)
class BridgeFailed:
    """The customer is still there but the agent's leg could not be joined, or was lost."""

    call: UUID
    agent: UUID
    at_ms: int


@dataclass(frozen=True, slots=True)
class MessagePlayed:
    """The message to a caller whom nobody could take has ended."""

    call: UUID
    at_ms: int


@dataclass(frozen=True, slots=True)
class HungUp:
    """The call is over at the carrier; the last event of every call that was placed.

    `cause` is a word of `core.call.Cause`, `by` one of CUSTOMER, AGENT, SYSTEM, CARRIER.
    """

    call: UUID
    cause: str
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class VoiceUp:
    """The agent's leg is up: he can be joined."""

    agent: UUID
    at_ms: int


@dataclass(frozen=True, slots=True)
class VoiceLost:
    """The agent has no leg: his telephone is away, or his page is. It is raised again as soon as it can be."""

    agent: UUID
    at_ms: int


@dataclass(frozen=True, slots=True)
class CarrierLost:
    """No word from the carrier. What is up may still be up; nothing new is dialled."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class CarrierBack:
    """The carrier answers again. `alive` are the calls that it still has."""

    at_ms: int
    alive: frozenset[UUID]


# --- told by agents, team leads and their browsers ---------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentSignedIn:
    """An agent came to the floor, for these campaigns. Repeating it changes nothing but them."""

    agent: UUID
    name: str
    team: UUID | None
    campaigns: frozenset[UUID]
    wrapup_multiplier: float = 1.0  # accommodation, 1 to 10
    desk_phone: bool = False  # he speaks by a telephone on his desk, not by his page


@dataclass(frozen=True, slots=True)
class AgentSignedOut:
    """An agent left. In a call it takes effect after wrap-up; `forced` ends a wrap-up, never a call."""

    agent: UUID
    why: str
    forced: bool = False
    by: str | None = None  # who sent him away, as he is to read it


@dataclass(frozen=True, slots=True)
class AgentReady:
    """The agent wants calls."""

    agent: UUID


@dataclass(frozen=True, slots=True)
class AgentAway:
    """The agent takes a break, with its reason; `limit_ms` None: as long as it takes."""

    agent: UUID
    reason: str
    limit_ms: int | None = None


@dataclass(frozen=True, slots=True)
class BreakForced:
    """Somebody who may sends the agent on a break; `by` is that person's name, for the agent to read."""

    agent: UUID
    reason: str
    by: str
    limit_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ModeChosen:
    """The agent wants calls from the dialer (AUTO), or to choose whom he calls (MANUAL)."""

    agent: UUID
    mode: str


@dataclass(frozen=True, slots=True)
class PendingCancelled:
    """The agent takes back what he chose during the call."""

    agent: UUID


@dataclass(frozen=True, slots=True)
class HangUpAsked:
    """The agent wants to end his call, also one that rings."""

    agent: UUID
    call: UUID


@dataclass(frozen=True, slots=True)
class HoldAsked:
    """The agent wants the customer on hold, or back."""

    agent: UUID
    call: UUID
    on: bool


@dataclass(frozen=True, slots=True)
class MuteAsked:
    """The agent wants his microphone off, or on."""

    agent: UUID
    on: bool


@dataclass(frozen=True, slots=True)
class OutcomeSaved:
    """The outcome of the agent's call is committed in the store."""

    agent: UUID
    call: UUID
    leaf: str


@dataclass(frozen=True, slots=True)
class FinishAsked:
    """The agent is done with wrap-up. Refused without a saved outcome."""

    agent: UUID
    call: UUID


@dataclass(frozen=True, slots=True)
class ExtendAsked:
    """The agent needs more wrap-up."""

    agent: UUID
    call: UUID


@dataclass(frozen=True, slots=True)
class WrapUpCompleted:
    """A team lead completes what an agent left over; the agent goes to back office."""

    agent: UUID
    by: UUID
    by_name: str | None = None  # as the agent is to read it
    limit_ms: int | None = None  # of back office


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The agent's browser is heard (again); `session` is "" when only presence says so."""

    agent: UUID
    session: str = ""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The agent's browser is gone, or was silent for 10 s.

    With a `session` it counts only while that is the agent's latest one: a take-over opens the new
    socket before the old one closes.
    """

    agent: UUID
    session: str = ""


@dataclass(frozen=True, slots=True)
class ScreenReceived:
    """The agent's browser has the pop of this call."""

    agent: UUID
    call: UUID
    at_ms: int


@dataclass(frozen=True, slots=True)
class ScreenPainted:
    """The pop is on the glass."""

    agent: UUID
    call: UUID
    at_ms: int  # corrected to the server's clock
    error_ms: int  # bound of that correction


@dataclass(frozen=True, slots=True)
class DialingStopAsked:
    """A person stops dialling, of one campaign or (None) of all."""

    campaign: UUID | None
    by: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class DialingResumeAsked:
    """A person takes that back."""

    campaign: UUID | None
    by: UUID


# --- told by the engine ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CampaignLoaded:
    """A campaign's settings, new or changed."""

    campaign: Campaign


@dataclass(frozen=True, slots=True)
class DialDone:
    """A `Dial` order is carried out as far as it went; every one is followed by exactly one of these."""

    campaign: UUID
    asked: int
    opened: int
    refused: Mapping[str, int]  # by rule
    dry: bool  # no lead was left to reserve


@dataclass(frozen=True, slots=True)
class PlaceFailed:
    """The carrier refused to take the call; nobody was rung."""

    call: UUID
    cause: str


@dataclass(frozen=True, slots=True)
class Reserved:
    """The agent is taken for this call, by compare-and-set in the store."""

    agent: UUID
    call: UUID


@dataclass(frozen=True, slots=True)
class ReserveRefused:
    """The agent could not be taken: somebody else has him, or the store did not answer."""

    agent: UUID
    call: UUID


@dataclass(frozen=True, slots=True)
class Tick:
    """Time went by. `late_ms` is how long the oldest waiting event had waited: stale above 3,000."""

    late_ms: int = 0


@dataclass(frozen=True, slots=True)
class StateLost:
    """Redis or the lease cannot be vouched for: no new lines until `StateBack`."""

    why: str


@dataclass(frozen=True, slots=True)
class StateBack:
    """They can again. Everything is published and every reservation asserted once more."""


@dataclass(frozen=True, slots=True)
class Draining:
    """The process will end: no new lines."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the last dialer's pacing remembered, by campaign; after the campaigns and before any tick."""

    memories: Mapping[UUID, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Taught:
    """What earlier days taught of a campaign of which nothing is remembered."""

    campaign: UUID
    lessons: Sequence[Lesson]


@dataclass(frozen=True, slots=True)
class RosterRead:
    """When agents are planned to be away, of all of them anew; who is not named has no shift."""

    absences: Mapping[UUID, Sequence[Absence]]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was going on when the last dialer ended. First event of a floor, after its campaigns."""

    agents: tuple[LiveAgent, ...]
    calls: tuple[LiveCall, ...]
    alive: frozenset[UUID]  # calls that the carrier still has; the others are ended as lost


CarrierEvent = (
    Ringing
    | Answered
    | PersonHeard
    | MachineHeard
    | BridgedUp
    | BridgeFailed
    | MessagePlayed
    | HungUp
    | VoiceUp
    | VoiceLost
    | CarrierLost
    | CarrierBack
    | SupervisorWord
)
PersonEvent = (
    AgentSignedIn
    | AgentSignedOut
    | AgentReady
    | AgentAway
    | BreakForced
    | ModeChosen
    | PendingCancelled
    | OfferAsked
    | HangUpAsked
    | HoldAsked
    | MuteAsked
    | OutcomeSaved
    | FinishAsked
    | ExtendAsked
    | WrapUpCompleted
    | LinkUp
    | LinkDown
    | ScreenReceived
    | ScreenPainted
    | DialingStopAsked
    | DialingResumeAsked
    | MonitorEvent
)
EngineEvent = (
    CampaignLoaded
    | LineOpened
    | DialDone
    | OfferAnswer
    | PlaceFailed
    | Reserved
    | ReserveRefused
    | Tick
    | StateLost
    | StateBack
    | Draining
    | Recalled
    | Taught
    | RosterRead
    | Restored
)
Event = CarrierEvent | PersonEvent | EngineEvent
