"""A call's states and the one table that moves it (decisions.md 14). Everything that moves a call is here.

The database's check constraint, the diagram and the browser's enum are tested against this table.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from app.values.tries import group_of
from dialer.core.live import LineOpened


class CallState(StrEnum):
    """Where a call stands."""

    CREATED = "CREATED"  # rows are committed, the carrier was not asked
    DIALING = "DIALING"  # the carrier was asked
    RINGING = "RINGING"
    ANSWERED = "ANSWERED"  # picked up, not yet judged
    AMD = "AMD"  # detection listens: person or machine
    WAITING = "WAITING"  # a person waits for an agent: the abandonment clock runs
    RESERVED = "RESERVED"  # an agent is being taken, or is taken and not yet joined
    BRIDGED = "BRIDGED"  # voices are joined
    HELD = "HELD"
    MESSAGE = "MESSAGE"  # nobody could take it, or (AGENTLESS) nobody was to: the message plays
    ENDED = "ENDED"


class CallChange(StrEnum):
    """What moves a call."""

    PLACE = "PLACE"
    RING = "RING"
    ANSWER = "ANSWER"
    LISTEN = "LISTEN"
    WAIT = "WAIT"
    RESERVE = "RESERVE"
    RETURN = "RETURN"
    BRIDGE = "BRIDGE"
    HOLD = "HOLD"
    RESUME = "RESUME"
    GIVE_UP = "GIVE_UP"
    REMIND = "REMIND"
    END = "END"


class Cause(StrEnum):
    """Why a call ended; the words of `HungUp.cause` and of a campaign's retry rules."""

    COMPLETED = "COMPLETED"  # hung up after the voices were joined
    NO_ANSWER = "NO_ANSWER"
    BUSY = "BUSY"
    REJECTED = "REJECTED"
    UNREACHABLE = "UNREACHABLE"
    INVALID_NUMBER = "INVALID_NUMBER"
    CARRIER_ERROR = "CARRIER_ERROR"
    CANCELLED = "CANCELLED"  # by us, before anybody answered
    MACHINE = "MACHINE"
    ABANDONED = "ABANDONED"  # a person answered and no agent was there in time
    REMINDED = "REMINDED"  # a recorded voice told a person all of it (AGENTLESS)
    REMINDER_CUT = "REMINDER_CUT"  # he hung up before its end
    AGENT_LOST = "AGENT_LOST"  # the agent's voice went and nobody could take over


_S, _C = CallState, CallChange

MOVES = MappingProxyType(
    {
        _S.CREATED: {_C.PLACE: _S.DIALING, _C.END: _S.ENDED},
        # Some networks never say that it rings.
        _S.DIALING: {_C.RING: _S.RINGING, _C.ANSWER: _S.ANSWERED, _C.END: _S.ENDED},
        _S.RINGING: {_C.ANSWER: _S.ANSWERED, _C.END: _S.ENDED},
        _S.ANSWERED: {
            _C.LISTEN: _S.AMD,
            _C.WAIT: _S.WAITING,
            _C.REMIND: _S.MESSAGE,
            _C.END: _S.ENDED,
        },
        _S.AMD: {_C.WAIT: _S.WAITING, _C.REMIND: _S.MESSAGE, _C.END: _S.ENDED},
        _S.WAITING: {_C.RESERVE: _S.RESERVED, _C.GIVE_UP: _S.MESSAGE, _C.END: _S.ENDED},
        _S.RESERVED: {_C.BRIDGE: _S.BRIDGED, _C.RETURN: _S.WAITING, _C.END: _S.ENDED},
        # RETURN from BRIDGED: the pop was not received, or the agent's leg was lost.
        _S.BRIDGED: {_C.HOLD: _S.HELD, _C.RETURN: _S.WAITING, _C.END: _S.ENDED},
        _S.HELD: {_C.RESUME: _S.BRIDGED, _C.RETURN: _S.WAITING, _C.END: _S.ENDED},
        _S.MESSAGE: {_C.END: _S.ENDED},
        _S.ENDED: {},
    }
)

UNANSWERED = frozenset({_S.CREATED, _S.DIALING, _S.RINGING})
IN_FLIGHT = UNANSWERED | {_S.ANSWERED, _S.AMD, _S.WAITING, _S.RESERVED}  # no agent speaks yet
JOINED = frozenset({_S.BRIDGED, _S.HELD})


class IllegalMove(Exception):
    """The table has no such move; nothing was changed. A late or repeated word of somebody else."""

    def __init__(self, state: CallState, change: CallChange) -> None:
        super().__init__(f"a call that is {state} cannot {change}")
        self.state = state
        self.change = change


def moved(state: CallState, change: CallChange) -> CallState:
    """The state after `change`. Raises `IllegalMove`."""
    try:
        return MOVES[state][change]
    except KeyError:
        raise IllegalMove(state, change) from None


@dataclass(slots=True)
class Call:
    """One call of the room; every instant is ms of business time, None while it has not come."""

    line: LineOpened
    state: CallState = CallState.CREATED
    agent: UUID | None = (
        None  # reserved or joined, or had it dialled; of one that ended: who had it
    )
    confirmed: bool = False  # the store has granted the agent, the pop is on its way
    received: bool = False  # the agent's browser has the pop
    dialed_at: int | None = None
    ringing_at: int | None = None
    answered_at: int | None = None
    waiting_at: int | None = None  # when the abandonment clock began; never set back
    give_up_at: int | None = None  # no agent by then: the message plays
    assigned_at: int | None = None
    shown_at: int | None = None  # when the pop was sent on its way to the present agent
    painted_at: int | None = None  # by the present agent's browser
    connected_at: int | None = None
    held_at: int | None = None  # since when it is on hold now
    held_ms: int = 0  # of holds that are over
    message_at: int | None = None
    ended_at: int | None = None
    cause: str | None = None
    hanging_up: Cause | None = None  # we asked the carrier to end it; its word decides when
    hung_by: str = "SYSTEM"  # who asked: AGENT or SYSTEM
    abandoned: bool = False  # counted as such already
    agentless: bool = False  # dialled for a recorded voice: nobody waits for an agent
    taken_by: UUID | None = None  # who leads and has the customer in the agent's place
    taken_at: int | None = None
    agent_lost: bool = False  # it was joined once and lost its agent: it ends as AGENT_LOST

    @property
    def segment(self) -> int:
        """The group of tries that this one belongs to: they differ in how often people answer."""
        return group_of(self.line.attempt_no)

    def move(self, change: CallChange) -> None:
        """Go on by the table. Raises `IllegalMove` and changes nothing."""
        self.state = moved(self.state, change)
