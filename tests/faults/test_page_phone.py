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

from tests.support.calling import tones_of
from tests.support.chromium import shoot
from tests.support.floor import open_floor
from tests.support.house import House
from tests.support.sitting import SOON, Seat
from tests.support.voices import AGENT, speaking_browser, speaking_page, until_heard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from tests.support.asterisk import Lab
    from tests.support.floor import Floor

CUSTOMER, MUSIC = 440, 220
DESK_PHONE = "PJSIP/phones-"
PART_S = 1.2
ANSWERS = "PJSIP/300440{digits}@carrier"  # whoever is rung picks up and says 440 Hz


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def floor(
    lab: Lab, database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Floor]:
    """A floor whose calls go over Asterisk, with customers for the whole module."""
    told = {name: value for name, value in lab.told.items() if name.startswith("PACELINE_")}
    settings = {**told, "PACELINE_ARI_DIAL": ANSWERS}
    with House(database_url, redis_url, tmp_path_factory.mktemp("spoken"), settings) as house:
        async with open_floor(house) as floor:
            floor.load_people(30)
            await floor.open_campaign(lines=1)
            yield floor


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def speaking(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """A browser with a microphone."""
    async with speaking_browser(tmp_path_factory.mktemp("voices")) as started:
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
        await shoot(seat.page, "phone-check")
        await go.click()
    return await seat.in_call()


async def heard_by_customer(seat: Seat, lab: Lab, call: str) -> list[int]:
    """The tones that the customer of this call heard, in their order; known when it is over."""
    row = await seat.floor.one("SELECT number FROM calls WHERE id = CAST(:id AS uuid)", id=call)
    number = str(row["number"]).removeprefix("+")
    assert await lab.until_quiet(number) == []
    return [
        tone for tone in tones_of(lab.heard(f"300440{number}"), (CUSTOMER, MUSIC, AGENT)) if tone
    ]


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
    async with asyncio.timeout(20):
        while not any(DESK_PHONE in line for line in lab.channels()):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.2)
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
    await on_the_line(colleague)
    assert (await colleague.card())["voice"] == "UP"
