"""An agent as the room sees him: status (chosen), state (observed) and link, a table each.

The three are never mixed (decisions.md 13): "ready" on a wall means READY and IDLE and UP. What an
agent chooses during a call waits in `pending` until wrap-up is over. Reservation expiry is here too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

GRACE_MS = 10_000  # a link lost for longer takes READY back to NOT_READY (domain.md 5.1)
OFFLINE_AFTER_MS = 120_000  # a link lost for longer, with no call, ends the shift
LEAST_WRAPUP, MOST_WRAPUP = 1.0, 10.0  # bounds of the accommodation


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
    DIALING = "DIALING"  # manual mode
    IN_CALL = "IN_CALL"
    HELD = "HELD"
    WRAP_UP = "WRAP_UP"
    WRAP_OVER = "WRAP_OVER"  # the time is up and no outcome was saved
    REVIEW = "REVIEW"  # manual mode


class Link(StrEnum):
    """Whether the agent's browser is heard."""

    UP = "UP"
    LOST = "LOST"


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
    FAIL = "FAIL"
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
        _A.DIALING: {Duty.JOIN: _A.IN_CALL, Duty.FAIL: _A.REVIEW},
    }
)
LINK_MOVES: Mapping[Link, Mapping[LinkChange, Link]] = MappingProxyType(
    {_L.UP: {LinkChange.LOSE: _L.LOST}, _L.LOST: {LinkChange.HEAR: _L.UP}}
)

ENGAGED = frozenset({_A.RESERVED, _A.DIALING, _A.IN_CALL, _A.HELD})
SPEAKING = frozenset({_A.IN_CALL, _A.HELD})
AFTERWARDS = frozenset({_A.WRAP_UP, _A.WRAP_OVER})

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


@dataclass(frozen=True, slots=True)
class Pending:
    """A status chosen during a call, for after wrap-up."""

    status: Status
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class WrapUp:
    """The campaign's terms for the time after a call."""

    wrapup_ms: int
    extend_ms: int
    max_extends: int


@dataclass(slots=True)
class Agent:
    """One agent on the floor; every instant is ms of business time, None while it does not apply."""

    id: UUID
    name: str
    team: UUID | None
    campaigns: frozenset[UUID]
    wrapup_multiplier: float = 1.0
    status: Status = Status.OFFLINE
    reason: str | None = None  # of a pause, or why he is offline
    state: AgentState = AgentState.IDLE
    link: Link = Link.LOST
    session: str = ""  # of the latest socket; "" before the first
    status_since: int = 0
    since: int = 0  # of the state
    lost_at: int | None = None
    free_since: int | None = (
        None  # since when he may be given calls without a break; None: he may not
    )
    shy_until: int = 0  # the store refused him: not tried again before
    pending: Pending | None = None
    call: UUID | None = None
    campaign: UUID | None = None  # of that call
    reserved_until: int | None = None
    deadline: int | None = None  # end of wrap-up
    extends_left: int = 0
    terms: WrapUp | None = None  # of the call he has or wraps up
    restart_due: bool = False  # his link was lost when the call ended; the first return restarts
    disposed: bool = False  # the outcome is committed
    leaf: str | None = None
    muted: bool = False
    missed: int = 0  # pops in a row that his browser did not receive
    hindrance: str | None = None  # why nobody is dialled for him who waits; None: somebody is

    # --- what he may do ---

    @property
    def routable(self) -> bool:
        """Whether a call may be given to him: READY, IDLE and UP."""
        return (
            self.status is Status.READY and self.state is AgentState.IDLE and self.link is Link.UP
        )

    @property
    def counts(self) -> bool:
        """Whether he counts as signed in and not paused, for the ratio (decisions.md 20)."""
        return self.status is Status.READY and self.link is Link.UP

    # --- status ---

    def choose(self, choice: Choice, reason: str | None, now: int) -> None:
        """Change the status now, or after wrap-up when a call is at hand. Raises `IllegalStep`."""
        if choice is Choice.READY and self.link is Link.LOST:
            raise IllegalStep("LINK_LOST", self.link, choice)
        if self.state is AgentState.IDLE:
            self._set_status(step(STATUS_MOVES, self.status, choice), reason, now)
            return
        wanted = Status.READY if choice is Choice.READY else step(STATUS_MOVES, self.status, choice)
        same = wanted is self.status and wanted is not Status.PAUSED
        self.pending = None if same else Pending(wanted, reason)

    def cancel_pending(self) -> None:
        """Take back what waits. Raises `IllegalStep` when nothing does."""
        if self.pending is None:
            raise IllegalStep("NOTHING_PENDING", self.state, "CANCEL")
        self.pending = None

    def _set_status(self, status: Status, reason: str | None, now: int) -> None:
        self.status, self.reason, self.status_since = status, reason, now

    # --- link ---

    def hear(self, session: str, now: int) -> None:
        """The browser is heard. Raises `IllegalStep` when it was all along and no socket is new."""
        if self.link is Link.UP and session and session != self.session:
            self.session = session
            return
        self.link = step(LINK_MOVES, self.link, LinkChange.HEAR)
        self.session = session or self.session
        lost_for = now - self.lost_at if self.lost_at is not None else 0
        self.lost_at = None
        if self.status is Status.OFFLINE and self.reason == "LINK_LOST":
            self._set_status(Status.NOT_READY, None, now)
        elif self.routable and lost_for > GRACE_MS:
            self._set_status(Status.NOT_READY, "LINK_LOST", now)
        if self.restart_due and self.state in AFTERWARDS:
            self._restart(now)

    def lose(self, session: str, now: int) -> None:
        """The browser is gone. Raises `IllegalStep`: it was gone, or that was an older socket."""
        if session and self.session and session != self.session:
            raise IllegalStep("OLD_SESSION", session, LinkChange.LOSE)
        self.link = step(LINK_MOVES, self.link, LinkChange.LOSE)
        self.lost_at = now

    def _restart(self, now: int) -> None:
        """Wrap-up begins again, once per call (decisions.md 15)."""
        self.restart_due = False
        if self.state is AgentState.WRAP_OVER:
            self._move(Duty.RESTART, now)
        self.deadline = now + self._wrapup_ms()

    # --- state ---

    def _move(self, duty: Duty, now: int) -> None:
        self.state = step(STATE_MOVES, self.state, duty)
        self.since = now

    def reserve(self, call: UUID, campaign: UUID, until: int, now: int) -> None:
        """Take him for a call. Raises `IllegalStep` unless he is routable."""
        if not self.routable:
            raise IllegalStep("NOT_ROUTABLE", f"{self.status} {self.state} {self.link}", "RESERVE")
        self._move(Duty.RESERVE, now)
        self.call, self.campaign, self.reserved_until = call, campaign, until
        self.disposed, self.leaf, self.muted, self.restart_due = False, None, False, False

    def give_back(self, now: int) -> None:
        """The call goes elsewhere, or ended before a word was said. Raises `IllegalStep`."""
        self._move(Duty.GIVE_BACK, now)
        self._let_go(now)

    def join(self, terms: WrapUp, now: int) -> None:
        """The voices are joined. Raises `IllegalStep`."""
        self._move(Duty.JOIN, now)
        self.reserved_until, self.terms = None, terms

    def hold(self, *, on: bool, now: int) -> None:
        """The customer is on hold, or back. Raises `IllegalStep`."""
        self._move(Duty.HOLD if on else Duty.RESUME, now)

    def end(self, now: int) -> None:
        """The call is over: wrap-up begins. Raises `IllegalStep`."""
        self._move(Duty.END, now)
        self.restart_due = self.link is Link.LOST
        self.muted = False
        self.deadline = now + self._wrapup_ms()
        self.extends_left = self.terms.max_extends if self.terms else 0

    def _wrapup_ms(self) -> int:
        factor = min(max(self.wrapup_multiplier, LEAST_WRAPUP), MOST_WRAPUP)
        return int((self.terms.wrapup_ms if self.terms else 0) * factor)

    def extend(self) -> None:
        """Prolong wrap-up. Raises `IllegalStep` outside of it or when none is left."""
        if self.state is not AgentState.WRAP_UP or self.deadline is None or self.terms is None:
            raise IllegalStep("NOT_IN_WRAP_UP", self.state, "EXTEND")
        if self.extends_left < 1:
            raise IllegalStep("NO_EXTENSION_LEFT", self.state, "EXTEND")
        self.extends_left -= 1
        self.deadline += self.terms.extend_ms

    def finish(self, now: int) -> None:
        """Leave wrap-up. Raises `IllegalStep` outside of it or without a saved outcome."""
        if self.state in AFTERWARDS and not self.disposed:
            raise IllegalStep("OUTCOME_MISSING", self.state, Duty.FINISH)
        self._leave(now)

    def complete(self, now: int) -> None:
        """A team lead ends it: back office follows. Raises `IllegalStep` but in WRAP_OVER."""
        if self.state is not AgentState.WRAP_OVER:
            raise IllegalStep("NOT_OVER", self.state, "COMPLETE")
        if self.pending is None or self.pending.status is not Status.OFFLINE:
            self.pending = Pending(Status.PAUSED, "BACK_OFFICE")
        self._leave(now)

    def force_out(self, now: int) -> None:
        """Sign him out at once unless he speaks with a customer; then after the call."""
        if self.state in ENGAGED:
            self.pending = Pending(Status.OFFLINE, "FORCED")
            return
        if self.state in AFTERWARDS:
            self._leave(now)
        self._set_status(Status.OFFLINE, "FORCED", now)

    def run_out(self, now: int) -> None:
        """The deadline passed: as finish with a saved outcome, WRAP_OVER without."""
        if self.disposed:
            self._leave(now)
            return
        self._move(Duty.RUN_OUT, now)
        self.deadline = None

    def _leave(self, now: int) -> None:
        self._move(Duty.FINISH, now)
        self._let_go(now)

    def _let_go(self, now: int) -> None:
        self.call = self.campaign = self.reserved_until = self.deadline = self.terms = None
        self.extends_left, self.restart_due, self.muted = 0, False, False
        self.disposed, self.leaf = False, None
        if self.pending is not None:
            self._set_status(self.pending.status, self.pending.reason, now)
            self.pending = None

    # --- what time does ---

    def overdue(self, now: int) -> bool:
        """Whether his wrap-up deadline has passed."""
        return (
            self.state is AgentState.WRAP_UP and self.deadline is not None and now >= self.deadline
        )

    def reservation_expired(self, now: int) -> bool:
        """Whether he was reserved, was not joined, and the time for it is over."""
        return (
            self.state is AgentState.RESERVED
            and self.reserved_until is not None
            and now >= self.reserved_until
        )

    def gone(self, now: int) -> bool:
        """Whether his link has been lost for so long that his shift is over."""
        return (
            self.state is AgentState.IDLE
            and self.status is not Status.OFFLINE
            and self.lost_at is not None
            and now - self.lost_at > OFFLINE_AFTER_MS
        )

    def go_offline(self, reason: str, now: int) -> None:
        """End the shift without being asked. Raises `IllegalStep` when it has ended."""
        self._set_status(step(STATUS_MOVES, self.status, Choice.SIGN_OUT), reason, now)
