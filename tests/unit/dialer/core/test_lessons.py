"""A brain that begins with what earlier days taught."""

from __future__ import annotations

import pytest

from dialer.core.brain import Brain
from dialer.core.lessons import MOST_CALLS, Lesson, taught


def a_past(times: int = 1) -> list[Lesson]:
    """Of ten dials nine ring, three are answered by people after 8 s; later tries answer half as often."""
    lessons = [
        Lesson(0, "SETUP", 2, 9 * times, times),
        Lesson(0, "RING", 8, 3 * times, 0, times),
        Lesson(0, "RING", 21, 0, 5 * times),
        Lesson(0, "ANSWER", 11, 3 * times, times),
        Lesson(0, "CHECK", 1, 3 * times, times),
        Lesson(0, "TALK", 60, 3 * times),
        Lesson(0, "WRAP", 15, 3 * times),
    ]
    return [*lessons, Lesson(1, "RING", 8, 3 * times), Lesson(1, "RING", 21, 0, 13 * times)]


def test_it_expects_what_it_was_taught() -> None:
    rates = taught(a_past(100)).curves.rates([], [], 25.0)
    assert rates.setup_rings[2] == pytest.approx(9 / 10, abs=0.8)
    assert rates.ring_live[8] > 10 * rates.ring_live[3]
    assert rates.ring_else[21] > 10 * rates.ring_else[10]
    assert rates.live_if_answered[11] == pytest.approx(0.75, abs=0.05)
    assert rates.wrap[15] > 5 * rates.wrap[3]


def test_however_much_there_was_today_soon_counts_for_more() -> None:
    for times in (100, 10_000):
        brain = taught(a_past(times))
        assert brain.curves.setup.at_risk[0] == pytest.approx(MOST_CALLS, rel=0.01)
    few = taught(a_past(2))
    assert few.curves.setup.at_risk[0] == pytest.approx(20, rel=0.01)


def test_tries_that_answer_less_often_are_told_apart() -> None:
    factors = taught(a_past(100)).answering.segments()
    assert factors[0] > 1.1
    assert factors[1] < 0.9
    assert factors[2] == 1.0


def test_without_a_past_it_knows_nothing() -> None:
    brain = taught([])
    assert not brain.schooled
    assert brain.dump() == Brain().dump()
