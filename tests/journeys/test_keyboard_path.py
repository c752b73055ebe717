"""Every page by keyboard alone (X2): Tab reaches every control and shows where it is, `?` lists the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.support import pages
from tests.support.desk import SOON
from tests.support.walking import walk

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

    from app.people.doors import Door
    from app.people.rules import Role
    from tests.support.floor import Floor

pytestmark = pytest.mark.timeout(240)


@pytest.mark.parametrize("door", pages.shown(), ids=lambda door: door.path)
async def test_x2_tab_reaches_every_control_of_a_page_and_the_list_of_keys_gives_the_focus_back(
    furnished: Floor, viewers: dict[Role | None, BrowserContext], door: Door
) -> None:
    page = await viewers[pages.viewer(door)].new_page()
    found = []
    for number, address in enumerate((await pages.addresses(furnished, door)).values()):
        answer = await page.goto(furnished.address + address)
        assert answer is not None
        if "text/html" not in answer.headers["content-type"]:
            continue
        await expect(page.locator("[data-state=LOADING]")).to_have_count(0, timeout=SOON)
        found += [f"{address}: {each}" for each in await walk(page)]
        if number == 0 and await page.get_by_test_id("open-shortcuts").count():
            await list_keys(page)  # pages of somebody signed in
    assert found == []
    await page.close()


async def list_keys(page: Page) -> None:
    """The list opens by its button and by its key, and the focus is where it was."""
    opener, keys = page.get_by_test_id("open-shortcuts"), page.get_by_test_id("shortcuts")
    await opener.focus()
    await page.keyboard.press("Enter")
    await expect(keys).to_be_visible(timeout=SOON)
    await expect(keys.locator("kbd").first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(keys).not_to_be_visible()
    await expect(opener).to_be_focused()
    await page.keyboard.press("Shift+Slash")
    await expect(keys).to_be_visible()
