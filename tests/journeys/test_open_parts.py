"""What opens on the pages of the office: rows that unfold, dialogs, questions. Nothing is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.chromium import person
from tests.support.desk import SOON
from tests.support.eyes import examine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from tests.support.floor import Floor

LANGUAGES = pytest.mark.parametrize("language", ["vi", "en"])

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(floor: Floor, chromium: Browser) -> AsyncIterator[Page]:
    """An administrator's page; an agent is signed in and at his desk."""
    seat = await (await person(chromium)).new_page()
    await floor.sign_in(seat, floor.agent)
    await floor.hire("quan", role="ADMIN", team=None)
    page = await (await person(chromium)).new_page()
    await floor.sign_in(page, "quan")
    yield page
    await page.context.close()
    await seat.context.close()


async def visit(floor: Floor, page: Page, path: str, language: str) -> None:
    """Go to a page of the office in a language."""
    await page.context.add_cookies([{"name": "language", "value": language, "url": floor.address}])
    await page.goto(f"{floor.address}{path}")


@LANGUAGES
async def test_the_facts_of_a_session(floor: Floor, office: Page, language: str) -> None:
    await visit(floor, office, "/admin/sessions", language)
    up = office.locator("[data-testid=session][data-link=UP]").first
    await expect(up.get_by_test_id("rtt")).to_contain_text("ms", timeout=SOON)
    await up.locator("[data-more]").click()
    assert await examine(office, "sessions-more", language) == []


@LANGUAGES
async def test_the_choice_of_a_permission(floor: Floor, office: Page, language: str) -> None:
    await visit(floor, office, "/admin/roles", language)
    await office.locator('[data-cell="AGENT wall.view"]').click()
    await expect(office.get_by_test_id("cell-dialog")).to_be_visible(timeout=SOON)
    assert await examine(office, "roles-cell", language) == []


@LANGUAGES
async def test_a_question_before_somebody_is_shut_out(
    floor: Floor, office: Page, language: str
) -> None:
    await visit(floor, office, f"/admin/people/{floor.users[floor.colleague]}", language)
    await office.get_by_test_id("deactivate").click()
    await expect(office.locator("dialog[open]")).to_be_visible(timeout=SOON)
    assert await examine(office, "person-ask", language) == []


@LANGUAGES
async def test_a_form_that_is_wrong_says_where(floor: Floor, office: Page, language: str) -> None:
    await visit(floor, office, "/admin/scripts/pieces/SCRIPT.OVERDUE", language)
    await office.get_by_test_id("reference").locator("summary").first.click()
    await office.get_by_test_id("when").fill('{"field": "age", "op": ">", "value": 1}')
    await expect(office.get_by_test_id("preview-fault")).to_be_visible(timeout=SOON)
    await office.get_by_test_id("save").press("Enter")
    await expect(office.get_by_test_id("problem-when")).not_to_be_empty(timeout=SOON)
    assert await examine(office, "scripts-fault", language) == []
    office.once("dialog", lambda dialog: dialog.accept())  # leave without saving


@LANGUAGES
async def test_the_list_of_keys(floor: Floor, office: Page, language: str) -> None:
    await visit(floor, office, "/wall", language)
    await office.get_by_test_id("open-shortcuts").click()
    await expect(office.get_by_test_id("shortcuts")).to_be_visible(timeout=SOON)
    assert await examine(office, "wall-keys", language) == []
