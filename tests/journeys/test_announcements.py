"""What those who lead write: announcements between calls, and the page of break reasons, by keyboard."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.axe import faults
from tests.support.chromium import shoot
from tests.support.desk import SOON, Desk, sit_down
from tests.support.eyes import examine
from tests.support.floor import ZONE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from tests.support.floor import Floor

ADMIN = "quan"

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(floor: Floor, chromium: Browser) -> AsyncIterator[Desk]:
    """An agent who has just sat down."""
    async with sit_down(floor, chromium, floor.agent) as window:
        desk = Desk(floor, await window.new_page())
        await desk.load()
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(floor: Floor, chromium: Browser) -> AsyncIterator[Page]:
    """The pages of an administrator."""
    await floor.hire(ADMIN, role="ADMIN", team=None)
    async with sit_down(floor, chromium, ADMIN) as window:
        yield await window.new_page()


@pytest.mark.req("S0c-027")
async def test_an_announcement_is_read_between_calls_and_confirmed(
    floor: Floor, desk: Desk, office: Page
) -> None:
    await office.goto(f"{floor.address}/admin/announcements")
    ends = floor.clock.now().astimezone(ZoneInfo(ZONE)) + timedelta(hours=3)
    await office.get_by_test_id("text_vi").fill("Họp đội lúc 16:00, tầng 5.")
    await office.get_by_test_id("text_en").fill("Team meeting at 16:00, 5th floor.")
    await office.get_by_test_id("announce").press("Enter")
    await expect(office.locator("#ends-problem")).not_to_be_empty()
    await office.get_by_test_id("ends").fill(ends.strftime("%Y-%m-%dT%H:%M"))
    await office.get_by_test_id("announce").press("Enter")
    await expect(office.get_by_test_id("readers")).to_contain_text("0 /")
    await shoot(office, "announcements")
    assert await faults(office) == []

    await desk.in_state("NOT_READY")
    await expect(desk.at("announcement")).to_contain_text("Họp đội lúc 16:00", timeout=SOON)
    found = await examine(desk.page, "desk-announcement", "vi")
    async with desk.in_english():
        await expect(desk.at("announcement")).to_contain_text("Team meeting at 16:00")
        assert found + await examine(desk.page, "desk-announcement", "en") == []
    await desk.page.keyboard.press("Alt+P")
    await desk.at("pause-SHORT").press("Enter")
    await desk.in_state("PAUSED")
    await expect(desk.at("announcement")).to_be_visible()
    await shoot(desk.page, "announcement-paused")
    await desk.at("announcement-read").press("Enter")
    await expect(desk.at("announcement")).to_have_count(0, timeout=SOON)
    await office.reload()
    await expect(office.get_by_test_id("readers")).to_contain_text("1 /")


@pytest.mark.req("S0b-014")
async def test_a_break_reason_is_added_and_changed_by_keyboard(floor: Floor, office: Page) -> None:
    await office.goto(f"{floor.address}/admin/breaks")
    await shoot(office, "breaks")
    assert await faults(office) == []
    await office.get_by_test_id("new-break").press("Enter")
    await office.get_by_test_id("code").fill("tea")
    await office.get_by_test_id("label_vi").fill("Uống trà")
    await office.get_by_test_id("label_en").fill("Tea")
    await office.get_by_test_id("max_seconds").fill("7.5")
    await office.keyboard.press("Enter")
    await expect(office.locator("#code-problem")).not_to_be_empty()
    await expect(office.get_by_test_id("code")).to_be_focused()
    await shoot(office, "break-refused")
    await office.get_by_test_id("code").fill("TEA")
    await office.keyboard.press("Enter")
    await expect(office.get_by_test_id("position")).to_be_visible()
    await office.get_by_test_id("needs_approval").press("Space")
    await office.get_by_test_id("save").press("Enter")
    await expect(office.get_by_test_id("saved")).not_to_be_empty()
    await shoot(office, "break")
    assert await faults(office) == []
    (row,) = await floor.all("SELECT * FROM break_reasons WHERE code = 'TEA'")
    assert (row["max_seconds"], row["needs_approval"], row["label_en"]) == (450, True, "Tea")
    await office.get_by_test_id("delete").press("Enter")
    await office.get_by_test_id("ask-yes").press("Enter")
    await expect(office.get_by_test_id("breaks")).to_be_visible()
    assert await floor.all("SELECT 1 FROM break_reasons WHERE code = 'TEA'") == []
