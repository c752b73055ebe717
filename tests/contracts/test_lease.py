"""The lease of `dialer.fence.Lease` over PostgreSQL: one holder, a number that only grows (decisions.md 10)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.db import Database
from app.errors import Unavailable
from dialer.fence import Fenced
from dialer.fence_postgres import fenced
from dialer.lease import PostgresLease
from tests.support.rows import a_campaign, wipe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOW = 1_763_867_400_000


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def campaigns(database: Database) -> AsyncIterator[None]:
    await wipe(database)
    async with database.writing() as session:
        await a_campaign(session)
        await a_campaign(session)
    yield


def lease(database: Database, owner: str) -> PostgresLease:
    return PostgresLease(database, owner, lasts_ms=5_000)


async def test_one_holds_it_and_the_other_waits_for_its_end(database: Database) -> None:
    first, second = lease(database, "first"), lease(database, "second")
    assert await first.acquire(NOW) == 1
    assert await second.acquire(NOW + 4_999) is None
    assert await second.acquire(NOW + 5_000) == 2


async def test_renewing_keeps_it_and_tells_until_when(database: Database) -> None:
    first, second = lease(database, "first"), lease(database, "second")
    fence = await first.acquire(NOW)
    assert fence is not None
    assert await first.renew(fence, NOW + 4_000) == NOW + 9_000
    assert await second.acquire(NOW + 8_999) is None


async def test_a_holder_who_was_overtaken_is_fenced(database: Database) -> None:
    first, second = lease(database, "first"), lease(database, "second")
    old = await first.acquire(NOW)
    new = await second.acquire(NOW + 6_000)
    assert (old, new) == (1, 2)
    with pytest.raises(Fenced) as refusal:
        await first.renew(1, NOW + 6_001)
    assert (refusal.value.held, refusal.value.seen) == (1, 2)
    await first.release(1)
    assert await first.acquire(NOW + 6_002) is None  # the second one's lease was not touched


async def test_a_late_holder_whom_nobody_overtook_may_renew(database: Database) -> None:
    first = lease(database, "first")
    assert await first.acquire(NOW) == 1
    assert await first.renew(1, NOW + 60_000) == NOW + 65_000


async def test_giving_it_back_lets_the_next_one_in_at_once_with_a_higher_number(
    database: Database,
) -> None:
    first, second = lease(database, "first"), lease(database, "second")
    assert await first.acquire(NOW) == 1
    await first.release(1)
    assert await second.acquire(NOW + 1) == 2


async def test_the_same_owner_who_starts_again_gets_a_higher_number(database: Database) -> None:
    assert await lease(database, "first").acquire(NOW) == 1
    assert await lease(database, "first").acquire(NOW + 1) == 2


async def test_of_many_who_want_it_exactly_one_gets_it(database: Database) -> None:
    granted = await asyncio.gather(
        *(lease(database, f"dialer {n}").acquire(NOW) for n in range(15))
    )
    assert sorted(fence for fence in granted if fence is not None) == [1]


async def test_a_floor_without_a_campaign_is_led_all_the_same(database: Database) -> None:
    """Agents sign in before the first campaign is made."""
    await wipe(database)
    assert await lease(database, "first").acquire(NOW) == 1


async def test_a_write_under_an_old_number_is_refused_and_leaves_nothing(
    database: Database,
) -> None:
    assert await lease(database, "first").acquire(NOW) == 1
    assert await lease(database, "second").acquire(NOW + 6_000) == 2
    with pytest.raises(Fenced):
        async with fenced(database, 1) as session:
            await session.execute(text("UPDATE campaigns SET priority = 9"))
    async with fenced(database, 2) as session:
        assert await session.scalar(text("SELECT max(priority) FROM campaigns")) == 0


async def test_a_takeover_waits_for_a_write_under_way(database: Database) -> None:
    """No write of the old number can commit after the new one was granted."""
    assert await lease(database, "first").acquire(NOW) == 1
    order: list[str] = []
    writing = asyncio.Event()

    async def write() -> None:
        async with fenced(database, 1) as session:
            await session.execute(text("UPDATE campaigns SET priority = 1"))
            writing.set()
            await asyncio.sleep(0.3)
            order.append("written")

    async def take_over() -> None:
        await writing.wait()
        assert await lease(database, "second").acquire(NOW + 6_000) == 2
        order.append("taken over")

    await asyncio.gather(write(), take_over())
    assert order == ["written", "taken over"]


async def test_a_dialer_stopped_in_the_middle_of_a_write_does_not_block_the_next(
    database: Database,
) -> None:
    """Its transaction is ended by the database; what it had not committed never happened."""
    assert await lease(database, "first").acquire(NOW) == 1

    async def stopped() -> None:
        async with fenced(database, 1) as session:
            await session.execute(text("UPDATE campaigns SET priority = 5"))
            another = asyncio.create_task(lease(database, "second").acquire(NOW + 6_000))
            assert await another == 2
            await session.execute(text("UPDATE campaigns SET priority = 6"))

    with pytest.raises(Unavailable):
        await stopped()
    async with database.reading() as session:
        assert await session.scalar(text("SELECT max(priority) FROM campaigns")) == 0


async def test_a_database_that_does_not_answer_is_unavailable() -> None:
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable):
        await lease(nowhere, "first").acquire(NOW)
    await nowhere.close()
