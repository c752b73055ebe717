"""The referee's days through the dialer: the same customers, the same roster, and much the same floor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from dialer.core.campaign import AbandonClock
from dialer.fates import Fate
from loadtests.pacing_live import (
    FATES,
    OPENS_MS,
    THROUGH_DIALER,
    List,
    Result,
    a_campaign,
    beside,
    dialer_days,
    pool,
    through_dialer,
)
from loadtests.pacing_referee.contest import Task, run
from loadtests.pacing_referee.customers import Customers
from loadtests.pacing_referee.scenario import Scenario
from loadtests.pacing_shelf import Shelf

if TYPE_CHECKING:
    from pathlib import Path


def a_scenario(**changes: object) -> Scenario:
    settings: dict[str, object] = {
        "name": "short",
        "agents": 6,
        "duration_s": 900.0,
        "outcomes": {"human": 0.3, "machine": 0.2, "busy": 0.05, "invalid": 0.05},
    }
    return Scenario(**(settings | changes))  # type: ignore[arg-type] # fields by name


def customers(scenario: Scenario) -> Customers:
    calls, environment, hopper = np.random.SeedSequence(7).spawn(3)
    return Customers(scenario, calls, environment, hopper)


def test_the_exchange_is_told_the_referees_own_customers() -> None:
    scenario = a_scenario(talk_scale=2.0)
    told, known = List(scenario, customers(scenario)), customers(scenario)
    for number in range(300):
        story, call = told.answer(OPENS_MS + 5_000), known.next_call(number, 5.0)
        assert story.script.fate is FATES[call.fate]
        assert story.script.setup_ms == round(1000 * call.setup)
        assert story.script.heard_machine is not call.passes
        doubled = 2 if story.script.fate is Fate.PERSON else 1
        assert story.talk_ms == round(1000 * call.talk * doubled)


def test_a_scenarios_terms_are_a_campaigns() -> None:
    terms = a_campaign(a_scenario(abandon_clock="answer", abandon_limit=0.01, max_wait_s=1.5))
    assert terms.abandon_clock is AbandonClock.ANSWER
    assert terms.limits.abandon_limit_pct == terms.limits.abandon_target_pct == 1.0
    assert terms.limits.connect_threshold_ms == 1_500
    assert terms.limits.lines == 36
    assert terms.limits.calls_per_second is None
    assert a_campaign(a_scenario(max_cps=30.0)).limits.calls_per_second == 30


def test_both_floors_have_the_same_agents_and_much_the_same_day() -> None:
    task = Task(THROUGH_DIALER, a_scenario(), (3,))
    judged = run(Task("dialer.pacing_referee:Policy", a_scenario(), (3,)))[0]
    result = beside(through_dialer(task), judged)
    assert result.logged_s == pytest.approx(6 * 900, rel=0.05)
    assert result.live == pytest.approx(result.live_referee, rel=0.3)
    assert abs(result.occupancy_off) < 15


def test_seeds_are_pooled_by_what_can_be_added() -> None:
    one = Result("s", 30, 80.0, 100.0, 100, 3, 0.81, 100, 3, 1.0, 5.0, 2.0)
    other = Result("s", 30, 60.0, 100.0, 300, 3, 0.69, 300, 3, 3.0, 9.0, 4.0)
    both = pool([one, other])
    assert both.occupancy_off == pytest.approx(70 - 75)
    assert both.abandoned_off == pytest.approx(0.0)
    assert not both.agrees
    assert pool([one]).agrees


def test_what_was_broken_off_goes_on(tmp_path: Path) -> None:
    tasks = [Task(THROUGH_DIALER, a_scenario(duration_s=60.0), (seed,)) for seed in (1, 2)]
    first = dialer_days(tasks[:1], 1, Shelf(tmp_path))
    shelf = Shelf(tmp_path)
    both = dialer_days(tasks, 1, shelf)
    assert both[:1] == first
    assert (shelf.taken[THROUGH_DIALER], shelf.played[THROUGH_DIALER]) == (1, 1)
