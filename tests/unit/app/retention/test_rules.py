"""How long each kind is kept, and who says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.retention.rules import (
    KINDS,
    MOST_DAYS,
    OWN_POLICY,
    PARTITIONED,
    Kind,
    least_of,
    month_after,
    term_of,
)

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
CALLS = KINDS["calls"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_default_is_never_below_our_own_least(kind: Kind) -> None:
    assert 0 < kind.least_days <= kind.keep_days <= MOST_DAYS


def test_what_the_law_says_nothing_of_is_own_policy() -> None:
    for profile in ("VN", "UK", "NONE"):
        assert least_of(CALLS, profile).source == OWN_POLICY
        assert least_of(CALLS, profile).days == CALLS.least_days


def test_the_least_of_the_united_states_counts_from_the_last_activity() -> None:
    least = least_of(CALLS, "US")
    assert least.days == 1096
    assert least.while_worked
    assert "1006.100" in least.source
    assert least_of(KINDS["drafts"], "US").source == OWN_POLICY


def test_the_law_overtakes_a_setting() -> None:
    assert term_of(CALLS, "US", 200).days == 1096
    assert term_of(CALLS, "VN", 200).days == 200
    assert term_of(CALLS, "VN", None).days == CALLS.keep_days
    assert term_of(CALLS, "VN", 200).before(NOW) == NOW - timedelta(days=200)


def test_a_month_ends_where_the_next_begins() -> None:
    assert month_after(date(2024, 12, 1)) == date(2025, 1, 1)
    assert month_after(date(2024, 2, 1)) == date(2024, 3, 1)
    assert month_after(date(2024, 1, 1)) == date(2024, 2, 1)


def test_tables_by_the_month_are_those_that_grow_by_calls() -> None:
    assert set(PARTITIONED) == {
        "calls", "attempts", "actions", "agent_state_changes", "audit_events",
    }  # fmt: skip
