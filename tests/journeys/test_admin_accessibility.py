"""No serious finding of axe on the administration's pages, in both themes and languages; nothing clipped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.axe import faults
from tests.support.chromium import person, shoot, visible_text_below
from tests.support.desk import SOON
from tests.support.floor import TEAM
from tests.support.people import a_team, a_user

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from tests.support.floor import Floor

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SHOWN = {"vi": "light", "en": "dark"}  # which pictures are kept
SMALLEST = 14

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def staffed(floor: Floor) -> Floor:
    """People of every kind, so that lists have something to show."""
    team = await a_team(floor.database, floor.clock, TEAM)
    for name in ("quan-vi", "quan-en"):
        floor.users[name] = await a_user(floor.database, floor.clock, name, "ADMIN")
    for number in range(30):
        name = f"nguoi{number:02d}"
        floor.users[name] = await a_user(floor.database, floor.clock, name, "AGENT", team_id=team)
    return floor


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_the_administration_has_no_serious_fault(
    staffed: Floor, chromium: Browser, language: str
) -> None:
    seat = await (await person(chromium)).new_page()
    await staffed.sign_in(seat, staffed.agent if language == "vi" else staffed.colleague)
    window = await person(chromium, language=language)
    page = await window.new_page()
    await staffed.sign_in(page, f"quan-{language}")
    await window.add_cookies([{"name": "language", "value": language, "url": staffed.address}])
    found = []
    for name, path in (
        ("people", "/admin/people"),
        ("person", f"/admin/people/{staffed.users['nguoi00']}"),
        ("person-new", "/admin/people/new"),
        ("roles", "/admin/roles"),
        ("sessions", "/admin/sessions"),
    ):
        await page.goto(f"{staffed.address}{path}")
        found += await examine(page, name, language)
        assert await widest(page) <= 1366, name
    up = page.locator("[data-testid=session][data-link=UP]").first
    await expect(up.get_by_test_id("rtt")).to_contain_text("ms", timeout=SOON)
    await up.locator("[data-more]").click()
    found += await examine(page, "sessions-more", language)
    await page.goto(f"{staffed.address}/admin/roles")
    await page.locator('[data-cell="AGENT wall.view"]').click()
    await expect(page.get_by_test_id("cell-dialog")).to_be_visible(timeout=SOON)
    found += await examine(page, "roles-cell", language)
    assert found == []
    await window.close()
    await seat.context.close()


async def examine(page: Page, name: str, language: str) -> list[str]:
    """What axe finds in both themes, and what is set too small to read."""
    assert await page.locator("html").get_attribute("lang") == language
    assert "⟨" not in await page.locator("body").inner_text()
    found = [f"{name}: {text}" for text in await visible_text_below(page, SMALLEST)]
    for theme in THEMES:
        await page.emulate_media(color_scheme=theme)
        if SHOWN[language] == theme:
            await shoot(page, f"admin-{name}-{language}-{theme}")
        found += [f"{name}, {theme}: {fault}" for fault in await faults(page)]
    return found


async def widest(page: Page) -> int:
    """How far the page reaches to the right; parts with a scrollbar of their own count as they stand."""
    width: int = await page.evaluate("document.documentElement.scrollWidth")
    return width
