"""One campaign's memory: kept, carried over, begun anew."""

from __future__ import annotations

import msgpack
import pytest

from dialer.core.brain import Brain
from dialer.core.campaign import Limits, Mode
from dialer.core.pacing import decide
from dialer.core.view import Doing, Ended, Handled, Line, Live, Seat, Stage, View

LIMITS = Limits(abandon_target_pct=3.0, abandon_limit_pct=3.0, ratio_ceiling=10.0)


def at(second: int) -> View:
    """Eight agents, some talking, some lines out, and a little news each second."""
    return View(
        mode=Mode.PREDICTIVE,
        now_s=float(second),
        seats=[Seat(Doing(n % 3), float(second * n % 40), 50.0) for n in range(8)],
        lines=[Line(n, Stage.RINGING, 9.0 + n, 6.0 + second * n % 12) for n in range(second % 9)],
        lives=[Live(0, 2.0, 8.0, 1.0)] * (second % 5 == 0),
        ended=[Ended(0, 2.0, 22.0)] * (second % 2),
        handled=[Handled(70.0, 15.0, stays=second % 3 > 0)] * (second % 7 == 0),
        dialed=second,
        answered=second // 5,
        abandoned=second // 200,
        left_s=20_000.0 - second,
    )


def carried(brain: Brain) -> Brain:
    """The same memory after a journey through bytes."""
    return Brain.load(msgpack.unpackb(msgpack.packb(brain.dump())))


def test_a_dialer_that_dies_mid_day_is_followed_by_one_that_decides_alike() -> None:
    kept = Brain()
    for second in range(600):
        decide(at(second), LIMITS, kept)
    heir = carried(kept)
    for second in range(600, 900):
        assert decide(at(second), LIMITS, heir) == decide(at(second), LIMITS, kept)
    assert heir.dump() == kept.dump()


def test_a_memory_is_small() -> None:
    brain = Brain()
    for second in range(300):
        decide(at(second), LIMITS, brain)
    assert len(msgpack.packb(brain.dump())) < 20_000


def test_a_memory_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="begin anew"):
        Brain.load({"format": 0})


def test_tomorrow_begins_with_todays_curves_and_budget_and_nothing_spent() -> None:
    brain = Brain()
    for second in range(300):
        decide(at(second), LIMITS, brain)
    tomorrow = brain.next_day()
    assert tomorrow.curves is brain.curves
    assert tomorrow.budget.log_price == brain.budget.next_day().log_price
    assert tomorrow.budget.people.taken == 0.0
    assert tomorrow.now_s is None
