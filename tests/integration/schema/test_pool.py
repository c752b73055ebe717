"""Connections to PostgreSQL: one for each task, and who waits too long for his is refused in time to be told."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from app.db import Database
from app.people.answers import engine_is_away


async def test_who_waits_longer_than_is_of_use_is_told_that_the_engine_is_away(
    database_url: str,
) -> None:
    database = Database(database_url, pool_size=1, wait_seconds=0.05)
    async with AsyncExitStack() as held:
        for _ in range(2):  # the pool and its overflow
            await held.enter_async_context(database.engine.connect())
        session = await held.enter_async_context(database.reading())
        with pytest.raises(NoConnection) as refused:
            await session.execute(text("SELECT 1"))
    assert engine_is_away(refused.value)
    await database.close()


async def test_a_task_that_holds_a_connection_is_refused_a_second_one(database: Database) -> None:
    async with database.writing():
        with pytest.raises(RuntimeError, match="holds a connection"):
            async with database.reading():
                pass
    async with database.reading() as session:
        assert await session.scalar(text("SELECT 1")) == 1


async def test_many_tasks_get_theirs_in_turn(database: Database) -> None:
    async def ask(number: int) -> int:
        async with database.reading() as session:
            return int(await session.scalar(text("SELECT CAST(:n AS int)"), {"n": number}))

    assert await asyncio.gather(*map(ask, range(100))) == list(range(100))


async def test_who_only_reads_cannot_write(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(DBAPIError, match="read-only"):
            await session.execute(text("CREATE TABLE not_here (id int)"))
    async with database.writing() as session:  # the same connection, for a writer
        await session.execute(text("CREATE TEMPORARY TABLE here (id int) ON COMMIT DROP"))


async def test_a_connection_that_the_server_closed_is_left(database_url: str) -> None:
    database = Database(database_url, pool_size=1)
    async with database.reading() as session:
        process = await session.scalar(text("SELECT pg_backend_pid()"))
        driver = (await (await session.connection()).get_raw_connection()).driver_connection
    other = Database(database_url)
    async with other.writing() as session:
        await session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": process})
    assert driver is not None
    for _ in range(1_000):
        if driver.is_closed():
            break
        await asyncio.sleep(0.01)
    async with database.reading() as session:
        assert await session.scalar(text("SELECT pg_backend_pid()")) != process
    await other.close()
    await database.close()
