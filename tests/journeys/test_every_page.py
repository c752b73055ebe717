"""Every page there is, found by the site's own doors, in both languages and themes: nothing is wrong with it.

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

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

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
