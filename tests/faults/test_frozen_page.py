"""A pop that nobody received goes to the next agent (decisions.md 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.support.chromium import person
from tests.support.floor import CAMPAIGN

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_RECEIPT_WAIT_MS": "600"}
SOON = 30_000.0  # ms


async def get_ready(floor: Floor, chromium: Browser, username: str) -> Page:
    page = await (await person(chromium)).new_page()
    await floor.sign_in(page, username)
    desk = page.get_by_test_id("desk")
    await expect(desk).to_have_attribute("data-state", "NOT_READY", timeout=SOON)
    await page.keyboard.press("Alt+R")
    await expect(desk).to_have_attribute("data-state", "READY", timeout=SOON)
    return page


@pytest.mark.timeout(180)
async def test_a_frozen_page_loses_the_call_to_the_next_agent_within_its_own_limit(
    floor: Floor, chromium: Browser
) -> None:
    floor.load_people()
    floor.start_campaign()
    floor.house.paceline("campaign", "pause", CAMPAIGN)
    await floor.limit_lines(1)  # one call at a time: the other agent is free to take it
    frozen = await get_ready(floor, chromium, floor.agent)
    awake = await get_ready(floor, chromium, floor.colleague)
    debugger = await frozen.context.new_cdp_session(frozen)
    await debugger.send("Debugger.enable")

    floor.house.paceline("campaign", "start", CAMPAIGN)
    await debugger.send("Debugger.pause")  # while phones ring, before a heartbeat is missed

    await expect(awake.get_by_test_id("desk")).to_have_attribute(
        "data-state", "IN_CALL", timeout=SOON
    )
    (call,) = await floor.until(
        "SELECT pops_unacknowledged, agent_id, abandoned, painted_at IS NOT NULL AS painted FROM calls"
        " WHERE pops_unacknowledged > 0 AND painted_at IS NOT NULL"
    )
    assert call["agent_id"] == floor.users[floor.colleague]
    assert not call["abandoned"]
    lost = await floor.all(
        "SELECT 1 FROM agent_state_changes WHERE agent_id = :agent AND link = 'LOST'",
        agent=floor.users[floor.agent],
    )
    assert lost, "the agent whose page is frozen is out of routing"

    await debugger.send("Debugger.resume")
    await expect(frozen.get_by_test_id("desk")).not_to_have_attribute(
        "data-state", "IN_CALL", timeout=SOON
    )
    shown = (await frozen.get_by_test_id("zone-a").inner_text()).lower()
    assert not any(name in shown for name in floor.names)
    await floor.nothing_left()
