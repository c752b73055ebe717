"""The whole web process on real engines, and one signed-in browser per role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from app.main import Site
from app.people.rules import Role
from app.settings import load
from tests.support.clock import SetClock
from tests.support.people import a_team, a_user, an_organisation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database

PROXY = "https://proxy.example"
ROLES = tuple(role.value for role in Role if role is not Role.SYSTEM)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def users(database: Database) -> dict[str, UUID]:
    """One user per role, named after it, in one team; an `other` team beside it."""
    clock = SetClock(seed=3)
    await an_organisation(database, clock)
    team = await a_team(database, clock)
    found = {"team": team, "other": await a_team(database, clock, "Đội Hai")}
    for role in ROLES:
        name = role.lower()
        found[name] = await a_user(database, clock, name, role, team_id=team)
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(
    database_url: str, redis_url: str, tmp_path_factory: object, users: dict[str, UUID]
) -> AsyncIterator[Site]:
    """The application, started and ended as uvicorn does."""
    settings = load(
        {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "PACELINE_SECRET": "5" * 64,
            "PACELINE_STATE": "unused",
            "PACELINE_ORIGINS": PROXY,
        }
    )
    site = Site(settings)
    async with site.lifespan():
        redis = site.opened.house.redis
        yield site
    await redis.connection_pool.disconnect()
