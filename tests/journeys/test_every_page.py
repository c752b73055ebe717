"""Every page there is, found by the site's own doors, in both languages and themes: nothing is wrong with it.

A new page is examined as soon as it has a door; one whose path has braces names its sample in
`tests/support/pages.py`, or the house test fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from app.people.rules import Role
from tests.support import furnishing, pages
from tests.support.chromium import person
from tests.support.desk import SOON
from tests.support.eyes import examine, listen
from tests.support.floor import TEAM
from tests.support.people import a_team, a_user

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext

    from app.people.doors import Door
    from tests.support.floor import Floor

DOORS = pages.shown()
LANGUAGES = pytest.mark.parametrize("language", ["vi", "en"])

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def furnished(floor: Floor) -> Floor:
    """A floor with something to show on every page: people of every kind, customers, two campaigns."""
    floor.load_people(60)
    await floor.open_campaign()
    await floor.open_campaign("Vay tiêu dùng 1–90 ngày", "dpd 1..90")
    floor.house.paceline("campaign", "pause", "Vay tiêu dùng 1–90 ngày")
    await furnishing.treat(floor)
    await furnishing.write_a_trail(floor, await furnishing.a_cif(floor))
    team = await a_team(floor.database, floor.clock, TEAM)
    for number in range(24):
        await a_user(floor.database, floor.clock, f"nguoi{number:02d}", "AGENT", team_id=team)
    return floor


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def windows(
    furnished: Floor, chromium: Browser
) -> AsyncIterator[dict[Role | None, BrowserContext]]:
    """A window of each kind of viewer, and one of nobody."""
    opened: dict[Role | None, BrowserContext] = {None: await person(chromium)}
    for role in pages.VIEWERS:
        await a_user(furnished.database, furnished.clock, f"eyes-{role.lower()}", role)
        opened[role] = await person(chromium)
        page = await opened[role].new_page()
        await furnished.sign_in(page, f"eyes-{role.lower()}")
        await page.close()
    seat = await (await person(chromium)).new_page()  # somebody is there to be seen
    await furnished.sign_in(seat, furnished.colleague)
    yield opened
    for window in (*opened.values(), seat.context):
        await window.close()


@LANGUAGES
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
async def test_a_page_has_nothing_wrong(
    furnished: Floor, windows: dict[Role | None, BrowserContext], door: Door, language: str
) -> None:
    window = windows[pages.viewer(door)]
    await window.add_cookies([{"name": "language", "value": language, "url": furnished.address}])
    page = await window.new_page()
    heard, found = listen(page), []
    for name, address in (await pages.addresses(furnished, door)).items():
        answer = await page.goto(furnished.address + address)
        assert answer is not None
        assert answer.status == 200
        if "text/html" in answer.headers["content-type"]:  # the others are for programs
            await expect(page.locator("[data-state=LOADING]")).to_have_count(0, timeout=SOON)
            found += await examine(page, f"page-{name}", language)
    assert found + heard == []
    await page.close()


@LANGUAGES
async def test_what_is_refused_is_said_on_a_page_with_nothing_wrong(
    furnished: Floor, windows: dict[Role | None, BrowserContext], language: str
) -> None:
    window = windows[Role.AGENT]
    await window.add_cookies([{"name": "language", "value": language, "url": furnished.address}])
    page = await window.new_page()
    found = []
    for status, path in ((404, "/no/such/page"), (403, "/admin/roles")):
        answer = await page.goto(furnished.address + path)
        assert answer is not None
        assert answer.status == status
        found += await examine(page, f"page-refused-{status}", language)
    assert found == []
    await page.close()
