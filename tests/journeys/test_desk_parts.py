"""What opens on the desk, and what the desk says when something is amiss: nothing is wrong with it to look at.

Escape closes what opens, and the focus is where it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from realtime.broker import Card, encode_value
from realtime.broker_redis import RedisBroker
from realtime.redis_client import connect
from tests.support.chromium import DESK, person
from tests.support.desk import CALL, SOON, Desk, same_person, sit_down
from tests.support.eyes import examine
from tests.support.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
LANGUAGES = ("vi", "en")
MESSAGE = "Chị đang vội: xác nhận số tiền trước, rồi mới hỏi ngày."

# What opens by a key during a call, and what is then there.
OPENED = (
    ("Alt+P", "pause-menu"),
    ("Alt+A", "help-menu"),
    ("Alt+Q", "template-menu"),
    ("Alt+O", "objection-search"),
    ("Alt+I", "promise-form"),
    ("Alt+K", "callback-form"),
    ("Alt+Minus", "tree-search"),
)

pytestmark = pytest.mark.timeout(300)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy(floor: Floor) -> Floor:
    """A floor whose campaign has customers for the whole module, dialled a line at a time."""
    floor.load_people(80)
    await floor.open_campaign(lines=1, wrapup_s=15)
    return floor


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=LANGUAGES)
async def desk(
    request: pytest.FixtureRequest, busy: Floor, chromium: Browser
) -> AsyncIterator[Desk]:
    """A desk in each language, each of another agent."""
    language: str = request.param
    who = busy.agent if language == "vi" else busy.colleague
    async with (
        sit_down(busy, chromium, who) as window,
        same_person(busy, chromium, window, language=language) as own,
    ):
        desk = Desk(busy, await own.new_page())
        await desk.load()
        await desk.speak(language)
        await desk.settle()
        yield desk


async def look(desk: Desk, name: str) -> list[str]:
    """What is wrong with the desk as it stands."""
    language = await desk.page.locator("html").get_attribute("lang")
    assert language
    return await examine(desk.page, f"desk-{name}", language)


async def look_wide(desk: Desk) -> list[str]:
    """What is wrong with it on the largest screen that banks buy."""
    await desk.page.set_viewport_size({"width": 1920, "height": 1080})
    found = await look(desk, "wide")
    await desk.page.set_viewport_size(DESK)
    return found


async def again(desk: Desk) -> None:
    """A key is held back for half a second after it was pressed."""
    await desk.page.wait_for_timeout(520)


async def tell(desk: Desk, user: str, name: str, value: object) -> None:
    """Put a card on the desk, whoever else would."""
    redis = connect(desk.floor.house.redis_url)
    broker = RedisBroker(desk.floor.house.redis_url, redis)
    card = Card(name, None if value is None else encode_value(value))
    await broker.publish(f"agent:{desk.floor.users[user]}", [card])
    await broker.close()
    await redis.aclose()


async def test_what_opens_in_a_call_closes_on_escape_and_gives_the_focus_back(desk: Desk) -> None:
    await desk.take_call()
    found = await look_wide(desk)
    for key, part in OPENED:
        await desk.at("customer-name").focus()
        await desk.page.keyboard.press(key)
        await expect(desk.at(part)).to_be_visible(timeout=SOON)
        found += await look(desk, part)
        await desk.page.keyboard.press("Escape")
        await expect(desk.at(part)).to_have_count(0)
        assert await desk.page.evaluate("document.activeElement !== document.body"), part
        await again(desk)
    assert found == []
    await desk.settle()


async def test_third_parties_messages_and_what_waits_are_seen_whole(desk: Desk) -> None:
    own = "minh" if await desk.page.locator("html").get_attribute("lang") == "vi" else "lan"
    await desk.take_call()
    message = {"id": "x1", "by": "Linh", "text": MESSAGE, "at": desk.floor.clock.now_ms()}
    await tell(desk, own, "coach:x1", message)
    await expect(desk.at("coach")).to_be_visible(timeout=SOON)
    found = await look(desk, "coach")
    await tell(desk, own, "coach:x1", None)
    await desk.page.keyboard.press("Alt+P")
    await desk.at("pause-LUNCH").press("Enter")
    await expect(desk.at("pending")).to_be_visible(timeout=SOON)
    await desk.page.keyboard.press("Alt+8")
    await expect(desk.at("chosen")).to_be_visible()
    found += await look(desk, "third-party")
    await desk.hang_up()
    await desk.in_state("WRAP_OVER", CALL)
    found += await look(desk, "wrap-over")
    assert found == []
    await desk.settle()


async def test_who_signs_in_elsewhere_is_asked_and_the_first_page_says_so(
    busy: Floor, desk: Desk, chromium: Browser
) -> None:
    language = await desk.page.locator("html").get_attribute("lang")
    assert language
    await desk.load()
    window = await person(chromium, language=language)
    page = await window.new_page()
    await page.goto(f"{busy.address}/login?lang={language}")
    await page.get_by_test_id("login-username").fill("minh" if language == "vi" else "lan")
    await page.get_by_test_id("login-password").fill(PASSWORD)
    await page.get_by_test_id("login-submit").click()
    await expect(page.get_by_test_id("take-over")).to_be_visible(timeout=SOON)
    found = await examine(page, "login-take-over", language)
    await page.get_by_test_id("take-over").click()
    await expect(desk.at("ended")).to_be_visible(timeout=SOON)
    found += await look(desk, "ended")
    assert found == []
    await window.close()
