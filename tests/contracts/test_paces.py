"""Minutes of pacing: one suite over the memory and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.pacing import service as pacing
from dialer.fence import Fenced
from dialer.lease import PostgresLease
from dialer.paces_postgres import PostgresPaces
from tests.support.dialer import START, uid
from tests.support.dialing import MemoryPaces
from tests.support.paces import a_page
from tests.support.rows import wipe

if TYPE_CHECKING:
    from app.db import Database
    from dialer.paces import Paces

AT = datetime.fromtimestamp(START / 1000, UTC)


def a_minute(fence: int) -> pacing.Packed:
    book = pacing.MinuteBook(uid(0xC1), AT, fence)
    book.add(0, a_page())
    return book.pack()


@pytest_asyncio.fixture
async def fence(database: Database) -> int:
    await wipe(database)
    async with database.writing() as session:
        await session.execute(text("DELETE FROM pace_minutes"))
    granted = await PostgresLease(database, "one", lasts_ms=5_000).acquire(START)
    assert granted is not None
    return granted


@pytest.mark.parametrize("kind", ["memory", "postgres"])
@pytest.mark.req("P0-003")
async def test_minutes_are_kept_and_none_is_nothing(
    database: Database, fence: int, kind: str
) -> None:
    paces: Paces = MemoryPaces() if kind == "memory" else PostgresPaces(database)
    await paces.keep([], fence)
    await paces.keep([a_minute(fence)], fence)
    if kind == "postgres":
        async with database.reading() as session:
            found = await pacing.second(session, uid(0xC1), AT)
        assert found is not None
        assert dict(found.page) == a_page()


async def test_an_old_dialer_writes_nothing(database: Database, fence: int) -> None:
    with pytest.raises(Fenced):
        await PostgresPaces(database).keep([a_minute(fence - 1)], fence - 1)
    async with database.reading() as session:
        assert await pacing.last_kept(session, uid(0xC1)) is None
