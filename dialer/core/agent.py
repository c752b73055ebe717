"""An agent as the room sees him, and what may be done with him at each moment.

What he is and what moves him are the tables of `standing`. What he chooses during a call waits in
`pending` until wrap-up is over. Reservation expiry is here too.
"""

from dataclasses import dataclass
from uuid import UUID

from dialer.core.standing import (
    AFTERWARDS,
    AT_REST,
    ENGAGED,
    FORCED,
    LINK_MOVES,
    STATE_MOVES,
    STATUS_MOVES,
    AgentState,
    Choice,
    Duty,
    IllegalStep,
    Link,
    LinkChange,
    Overrun,
    Status,
    WorkMode,
    step,
)

GRACE_MS = 10_000  # a link lost for longer takes READY back to NOT_READY (domain.md 5.1)
OFFLINE_AFTER_MS = 120_000  # a link lost for longer, with no call, ends the shift
LEAST_WRAPUP, MOST_WRAPUP = 1.0, 10.0  # bounds of the accommodation
FAR_OVER_MS = 300_000  # a break longer than its limit by this much is red (ux.md 6.3)


@dataclass(frozen=True, slots=True)
class Pending:
    """A status chosen during a call, for after wrap-up. `limit_ms` and `by` as of `Agent`."""

    status: Status
    reason: str | None = None
    limit_ms: int | None = None
    by: str | None = None


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
    voice: Link = Link.UP  # his leg at the carrier; lost only when the carrier says so
    desk_phone: bool = False  # it leads to a telephone on his desk, not to his page
    session: str = ""  # of the latest socket; "" before the first
    limit_ms: int | None = None  # how long the break may last; None: as long as it takes
    by: str | None = None  # who set the status, when it was not he himself
    overrun: Overrun | None = None  # of the break, as far as it was told
    mode: WorkMode = WorkMode.AUTO
    status_since: int = 0
    since: int = 0  # of the state
    lost_at: int | None = None
    free_since: int | None = (
        None  # since when he may be given calls without a break; None: he may not
    )
    shy_until: int = 0  # the store refused him: not tried again before
    pending: Pending | None = None
    pending_mode: WorkMode | None = None  # chosen in a call, for after wrap-up
    call: UUID | None = None  # in REVIEW: the one that would be dialled
    campaign: UUID | None = None  # of that call
    reserved_until: int | None = None
    deadline: int | None = None  # end of wrap-up, or of looking at an offer
    extends_left: int = 0
    terms: WrapUp | None = None  # of the call he has or wraps up
    restart_due: bool = False  # his link was lost when the call ended; the first return restarts
    disposed: bool = False  # the outcome is committed
    leaf: str | None = None
    muted: bool = False
    missed: int = 0  # pops in a row that his browser did not receive
    passed: int = 0  # offers in a row that he let run out
    tried: str | None = None  # how the call ended, or was refused, that he had dialled last
    hindrance: str | None = None  # why nobody is dialled for him who waits; None: somebody is

    # --- what he may do ---

    @property
    def routable(self) -> bool:
        """Whether a call may be given to him: READY, IDLE, his page heard and his voice there."""
        return self._waits and self.reachable

    @property
    def _waits(self) -> bool:
        return self.status is Status.READY and self.state is AgentState.IDLE

    @property
    def voiceless(self) -> bool:
        """Whether he wants calls and could not be spoken to."""
        return self.status is Status.READY and self.voice is Link.LOST

    @property
    def reachable(self) -> bool:
        """Whether his page is heard and his leg is up."""
        return self.link is Link.UP and self.voice is Link.UP

    @property
    def counts(self) -> bool:
        """Whether he counts as signed in and not paused, for the ratio (decisions.md 20)."""
        auto = self.mode is WorkMode.AUTO
        return auto and self.status is Status.READY and self.reachable

    # --- status ---

    def choose(
        self,
        choice: Choice,
        reason: str | None,
        now: int,
        *,
        limit_ms: int | None = None,
        by: str | None = None,
    ) -> None:
        """Change the status now, or after wrap-up when a call is at hand. Raises `IllegalStep`."""
        if choice is Choice.READY and self.link is Link.LOST:
            raise IllegalStep("LINK_LOST", self.link, choice)
        if self._ordered and by is None:
            raise IllegalStep("ORDERED", self.state, choice)
        if self.state in AT_REST:
            self._become(
                Pending(step(STATUS_MOVES, self.status, choice), reason, limit_ms, by), now
            )
            return
        wanted = Status.READY if choice is Choice.READY else step(STATUS_MOVES, self.status, choice)
        same = wanted is self.status and wanted is not Status.PAUSED
        self.pending = None if same else Pending(wanted, reason, limit_ms, by)

    def choose_mode(self, mode: WorkMode, now: int) -> None:
        """Change the mode when no call is at hand, else after wrap-up; the present one takes that back.

        Raises `IllegalStep` when nothing would change. Who comes back to AUTO says himself when he
        is ready: no call may meet him unawares.
        """
        if self.state in AT_REST:
            if mode is self.mode:
                raise IllegalStep("SAME_MODE", self.mode, "MODE")
            self._turn(mode, now)
            return
        if mode is (self.pending_mode or self.mode):
            raise IllegalStep("SAME_MODE", mode, "MODE")
        self.pending_mode = None if mode is self.mode else mode

    def cancel_pending(self) -> None:
        """Take back what waits. Raises `IllegalStep` when nothing does, or it is not his to take back."""
        if self.pending is None:
            raise IllegalStep("NOTHING_PENDING", self.state, "CANCEL")
        if self._ordered:
            raise IllegalStep("ORDERED", self.state, "CANCEL")
        self.pending = None

    @property
    def _ordered(self) -> bool:
        """Whether what waits was ordered by somebody else: not his to take back."""
        return self.pending is not None and (
            self.pending.by is not None or self.pending.reason == FORCED
        )

    def _become(self, wanted: Pending, now: int) -> None:
        self.status, self.reason, self.status_since = wanted.status, wanted.reason, now
        self.limit_ms, self.by, self.overrun = wanted.limit_ms, wanted.by, None
        self._place(now)

    def _turn(self, mode: WorkMode, now: int) -> None:
        self.mode = mode
        if mode is WorkMode.AUTO and self.status is Status.READY:
            self._become(Pending(Status.NOT_READY), now)
        self._place(now)

    def _place(self, now: int) -> None:
        """Who chooses himself whom he calls, or was offered somebody, gets no call by itself."""
        own = self.mode is WorkMode.MANUAL or self.call is not None
        reviews = own and self.status is Status.READY
        if reviews and self.state is AgentState.IDLE:
            self._move(Duty.REVIEW, now)
        elif not reviews and self.state is AgentState.REVIEW:
            self._move(Duty.LEAVE, now)
            self.call = self.campaign = self.deadline = None

    def run_over(self, now: int) -> bool:
        """Note how far the break has run over its limit by now; whether that is news."""
        if self.status is not Status.PAUSED or self.limit_ms is None:
            return False
        over = now - self.status_since - self.limit_ms
        told, self.overrun = self.overrun, _overrun(over)
        return self.overrun is not told

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
            self._become(Pending(Status.NOT_READY), now)
        elif self._waits and lost_for > GRACE_MS:
            self._become(Pending(Status.NOT_READY, "LINK_LOST"), now)
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

    @property
    def open_to_offers(self) -> bool:
        """Whether somebody may be shown to him for his decision: no call and no offer is at hand."""
        there = self.status is Status.READY and self.link is Link.UP
        return there and self.state in AT_REST and self.call is None

    def look(self, call: UUID, campaign: UUID, until: int, now: int) -> None:
        """Show him whom he may call. Raises `IllegalStep` unless he is open to that."""
        if not self.open_to_offers:
            raise IllegalStep("NOT_OPEN", f"{self.status} {self.state} {self.link}", "LOOK")
        self.call, self.campaign, self.deadline = call, campaign, until
        self._place(now)
        self.since = now

    def dial(self, call: UUID, now: int) -> None:
        """He has this call dialled. Raises `IllegalStep` unless it is the one he looks at."""
        self._looks_at(call, "DIAL")
        self._move(Duty.DIAL, now)
        self.deadline, self.tried, self.passed = None, None, 0

    def pass_over(self, call: UUID, now: int) -> None:
        """He looks at this one no more. Raises `IllegalStep` unless it is the one he looks at."""
        self._looks_at(call, "PASS")
        self._move(Duty.LEAVE, now)
        self._let_go(now)

    def _looks_at(self, call: UUID, change: str) -> None:
        if self.state is not AgentState.REVIEW or self.call != call:
            raise IllegalStep("NOT_OFFERED", self.state, change)

    def dials(self, call: UUID) -> bool:
        """Whether he waits, audibly, for this call to be answered."""
        return self.state is AgentState.DIALING and self.call == call and self.link is Link.UP

    def reserve(self, call: UUID, campaign: UUID, until: int, now: int) -> None:
        """Take him for a call. Raises `IllegalStep` unless he is routable, or had it dialled."""
        if not (self.routable or self.dials(call)):
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

    def complete(self, now: int, by: str | None = None, limit_ms: int | None = None) -> None:
        """A team lead ends it: back office follows. Raises `IllegalStep` but in WRAP_OVER."""
        if self.state is not AgentState.WRAP_OVER:
            raise IllegalStep("NOT_OVER", self.state, "COMPLETE")
        if self.pending is None or self.pending.status is not Status.OFFLINE:
            self.pending = Pending(Status.PAUSED, "BACK_OFFICE", limit_ms, by)
        self._leave(now)

    def force_out(self, now: int, by: str | None = None) -> None:
        """Sign him out at once unless he speaks with a customer; then after the call."""
        out = Pending(Status.OFFLINE, FORCED, by=by)
        if self.state in ENGAGED:
            self.pending = out
            return
        if self.state in AFTERWARDS:
            self._leave(now)
        self._become(out, now)

    def run_out(self, now: int) -> None:
        """The deadline passed: as finish with a saved outcome, WRAP_OVER without."""
        if self.disposed:
            self._leave(now)
            return
        self._move(Duty.RUN_OUT, now)
        self.deadline = None

    def stand_free(self, now: int) -> None:
        """What he was engaged with is no more, and nobody can say how it ended."""
        self.state, self.since = AgentState.IDLE, now
        self._let_go(now)

    def _leave(self, now: int) -> None:
        self._move(Duty.FINISH, now)
        self._let_go(now)

    def _let_go(self, now: int) -> None:
        self.call = self.campaign = self.reserved_until = self.deadline = self.terms = None
        self.extends_left, self.restart_due, self.muted = 0, False, False
        self.disposed, self.leaf = False, None
        mode, self.pending_mode = self.pending_mode, None
        wanted, self.pending = self.pending, None
        if mode is not None:
            self._turn(mode, now)
        if wanted is not None:
            self._become(wanted, now)
        self._place(now)

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
            self.state in AT_REST
            and self.status is not Status.OFFLINE
            and self.lost_at is not None
            and now - self.lost_at > OFFLINE_AFTER_MS
        )

    def go_offline(self, reason: str, now: int) -> None:
        """End the shift without being asked. Raises `IllegalStep` when it has ended."""
        self._become(Pending(step(STATUS_MOVES, self.status, Choice.SIGN_OUT), reason), now)


def _overrun(over_ms: int) -> Overrun | None:
    if over_ms < 0:
        return None
    return Overrun.OVER if over_ms < FAR_OVER_MS else Overrun.FAR_OVER
