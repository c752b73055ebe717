"""Connections to PostgreSQL: who waits too long for one is refused in time to be told."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
from sqlalchemy.exc import TimeoutError as NoConnection

from app.db import Database
from app.people.answers import engine_is_away


async def test_who_waits_longer_than_is_of_use_is_told_that_the_engine_is_away(
    database_url: str,
) -> None:
    database = Database(database_url, pool_size=1, wait_seconds=0.05)
    async with AsyncExitStack() as held:
        for _ in range(2):  # the pool and its overflow
            await held.enter_async_context(database.reading())
        with pytest.raises(NoConnection) as refused:
            await held.enter_async_context(database.reading())
    assert engine_is_away(refused.value)
    await database.close()
