"""Which of several targets holds for an agent."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.targets.rules import DEFAULTS, NOBODY, Metric, Reach, Target, targets_for

MINH, LAN, TEAM, OTHER = (UUID(int=number) for number in range(1, 5))
SET = [
    Target(Reach.AGENT, MINH, Metric.CALLS, 60),
    Target(Reach.ORGANISATION, NOBODY, Metric.CALLS, 100),
    Target(Reach.TEAM, TEAM, Metric.CALLS, 80),
    Target(Reach.TEAM, OTHER, Metric.PROMISES, 99),
    Target(Reach.ORGANISATION, NOBODY, Metric.COLLECTED, 5_000_000),
    Target(Reach.TEAM, TEAM, Metric.WRAP_UP, 0),
]


@pytest.mark.parametrize(
    ("user", "team", "calls"), [(MINH, TEAM, 60), (LAN, TEAM, 80), (LAN, None, 100)]
)
def test_the_nearest_target_holds(user: UUID, team: UUID | None, calls: int) -> None:
    found = targets_for(SET, user, team)
    assert found[Metric.CALLS] == calls
    assert found[Metric.PROMISES] == DEFAULTS[Metric.PROMISES], "another team's is not ours"
    assert found[Metric.COLLECTED] == 5_000_000


def test_nought_takes_a_target_away() -> None:
    assert Metric.WRAP_UP not in targets_for(SET, LAN, TEAM)
    assert Metric.WRAP_UP in targets_for(SET, LAN, OTHER)


def test_without_any_the_defaults_of_the_house_hold() -> None:
    assert targets_for([], LAN, None) == DEFAULTS
