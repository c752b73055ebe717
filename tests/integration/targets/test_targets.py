"""Targets on the real table: set, replaced, refused, and each change in the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text

from app.audit.service import SYSTEM
from app.errors import Invalid
from app.targets import service as targets
from app.targets.rules import NOBODY
from app.targets.service import Metric, Reach, Target

if TYPE_CHECKING:
    from app.db import Database
    from tests.support.clock import SetClock

TEAM = UUID(int=7)


async def put(database: Database, clock: SetClock, target: Target) -> None:
    async with database.writing() as session:
        await targets.set_target(session, target, SYSTEM, now=clock.now())


async def test_a_target_set_again_replaces_the_first_and_both_are_on_the_trail(
    database: Database, clock: SetClock
) -> None:
    await put(database, clock, Target(Reach.TEAM, TEAM, Metric.CALLS, 80))
    await put(database, clock, Target(Reach.TEAM, TEAM, Metric.CALLS, 90))
    async with database.reading() as session:
        assert await targets.list_targets(session) == [Target(Reach.TEAM, TEAM, Metric.CALLS, 90)]
        trail = await session.execute(
            text("SELECT before, after FROM audit_events WHERE verb = 'set_target' ORDER BY at, id")
        )
        values = [(row.before["value"], row.after["value"]) for row in trail]
    assert sorted(values, key=lambda pair: pair[1]) == [(None, 80), (80, 90)]


@pytest.mark.parametrize(
    ("metric", "value"), [(Metric.CALLS, -1), (Metric.OCCUPANCY, 101), (Metric.WRAP_UP, 601)]
)
async def test_a_value_out_of_bounds_is_refused_by_name(
    database: Database, clock: SetClock, metric: Metric, value: int
) -> None:
    with pytest.raises(Invalid, match=metric) as refused:
        await put(database, clock, Target(Reach.ORGANISATION, NOBODY, metric, value))
    assert refused.value.field == "value"
