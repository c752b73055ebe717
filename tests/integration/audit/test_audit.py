"""The trail and its chain on real tables: decision 17, invariant 15, row S1-005."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.audit import service as audit
from app.audit import store
from app.audit.rules import Actor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database

NOW = datetime(2026, 11, 23, 3, 10, tzinfo=UTC)
LINH = Actor(id=uuid4(), role="SUPERVISOR", address="10.0.0.7")


@pytest_asyncio.fixture
async def trail(database: Database) -> AsyncIterator[Database]:
    """An empty trail before each test; triggers are set aside for that, as no user of ours can."""
    async with database.engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text("DELETE FROM audit_events"))
        await connection.execute(text("DELETE FROM audit_links"))
    yield database


async def record(database: Database, count: int, *, now: datetime = NOW) -> None:
    async with database.writing() as session:
        for number in range(count):
            audit.record(
                session,
                LINH,
                verb="changed",
                entity="campaign",
                entity_id=number,
                now=now + timedelta(milliseconds=number),
                before={"ratio": 1.0},
                after={"ratio": 1.2},
                reason="Tiếp cận thấp",
            )


async def chain(database: Database) -> int:
    async with database.writing() as session:
        return await audit.chain(session)


async def verify(database: Database) -> audit.Verdict:
    async with database.reading() as session:
        return await audit.verify(session)


async def tamper(database: Database, statement: str) -> None:
    """What only somebody with the superuser's rights could do."""
    async with database.engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text(statement))


@pytest.mark.req("S1-005")
async def test_trail_says_who_did_what_before_after_and_why(trail: Database) -> None:
    await record(trail, 1)
    async with trail.reading() as session:
        (row,) = await store.list_for(session, "campaign", "0")
    assert (row.actor_id, row.role, row.address) == (LINH.id, "SUPERVISOR", "10.0.0.7")
    assert (row.verb, row.before, row.after) == ("changed", {"ratio": 1.0}, {"ratio": 1.2})
    assert row.reason == "Tiếp cận thấp"
    assert row.at == NOW


async def test_record_of_work_that_failed_is_not_kept(trail: Database) -> None:
    with pytest.raises(RuntimeError):  # noqa: PT012 - the whole transaction must be inside
        async with trail.writing() as session:
            audit.record(session, LINH, verb="x", entity="y", entity_id=1, now=NOW)
            await session.flush()
            raise RuntimeError
    async with trail.reading() as session:
        assert await store.list_for(session, "y", "1") == []


@pytest.mark.req("S1-005")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET verb = 'other'",
        "DELETE FROM audit_events",
    ],
)
async def test_rows_can_be_neither_changed_nor_removed(trail: Database, statement: str) -> None:
    await record(trail, 1)
    with pytest.raises(DBAPIError):
        async with trail.writing() as session:
            await session.execute(text(statement))


async def test_chain_is_laid_afterwards_and_verifies(trail: Database) -> None:
    await record(trail, 7)
    assert await chain(trail) == 7
    assert await chain(trail) == 0
    await record(trail, 3, now=NOW + timedelta(hours=1))
    assert await chain(trail) == 3
    verdict = await verify(trail)
    assert verdict.whole
    assert verdict.links == 10
    assert list(verdict.heads) == [NOW.date()]


async def test_each_day_has_its_own_chain(trail: Database) -> None:
    await record(trail, 2)
    await record(trail, 2, now=NOW + timedelta(days=1))
    await chain(trail)
    verdict = await verify(trail)
    assert verdict.whole
    assert len(verdict.heads) == 2


async def test_two_layers_of_links_do_not_meet(trail: Database) -> None:
    import asyncio

    await record(trail, 40)
    laid = await asyncio.gather(*(chain(trail) for _ in range(4)))
    assert sum(laid) == 40
    verdict = await verify(trail)
    assert verdict.whole
    assert verdict.links == 40


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET verb = 'other' WHERE entity_id = '2'",
        "UPDATE audit_events SET after = '{\"ratio\": 9}' WHERE entity_id = '2'",
        "UPDATE audit_events SET reason = 'khác' WHERE entity_id = '2'",
        "UPDATE audit_events SET actor_id = NULL WHERE entity_id = '2'",
        "DELETE FROM audit_events WHERE entity_id = '2'",
        "DELETE FROM audit_links WHERE position = 3",
        "DELETE FROM audit_links WHERE position = 5",
        "UPDATE audit_links SET digest = 'x' WHERE position = 3",
    ],
)
async def test_tampering_shows(trail: Database, statement: str) -> None:
    await record(trail, 5)
    await chain(trail)
    await tamper(trail, statement)
    verdict = await verify(trail)
    assert not verdict.whole
    assert verdict.broken


async def test_erasing_the_personal_part_leaves_the_chain_whole(trail: Database) -> None:
    await record(trail, 3)
    await chain(trail)
    await tamper(
        trail,
        "UPDATE audit_events SET before = NULL, after = NULL, reason = NULL, address = NULL,"
        " salt = '' WHERE entity_id = '1'",
    )
    verdict = await verify(trail)
    assert verdict.whole
    assert verdict.erased == 1
