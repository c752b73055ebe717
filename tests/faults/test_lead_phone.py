"""Two real browsers on a real Asterisk, an agent's and his lead's: who hears whom, by tones (MO2, MO7).

The agent is muted throughout and the customer held in between, so that whoever hears somebody hears one tone.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.calling import tones_of
from tests.support.floor import LEAD
from tests.support.sitting import SOON, Seat
from tests.support.voices import (
    AGENT,
    open_spoken_floor,
    speaking_browser,
    speaking_page,
    until_heard,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

    from tests.support.asterisk import Lab
    from tests.support.floor import Floor

CUSTOMER, MUSIC, LEADER = 440, 220, 1_600
PART_S = 1.2


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def floor(
    lab: Lab, database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Floor]:
    """A floor whose calls go over Asterisk."""
    folder = tmp_path_factory.mktemp("led")
    async with open_spoken_floor(lab, database_url, redis_url, folder, 10) as floor:
        yield floor


@pytest_asyncio.fixture(loop_scope="session")
async def seat(floor: Floor, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Seat]:
    """The agent at his page."""
    async with speaking_browser(tmp_path_factory.mktemp("agent"), AGENT) as started:
        page = await speaking_page(started)
        await floor.sign_in(page, floor.agent)
        yield Seat(floor, page, floor.agent)


@pytest_asyncio.fixture(loop_scope="session")
async def lead(floor: Floor, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Page]:
    """His lead at the page of live calls."""
    await floor.hire(LEAD, role="TEAM_LEAD")
    async with speaking_browser(tmp_path_factory.mktemp("lead"), LEADER) as started:
        page = await speaking_page(started)
        await floor.sign_in(page, LEAD)
        await page.goto(f"{floor.address}/monitor")
        yield page


async def talking(seat: Seat) -> str:
    """The agent in a call; its id. The first Ready of a page looks for the headset."""
    await seat.page.keyboard.press("Alt+R")
    go = seat.part("phone-check-go")
    await expect(go).to_be_enabled(timeout=SOON)
    await go.click()
    return await seat.in_call()


async def step(lead: Page, mode: str) -> None:
    """Into the call in this mode, and there."""
    await lead.get_by_test_id(f"do-{mode}").click()
    if mode in {"BARGE", "TAKE_OVER"}:
        await lead.get_by_test_id("ask-yes").click()
    own = lead.get_by_test_id("own-mode")
    await expect(own).to_have_attribute("data-mode", mode, timeout=SOON)
    await expect(own).to_have_attribute("data-heard", "true", timeout=SOON)


@pytest.mark.req("P0-005")
async def test_a_lead_listens_whispers_joins_and_takes_over_by_his_page(
    seat: Seat, lead: Page, lab: Lab
) -> None:
    call = await talking(seat)
    await seat.part("mute").click()
    await expect(seat.part("muted")).to_be_visible(timeout=SOON)
    await lead.get_by_test_id("call").click()
    await step(lead, "LISTEN")
    await until_heard(lead, CUSTOMER)
    await seat.part("hold").click()
    await seat.reach("HELD")
    await until_heard(seat.page, 0)
    await step(lead, "WHISPER")
    await until_heard(seat.page, LEADER)
    await step(lead, "LISTEN")
    await until_heard(seat.page, 0)
    await seat.part("hold").click()
    await seat.reach("IN_CALL")
    await step(lead, "BARGE")
    await asyncio.sleep(PART_S)
    await step(lead, "TAKE_OVER")
    await seat.reach("WRAP_UP")
    await until_heard(lead, CUSTOMER)
    await until_heard(seat.page, 0)
    await lead.get_by_test_id("leave").click()
    row = await seat.floor.one("SELECT number FROM calls WHERE id = CAST(:id AS uuid)", id=call)
    number = str(row["number"]).removeprefix("+")
    assert await lab.until_quiet(number) == []
    told = tones_of(lab.heard(f"300440{number}"), (CUSTOMER, MUSIC, AGENT, LEADER))
    assert [tone for tone in told if tone][-2:] == [MUSIC, LEADER]
