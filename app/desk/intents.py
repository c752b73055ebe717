"""What people asked of the room of calls, as it travels from the web processes to the dialer.

Plain frozen records and their msgpack form: a map of the fields with the record's name under `t`.
Instants are ms of business time. The room's own words are made of them by `dialer.intents`.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """An agent came to the floor; sent again, it renews name, team and campaigns."""

    user: UUID
    name: str
    team: UUID | None
    campaigns: tuple[UUID, ...]
    wrapup_multiplier: float = 1.0
    desk_phone: bool = False  # he speaks by a telephone on his desk, not by his page
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut:
    """An agent left: LOGOUT and EXPIRED wait for the end of wrap-up, FORCED and TAKEN_OVER do not.

    `by` names who sent him away.
    """

    user: UUID
    why: str
    by: str | None = None
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The agent wants calls."""

    user: UUID
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """The agent takes a break; `reason` is the code of a break reason, `limit_ms` how long it may last."""

    user: UUID
    reason: str
    limit_ms: int | None = None
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForceBreak:
    """Somebody who may sends the agent on a break; `by` is that person's name."""

    user: UUID
    reason: str
    by: str
    limit_ms: int | None = None
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseMode:
    """The agent wants calls from the dialer (AUTO), or to choose whom he calls (MANUAL)."""

    user: UUID
    mode: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPending:
    """The agent takes back what he chose during a call."""

    user: UUID
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """The agent wants to look at this lead of this campaign, with a view to calling it."""

    user: UUID
    campaign: UUID
    lead: UUID
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """The agent has looked and wants the call that he was offered, on this number (None: the one shown)."""

    user: UUID
    call: UUID
    phone: UUID | None = None
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """The agent does not want it; `reason` is a code of `app.campaigns.preview.REASONS`."""

    user: UUID
    call: UUID
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """The agent ends his call."""

    user: UUID
    call: UUID
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The agent puts the customer on hold, or takes him back."""

    user: UUID
    call: UUID
    on: bool
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """The agent closes his microphone, or opens it."""

    user: UUID
    on: bool
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposed:
    """The outcome of the call is committed."""

    user: UUID
    call: UUID
    leaf: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The agent is done with wrap-up."""

    user: UUID
    call: UUID
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """The agent needs more wrap-up."""

    user: UUID
    call: UUID
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A socket of the agent opened."""

    user: UUID
    session: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLost:
    """The agent's socket closed."""

    user: UUID
    session: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The browser has the pop of this call."""

    user: UUID
    call: UUID
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """The pop is on the glass; `painted_at_ms` is right to within `error_ms`."""

    user: UUID
    call: UUID
    painted_at_ms: int
    error_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignChanged:
    """The stored settings or state of a campaign changed: load it again."""

    campaign: UUID
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopDialing:
    """A person stops dialling, of one campaign or (None) of all."""

    campaign: UUID | None
    by: UUID
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeDialing:
    """A person takes that back."""

    campaign: UUID | None
    by: UUID
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """A team lead completes what an agent left over; `limit_ms` is that of back office."""

    user: UUID
    by: UUID
    by_name: str | None = None
    limit_ms: int | None = None
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenStale:
    """What the screen of this call shows has changed in the books: money came, a promise was judged."""

    call: UUID
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """Somebody who leads wants to be in this agent's call; `mode` is a word of `app.monitor.rules.Mode`.

    `visible`: the agent is told also that he is listened to.
    """

    user: UUID
    call: UUID
    mode: str
    by: UUID
    name: str
    visible: bool
    desk_phone: bool = False  # he speaks by a telephone, not by his page
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorKept:
    """The page of somebody who is in a call is still there."""

    user: UUID
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorLeft:
    """He leaves the call."""

    user: UUID
    at_ms: int


Intent = (
    SignedIn
    | SignedOut
    | Ready
    | Pause
    | ForceBreak
    | ChooseMode
    | CancelPending
    | Pick
    | Dial
    | Skip
    | HangUp
    | Hold
    | Mute
    | Disposed
    | Finish
    | Extend
    | Linked
    | LinkLost
    | Received
    | Painted
    | CampaignChanged
    | StopDialing
    | ResumeDialing
    | Complete
    | ScreenStale
    | Monitor
    | MonitorKept
    | MonitorLeft
)

_KINDS: dict[str, type[Intent]] = {kind.__name__: kind for kind in Intent.__args__}


def encode(intent: Intent) -> bytes:
    """The intent as msgpack."""
    fields: dict[str, Any] = msgspec.to_builtins(intent)
    return msgspec.msgpack.encode({"t": type(intent).__name__, **fields})


def decode(packed: bytes) -> Intent:
    """The intent of these bytes. Raises ValueError for anything else: the sender's fault.

    Unknown fields are passed over, so that a newer web process may speak to an older dialer.
    """
    try:
        fields = msgspec.msgpack.decode(packed, type=dict[str, Any])
        kind = _KINDS[fields.pop("t")]
        return msgspec.convert(fields, kind)
    except (msgspec.MsgspecError, KeyError, TypeError) as fault:
        raise ValueError(f"not an intent: {fault}") from fault
