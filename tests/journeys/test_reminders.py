"""Reminders of agreed calls: the list between calls, the inbox at Alt+B, and putting one off."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.support.chromium import shoot
from tests.support.desk import SOON, Desk, sit_down
from tests.support.eyes import examine
from tests.support.rows import an_id, insert

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.support.floor import Floor

pytestmark = pytest.mark.timeout(240)


async def look(desk: Desk, language: str) -> list[str]:
    """What is wrong with the list between calls, and with the inbox, which stays open."""
    await expect(desk.at("reminders").locator("li[data-state]")).to_have_count(2)
    found = await examine(desk.page, "desk-reminders", language)
    await desk.page.keyboard.press("Alt+B")
    await expect(desk.at("inbox-row")).to_have_count(2)
    return found + await examine(desk.page, "desk-inbox", language)


@pytest.mark.req("S0a-042")
async def test_a_reminder_is_put_off_in_the_inbox_and_the_inbox_is_empty_at_first(
    floor: Floor, chromium: Browser
) -> None:
    floor.load_people(10)
    async with sit_down(floor, chromium, floor.agent) as window:
        desk = Desk(floor, await window.new_page())
        await desk.load()
        await desk.in_state("NOT_READY")
        await desk.page.keyboard.press("Alt+B")
        await expect(desk.at("inbox-empty")).to_be_visible()
        await desk.page.keyboard.press("Escape")

        customer = (await floor.all("SELECT id FROM customers LIMIT 1"))[0]["id"]
        now = floor.clock.now()
        async with floor.database.writing() as session:
            for minutes, state in ((3, "SCHEDULED"), (-20, "MISSED")):
                await insert(
                    session, "callbacks", id=an_id(), customer_id=customer, state=state,
                    user_id=floor.users[floor.agent], at=now + timedelta(minutes=minutes),
                    created_at=now,
                )  # fmt: skip
        await expect(desk.at("reminders")).to_contain_text("đã lỡ hẹn", timeout=SOON)
        await expect(desk.at("reminders").locator("li[data-state]")).to_have_count(2)
        async with desk.in_english():
            found = await look(desk, "en")
        found += await look(desk, "vi")
        assert found == []
        await desk.at("snooze-HOUR").nth(1).press("Enter")
        row = desk.at("inbox-row").nth(1)
        await expect(row).to_have_attribute("data-snoozed", "true", timeout=SOON)
        await expect(row).to_contain_text("nhắc lại")
        await desk.at("inbox-seen").first.press("Enter")
        await expect(desk.at("inbox-row")).to_have_count(1, timeout=SOON)
        await shoot(desk.page, "inbox-snoozed")
        await desk.page.keyboard.press("Escape")
        await expect(desk.at("reminders").locator("li[data-state]")).to_have_count(0)
        await expect(desk.at("open-inbox")).to_contain_text("(1)")
