"""Every page there is, found by the site's own doors, in Vietnamese and light and in English and dark.

Nothing is wrong with it, and it is worked by keyboard alone (X2): Tab reaches every control and shows where it is,
`?` lists the keys.

A new page is examined as soon as it has a door; one whose path has braces names its sample in
`tests/support/pages.py`, or the house test fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from app.people.rules import Role
from tests.support import pages
from tests.support.desk import SOON
from tests.support.eyes import examine, listen
from tests.support.walking import walk

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

    from app.people.doors import Door
    from tests.support.floor import Floor

DOORS = pages.shown()
LANGUAGES = pytest.mark.parametrize("language", ["vi", "en"])

pytestmark = pytest.mark.timeout(240)


@LANGUAGES
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
async def test_a_page_has_nothing_wrong(
    furnished: Floor, viewers: dict[Role | None, BrowserContext], door: Door, language: str
) -> None:
    window = viewers[pages.viewer(door)]
    await window.add_cookies([{"name": "language", "value": language, "url": furnished.address}])
    page = await window.new_page()
    heard, found = listen(page), []
    for number, (name, address) in enumerate((await pages.addresses(furnished, door)).items()):
        answer = await page.goto(furnished.address + address)
        assert answer is not None
        assert answer.status == 200
        if "text/html" not in answer.headers["content-type"]:
            continue  # for programs
        await expect(page.locator("[data-state=LOADING]")).to_have_count(0, timeout=SOON)
        found += await examine(page, f"page-{name}", language, other_theme=False)
        if language == "vi":
            found += [f"{address}: {each}" for each in await walk(page)]
        elif number == 0 and await page.get_by_test_id("open-shortcuts").count():
            await list_keys(page)  # pages of somebody signed in
    assert found + heard == []
    await page.close()


@LANGUAGES
async def test_what_is_refused_is_said_on_a_page_with_nothing_wrong(
    furnished: Floor, viewers: dict[Role | None, BrowserContext], language: str
) -> None:
    window = viewers[Role.AGENT]
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
