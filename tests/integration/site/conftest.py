"""The whole web process on real engines, and one signed-in browser per role."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest_asyncio

from app.main import Site
from app.people.rules import Role
from app.settings import load
from realtime.broker_redis import RedisBroker
from realtime.redis_client import connect
from tests.support.browser import Browser
from tests.support.clock import SetClock
from tests.support.people import a_team, a_user, an_organisation
from tests.support.room import Room

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


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def room(site: Site, redis_url: str) -> AsyncIterator[Room]:
    """What the dialer would hear, and the cards that pages are shown."""
    redis = connect(redis_url)
    broker = RedisBroker(redis_url, redis)
    yield Room(redis, broker)
    await broker.close()
    await redis.aclose()


@asynccontextmanager
async def signed_in(site: Site, name: str) -> AsyncIterator[Browser]:
    """A browser of its own for who bears that name."""
    async with Browser(site) as browser:
        assert (await browser.sign_in(name)).status_code == 200
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def admin(site: Site) -> AsyncIterator[Browser]:
    async with signed_in(site, "admin") as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def supervisor(site: Site) -> AsyncIterator[Browser]:
    async with signed_in(site, "supervisor") as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lead(site: Site) -> AsyncIterator[Browser]:
    async with signed_in(site, "team_lead") as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def agent(site: Site) -> AsyncIterator[Browser]:
    async with signed_in(site, "agent") as browser:
        yield browser
