"""A wrong digit is put right within five minutes, from the page of an agent who waits for the next call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.support.chromium import shoot
from tests.support.desk import Desk
from tests.support.eyes import examine
from tests.support.floor import CAMPAIGN
from tests.support.sitting import CALL, SOON, sit_down

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
WRONG, RIGHT = "WRONG_NUMBER_INVALID", "HUNG_UP_BEFORE_ID"
ACTIONS = (
    "SELECT a.leaf, a.superseded, a.supersedes_id IS NOT NULL AS supersedes FROM actions a"
    " WHERE a.call_id = CAST(:call AS uuid) ORDER BY a.at"
)
BELIEVED = (
    "SELECT p.verification, c.leaf FROM calls c JOIN phones p ON p.id = c.phone_id"
    " WHERE c.id = CAST(:call AS uuid)"
)

pytestmark = pytest.mark.timeout(180)


async def test_a_wrong_digit_is_corrected_from_the_page_of_who_waits(
    floor: Floor, chromium: Browser
) -> None:
    floor.load_people(60)
    floor.start_campaign()
    seat = await sit_down(floor, chromium, floor.agent)
    await seat.ready()
    call = await seat.in_call()
    before = await floor.one(BELIEVED, call=call)
    floor.house.paceline("campaign", "pause", CAMPAIGN)  # the next call waits for the correction
    await seat.finish("0")
    assert await floor.one(BELIEVED, call=call) == {"verification": "WRONG_PARTY", "leaf": WRONG}

    await seat.reach("READY", within=CALL)
    await expect(seat.part("last-outcome")).to_contain_text("Sai số", timeout=SOON)
    found = await examine(seat.page, "desk-last-outcome", "vi")
    await seat.part("correct").click()
    assert found + await examine(seat.page, "desk-correcting", "vi") == []
    await seat.part("tree-search").fill("trước khi xác minh")
    await seat.part("tree-matches").locator(f"[data-leaf={RIGHT}]").click()
    await expect(seat.part("notice")).to_be_visible(timeout=SOON)
    await expect(seat.part("last-outcome")).not_to_contain_text("Sai số")

    await floor.until(ACTIONS.replace("ORDER", "AND a.supersedes_id IS NOT NULL ORDER"), call=call)
    assert await floor.all(ACTIONS, call=call) == [
        {"leaf": WRONG, "superseded": True, "supersedes": False},
        {"leaf": RIGHT, "superseded": False, "supersedes": True},
    ]
    after = await floor.one(BELIEVED, call=call)
    assert after == {"verification": before["verification"], "leaf": RIGHT}, "taken back with it"

    # And once more, after a reload, to an outcome that asks for statements: they are ticked now.
    await Desk(floor, seat.page).speak("en")
    await seat.reach("READY", "NOT_READY")
    found = await examine(seat.page, "desk-last-outcome", "en")
    await seat.part("correct").click()
    assert found + await examine(seat.page, "desk-correcting", "en") == []
    await seat.part("tree-search").fill("payment scheduled")
    await seat.part("tree-matches").locator("[data-leaf=PTP_SCHEDULED]").click()
    await expect(seat.part("promise-amount")).to_have_value(re.compile(r"\d"))
    await expect(seat.part("promise-day")).to_have_value(re.compile(r"\d\d/\d\d"))
    await seat.part("promise-amount").fill("2000000")
    await shoot(seat.page, "correction-ticks")
    for box in await seat.page.locator("[data-testid^=tick-]").all():
        await box.click()  # the last one sends it
    await floor.until(ACTIONS.replace("ORDER", "AND a.leaf = 'PTP_SCHEDULED' ORDER"), call=call)

    floor.house.paceline("campaign", "start", CAMPAIGN)
    assert await seat.in_call() != call
    await seat.finish()
    await floor.nothing_left()
