"""decisions.md 20, 21 and 23: how many lines, and because of what."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dialer.core.brain import Brain
from dialer.core.campaign import Limits, Mode
from dialer.core.pacing import Because, Pace, abandoned_pct, budget_spent, decide
from dialer.core.people import People
from dialer.core.view import Answer, Doing, Ended, Handled, Line, Seat, Stage, View

LIMITS = Limits(lines=100, min_agents=2, warmup_calls=10)


def seen(mode: Mode = Mode.RATIO, **changes: Any) -> View:
    """A floor well under way: 10 agents, 4 free, one of three answers; counts become seats and lines."""
    settings: dict[str, Any] = {
        "free": 4,
        "agents": 10,
        "in_flight": 0,
        "waiting": 0,
        "dialed": 300,
        "answered": 100,
        "answer_rate": 1 / 3,
        "ratio": 3.0,
        "since_ms": 250,
        "now_s": 1_000.0,
    } | changes
    free, agents = settings.pop("free"), settings.pop("agents")
    waiting, ringing = settings.pop("waiting"), settings.pop("in_flight")
    return View(
        mode=mode,
        seats=[Seat(Doing.IDLE, 5.0)] * free + [Seat(Doing.TALK, 30.0)] * (agents - free),
        lines=[Line(n, Stage.RINGING, 8.0, 5.0) for n in range(ringing - waiting)]
        + [Line(n, Stage.QUEUED, 8.0, 1.0) for n in range(waiting)],
        **settings,
    )


def paced(view: View, limits: Limits = LIMITS) -> Pace:
    """The decision of a brain that has seen nothing else, without the figures."""
    return replace(decide(view, limits, Brain()), forecast=None)


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"stopped": True, "running": False}, Because.STOPPED),
        ({"running": False}, Because.NOT_RUNNING),
        ({"mode": Mode.PREVIEW}, Because.MODE),
        ({"mode": Mode.MANUAL}, Because.MODE),
        ({"window_open": False}, Because.WINDOW_CLOSED),
        ({"stale": True}, Because.STALE),
        ({"carrier_up": False}, Because.CARRIER_LOST),
        ({"dry": True}, Because.LIST_DRY),
        ({"agents": 0, "free": 0}, Because.NO_AGENTS),
    ],
)
def test_no_line_at_all(changes: dict[str, Any], because: Because) -> None:
    assert paced(seen(**changes)) == Pace(0, because)


def test_progressive_opens_one_line_for_each_free_agent() -> None:
    pace = paced(seen(Mode.PROGRESSIVE, in_flight=1), LIMITS)
    assert (pace.lines, pace.because) == (3, Because.PROGRESSIVE)


def test_more_lines_than_free_agents_open_no_more() -> None:
    assert paced(seen(Mode.PROGRESSIVE, in_flight=9), LIMITS).lines == 0


def test_ratio_opens_one_answer_for_each_free_agent() -> None:
    pace = paced(seen(), LIMITS)
    assert (pace.lines, pace.because) == (12, Because.RATIO)


def test_ratio_grows_by_its_step_and_falls_at_once() -> None:
    assert paced(seen(ratio=1.0, since_ms=1_000)).ratio == pytest.approx(1.1)
    assert paced(seen(ratio=3.0, answer_rate=0.9)).ratio == pytest.approx(1 / 0.9)


def test_ratio_without_an_answer_rate_is_one_to_one() -> None:
    assert paced(seen(answer_rate=None), LIMITS).lines == 4


def test_ratio_warms_up_first() -> None:
    assert paced(seen(dialed=9), LIMITS) == Pace(4, Because.WARMING_UP)


def test_ratio_needs_its_agents() -> None:
    assert paced(seen(agents=1, free=1), LIMITS) == Pace(1, Because.FEW_AGENTS)


def test_a_spent_budget_means_one_line_for_each_free_agent() -> None:
    assert paced(seen(abandoned=3)) == Pace(4, Because.ABANDONMENT)


def test_the_budget_is_spent_when_one_more_would_break_the_limit() -> None:
    assert not budget_spent(seen(answered=1, abandoned=0), LIMITS)
    assert not budget_spent(seen(answered=99, abandoned=2), LIMITS)
    assert budget_spent(seen(answered=98, abandoned=2), LIMITS)


def test_between_target_and_limit_the_ratio_eases_off() -> None:
    whole = paced(seen(answered=10_000, abandoned=200)).ratio
    half = paced(seen(answered=10_000, abandoned=250)).ratio
    assert whole == pytest.approx(3.0)
    assert half == pytest.approx(2.0)


def test_a_target_at_the_limit_leaves_no_room_between() -> None:
    limits = replace(LIMITS, abandon_target_pct=3.0, abandon_limit_pct=3.0)
    assert paced(seen(answered=10_000, abandoned=290), limits).ratio == pytest.approx(3.0)
    beyond = replace(limits, abandon_limit_pct=4.0, abandon_target_pct=4.5)
    assert paced(seen(answered=10_000, abandoned=399), beyond).ratio == pytest.approx(3.0)


def test_the_ceiling_cuts() -> None:
    pace = paced(seen(agents=4, in_flight=10, ratio=3.0), replace(LIMITS, ratio_ceiling=2.6))
    assert (pace.lines, pace.because) == (0, Because.RATIO)
    pace = paced(seen(agents=4, free=4, in_flight=0), replace(LIMITS, ratio_ceiling=2.75))
    assert (pace.lines, pace.because) == (11, Because.RATIO)


def test_the_campaigns_lines_cut() -> None:
    pace = paced(seen(in_flight=2), replace(LIMITS, lines=5))
    assert (pace.lines, pace.because) == (3, Because.LINES)


class TestPredictive:
    """Works from one agent up; the chance that nobody is left for a call is the price."""

    def test_one_free_agent_never_gets_fewer_than_one_line(self) -> None:
        pace = paced(seen(Mode.PREDICTIVE, agents=1, free=1))
        assert (pace.lines >= 1, pace.because) == (True, Because.CHANCE)

    def test_it_opens_more_lines_than_free_agents(self) -> None:
        assert paced(seen(Mode.PREDICTIVE)).lines > 4

    def test_agents_who_will_be_free_count(self) -> None:
        view = seen(Mode.PREDICTIVE)
        wrapping = [*view.seats[:4], *[Seat(Doing.WRAP, 20.0, 60.0)] * 6]
        assert paced(replace(view, seats=wrapping)).lines > paced(view).lines

    def test_agents_who_leave_do_not(self) -> None:
        view = seen(Mode.PREDICTIVE)
        leaving = [*[Seat(Doing.IDLE, 5.0, leaves_in_s=4.0)] * 4, *view.seats[4:]]
        assert paced(replace(view, seats=leaving)).lines == 4

    def test_people_who_wait_already_take_their_agents(self) -> None:
        free = paced(seen(Mode.PREDICTIVE, free=8))
        taken = paced(seen(Mode.PREDICTIVE, free=8, waiting=4, in_flight=4))
        assert taken.lines < free.lines

    def test_people_who_wait_for_every_agent_leave_none(self) -> None:
        pace = paced(seen(Mode.PREDICTIVE, agents=2, free=0, waiting=2, in_flight=2))
        assert (pace.lines, pace.because) == (0, Because.AGENTS)

    def test_a_call_that_has_rung_long_is_less_likely_live(self) -> None:
        view = seen(Mode.PREDICTIVE, in_flight=8)
        old = [line._replace(age_s=24.0, for_s=22.0) for line in view.lines]
        assert paced(replace(view, lines=old)).lines > paced(view).lines

    def test_a_spent_budget_means_one_line_for_each_free_agent(self) -> None:
        pace = paced(seen(Mode.PREDICTIVE, abandoned=30, left_s=600.0))
        assert (pace.lines, pace.because) == (4, Because.ABANDONMENT)

    def test_a_budget_that_runs_short_is_told(self) -> None:
        pace = paced(seen(Mode.PREDICTIVE, answered=1_000, abandoned=21, left_s=1_000.0))
        assert pace.because is Because.BUDGET

    def test_lines_and_calls_per_second_cut(self) -> None:
        view = seen(Mode.PREDICTIVE)
        pace = paced(replace(view, lines_left=2))
        assert (pace.lines, pace.because) == (2, Because.LINES)
        pace = paced(replace(view, calls_left=1))
        assert (pace.lines, pace.because) == (1, Because.CALLS_PER_SECOND)
        pace = paced(view, replace(LIMITS, ratio_ceiling=0.5))
        assert (pace.lines, pace.because) == (5, Because.CEILING)

    def test_the_figures_behind_it_are_told(self) -> None:
        forecast = decide(seen(Mode.PREDICTIVE, in_flight=3), LIMITS, Brain()).forecast
        assert forecast is not None
        assert 0.0 <= forecast.chance <= 1.0
        assert forecast.price == pytest.approx(0.05, rel=0.5)
        assert 0.0 < forecast.arrivals < 3.0


def test_abandonment_in_percent() -> None:
    assert abandoned_pct(0, 0) is None
    assert abandoned_pct(200, 3) == pytest.approx(1.5)


class TestTakingBack:
    """A call that harms nobody is taken back when too many people answer."""

    FULL = seen(Mode.PREDICTIVE, free=0, in_flight=10)

    def test_calls_that_rang_long_enough_are_taken_back(self) -> None:
        old = [line._replace(age_s=20.0, for_s=17.0) for line in self.FULL.lines]
        pace = paced(replace(self.FULL, lines=old))
        assert pace.lines == 0
        assert set(pace.cancel) <= set(range(10))
        assert pace.cancel

    def test_calls_that_ring_are_let_ring(self) -> None:
        assert paced(self.FULL).cancel == ()

    def test_calls_about_to_ring_are_taken_back_unless_word_comes_late(self) -> None:
        new = [Line(n, Stage.SETUP, 2.5, 2.5) for n in range(10)]
        assert paced(replace(self.FULL, lines=new)).cancel
        assert paced(replace(self.FULL, lines=new, lag_s=0.8)).cancel == ()

    def test_nobody_takes_back_what_he_may_not(self) -> None:
        old = [line._replace(age_s=20.0, for_s=17.0) for line in self.FULL.lines]
        limits = replace(LIMITS, take_back=False)
        assert paced(replace(self.FULL, lines=old), limits).cancel == ()

    def test_a_call_taken_back_makes_others_look_no_sooner_answered(self) -> None:
        brain = Brain()
        decide(seen(Mode.PREDICTIVE), LIMITS, brain)
        before = brain.curves.ring.rates(np.array([]))[0][5]
        brain.curves.take_ended(Ended(0, 2.0, 16.0, taken_back=True))
        after = brain.curves.ring.rates(np.array([]))
        assert after[0][5] < before
        assert after[1][16] <= before


def test_people_are_told_from_machines_by_when_they_answered() -> None:
    people = People()
    early = [Handled(60.0, 10.0, answer=Answer(8.0, 1.0))] * 50
    late = [Handled(6.0, 4.0, person=False, answer=Answer(20.0, 2.4))] * 50
    people.learn(
        View(
            mode=Mode.PREDICTIVE,
            now_s=0.0,
            handled=early + late,
            lost=[Answer(8.0, 1.0), Answer(20.0, 2.4)],
        ),
        answering=1.0,
    )
    count = people.count(
        View(mode=Mode.PREDICTIVE, now_s=0.0, answered=103, abandoned=3, hung_up=1)
    )
    assert count.abandoned == pytest.approx(2.0, abs=0.1)
    assert count.live == pytest.approx(52.0, abs=0.2)
    assert 0.0 < count.error < 0.5


def test_in_a_burst_of_answers_a_lost_call_was_likelier_a_person() -> None:
    known = [Handled(60.0, 10.0)] * 60 + [Handled(6.0, 4.0, person=False)] * 40
    usual, burst = People(), People()
    view = View(mode=Mode.PREDICTIVE, now_s=0.0, handled=known, lost=[Answer(12.0, 0.0)])
    usual.learn(view, answering=1.0)
    burst.learn(view, answering=3.0)
    assert usual.lost_people < burst.lost_people < 1.0
