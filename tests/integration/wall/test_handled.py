"""The running sum of the day's calls equals a scan of the whole day, whatever is written and when."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest_asyncio
from sqlalchemy import text

from app.wall.handled import ANEW, SETTLED, HandledDay
from tests.support.clock import START
from tests.support.rows import an_id, an_organisation, insert, wipe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from uuid import UUID

    from app.db import Database

DAWN = START - timedelta(hours=2)
AGENTS = [an_id() for _ in range(4)]
SCAN = text(
    "SELECT agent_id, count(*) AS taken,"
    " avg(extract(epoch FROM wrapped_at - ended_at))::float AS wrap_s FROM calls"
    " WHERE created_at >= :since AND agent_id IS NOT NULL AND connected_at IS NOT NULL"
    " GROUP BY agent_id"
)


@dataclass
class Day:
    """Calls as a dialer writes them: opened, connected, ended, wrapped up, sometimes minutes late."""

    database: Database
    chance: random.Random
    running: HandledDay = field(default_factory=HandledDay)
    open: list[UUID] = field(default_factory=list)

    async def run(self, sql: str, **values: object) -> None:
        async with self.database.writing() as session:
            await session.execute(text(sql), values)

    async def a_call(self, now: datetime, **values: object) -> UUID:
        call = an_id()
        row = {"id": call, "created_at": now, "number": "+8450", "agent_id": None, **values}
        async with self.database.writing() as session:
            await insert(session, "calls", **row)
        return call

    async def something(self, now: datetime) -> None:
        if self.open and self.chance.random() < 0.6:
            call = self.open.pop(self.chance.randrange(len(self.open)))
            late = timedelta(seconds=self.chance.randrange(int(SETTLED.total_seconds())))
            await self.run(
                "UPDATE calls SET ended_at = :ended, wrapped_at = :wrapped WHERE id = :call",
                call=call, ended=now - late - timedelta(seconds=20), wrapped=now - late,
            )  # fmt: skip
            return
        spoken = self.chance.random() < 0.7
        agent = self.chance.choice([*AGENTS, None])
        call = await self.a_call(now, connected_at=now if spoken else None, agent_id=agent)
        if spoken and agent is not None:
            self.open.append(call)

    async def agrees(self, now: datetime, since: datetime = DAWN) -> None:
        async with self.database.reading() as session:
            told = await self.running.read(session, since, now)
            rows = (await session.execute(SCAN, {"since": since})).all()
        assert {agent: one.calls for agent, one in told.items()} == {
            row.agent_id: row.taken for row in rows
        }
        for row in rows:
            counted = told[row.agent_id].wrap_s
            assert (counted is None) is (row.wrap_s is None)
            assert counted is None or abs(counted - row.wrap_s) < 1e-6


@pytest_asyncio.fixture(loop_scope="session")
async def day(database: Database) -> AsyncIterator[Day]:
    await wipe(database)
    async with database.writing() as session:
        await an_organisation(session)
    yield Day(database, random.Random(7))


async def test_the_sum_carried_on_is_the_sum_of_the_day(day: Day) -> None:
    now = START
    for _ in range(120):
        for _ in range(day.chance.randrange(3)):
            await day.something(now)
        await day.agrees(now)
        now += timedelta(seconds=day.chance.choice([3, 3, 20, 90]))


async def test_a_new_day_begins_with_nothing(day: Day) -> None:
    await day.a_call(START, connected_at=START, agent_id=AGENTS[0])
    await day.agrees(START)
    tomorrow = START + timedelta(days=1)
    await day.agrees(tomorrow, since=tomorrow)


async def test_what_was_written_very_late_is_counted_within_the_hour(day: Day) -> None:
    await day.agrees(START)
    ended = START - timedelta(minutes=40)
    await day.a_call(
        ended, connected_at=ended, agent_id=AGENTS[1], ended_at=ended, wrapped_at=ended
    )
    await day.agrees(START + ANEW)
