"""The page that answers why a customer was, or was not, called, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.desk import SOON, sit_down
from tests.support.furnishing import a_cif

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from tests.support.floor import Floor

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def dialled_floor(floor: Floor) -> Floor:
    """Nobody takes calls, so that nobody is dialled: what the verdict would be is derived."""
    floor.load_people()
    await floor.open_campaign()
    return floor


@pytest_asyncio.fixture(loop_scope="session")
async def page(dialled_floor: Floor, chromium: Browser) -> AsyncIterator[Page]:
    async with sit_down(dialled_floor, chromium, dialled_floor.supervisor) as own:
        page = await own.new_page()
        await page.goto(f"{dialled_floor.address}/explain")
        yield page


async def test_a_customer_is_found_by_keyboard_and_the_address_names_nobody(
    dialled_floor: Floor, page: Page
) -> None:
    cif = await a_cif(dialled_floor)
    await page.get_by_test_id("explain").focus()
    await page.keyboard.press("/")
    await page.keyboard.type(cif)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("explain-reasons")).to_be_visible(timeout=SOON)
    assert cif not in page.url
    await expect(page.get_by_role("heading", level=2)).to_contain_text(cif)
    looks = await dialled_floor.all("SELECT 1 FROM audit_events WHERE verb = 'explained'")
    assert len(looks) == 1


@pytest.mark.req("S0c-009")
async def test_at_night_the_rule_its_source_and_its_end_are_told_as_derived(
    dialled_floor: Floor, page: Page
) -> None:
    await page.get_by_test_id("explain-text").fill(await a_cif(dialled_floor))
    await page.get_by_test_id("explain-find").click()
    field = page.get_by_test_id("explain-at")
    day = (await field.input_value())[:10]
    await field.fill(f"{day}T23:30")
    await page.get_by_test_id("explain-ask").click()
    reason = page.get_by_test_id("explain-reasons").locator("li").first
    await expect(reason).to_have_attribute("data-why", "WOULD_REFUSE", timeout=SOON)
    await expect(reason).to_contain_text("43/2016")
    await expect(page.get_by_test_id("explain-free")).to_contain_text("08:00")
    await expect(field).to_have_value(f"{day}T23:30")


async def test_the_command_tells_the_same(dialled_floor: Floor) -> None:
    cif = await a_cif(dialled_floor)
    day = f"{dialled_floor.clock.now():%Y-%m-%d}"
    told = dialled_floor.house.paceline("explain", cif, "--at", f"{day}T23:30").stdout
    assert "Outside calling hours" in told
    assert "Circular" in told
    assert "derived" in told
    wrong = dialled_floor.house.paceline("explain", cif, "--at", "tomorrow", check=False)
    assert (wrong.returncode, "2026-11-23T10:05" in wrong.stderr) == (2, True)
    unknown = dialled_floor.house.paceline("explain", "KH-000", check=False)
    assert (unknown.returncode, "KH-000" in unknown.stderr) == (2, True)


async def test_a_number_that_nobody_has_is_said_and_what_was_typed_stays(page: Page) -> None:
    await page.get_by_test_id("explain-text").fill("KH-000")
    await page.get_by_test_id("explain-find").click()
    await expect(page.get_by_test_id("explain-fault")).to_be_visible(timeout=SOON)
    await expect(page.get_by_test_id("explain-text")).to_have_value("KH-000")


async def test_a_time_that_is_none_is_refused_beside_the_answer_for_now(
    dialled_floor: Floor, page: Page
) -> None:
    await page.get_by_test_id("explain-text").fill(await a_cif(dialled_floor))
    await page.get_by_test_id("explain-find").click()
    await expect(page.get_by_test_id("explain-reasons")).to_be_visible(timeout=SOON)
    answer = await page.goto(f"{page.url}?at=tomorrow")
    assert answer is not None
    assert answer.status == 422
    await expect(page.get_by_test_id("explain-fault")).to_be_visible()


async def test_an_agent_may_not_look(dialled_floor: Floor, chromium: Browser) -> None:
    async with sit_down(dialled_floor, chromium, dialled_floor.agent) as own:
        page = await own.new_page()
        answer = await page.goto(f"{dialled_floor.address}/explain")
        assert answer is not None
        assert answer.status == 403
