"""Pacing's memory in a real Valkey moves with the lease; its lessons come from the written calls."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest_asyncio
import redis.asyncio

from app.curves import service as curves
from dialer.core.campaign import Mode
from dialer.core.lessons import taught
from dialer.lessons_postgres import ENOUGH_DIALS, PostgresLessons
from dialer.memory_redis import RedisMemory
from tests.support import rows
from tests.support.clock import START
from tests.support.dialer import CAMPAIGN
from tests.support.dialing import Rig, running, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from uuid import UUID

    from redis.asyncio import Redis

    from app.db import Database

DAY = timedelta(days=1)
NOW_MS = round(START.timestamp() * 1000)


@pytest_asyncio.fixture(loop_scope="session")
async def valkey(redis_url: str) -> AsyncIterator[Redis]:
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        await client.flushdb()
        yield client


async def test_the_memory_moves_with_the_lease(valkey: Redis) -> None:
    rig = Rig()
    rig.memory = RedisMemory(valkey)  # type: ignore[assignment] # the real store of the same contract
    rig.engine = rig.build()
    rig.campaign(mode=Mode.PREDICTIVE)
    rig.leads.fill(5)
    async with running(rig):
        await rig.seat()
        await until(lambda: rig.leads.opened)
        brain = rig.engine.floor.room.efforts[CAMPAIGN].brain
        await until(lambda: brain.seen > 0)
    seen = brain.seen
    rig.engine = rig.build()
    async with running(rig):
        await until(lambda: CAMPAIGN in rig.engine.floor.room.efforts)
        assert rig.engine.floor.room.efforts[CAMPAIGN].brain.seen >= seen
    await valkey.flushdb()
    rig.engine = rig.build()
    async with running(rig):
        await until(lambda: CAMPAIGN in rig.engine.floor.room.efforts)
        assert CAMPAIGN in rig.engine.floor.unschooled(), "Valkey has forgotten: it knows nothing"


async def a_past(database: Database, dials: int, people: int, at: datetime) -> UUID:
    """A campaign with so many dials at an instant, of which so many reached people."""
    await rows.wipe(database)
    async with database.writing() as session:
        await rows.an_organisation(session)
        campaign = rows.an_id()
        await rows.insert(session, "campaigns", id=campaign, name="C", created_at=START)
        for number in range(dials):
            rang, ended = at + timedelta(seconds=2), at + timedelta(seconds=24)
            spoken = {
                "answered_at": at + timedelta(seconds=9), "waiting_at": at + timedelta(seconds=10),
                "connected_at": at + timedelta(seconds=10), "answered_by_human": True,
                "wrapped_at": at + timedelta(seconds=40),
            }  # fmt: skip
            await rows.insert(
                session, "calls", id=rows.an_id(), created_at=at, number="+84500000001",
                campaign_id=campaign, dialing_at=at, ringing_at=rang, ended_at=ended,
                cause="COMPLETED" if number < people else "NO_ANSWER",
                **(spoken if number < people else {}),
            )  # fmt: skip
        await curves.learn(session, START)
    return campaign


async def test_a_brain_begins_with_this_hour_of_earlier_days(database: Database) -> None:
    campaign = await a_past(database, ENOUGH_DIALS, 60, START - DAY)
    lessons = await PostgresLessons(database).of(campaign, NOW_MS)
    brain = taught(lessons)
    assert brain.schooled
    rates = brain.curves.rates([], [], 25.0)
    assert rates.ring_live[7] > 5 * rates.ring_live[4]
    assert rates.wrap[16] > 5 * rates.wrap[4]


async def test_far_hours_count_only_while_this_one_has_taught_too_little(
    database: Database,
) -> None:
    far = START - DAY + timedelta(hours=5)
    campaign = await a_past(database, 10, 4, far)
    known = PostgresLessons(database)
    assert await known.of(campaign, NOW_MS) != []
    nobody = rows.an_id()
    assert await known.of(nobody, NOW_MS) == []
