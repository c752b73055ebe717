"""A house per module with an organisation of its own, and a browser; processes, pages and people are real."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.chromium import browser
from tests.support.desk import Desk, open_desk, sit_down
from tests.support.floor import LEAD, Floor, open_floor
from tests.support.furnishing import furnish
from tests.support.house import House
from tests.support.pages import open_viewers
from tests.support.wall import Wall, open_wall

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser, BrowserContext, Page

    from app.people.rules import Role


@pytest.fixture(scope="module")
def house(
    request: pytest.FixtureRequest,
    database_url: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """A module that names `SETTINGS` has its house run with them."""
    settings = getattr(request.module, "SETTINGS", {})
    with House(database_url, redis_url, tmp_path_factory.mktemp("house"), settings) as house:
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def floor(house: House) -> AsyncIterator[Floor]:
    """An organisation at ten in the morning, a team with an agent and a supervisor, ten people to call."""
    async with open_floor(house) as floor:
        yield floor


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_browser() -> AsyncIterator[Browser]:
    async with browser() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chromium(one_browser: Browser) -> AsyncIterator[Browser]:
    """The worker's browser; the windows that a module leaves open are closed behind it."""
    yield one_browser
    for window in one_browser.contexts:
        await window.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def furnished(floor: Floor) -> Floor:
    """A floor with something to show on every page."""
    await furnish(floor)
    return floor


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def viewers(
    furnished: Floor, chromium: Browser
) -> AsyncIterator[dict[Role | None, BrowserContext]]:
    """Whoever is needed to see every page of the furnished floor: see `tests/support/pages.py`."""
    async with open_viewers(furnished, chromium) as windows:
        yield windows


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy_floor(floor: Floor) -> Floor:
    """A floor whose one campaign has customers for the whole module, dialled a line at a time."""
    floor.load_people(60)
    await floor.open_campaign(lines=1)
    return floor


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def window(busy_floor: Floor, chromium: Browser) -> AsyncIterator[BrowserContext]:
    """The agent's window; a module may have another busy floor."""
    async with sit_down(busy_floor, chromium, busy_floor.agent) as window:
        yield window


@pytest_asyncio.fixture(loop_scope="session")
async def desk(busy_floor: Floor, window: BrowserContext) -> AsyncIterator[Desk]:
    """The agent's page at rest, a new one for each test."""
    desk = await open_desk(busy_floor, window)
    yield desk
    await desk.page.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seat(busy_floor: Floor, chromium: Browser) -> AsyncIterator[Desk]:
    """The agent's page at rest, one for all tests of a module: each goes on where the last one ended."""
    async with sit_down(busy_floor, chromium, busy_floor.agent) as window:
        yield await open_desk(busy_floor, window)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lead(busy_floor: Floor, chromium: Browser) -> AsyncIterator[Wall]:
    """The wall of who leads the agent's team."""
    await busy_floor.hire(LEAD, role="TEAM_LEAD")
    async with sit_down(busy_floor, chromium, LEAD) as window:
        yield await open_wall(busy_floor, window, "")


@pytest_asyncio.fixture(loop_scope="session")
async def page(floor: Floor, chromium: Browser) -> AsyncIterator[Page]:
    """The supervisor's own browser, new for each test."""
    async with sit_down(floor, chromium, floor.supervisor) as window:
        yield await window.new_page()
