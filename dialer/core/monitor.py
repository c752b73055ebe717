"""Who listens to a call, whispers, joins in or has taken it over: the words, what is asked, what is told.

Plain data; what becomes of it is decided in `monitoring`. Instants are ms of business time.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class MonitorMode(StrEnum):
    """What somebody who leads does in a call (domain.md 5.9). Without a session he does nothing."""

    LISTEN = "LISTEN"  # hears both, is heard by nobody
    WHISPER = "WHISPER"  # hears both, is heard by the agent
    BARGE = "BARGE"  # all hear all
    TAKE_OVER = "TAKE_OVER"  # has the customer to himself; the agent writes


class MonitorEnd(StrEnum):
    """Why a session ended."""

    LEFT = "LEFT"  # he chose so
    SWITCHED = "SWITCHED"  # he went to another call: one at a time
    CALL_ENDED = "CALL_ENDED"
    CALL_MOVED = "CALL_MOVED"  # the agent does not have it any more
    TAKEN_OVER = "TAKEN_OVER"  # by another who leads
    PAGE_LOST = "PAGE_LOST"  # his page was closed, or its line is gone
    SIGNED_OUT = "SIGNED_OUT"
    VOICE_LOST = "VOICE_LOST"  # his telephone could not be reached, or fell
    RESTARTED = "RESTARTED"  # the dialer began again


@dataclass(slots=True)
class Monitor:
    """One session: who, in which call of which agent, how and since when."""

    by: UUID
    name: str  # for the agent to read
    call: UUID
    agent: UUID
    mode: MonitorMode
    since: int  # of the mode
    kept_at: int  # when his page was heard last
    visible: bool  # whether the agent is told also that he is listened to
    desk_phone: bool = False  # he speaks by a telephone on his desk, not by his page
    heard: bool = False  # the carrier has joined his telephone to the call

    @property
    def shown(self) -> bool:
        """Whether the agent is told of it."""
        return self.visible or self.mode is not MonitorMode.LISTEN


# --- what is asked ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MonitorAsked:
    """Somebody who may wants to be in this agent's call like this; the same again changes nothing."""

    by: UUID
    name: str
    agent: UUID
    call: UUID
    mode: str
    visible: bool  # the organisation's policy on telling an agent that he is listened to
    desk_phone: bool = False


@dataclass(frozen=True, slots=True)
class MonitorKept:
    """His page is still there."""

    by: UUID


@dataclass(frozen=True, slots=True)
class MonitorLeft:
    """He leaves. A call that he has taken over ends with that."""

    by: UUID


MonitorEvent = MonitorAsked | MonitorKept | MonitorLeft


# --- told by the carrier ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SupervisorJoined:
    """His telephone is in the call in this mode."""

    call: UUID
    by: UUID
    mode: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class SupervisorLost:
    """His telephone could not be joined to the call, or has left it."""

    call: UUID
    by: UUID
    at_ms: int


SupervisorWord = SupervisorJoined | SupervisorLost


# --- what the room orders -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Supervise:
    """Let this person's telephone be in the call in this mode, instead of the one before."""

    call: UUID
    by: UUID
    mode: MonitorMode


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take it out again; the call goes on."""

    call: UUID
    by: UUID


@dataclass(frozen=True, slots=True)
class MonitorChanged:
    """A record: somebody's mode in a call from `at_ms` on. None before: it begins; None after: it ends."""

    by: UUID
    call: UUID
    agent: UUID
    at_ms: int
    before: str | None
    since_ms: int | None  # of the mode before
    after: str | None
    visible: bool
    why: str | None = None  # word of `MonitorEnd`, when it ends
