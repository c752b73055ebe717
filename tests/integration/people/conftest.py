"""A site to sign in at, the people who do, and a browser without a screen."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.browser import Browser
from tests.support.clock import SetClock
from tests.support.people import (
    RememberingFloor,
    a_team,
    a_user,
    an_organisation,
)
from tests.support.sign_in import a_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from starlette.applications import Starlette

    from app.db import Database


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> SetClock:
    """Other chance in each test: tokens are unique, and the tables are the module's."""
    return SetClock(seed=zlib.crc32(request.node.nodeid.encode()))


@pytest.fixture
def floor() -> RememberingFloor:
    return RememberingFloor()


@pytest.fixture
def site(database: Database, clock: SetClock, floor: RememberingFloor) -> Starlette:
    return a_site(database, clock, floor)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def users(database: Database) -> dict[str, UUID]:
    clock = SetClock(seed=2)
    await an_organisation(database, clock)
    team = await a_team(database, clock)
    other = await a_team(database, clock, "Đội Hai")
    return {
        "team": team,
        "other": other,
        "minh": await a_user(database, clock, "minh", "AGENT", team_id=team),
        "lan": await a_user(database, clock, "lan", "AGENT", team_id=team),
        "phuc": await a_user(database, clock, "phuc", "TEAM_LEAD", team_id=team),
        "linh": await a_user(database, clock, "linh", "SUPERVISOR"),
        "gone": await a_user(database, clock, "gone", "AGENT", active=False),
        "field": await a_user(database, clock, "field", "FIELD_AGENT"),
    }


@pytest_asyncio.fixture
async def browser(site: Starlette, users: dict[str, UUID]) -> AsyncIterator[Browser]:
    async with Browser(site) as browser:
        yield browser
