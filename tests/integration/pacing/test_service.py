"""What was kept is read again: a second, an hour, a day; and goes by the day when its time is over."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest_asyncio
from sqlalchemy import text

from app.audit.rules import SYSTEM
from app.pacing import service as pacing
from app.retention import service as retention
from tests.support import rows
from tests.support.clock import START
from tests.support.house import House
from tests.support.paces import a_page
from tests.support.rows import an_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from uuid import UUID

    from app.db import Database

AT = datetime(2026, 11, 20, 3, 5, tzinfo=UTC)


@pytest_asyncio.fixture
async def books(database: Database) -> AsyncIterator[Database]:
    await rows.wipe(database)
    async with database.writing() as session:
        await session.execute(text("DELETE FROM pace_minutes"))
        await rows.an_organisation(session)
        await session.execute(
            text("SELECT ensure_days('pace_minutes', 'at', :first, 40)"),
            {"first": date(2026, 10, 20)},
        )
    yield database


async def keep(
    database: Database, campaign: UUID, at: datetime, fence: int = 1, **page: Any
) -> None:
    book = pacing.MinuteBook(campaign, at, fence)
    for n in range(60):
        book.add(n, a_page(answered=n, **page))
    async with database.writing() as session:
        await pacing.keep(session, [book.pack()])


async def test_a_second_says_what_was_seen_and_decided(books: Database) -> None:
    campaign = an_id()
    await keep(books, campaign, AT, idle=3, busy=4)
    async with books.reading() as session:
        found = await pacing.second(session, campaign, AT + timedelta(seconds=17.4))
        assert found is not None
        assert (found.at, found.page["answered"]) == (AT + timedelta(seconds=17), 17)
        assert (found.because, found.lines, len(found.page["seats"])) == ("AGENTS", 0, 7)
        assert await pacing.second(session, campaign, AT + timedelta(minutes=3)) is None
        assert await pacing.second(session, an_id(), AT) is None
        assert await pacing.last_kept(session, campaign) == AT
        assert await pacing.days(session, campaign, "Asia/Ho_Chi_Minh") == [date(2026, 11, 20)]


async def test_a_day_is_read_in_order_and_written_once(books: Database) -> None:
    campaign = an_id()
    for minute in (1, 0, 1):
        await keep(books, campaign, AT + timedelta(minutes=minute))
    await keep(books, an_id(), AT)
    async with books.reading() as session:
        ends = AT + timedelta(seconds=61)
        found = [each async for each in pacing.seconds(session, campaign, AT, ends)]
    assert [each.at for each in found] == [AT + timedelta(seconds=n) for n in range(61)]


async def test_of_a_minute_that_two_dialers_shared_the_newer_word_counts(books: Database) -> None:
    campaign = an_id()
    await keep(books, campaign, AT, fence=2, idle=5)
    await keep(books, campaign, AT, fence=1, idle=9)
    async with books.reading() as session:
        found = await pacing.second(session, campaign, AT)
    assert found is not None
    assert len(found.page["seats"]) == 5


async def test_an_hour_is_told_in_figures_up_to_the_running_minute(books: Database) -> None:
    campaign = an_id()
    for minute in (-61, -2, -1, 0):
        await keep(books, campaign, AT + timedelta(minutes=minute), idle=1, busy=3)
    async with books.reading() as session:
        found = await pacing.hour(session, campaign, AT + timedelta(seconds=30))
    assert list(found) == [AT - timedelta(minutes=2), AT - timedelta(minutes=1)]
    assert {minute.occupancy_pct for minute in found.values()} == {75.0}


async def test_paces_are_kept_for_thirty_days_and_go_by_the_day(books: Database) -> None:
    campaign = an_id()
    for days in (29, 32):
        await keep(books, campaign, START - timedelta(days=days))
    found = [each async for each in retention.forget(books, START, SYSTEM) if each.kind == "pacing"]
    assert {each.what: each.rows for each in found if each.rows} == {
        f"pace_minutes_p{START - timedelta(days=32):%Y%m%d}": 1
    }
    async with books.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM pace_minutes")) == 1
        told = await session.scalars(
            text("SELECT after->>'day' FROM audit_events WHERE entity_id = 'pacing' ORDER BY 1")
        )
        assert f"{START - timedelta(days=32):%Y-%m-%d}" in list(told)


async def test_the_command_tells_a_second_in_words_and_for_programs(
    books: Database, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with books.writing() as session:
        campaign = await rows.a_campaign(session, "Thẻ B3")
    await keep(books, campaign, AT, idle=3, busy=4)
    with House(database_url, redis_url, tmp_path / "house") as house:
        explain = partial(house.paceline, "pacing", "explain", "Thẻ B3", "--at")
        told = explain("2026-11-20T10:05:17").stdout
        assert "Thẻ B3 · 20/11/2026 10:05:17 (Asia/Ho_Chi_Minh)" in told
        assert "No line was opened: every agent is spoken for." in told
        assert "7 (3 free, 4 in calls)" in told
        vietnamese = explain("2026-11-20T10:05:17", "--language", "vi").stdout
        assert "Không mở dòng nào:" in vietnamese
        page = json.loads(explain("2026-11-20T10:05:17", "--json").stdout)
        assert (page["at"], page["answered"]) == ("2026-11-20T03:05:17+00:00", 17)
        refused = explain("2026-11-20T11:00:00", check=False)
        assert refused.returncode == 2
        assert "The newest minute that was kept: 20/11/2026 10:05:00." in refused.stderr


async def test_a_day_that_began_without_its_place_does_not_keep_the_others_from_theirs(
    books: Database,
) -> None:
    lone = datetime(2027, 3, 5, 4, tzinfo=UTC)
    await keep(books, an_id(), lone)
    async with books.writing() as session:
        made = await session.scalar(
            text("SELECT ensure_days('pace_minutes', 'at', :first, 3)"), {"first": date(2027, 3, 4)}
        )
    assert made == 2  # that of the fifth lies where it was caught
