"""Thresholds, hysteresis and order of ux section 6.3."""

from typing import Any

import pytest

from app.wall.thresholds import (
    ABANDON_PCT,
    IN_CALL_MS,
    POP_P95_MS,
    Alarm,
    Limits,
    Row,
    Severity,
    agent_severity,
    attainment,
    in_call_limits,
    percentile,
    severity,
    sort_rows,
    watch,
)

NOW = 10_000_000
BREAKS = {"SHORT": 600_000, "END_OF_SHIFT": None}
NORMAL, AMBER, RED = Severity


def test_percentiles_are_values_that_were_seen() -> None:
    values = [float(n) for n in range(1, 101)]

    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.95) == 95
    assert percentile(values, 0.99) == 99
    assert percentile(values, 1) == 100
    assert percentile([7.0], 0.5) == percentile([7.0], 0) == 7.0
    assert percentile([], 0.5) is None


@pytest.mark.parametrize(("value", "found"), [(1.9, NORMAL), (2.0, AMBER), (3.0, RED)])
def test_a_limit_counts_from_its_own_value_on(value: float, found: Severity) -> None:
    assert severity(value, ABANDON_PCT) is found


@pytest.mark.parametrize(
    ("pct", "found"), [(104, NORMAL), (98, NORMAL), (97.9, AMBER), (90, AMBER), (89.9, RED)]
)
def test_a_target_is_missed_below_its_limits(pct: float, found: Severity) -> None:
    assert attainment(pct) is found


def test_abandonment_is_worse_at_once_and_calmer_after_two_minutes_well_below() -> None:
    alarm = watch(Alarm(), 3.1, NOW, ABANDON_PCT)
    assert alarm == Alarm(RED)

    alarm = watch(alarm, 2.8, NOW + 1, ABANDON_PCT)
    assert alarm == Alarm(RED), "0.2 points below are not 0.3"

    alarm = watch(alarm, 2.6, NOW + 2, ABANDON_PCT)
    assert alarm == Alarm(RED, NOW + 2)

    alarm = watch(alarm, 2.6, NOW + 120_001, ABANDON_PCT)
    assert alarm == Alarm(RED, NOW + 2)

    alarm = watch(alarm, 2.6, NOW + 120_002, ABANDON_PCT)
    assert alarm == Alarm(AMBER)


def test_a_relapse_starts_the_two_minutes_again() -> None:
    calm = watch(Alarm(RED), 2.6, NOW, ABANDON_PCT)
    relapsed = watch(calm, 3.0, NOW + 60_000, ABANDON_PCT)

    assert relapsed == Alarm(RED)
    assert watch(relapsed, 2.6, NOW + 60_001, ABANDON_PCT) == Alarm(RED, NOW + 60_001)


def test_a_figure_without_hysteresis_is_calm_at_once() -> None:
    assert watch(Alarm(AMBER), 10, NOW, Limits(20, 30)) == Alarm(NORMAL)
    assert watch(Alarm(), 10, NOW, Limits(20, 30)) == Alarm(NORMAL)
    assert watch(Alarm(AMBER), 10, NOW, POP_P95_MS) == Alarm(AMBER, NOW)


def test_long_campaigns_have_longer_limits() -> None:
    assert in_call_limits(None) == in_call_limits(60_000) == IN_CALL_MS
    assert in_call_limits(200_000) == Limits(300_000, 500_000)


def card(**changed: Any) -> dict[str, Any]:
    return {
        "status": "READY", "reason": None, "state": "IDLE", "link": "UP", "since": NOW,
        "status_since": NOW, "deadline": None, **changed,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"status": "OFFLINE", "link": "LOST", "since": 0}, NORMAL),
        ({"link": "LOST", "since": NOW - 9_999}, NORMAL),
        ({"link": "LOST", "since": NOW - 10_000}, AMBER),
        ({"link": "LOST", "since": NOW - 60_000, "state": "IN_CALL"}, RED),
        ({"since": NOW - 60_000, "status_since": NOW - 60_000}, AMBER),
        ({"since": NOW - 900_000, "status_since": NOW - 300_000}, RED),
        ({"since": NOW - 900_000, "status_since": NOW - 10}, NORMAL),
        ({"status": "PAUSED", "reason": "SHORT", "status_since": NOW - 599_999}, NORMAL),
        ({"status": "PAUSED", "reason": "SHORT", "status_since": NOW - 600_000}, AMBER),
        ({"status": "PAUSED", "reason": "SHORT", "status_since": NOW - 900_000}, RED),
        ({"status": "PAUSED", "reason": "END_OF_SHIFT", "status_since": 0}, NORMAL),
        ({"status": "PAUSED", "reason": None, "status_since": 0}, NORMAL),
        ({"status": "NOT_READY", "since": 0}, NORMAL),
        ({"state": "WRAP_UP", "deadline": NOW + 1}, NORMAL),
        ({"state": "WRAP_UP", "deadline": NOW}, AMBER),
        ({"state": "WRAP_UP", "deadline": None}, NORMAL),
        ({"state": "WRAP_OVER", "deadline": NOW - 59_999}, AMBER),
        ({"state": "WRAP_OVER", "deadline": NOW - 60_000}, RED),
        ({"state": "WRAP_OVER", "deadline": None}, AMBER),
        ({"state": "HELD", "since": NOW - 60_000}, AMBER),
        ({"state": "HELD", "since": NOW - 120_000}, RED),
        ({"state": "IN_CALL", "since": NOW - 180_000}, AMBER),
        ({"state": "IN_CALL", "since": NOW - 300_000}, RED),
        ({"state": "RESERVED", "since": 0}, NORMAL),
    ],
)
def test_an_agents_row_turns_as_the_table_says(changed: dict[str, Any], found: Severity) -> None:
    assert agent_severity(card(**changed), NOW, break_limits_ms=BREAKS) is found


def test_the_average_of_the_campaign_lengthens_the_limits_of_a_call() -> None:
    talking = card(state="IN_CALL", since=NOW - 300_000)

    found = agent_severity(talking, NOW, break_limits_ms=BREAKS, average_handle_ms=250_000)

    assert found is NORMAL


def test_trouble_stands_first_and_the_longest_trouble_before() -> None:
    rows = [
        Row("d", NORMAL, 1, "b"),
        Row("e", NORMAL, 9, "a"),
        Row("c", AMBER, 5, "z"),
        Row("b", RED, 7, "z"),
        Row("a", RED, 3, "z"),
        Row("f", NORMAL, 0, "a"),
    ]

    assert [row.key for row in sort_rows(rows)] == ["a", "b", "c", "e", "f", "d"]
