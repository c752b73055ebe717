"""A bench that counts wrongly is worse than none: what is lost, double, late and left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loadtests.pop_figures import Row, Span, beside, double_assignments, figures, table, verdicts

SPAN = Span(1_000, 601_000)
GOOD = Row(
    call="c1", agent="page", answered=1_900, assigned=2_000, published=2_001, received=2_010,
    painted=2_060, error_ms=3, connected=2_005, ended=12_000, by_person=True, abandoned=False,
    cause="COMPLETED", returned=0,
)  # fmt: skip


def of(*rows: Row, live: int = 0) -> dict[str, Any]:
    return figures(rows, SPAN, {"page"}, live)


def test_a_pop_is_timed_from_its_assignment() -> None:
    found = of(GOOD)
    assert found["received_ms"] == {"n": 1, "p50": 10, "p95": 10, "p99": 10, "max": 10}
    assert (found["painted_ms"]["n"], found["painted_ms"]["p95"]) == (1, 60)
    assert found["to_published_ms"]["p50"] == 1
    assert found["to_receipt_ms"]["p50"] == 9
    assert found["answered_per_s"] == round(1 / 600, 2)


def test_only_browsers_that_are_sure_of_the_time_paint() -> None:
    bot, unsure = replace(GOOD, agent="bot"), replace(GOOD, error_ms=51)
    found = of(bot, unsure)
    assert (found["painted_ms"]["n"], found["painted_ms"]["unsure"]) == (0, 1)
    assert found["received_ms"]["n"] == 2


def test_calls_outside_of_the_minutes_are_left_out() -> None:
    early, late = replace(GOOD, assigned=999, answered=999), replace(GOOD, assigned=601_000)
    assert of(early, late)["received_ms"]["n"] == 0


@pytest.mark.parametrize(
    ("row", "lost"),
    [
        (replace(GOOD, connected=None, cause=None), 1),
        (replace(GOOD, connected=None, ended=None), 1),
        (replace(GOOD, connected=None), 0),
        (replace(GOOD, connected=None, cause=None, abandoned=True), 0),
        (replace(GOOD, connected=None, cause=None, by_person=False), 0),
    ],
)
def test_a_call_is_lost_when_the_books_do_not_say_what_became_of_it(row: Row, lost: int) -> None:
    assert of(row)["calls_lost"] == lost


def test_what_lives_after_the_drain_is_lost() -> None:
    assert of(GOOD, live=2)["calls_lost"] == 2


@pytest.mark.parametrize(
    ("row", "lost", "overtaken"),
    [
        (replace(GOOD, received=None), 1, 0),
        (replace(GOOD, received=None, ended=None), 1, 0),
        (replace(GOOD, received=None, ended=2_599), 0, 1),
        (replace(GOOD, received=None, returned=1), 0, 0),
    ],
)
def test_a_pop_is_lost_when_it_was_neither_received_nor_given_back(
    row: Row, lost: int, overtaken: int
) -> None:
    found = of(row)
    assert (found["pops_lost"], found["pops_overtaken"]) == (lost, overtaken)


def test_two_calls_at_once_are_a_double_assignment() -> None:
    second = replace(GOOD, call="c2", assigned=11_999, ended=20_000)
    assert double_assignments([second, GOOD]) == 1
    assert double_assignments([replace(second, assigned=12_000), GOOD]) == 0
    assert double_assignments([replace(second, agent="bot"), GOOD]) == 0
    assert double_assignments([replace(second, connected=None), GOOD]) == 0
    assert double_assignments([second, replace(GOOD, ended=None)]) == 1


def test_the_screen_is_first_when_it_was_there_before_the_voice() -> None:
    first = of(replace(GOOD, connected=2_060), replace(GOOD, connected=2_059))["screen_first"]
    assert (first["painted_share"], first["received_share"]) == (0.5, 1.0)
    assert of()["screen_first"]["painted_share"] == 0.0


def a_run(**changes: Any) -> dict[str, Any]:
    relay: dict[str, Any] = {"relay_ms": {"p50": 2.0, "p95": 0.0, "p99": 4.0}, "load_mean": 0.5}
    run = of(GOOD) | relay
    run["beside_relay"] = beside(run["received_ms"], relay["relay_ms"])
    return run | changes


def test_a_pop_is_compared_with_the_bare_relay() -> None:
    assert a_run()["beside_relay"] == {"p50": 5.0, "p95": 0.0, "p99": 2.5}


def times(n: int, *, p95: float = 0.0, p99: float = 0.0) -> dict[str, float]:
    return {"n": n, "p50": 0.0, "p95": p95, "p99": p99, "max": 0.0}


def test_times_are_judged_by_the_median_and_counts_by_the_worst_run() -> None:
    good = a_run(received_ms=times(1_200, p99=49.0), painted_ms=times(240, p95=149.0))
    assert all(verdict.held for verdict in verdicts([good]))
    slow = good | {"received_ms": times(1_200, p99=500.0)}
    assert all(verdict.held for verdict in verdicts([good, slow, good]))
    missed = {v.target for v in verdicts([slow, slow, good]) if not v.held}
    assert missed == {"received p99 < 50 ms"}
    one_lost = verdicts([good, good, good | {"pops_lost": 1}])
    assert [v.target for v in one_lost if not v.held] == ["pops lost 0"]
    few = verdicts([good, good | {"painted_ms": times(239, p95=1.0)}])
    assert [v.target for v in few if not v.held] == ["painted >= 240 in 10 min"]


def test_the_table_has_a_column_for_each_run_and_the_median() -> None:
    lines = table([a_run(), a_run(calls_lost=2), a_run(calls_lost=4)]).splitlines()
    assert lines[0] == "|  | run 1 | run 2 | run 3 | median |"
    assert "| calls lost | 0 | 2 | 4 | 2 |" in lines
