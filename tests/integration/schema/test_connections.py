"""One connection for one task: where many wait for a second one, nobody gets on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

if TYPE_CHECKING:
    from app.db import Database


async def test_a_task_that_holds_a_connection_is_refused_a_second_one(database: Database) -> None:
    async with database.writing():
        with pytest.raises(RuntimeError, match="holds a connection"):
            async with database.reading():
                pass
    async with database.reading() as session:
        assert await session.scalar(text("SELECT 1")) == 1


async def test_many_tasks_get_theirs_in_turn(database: Database) -> None:
    async def ask(number: int) -> int | None:
        async with database.reading() as session:
            return await session.scalar(text("SELECT CAST(:n AS int)"), {"n": number})

    assert await asyncio.gather(*map(ask, range(100))) == list(range(100))
