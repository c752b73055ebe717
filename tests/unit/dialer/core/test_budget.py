"""The price of a further call: below what it will be when the day begins, the more so in a large team."""

from __future__ import annotations

import pytest

from dialer.core.budget import FIRST_PRICE, Budget
from dialer.core.campaign import Limits, Mode
from dialer.core.view import Doing, Seat, View

LIMITS = Limits(abandon_target_pct=3.0, abandon_limit_pct=3.0)
DAY_S = 28_800.0


def seen(agents: int, at_s: float = 0.0, answered: int = 0, abandoned: int = 0) -> View:
    return View(
        mode=Mode.PREDICTIVE,
        now_s=at_s,
        seats=[Seat(Doing.TALK, 20.0)] * agents,
        answered=answered,
        abandoned=abandoned,
        left_s=DAY_S - at_s,
    )


def first_price(agents: int, budget: Budget | None = None) -> float:
    budget = budget or Budget()
    budget.steer(seen(agents), LIMITS, 1.0, 1.0)
    return budget.price


def test_a_day_begins_below_its_price_the_more_so_the_larger_the_team() -> None:
    prices = [first_price(agents) for agents in (4, 8, 20, 50, 300)]
    assert prices == sorted(prices, reverse=True)
    assert prices[0] == pytest.approx(FIRST_PRICE, rel=0.1)
    assert prices[-1] == pytest.approx(0.6 * FIRST_PRICE, rel=0.1)


def test_who_goes_on_a_break_makes_the_team_no_smaller() -> None:
    budget = Budget()
    first_price(50, budget)
    assert first_price(5, budget) == pytest.approx(first_price(50), rel=0.05)


def test_a_large_team_has_made_up_for_it_before_a_small_one() -> None:
    """An hour without an abandoned call, at the same pace of each agent."""

    def grown(agents: int) -> float:
        budget = Budget()
        for minute in range(60):
            view = seen(agents, 60.0 * minute, answered=agents * minute // 2)
            budget.steer(view, LIMITS, 60.0, 1.0)
        return budget.price / first_price(agents)

    assert grown(100) > 5 / 3 > grown(5) > 1.0


def test_a_large_team_keeps_more_calls_back_at_the_end_of_the_day() -> None:
    def kept_back(agents: int) -> int:
        """How many may be left of the budget, ten seconds before the end, and nothing be spent of it."""
        for left in range(20):
            budget = Budget()
            budget.begin(seen(agents, answered=10_000))
            budget.steer(seen(agents, DAY_S - 10.0, 10_000, 300 - left), LIMITS, 1.0, 1.0)
            if budget.price > 0.0:
                return left
        return 20

    assert kept_back(5) == kept_back(40) <= 2
    assert kept_back(300) > 5


def test_tomorrow_begins_below_the_price_that_today_came_to() -> None:
    budget = Budget()
    today = first_price(50, budget)
    tomorrow = first_price(50, budget.next_day())
    assert tomorrow / today == pytest.approx(0.6 * (1 + 3.3 / 50), rel=0.01)
    assert first_price(5, budget.next_day()) == pytest.approx(today, rel=0.05)
