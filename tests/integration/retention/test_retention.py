"""Real months are dropped when their time is over, and never before the law lets them go."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.audit import service as audit
from app.audit.rules import SYSTEM, Actor
from app.errors import Invalid
from app.retention import service as retention
from app.retention.rules import KINDS
from tests.support import rows
from tests.support.clock import START
from tests.support.house import House

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.db import Database
    from app.retention.service import Forgotten

NOW = START
OLD = datetime(2024, 2, 10, tzinfo=UTC)  # 33 months before
ADMIN = Actor(id=UUID(int=7), role="ADMIN")


@pytest_asyncio.fixture
async def bank(database: Database) -> AsyncIterator[Database]:
    """An organisation, and the months of two years with one row in each kind that is old and one that is not."""
    await rows.wipe(database)
    async with database.writing() as session:
        await session.execute(text("DELETE FROM retention_terms"))
        await session.execute(text("DELETE FROM audit_links"))
        await rows.an_organisation(session)
        for kind in KINDS.values():
            if kind.by_month:
                await session.execute(
                    text("SELECT ensure_months(:table, :first, 40)"),
                    {"table": kind.table, "first": date(2024, 1, 1)},
                )
    yield database


async def a_call(database: Database, at: datetime, customer: UUID | None = None) -> UUID:
    identifier = rows.an_id()
    async with database.writing() as session:
        await rows.insert(
            session, "calls", id=identifier, created_at=at, number="+84912345678", state="ENDED",
            ended_at=at, customer_id=customer,
        )  # fmt: skip
    return identifier


async def count(database: Database, table: str) -> int:
    async with database.reading() as session:
        return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


async def exists(database: Database, table: str) -> bool:
    async with database.reading() as session:
        return await session.scalar(text("SELECT to_regclass(:name)"), {"name": table}) is not None


async def forget(database: Database, **more: Any) -> list[Forgotten]:
    return [each async for each in retention.forget(database, NOW, SYSTEM, **more)]


def of(found: list[Forgotten], kind: str) -> dict[str, tuple[int, str | None]]:
    return {each.what: (each.rows, each.kept) for each in found if each.kind == kind}


async def test_a_month_goes_as_a_whole_when_its_last_day_is_old_enough(bank: Database) -> None:
    await a_call(bank, OLD)
    young = await a_call(bank, NOW - timedelta(days=3))
    # 730 days before 23 November 2026 is 23 November 2024: that month is not over yet.
    edge = await a_call(bank, datetime(2024, 11, 1, tzinfo=UTC))
    gone = of(await forget(bank), "calls")
    assert gone["calls_p202402"] == (1, None)
    assert "calls_p202410" in gone
    assert "calls_p202411" not in gone
    assert not await exists(bank, "calls_p202402")
    assert await exists(bank, "calls_p202411")
    async with bank.reading() as session:
        left = set(await session.scalars(text("SELECT id FROM calls")))
    assert left == {young, edge}


async def test_a_dry_run_tells_the_same_and_changes_nothing(bank: Database) -> None:
    await a_call(bank, OLD)
    told = await forget(bank, dry_run=True)
    assert of(told, "calls")["calls_p202402"] == (1, None)
    assert await count(bank, "calls") == 1
    async with bank.reading() as session:
        trail = await session.scalar(
            text("SELECT count(*) FROM audit_events WHERE entity = 'retention'")
        )
    assert trail == 0
    assert of(await forget(bank), "calls") == of(told, "calls")
    assert await forget(bank) == []


async def test_what_is_let_go_stands_in_the_trail(bank: Database) -> None:
    await a_call(bank, OLD)
    await forget(bank)
    async with bank.reading() as session:
        told = await session.execute(
            text(
                "SELECT verb, after FROM audit_events WHERE entity = 'retention'"
                " AND entity_id = 'calls' AND after->>'month' = '2024-02'"
            )
        )
        (row,) = told.all()
    assert (row.verb, row.after["rows"]) == ("forgot", 1)


async def test_the_trail_goes_by_the_month_and_its_chain_stays_whole(bank: Database) -> None:
    old = datetime(2021, 5, 6, tzinfo=UTC)
    async with bank.writing() as session:
        await session.execute(
            text("SELECT ensure_months('audit_events', :first, 1)"), {"first": date(2021, 5, 1)}
        )
        for at in (old, NOW):
            audit.record(session, SYSTEM, verb="did", entity="x", entity_id=1, now=at)
    async with bank.writing() as session:
        assert await audit.chain(session) == 2
    async with bank.reading() as session:
        last = (await audit.verify(session)).heads[date(2021, 5, 6)]
    assert of(await forget(bank), "audit") == {"audit_events_p202105": (1, None)}
    async with bank.writing() as session:
        await audit.chain(session)
    async with bank.reading() as session:
        verdict = await audit.verify(session)
        told = await session.scalar(
            text("SELECT after->>'last_digest' FROM audit_events WHERE entity_id = 'audit'")
        )
    assert verdict.whole, verdict.broken
    assert date(2021, 5, 6) not in verdict.heads
    assert told == last


async def test_where_the_law_counts_from_the_last_call_a_worked_customer_is_kept(
    bank: Database,
) -> None:
    old = datetime(2023, 3, 1, tzinfo=UTC)
    customer = rows.an_id()
    async with bank.writing() as session:
        await session.execute(text("UPDATE organisations SET legal_profile = 'US'"))
        await session.execute(
            text("SELECT ensure_months('calls', :first, 2)"), {"first": date(2023, 3, 1)}
        )
        await rows.insert(
            session, "attempts", id=rows.an_id(), at=NOW - timedelta(days=30),
            business_on=NOW.date(), customer_id=customer, allowed=True,
        )  # fmt: skip
    await a_call(bank, old, customer)
    await a_call(bank, old + timedelta(days=31), rows.an_id())
    gone = of(await forget(bank), "calls")
    rows_kept, why = gone["calls_p202303"]
    assert rows_kept == 1
    assert why is not None
    assert "1006.100" in why
    assert gone["calls_p202304"] == (1, None)
    assert "calls_p202402" not in gone  # three years, not the two of our default
    assert await exists(bank, "calls_p202303")


async def test_rows_that_no_month_claimed_go_one_by_one(bank: Database) -> None:
    await a_call(bank, datetime(2009, 1, 1, tzinfo=UTC))
    assert await count(bank, "calls_pdefault") == 1
    assert of(await forget(bank), "calls")["calls"] == (1, None)
    assert await count(bank, "calls_pdefault") == 0


async def test_facts_go_when_they_were_told_and_waiting_ones_never(bank: Database) -> None:
    async with bank.writing() as session:
        for told in (NOW - timedelta(days=31), NOW - timedelta(days=29), None):
            await rows.insert(
                session, "outbox_facts", id=rows.an_id(), kind="x", body={"n": 1},
                recorded_at=OLD, relayed_at=told,
            )  # fmt: skip
    assert of(await forget(bank), "facts") == {"outbox_facts": (1, None)}
    assert await count(bank, "outbox_facts") == 2


async def test_a_callback_that_is_still_agreed_is_kept(bank: Database) -> None:
    async with bank.writing() as session:
        for state in ("SCHEDULED", "DONE"):
            await rows.insert(
                session, "callbacks", id=rows.an_id(), customer_id=rows.an_id(), at=OLD, state=state,
                created_at=OLD,
            )  # fmt: skip
    assert of(await forget(bank), "callbacks") == {"callbacks": (1, None)}


async def test_a_table_in_use_is_left_to_the_next_round(bank: Database) -> None:
    await a_call(bank, OLD)
    async with bank.writing() as other:
        await other.execute(text("LOCK TABLE calls IN ACCESS SHARE MODE"))
        held = of(await asyncio.create_task(forget(bank)), "calls")["calls_p202402"]
    assert held[1] is not None
    assert await exists(bank, "calls_p202402")
    assert of(await forget(bank), "calls")["calls_p202402"] == (1, None)


async def test_a_term_is_set_within_the_law_and_stands_in_the_trail(bank: Database) -> None:
    async with bank.writing() as session:
        await retention.keep(session, "calls", 200, ADMIN, NOW)
    async with bank.reading() as session:
        (term,) = [each for each in await retention.terms(session) if each.kind.name == "calls"]
        trail = await session.execute(
            text("SELECT actor_id, before, after FROM audit_events WHERE entity_id = 'calls'")
        )
        (row,) = trail.all()
    assert term.days == 200
    assert (row.actor_id, row.before, row.after) == (
        ADMIN.id,
        {"keep_days": 730},
        {"keep_days": 200},
    )
    for kind, days, field in (
        ("calls", 100, "days"),
        ("calls", 40_000, "days"),
        ("shoes", 9, "kind"),
    ):
        with pytest.raises(Invalid) as invalid:
            async with bank.writing() as session:
                await retention.keep(session, kind, days, ADMIN, NOW)
        assert invalid.value.field == field


async def test_every_table_in_parts_has_its_term(bank: Database) -> None:
    async with bank.reading() as session:
        parted = set(
            await session.scalars(text("SELECT relname FROM pg_class WHERE relkind = 'p'"))
        )
    assert parted == {*retention.PARTITIONED, *(table for table, _ in retention.DAILY)}


async def test_the_command_tells_and_then_does(
    bank: Database, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    await a_call(bank, OLD)
    with House(database_url, redis_url, tmp_path / "house") as house:
        assert "calls_p202402" in house.paceline("retention", "--dry-run").stdout
        assert await exists(bank, "calls_p202402")
        assert "own policy" in house.paceline("retention", "list").stdout
        assert house.paceline("retention", "keep", "calls", "5", check=False).returncode == 2
        house.paceline("retention", "keep", "calls", "400")
        assert "calls_p202402" in house.paceline("retention").stdout
    assert not await exists(bank, "calls_p202402")
