"""What the suites over PostgreSQL begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from tests.support.bank import Bank, open_bank
from tests.support.journal import Room, open_room

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database


@pytest_asyncio.fixture(loop_scope="session")
async def bank(database: Database) -> AsyncIterator[Bank]:
    """An empty bank whose one campaign is led by us."""
    async with open_bank(database) as bank:
        yield bank


@pytest_asyncio.fixture(loop_scope="session")
async def room(database: Database) -> Room:
    """A room that has opened one call."""
    return await open_room(database)
