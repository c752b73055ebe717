"""An agent who speaks by his page on a real Asterisk: what he and the customer hear, and after a reload.

Sound is proved by sound: the browser's microphone is one tone, the customer is another, and each end is
asked what it heard. Where no Asterisk is built all of it is skipped.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support import axe
from tests.support.calling import tones_of
from tests.support.chromium import shoot
from tests.support.sitting import SOON, Seat
from tests.support.voices import (
    AGENT,
    cut_off,
    open_spoken_floor,
    speaking_browser,
    speaking_page,
    until_heard,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from tests.support.asterisk import Lab
    from tests.support.floor import Floor

CUSTOMER, MUSIC = 440, 220
DESK_PHONE = "PJSIP/phones-"
PART_S = 1.2


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def floor(
    lab: Lab, database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Floor]:
    """A floor whose calls go over Asterisk, with customers for the whole module."""
    folder = tmp_path_factory.mktemp("spoken")
    async with open_spoken_floor(lab, database_url, redis_url, folder, 30) as floor:
        yield floor


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the browser's microphone lies."""
    return tmp_path_factory.mktemp("voices")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def speaking(voices: Path) -> AsyncIterator[Browser]:
    """A browser with a microphone."""
    async with speaking_browser(voices) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(floor: Floor, speaking: Browser) -> Page:
    """The agent's page: signed in, its telephone on the line."""
    page = await speaking_page(speaking)
    await floor.sign_in(page, floor.agent)
    return page


@pytest.fixture
def seat(floor: Floor, page: Page) -> Seat:
    return Seat(floor, page, floor.agent)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def colleague(floor: Floor, speaking: Browser) -> Seat:
    """Somebody else at his page, who takes no calls."""
    page = await speaking_page(speaking)
    await floor.sign_in(page, floor.colleague)
    return Seat(floor, page, floor.colleague)


async def talking(seat: Seat) -> str:
    """The agent in a call; its id. The first Ready of a page looks for the headset."""
    await seat.page.keyboard.press("Alt+R")
    asked = '[data-testid=phone-check][open], [data-testid=desk]:not([data-state="NOT_READY"])'
    await seat.page.wait_for_selector(asked, timeout=SOON)
    go = seat.part("phone-check-go")
    if await go.is_visible():
        await expect(go).to_be_enabled(timeout=SOON)
        assert await axe.faults(seat.page) == []
        await shoot(seat.page, "phone-check")
        await go.click()
    return await seat.in_call()


async def heard_by_customer(seat: Seat, lab: Lab, call: str) -> list[int]:
    """The tones that the customer of this call heard, in their order; known when it is over."""
    ended = "SELECT number FROM calls WHERE id = CAST(:id AS uuid) AND ended_at IS NOT NULL"
    (row,) = await seat.floor.until(ended, id=call)
    party = f"300440{str(row['number']).removeprefix('+')}"
    await until(lambda: party not in lab.console("pstn", "core show channels concise"))
    return [tone for tone in tones_of(lab.heard(party), (CUSTOMER, MUSIC, AGENT)) if tone]


async def until(so: Callable[[], bool]) -> None:
    """Wait for what nothing tells of."""
    async with asyncio.timeout(SOON / 1000):
        while not await asyncio.to_thread(so):  # noqa: ASYNC110 - as it says
            await asyncio.sleep(0.2)


async def speaks_again(seat: Seat) -> None:
    """Wait until the dialer's call to this page is answered, and the room knows it."""
    await on_the_line(seat)
    async with asyncio.timeout(SOON / 1000):
        while (await seat.card())["voice"] != "UP":  # noqa: ASYNC110 - the card is read from the page
            await asyncio.sleep(0.1)


async def test_agent_and_customer_hear_each_other_but_for_mute_and_hold(
    seat: Seat, lab: Lab
) -> None:
    call = await talking(seat)
    await until_heard(seat.page, CUSTOMER)
    await asyncio.sleep(PART_S)
    await seat.part("mute").click()
    await expect(seat.part("muted")).to_be_visible(timeout=SOON)
    await until_heard(seat.page, CUSTOMER)  # he is muted, not deaf
    await asyncio.sleep(PART_S)
    await seat.part("mute").click()
    await expect(seat.part("muted")).to_be_hidden(timeout=SOON)
    await asyncio.sleep(PART_S)
    await seat.part("hold").click()
    await seat.reach("HELD")
    await until_heard(seat.page, 0)
    await asyncio.sleep(PART_S)
    await seat.part("hold").click()
    await seat.reach("IN_CALL")
    await until_heard(seat.page, CUSTOMER)
    await seat.finish()
    assert await heard_by_customer(seat, lab, call) == [AGENT, AGENT, MUSIC, AGENT]


async def test_a_reload_leads_back_to_the_same_customer_within_eight_seconds(
    seat: Seat, lab: Lab
) -> None:
    call = await talking(seat)
    await until_heard(seat.page, CUSTOMER)
    await asyncio.sleep(PART_S)
    await seat.page.reload()
    async with asyncio.timeout(8):
        await seat.reach("IN_CALL")
        await until_heard(seat.page, CUSTOMER)
    assert await seat.in_call() == call
    await asyncio.sleep(PART_S)
    await seat.finish()
    heard = await heard_by_customer(seat, lab, call)
    assert (heard[0], heard[-1]) == (AGENT, AGENT)
    assert MUSIC in heard


async def test_a_network_that_is_gone_for_six_seconds_costs_six_seconds_of_silence(
    seat: Seat, lab: Lab, voices: Path
) -> None:
    call = await talking(seat)
    await until_heard(seat.page, CUSTOMER)
    with cut_off(voices):
        await asyncio.sleep(6)
    await until_heard(seat.page, CUSTOMER)
    assert await seat.in_call() == call
    await asyncio.sleep(PART_S)
    await seat.finish()
    heard = await heard_by_customer(seat, lab, call)
    assert MUSIC not in heard
    assert (heard[0], heard[-1]) == (AGENT, AGENT)


async def test_a_network_that_is_gone_for_twenty_seconds_costs_the_call_and_nobody_hangs(
    seat: Seat, lab: Lab, voices: Path
) -> None:
    call = await talking(seat)
    await until_heard(seat.page, CUSTOMER)
    with cut_off(voices):
        await asyncio.sleep(20)
    await seat.reach("NOT_READY")
    await speaks_again(seat)  # by itself
    card = await seat.card()
    assert (card["reason"], card["call"]) == ("AUDIO_LOST", None)
    assert (await heard_by_customer(seat, lab, call))[:2] == [AGENT, MUSIC]


async def on_the_line(seat: Seat) -> None:
    """Wait until the dialer's call to this page is answered."""
    await expect(seat.part("phone-state")).to_have_attribute("data-talking", "true", timeout=SOON)


async def test_who_chooses_his_desk_phone_is_rung_there_and_by_his_page_again(
    colleague: Seat, lab: Lab
) -> None:
    await on_the_line(colleague)
    assert not any(DESK_PHONE in line for line in lab.channels())
    await colleague.part("phone-desk").click()
    await expect(colleague.part("phone-page")).to_be_visible(timeout=SOON)
    await until(lambda: any(DESK_PHONE in line for line in lab.channels()))
    await colleague.part("phone-page").click()
    await on_the_line(colleague)
    assert not any(DESK_PHONE in line for line in lab.channels())


async def test_an_asterisk_that_was_killed_finds_the_pages_on_the_line_again(
    colleague: Seat, lab: Lab
) -> None:
    await on_the_line(colleague)
    state = colleague.part("phone-state")
    lab.kill("pbx")
    await expect(state).to_have_attribute("data-state", "LOST", timeout=SOON)
    lab.start()
    await expect(state).to_have_attribute("data-state", "REGISTERED", timeout=SOON)
    await speaks_again(colleague)
