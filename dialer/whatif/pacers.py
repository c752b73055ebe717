"""The product's own engine on the simulated floor: it sees what it would see in the room of calls. Pure."""

from __future__ import annotations

from collections import defaultdict
from math import inf
from typing import TYPE_CHECKING

from dialer.core.brain import Brain
from dialer.core.campaign import Limits, Mode
from dialer.core.estimate import Estimates
from dialer.core.pacing import decide
from dialer.core.roster import Absence, leaves_in_s
from dialer.core.view import ONE_TO_ONE, Answer, Doing, Ended, Handled, Line, Live, Seat, View
from dialer.core.view import Stage as Seen
from dialer.whatif.simulate import Duty, Stage, Wish

if TYPE_CHECKING:
    from app.whatif.rules import DaySettings, RecordedDay
    from dialer.whatif.simulate import Floor, SimAgent, SimCall

DOING = {Duty.IDLE: Doing.IDLE, Duty.TALK: Doing.TALK, Duty.WRAP: Doing.WRAP}
SEEN = {
    Stage.SETUP: Seen.SETUP,
    Stage.RINGING: Seen.RINGING,
    Stage.ANSWERED: Seen.ANSWERED,
    Stage.WAITING: Seen.QUEUED,
}
AHEAD = 50  # leads in hand
TICK_MS = 1_000


class EnginePacer:
    """`dialer.core.pacing` with a brain of its own, new in the morning."""

    def __init__(self, day: RecordedDay) -> None:
        self._brain = Brain()
        self._roster: defaultdict[int, list[Absence]] = defaultdict(list)
        for away in day.planned:
            self._roster[away.agent].append(Absence(_ms(away.from_s), _ms(away.until_s)))
        self._estimates = Estimates()
        self._ratio = ONE_TO_ONE

    def decide(self, floor: Floor) -> Wish:
        """What the engine says of this second."""
        self._learn(floor)
        pace = decide(self._view(floor), limits_of(floor.settings), self._brain)
        self._ratio = pace.ratio
        return Wish(pace.lines, [int(str(call)) for call in pace.cancel])

    def _learn(self, floor: Floor) -> None:
        for call in floor.live:
            self._estimates.person(round(1000 * ((call.waiting_s or 0.0) - call.dialled_s)))
        for call in floor.ended:
            if call.waiting_s is None and not call.cancelled:
                self._estimates.nobody()

    def _view(self, floor: Floor) -> View:
        settings, now = floor.settings, floor.now
        return View(
            mode=Mode(settings.mode),
            now_s=now,
            window_open=not floor.closed,
            seats=[self._seat(a, now) for a in floor.agents.values() if a.duty is not Duty.AWAY],
            lines=[_line(call, now) for call in floor.calls.values()],
            lives=[_live(call) for call in floor.live],
            ended=[_ended(call) for call in floor.ended if call.waiting_s is None],
            handled=[_handled(done.call, stays=done.stays) for done in floor.handled],
            lost=[_answer(call) for call in floor.ended if _is_given_up(call)],
            walked=floor.walked,
            dialed=floor.dialled,
            answered=floor.persons,
            abandoned=floor.abandoned,
            hung_up=floor.hung_up,
            left_s=max(0.0, floor.length_s - now),
            ring_timeout_s=settings.ring_timeout_s,
            coming=floor.coming(AHEAD),
            lines_left=max(0, settings.lines - floor.lines),
            answer_rate=self._estimates.answer_rate.value,
            ratio=self._ratio,
            since_ms=TICK_MS,
        )

    def _seat(self, agent: SimAgent, now: float) -> Seat:
        """As the room sees him: who has asked for a break goes after this call, others by their plan."""
        leaves = leaves_in_s(self._roster[agent.id], _ms(now)) if agent.id in self._roster else inf
        call = agent.call
        talked = 0.0
        if call is not None and call.connected_s is not None:
            talked = (now if call.ended_s is None else call.ended_s) - call.connected_s
        return Seat(
            DOING[agent.duty],
            now - agent.since_s,
            talked,
            leaves_in_s=0.0 if agent.leaving else leaves,
        )


def limits_of(settings: DaySettings) -> Limits:
    """The settings as the engine's limits."""
    return Limits(
        lines=settings.lines,
        ratio_ceiling=settings.ratio_ceiling,
        ratio_step=settings.ratio_step,
        min_agents=settings.min_agents,
        warmup_calls=settings.warmup_calls,
        abandon_target_pct=settings.abandon_target_pct,
        abandon_limit_pct=settings.abandon_limit_pct,
        connect_threshold_ms=settings.connect_threshold_ms,
    )


def _ms(seconds: float) -> int:
    return round(1000 * seconds)


def _line(call: SimCall, now: float) -> Line:
    since = {
        Stage.SETUP: call.dialled_s,
        Stage.RINGING: call.ringing_s,
        Stage.ANSWERED: call.answered_s,
        Stage.WAITING: call.waiting_s,
    }[call.stage]
    return Line(
        call.id, SEEN[call.stage], now - call.dialled_s, now - (since or 0.0), call.fate.segment
    )


def _live(call: SimCall) -> Live:
    answer, rang = _answer(call), call.ringing_s or 0.0
    return Live(call.fate.segment, rang - call.dialled_s, answer.ring_s, answer.check_s)


def _answer(call: SimCall) -> Answer:
    answered = call.answered_s or 0.0
    return Answer(answered - (call.ringing_s or 0.0), (call.waiting_s or 0.0) - answered)


def _handled(call: SimCall, *, stays: bool) -> Handled:
    return Handled(call.fate.talk_s, call.fate.wrap_s, stays=stays, answer=_answer(call))


def _is_given_up(call: SimCall) -> bool:
    """Whether nobody took it in time, and its person did not leave before."""
    if call.waiting_s is None or call.ended_s is None:
        return False
    return call.fate.patience_s > call.ended_s - call.waiting_s


def _ended(call: SimCall) -> Ended:
    end, segment, ours = call.ended_s or 0.0, call.fate.segment, call.cancelled
    if call.ringing_s is None:
        return Ended(segment, end - call.dialled_s, taken_back=ours)
    setup_s = call.ringing_s - call.dialled_s
    if call.answered_s is None:
        return Ended(segment, setup_s, end - call.ringing_s, taken_back=ours)
    return Ended(segment, setup_s, call.answered_s - call.ringing_s, end - call.answered_s)
