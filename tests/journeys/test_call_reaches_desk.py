"""The main job: a file becomes a call on an agent's screen and its outcome is in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.support.chromium import person

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.support.floor import Floor

SOON = 20_000.0  # ms


@pytest.mark.req("S0b-002", "S0b-008", "S0b-015")
async def test_a_file_becomes_a_call_and_its_outcome_is_stored(
    floor: Floor, chromium: Browser
) -> None:
    floor.load_people()
    floor.start_campaign()
    window = await person(chromium)
    page = await window.new_page()
    await floor.sign_in(page, floor.agent)
    desk = page.get_by_test_id("desk")
    await expect(desk).to_have_attribute("data-state", "NOT_READY", timeout=SOON)
    await page.keyboard.press("Alt+R")
    await expect(desk).to_have_attribute("data-state", "IN_CALL", timeout=SOON)

    name = await page.get_by_test_id("customer-name").first.inner_text()
    assert name.strip().lower() in floor.names
    await expect(page.get_by_test_id("dpd")).to_contain_text("45")

    await page.keyboard.press("9")
    await expect(desk).to_have_attribute("data-state", "WRAP_UP", timeout=60_000)
    await page.keyboard.press("Control+Enter")
    await expect(desk).not_to_have_attribute("data-state", "WRAP_UP", timeout=SOON)

    outcome = await floor.one(
        "SELECT a.leaf, c.painted_at IS NOT NULL AS painted, c.connected_at IS NOT NULL AS connected,"
        " c.published_at >= c.assigned_at AS published"
        " FROM actions a JOIN calls c ON c.id = a.call_id WHERE a.user_id IS NOT NULL"
    )
    assert outcome == {
        "leaf": "HUNG_UP_BEFORE_ID",
        "painted": True,
        "published": True,
        "connected": True,
    }
    await window.close()
