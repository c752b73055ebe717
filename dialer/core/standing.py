"""Status (chosen), mode (chosen), state (observed) and link of an agent: a table for each that moves.

They are never mixed (decisions.md 13): "ready" on a wall means READY and IDLE and UP. A move that stands
in no table is refused and changes nothing. What an agent does with them is in `agent`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar


class Status(StrEnum):
    """What the agent chose."""

    OFFLINE = "OFFLINE"
    NOT_READY = "NOT_READY"
    READY = "READY"
    PAUSED = "PAUSED"


class AgentState(StrEnum):
    """What the room observes."""

    IDLE = "IDLE"
    RESERVED = "RESERVED"
    DIALING = "DIALING"  # he had a call dialled himself, and hears it ring
    IN_CALL = "IN_CALL"
    HELD = "HELD"
    WRAP_UP = "WRAP_UP"
    WRAP_OVER = "WRAP_OVER"  # the time is up and no outcome was saved
    REVIEW = "REVIEW"  # he looks at whom he may call next, or for somebody: no call comes by itself


class Link(StrEnum):
    """Whether the agent's browser is heard."""

    UP = "UP"
    LOST = "LOST"


class WorkMode(StrEnum):
    """Who finds the next customer: the dialer, or the agent himself. Chosen."""

    AUTO = "AUTO"
    MANUAL = "MANUAL"


class Overrun(StrEnum):
    """How far a break has run over its limit."""

    OVER = "OVER"
    FAR_OVER = "FAR_OVER"


class Choice(StrEnum):
    """What moves a status."""

    SIGN_IN = "SIGN_IN"
    READY = "READY"
    UNREADY = "UNREADY"
    PAUSE = "PAUSE"
    SIGN_OUT = "SIGN_OUT"


class Duty(StrEnum):
    """What moves a state."""

    RESERVE = "RESERVE"
    GIVE_BACK = "GIVE_BACK"
    JOIN = "JOIN"
    HOLD = "HOLD"
    RESUME = "RESUME"
    END = "END"
    FINISH = "FINISH"
    RUN_OUT = "RUN_OUT"
    RESTART = "RESTART"
    REVIEW = "REVIEW"
    DIAL = "DIAL"
    LEAVE = "LEAVE"


class LinkChange(StrEnum):
    """What moves a link."""

    HEAR = "HEAR"
    LOSE = "LOSE"


_T, _A, _L = Status, AgentState, Link

STATUS_MOVES: Mapping[Status, Mapping[Choice, Status]] = MappingProxyType(
    {
        _T.OFFLINE: {Choice.SIGN_IN: _T.NOT_READY},
        _T.NOT_READY: {
            Choice.READY: _T.READY,
            Choice.PAUSE: _T.PAUSED,
            Choice.SIGN_OUT: _T.OFFLINE,
        },
        _T.READY: {
            Choice.UNREADY: _T.NOT_READY,
            Choice.PAUSE: _T.PAUSED,
            Choice.SIGN_OUT: _T.OFFLINE,
        },
        _T.PAUSED: {
            Choice.READY: _T.READY,
            Choice.UNREADY: _T.NOT_READY,
            Choice.PAUSE: _T.PAUSED,  # another reason
            Choice.SIGN_OUT: _T.OFFLINE,
        },
    }
)
STATE_MOVES: Mapping[AgentState, Mapping[Duty, AgentState]] = MappingProxyType(
    {
        _A.IDLE: {Duty.RESERVE: _A.RESERVED, Duty.REVIEW: _A.REVIEW},
        _A.RESERVED: {Duty.JOIN: _A.IN_CALL, Duty.GIVE_BACK: _A.IDLE},
        _A.IN_CALL: {Duty.HOLD: _A.HELD, Duty.END: _A.WRAP_UP, Duty.GIVE_BACK: _A.IDLE},
        _A.HELD: {Duty.RESUME: _A.IN_CALL, Duty.END: _A.WRAP_UP, Duty.GIVE_BACK: _A.IDLE},
        _A.WRAP_UP: {Duty.FINISH: _A.IDLE, Duty.RUN_OUT: _A.WRAP_OVER},
        # RESTART: the call ended while nobody could see it; he comes back to a fresh wrap-up.
        _A.WRAP_OVER: {Duty.FINISH: _A.IDLE, Duty.RESTART: _A.WRAP_UP},
        _A.REVIEW: {Duty.DIAL: _A.DIALING, Duty.LEAVE: _A.IDLE},
        # The voices are joined by way of RESERVED: the store grants him like any other.
        _A.DIALING: {Duty.RESERVE: _A.RESERVED, Duty.GIVE_BACK: _A.IDLE},
    }
)
LINK_MOVES: Mapping[Link, Mapping[LinkChange, Link]] = MappingProxyType(
    {_L.UP: {LinkChange.LOSE: _L.LOST}, _L.LOST: {LinkChange.HEAR: _L.UP}}
)

ENGAGED = frozenset({_A.RESERVED, _A.DIALING, _A.IN_CALL, _A.HELD})
SPEAKING = frozenset({_A.IN_CALL, _A.HELD})
AFTERWARDS = frozenset({_A.WRAP_UP, _A.WRAP_OVER})
AT_REST = frozenset({_A.IDLE, _A.REVIEW})  # nobody is called: what is chosen takes effect at once
FORCED = "FORCED"  # why somebody is offline who did not choose to be

_State = TypeVar("_State", Status, AgentState, Link)
_Change = TypeVar("_Change", Choice, Duty, LinkChange)


class IllegalStep(Exception):
    """The tables or a guard refuse; nothing was changed. `rule` names which."""

    def __init__(self, rule: str, state: str, change: str) -> None:
        super().__init__(f"{rule}: an agent who is {state} cannot {change}")
        self.rule = rule


def step(
    table: Mapping[_State, Mapping[_Change, _State]], state: _State, change: _Change
) -> _State:
    """The state after `change` by this table. Raises `IllegalStep`."""
    try:
        return table[state][change]
    except KeyError:
        raise IllegalStep("NO_SUCH_MOVE", state, change) from None
