"""decisions.md 10: a dialer is stopped past its lease, another takes over, and the first goes on.

Each of its writes, dials and reservations is refused from its first breath on.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import pytest_asyncio
import redis.asyncio
from sqlalchemy import text

from app.clock import Clock
from dialer.core.records import AgentChanged
from dialer.journal_postgres import PostgresJournal
from dialer.leads import Opened
from dialer.leads_postgres import PostgresLeads
from dialer.lease import PostgresLease
from dialer.reservations_redis import RedisReservations
from tests.support.old_dialer import AGENT
from tests.support.rows import a_campaign, a_debtor, a_lead, an_organisation, wipe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database

ROOT = Path(__file__).parents[2]
DEEDS = {"write", "dial", "reserve", "renew"}
PEOPLE = 400


@pytest_asyncio.fixture(loop_scope="session")
async def campaign(database: Database) -> UUID:
    """Legal profile NONE: the time of day at which the tests run must not matter."""
    await wipe(database)
    async with database.writing() as session:
        await an_organisation(session, legal_profile="NONE")
        made = await a_campaign(session, settings={"windows": [{"from": "00:00", "to": "24:00"}]})
        for _ in range(PEOPLE):
            await a_lead(session, made, await a_debtor(session))
    return made


@asynccontextmanager
async def old_dialer(database_url: str, redis_url: str, campaign: UUID) -> AsyncIterator[Process]:
    told = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "CAMPAIGN": str(campaign)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.old_dialer",
        cwd=ROOT, env={**os.environ, **told}, stdout=PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def line(process: Process) -> tuple[str, str]:
    """The next line that the process says."""
    assert process.stdout is not None
    async with asyncio.timeout(30):
        words = (await process.stdout.readline()).decode().split()
    assert len(words) == 2, words
    return words[0], words[1]


async def until_each_was_done(process: Process) -> None:
    done: set[str] = set()
    while done != DEEDS:
        what, how = await line(process)
        assert how == "done", (what, how)
        done.add(what)


async def said_so_far(process: Process) -> None:
    """Drain what it said before it was stopped."""
    while True:
        try:
            async with asyncio.timeout(0.3):
                assert process.stdout is not None
                await process.stdout.readline()
        except TimeoutError:
            return


async def take_over(database: Database) -> int:
    """As a dialer in waiting does: ask until the lease has run out."""
    lease, clock = PostgresLease(database, "the new one", lasts_ms=60_000), Clock()
    async with asyncio.timeout(30):
        while (fence := await lease.acquire(clock.now_ms())) is None:  # noqa: ASYNC110 - nobody tells it
            await asyncio.sleep(0.1)
    return fence


@pytest.mark.req("P0-003")
async def test_a_dialer_that_was_stopped_past_its_lease_is_refused_in_everything(
    database: Database, database_url: str, redis_url: str, campaign: UUID
) -> None:
    clock = Clock()
    async with old_dialer(database_url, redis_url, campaign) as process:
        _, old = await line(process)
        await until_each_was_done(process)
        process.send_signal(signal.SIGSTOP)
        await said_so_far(process)

        new = await take_over(database)
        assert new == int(old) + 1
        await work_as_the_new_one(database, redis_url, campaign, new)
        before = await everything(database)

        process.send_signal(signal.SIGCONT)
        met: dict[str, set[str]] = {deed: set() for deed in DEEDS}
        for _ in range(24):
            what, how = await line(process)
            met[what].add(how)
        # The deed in which it was stopped may end in a broken connection; none ends in success.
        assert all(how <= {"fenced", "away"} for how in met.values()), met
        assert all("fenced" in how for how in met.values()), met
        assert await everything(database) == before
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        agents = RedisReservations(client)
        assert not await agents.reserve(
            AGENT, UUID(int=0xC2), now_ms=clock.now_ms(), until_ms=clock.now_ms() + 10, fence=new
        )


async def work_as_the_new_one(
    database: Database, redis_url: str, campaign: UUID, fence: int
) -> None:
    """One of each deed, under the new number."""
    clock = Clock()
    now_ms = clock.now_ms()
    told = AgentChanged(
        agent=AGENT, at_ms=now_ms, status="PAUSED", reason="LUNCH", state="IDLE", link="UP",
        call=None, campaign=None, because="AGENT",
    )  # fmt: skip
    await PostgresJournal(database, clock).write([told], now_ms, fence)
    leads = PostgresLeads(database, clock)
    (lead,) = await leads.reserve(campaign, 1, now_ms, fence)
    opened = await leads.open(lead, now_ms, fence)
    assert isinstance(opened, Opened)
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        assert await RedisReservations(client).reserve(
            AGENT, opened.call, now_ms=now_ms, until_ms=now_ms + 600_000, fence=fence
        )


async def everything(database: Database) -> list[int]:
    """How much of each thing there is."""
    async with database.reading() as session:
        row = (
            await session.execute(
                text(
                    "SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM attempts),"
                    " (SELECT count(*) FROM agent_state_changes), (SELECT count(*) FROM customer_locks),"
                    " (SELECT count(*) FROM leads WHERE state = 'PENDING'),"
                    " (SELECT max(fence) FROM leads)"
                )
            )
        ).one()
    return list(row)
