"""What is learned from ends, from what is under way and from what was taken away."""

from __future__ import annotations

import numpy as np
import pytest

from dialer.core.curves import Curves
from dialer.core.forecast import AHEAD_S, Tables, by_stage
from dialer.core.hazards import Hazards, after, incidence, onward, seconds, survival
from dialer.core.view import Doing, Ended, Handled, Line, Live, Seat, Stage

NOTHING = np.array([])


def test_the_rate_of_a_constant_hazard_is_found() -> None:
    chance = np.random.default_rng(7)
    hazards = Hazards(seconds(20), (0.5, 0.0), 1.0)
    for age in chance.exponential(10.0, 4_000):
        hazards.ended(float(age))
    assert hazards.rates(NOTHING)[0][:10] == pytest.approx(np.full(10, 0.1), rel=0.2)


def test_what_is_under_way_counts_as_at_risk() -> None:
    hazards = Hazards(seconds(5), (0.0, 0.0), 1.0)
    hazards.ended(2.5)
    alone = hazards.rates(NOTHING)[0]
    among = hazards.rates(np.array([4.0, 4.0, 4.0]))[0]
    assert alone[2] == pytest.approx(1.0 / 1.5)
    assert among[2] == pytest.approx(1.0 / 4.5)
    hazards.censored(4.0)
    assert hazards.rates(NOTHING)[0][2] == pytest.approx(1.0 / 2.5)


def test_what_was_learned_is_forgotten_by_halves() -> None:
    hazards = Hazards(seconds(5), (0.2, 0.1), 10.0)
    hazards.ended(1.0, first=False)
    hazards.forget(0.0)
    first, second = hazards.rates(NOTHING)
    assert first == pytest.approx(np.full(5, 0.2))
    assert second == pytest.approx(np.full(5, 0.1))


def test_causes_share_what_ends() -> None:
    one, other = np.full(200, 0.03), np.full(200, 0.01)
    by_one, alive = incidence(one, other)
    assert by_one.sum() == pytest.approx(0.75, abs=0.01)
    assert alive[0] == 1.0
    assert survival(one + other)[10] == pytest.approx(np.exp(-0.4))


def test_from_an_age_on_the_density_is_conditional() -> None:
    pdf = np.array([0.5, 0.25, 0.25])
    rows = onward(pdf, np.array([1.0, 0.5, 0.25]))
    assert rows[1] == pytest.approx([0.5, 0.5, 0.0])
    delayed = rows[:1] @ after(np.array([0.0, 1.0, 0.0]), 3)
    assert delayed[0] == pytest.approx([0.0, 0.5, 0.25])


def test_the_forecast_of_a_new_call_is_the_share_that_was_live() -> None:
    curves = Curves()
    for n in range(2_000):
        if n % 5 == 0:
            curves.take_live(Live(0, 2.5, 4.0 + n % 10, 1.0))
        else:
            curves.take_ended(Ended(0, 2.5, 22.0))
    tables = Tables(curves.rates([], [], 22.0))
    assert tables.new_call()[-1] == pytest.approx(0.2, abs=0.02)
    lines = by_stage([Line(1, Stage.RINGING, 20.0, 17.0), Line(2, Stage.RINGING, 6.0, 3.5)])
    late, early = tables.calls(lines, np.ones(64))[:, -1]
    assert late < 0.02
    assert early > tables.new_call()[-1]


def test_an_agent_is_free_when_talk_and_wrap_up_are_over() -> None:
    curves = Curves()
    for _ in range(500):
        curves.take_handled(Handled(60.0, 10.5))
    tables = Tables(curves.rates([], [], 22.0))
    seats = [Seat(Doing.WRAP, 9.0, 60.0), Seat(Doing.WRAP, 1.0, 60.0), Seat(Doing.TALK, 20.0)]
    talking, nearly, hardly = tables.busy(seats, 1.0, 2.0)
    assert nearly[list(AHEAD_S).index(2)] < 0.15
    assert hardly[list(AHEAD_S).index(2)] > 0.85
    assert talking[0] > 0.95
    leaving = tables.busy([Seat(Doing.WRAP, 9.0, 60.0)], 0.5, 2.0)
    assert leaving[0, -1] == pytest.approx(0.5, abs=0.05)
