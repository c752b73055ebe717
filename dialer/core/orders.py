"""What the room asks to have done. Imperative, frozen; the engine carries them out in the order given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dialer.core.monitor import Supervise, Withdraw
from dialer.core.offers import Offer
from dialer.core.records import Record


@dataclass(frozen=True, slots=True)
class Dial:
    """Reserve leads and open this many lines. Answered by `LineOpened`s and one `DialDone`."""

    campaign: UUID
    lines: int


@dataclass(frozen=True, slots=True)
class Propose:
    """Keep the next lead, or this one, for an agent to look at. Answered by `Offered` or `NothingToOffer`."""

    agent: UUID
    campaign: UUID
    hold_ms: int  # how long it is kept from others
    lead: UUID | None = None  # the one that he picked


@dataclass(frozen=True, slots=True)
class DialOffer:
    """Open the line of an offer. Answered by `LineOpened` or `DialRefused`."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class GiveBack:
    """An offer was not taken up: the lead is free again; with a reason, not at once."""

    offer: Offer
    reason: str = ""  # a code of `app.campaigns.preview`


@dataclass(frozen=True, slots=True)
class Place:
    """Ask the carrier to ring this number now."""

    call: UUID
    number: str
    caller_id: str
    ring_timeout_ms: int
    detect_machine: bool
    detection: str = ""  # as of `Campaign`


@dataclass(frozen=True, slots=True)
class Warm:
    """Begin to assemble the screen of this call (decisions.md 29)."""

    call: UUID


@dataclass(frozen=True, slots=True)
class Reserve:
    """Take this agent for this call by compare-and-set. Answered by `Reserved` or `ReserveRefused`."""

    agent: UUID
    call: UUID
    until_ms: int


@dataclass(frozen=True, slots=True)
class Release:
    """Give the agent back, if he is still held for this call."""

    agent: UUID
    call: UUID


@dataclass(frozen=True, slots=True)
class ShowScreen:
    """Publish the pop to the agent. Always before the `Bridge` of the same call."""

    agent: UUID
    call: UUID
    assigned_at_ms: int


@dataclass(frozen=True, slots=True)
class DropScreen:
    """What was warmed for this call is not needed any more."""

    call: UUID


@dataclass(frozen=True, slots=True)
class Bridge:
    """Join the customer's voice and the agent's."""

    call: UUID
    agent: UUID


@dataclass(frozen=True, slots=True)
class Unbridge:
    """Take the agent's voice off; the customer stays on the line."""

    call: UUID
    agent: UUID


@dataclass(frozen=True, slots=True)
class PlayMessage:
    """Tell the customer who called and from which number: this text, or the recording of that name."""

    call: UUID
    text: str
    sound: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Put the customer on hold, or take him back."""

    call: UUID
    on: bool


@dataclass(frozen=True, slots=True)
class Mute:
    """Silence the agent's microphone, or open it."""

    call: UUID
    on: bool


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call at the carrier. `cause` is a word of `core.call.Cause`."""

    call: UUID
    cause: str


@dataclass(frozen=True, slots=True)
class Publish:
    """Replace one card of one channel; None removes it. Values hold msgpack's plain types only."""

    channel: str
    key: str
    value: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Write:
    """Have this written down."""

    record: Record


AboutLeads = Dial | Propose | DialOffer | GiveBack
Order = (
    AboutLeads
    | Place
    | Warm
    | Reserve
    | Release
    | ShowScreen
    | DropScreen
    | Bridge
    | Unbridge
    | PlayMessage
    | Hold
    | Mute
    | HangUp
    | Supervise
    | Withdraw
    | Publish
    | Write
)
