"""What other tests lean on: a fresh database per module and a Valkey of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import redis.asyncio
from sqlalchemy import text

if TYPE_CHECKING:
    from app.db import Database


async def test_the_database_is_postgresql_18_and_its_own(database: Database) -> None:
    async with database.reading() as session:
        name = await session.scalar(text("SELECT current_database()"))
        version = await session.scalar(text("SHOW server_version_num"))
    assert str(name).startswith("test_shared_engines")
    assert int(str(version)) >= 150000


async def test_valkey_answers_and_is_empty(redis_url: str) -> None:
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
