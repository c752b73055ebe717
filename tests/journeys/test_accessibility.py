"""No serious finding of axe on any page, state, theme and language; the main path by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.chromium import person
from tests.support.desk import CALL, SOON, Desk, same_person, sit_down
from tests.support.eyes import examine
from tests.support.people import PASSWORD
from tests.support.wall import open_wall

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
LANGUAGES = pytest.mark.parametrize("language", ["vi", "en"])

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy_floor(floor: Floor) -> Floor:
    """A floor that dials a line at a time, and a wall that shows a second campaign."""
    floor.load_people(60)
    await floor.open_campaign(lines=2, wrapup_s=30)
    await floor.open_campaign("Vay tiêu dùng 1–90 ngày", "dpd 1..90")
    floor.house.paceline("campaign", "pause", "Vay tiêu dùng 1–90 ngày")
    await floor.hire("hoa", "nga", "tu", "seen-vi", "seen-en")
    return floor


@LANGUAGES
async def test_the_sign_in_page_has_no_serious_fault(
    busy_floor: Floor, chromium: Browser, language: str
) -> None:
    page = await (await person(chromium, language=language)).new_page()
    await page.goto(f"{busy_floor.address}/login?lang={language}")
    found = await examine(page, "login", language)
    await page.get_by_test_id("login-username").fill("nobody")
    await page.get_by_test_id("login-password").fill("nothing at all")
    await page.get_by_test_id("login-submit").click()
    await expect(page.get_by_test_id("login-error")).to_be_visible(timeout=SOON)
    found += await examine(page, "login-refused", language)
    assert found == []
    await page.context.close()


@LANGUAGES
async def test_ad19_the_desk_has_no_serious_fault_in_any_state(
    busy_floor: Floor, chromium: Browser, language: str
) -> None:
    who = busy_floor.agent if language == "vi" else busy_floor.colleague
    async with (
        sit_down(busy_floor, chromium, who) as window,
        same_person(busy_floor, chromium, window, language=language) as own,
    ):
        desk = Desk(busy_floor, await own.new_page())
        await desk.load()
        await desk.speak(language)
        await desk.in_state("NOT_READY")
        found = await examine(desk.page, "desk-not-ready", language)
        await desk.settle()
        found += await examine(desk.page, "desk-paused", language)
        await desk.page.keyboard.press("Alt+R")
        await desk.page.keyboard.press("Alt+P")
        found += await examine(desk.page, "desk-break-menu", language)
        await desk.page.keyboard.press("Escape")
        await desk.in_state("IN_CALL", CALL)
        found += await examine(desk.page, "desk-in-call", language)
        await desk.page.keyboard.press("Alt+1")
        await expect(desk.at("promise-form")).to_be_visible()
        found += await examine(desk.page, "desk-promise", language)
        await desk.page.keyboard.press("Escape")
        if await desk.known() == "IN_CALL":
            await desk.hang_up()
        await desk.in_state("WRAP_UP")
        found += await examine(desk.page, "desk-wrap-up", language)
        await desk.page.keyboard.press("Shift+?")
        await expect(desk.page.locator("dialog[open]")).to_be_visible()
        found += await examine(desk.page, "desk-keys", language)
        await desk.page.keyboard.press("Escape")
        await desk.settle()
        assert found == []


@LANGUAGES
async def test_the_wall_has_no_serious_fault(
    busy_floor: Floor, chromium: Browser, language: str
) -> None:
    async with (
        sit_down(busy_floor, chromium, f"seen-{language}"),  # somebody is there to be seen
        sit_down(busy_floor, chromium, busy_floor.supervisor) as window,
        same_person(busy_floor, chromium, window, language=language) as own,
    ):
        wall = await open_wall(busy_floor, own)
        await expect(wall.at("campaign").first).to_be_visible(timeout=SOON)
        found = await examine(wall.page, "wall-campaigns", language)
        await wall.show("agents")
        await expect(wall.at("agent").first).to_be_visible(timeout=SOON)
        found += await examine(wall.page, "wall-agents", language)
        await wall.at("shape-tiles").click()
        found += await examine(wall.page, "wall-tiles", language)
        assert found == []


@pytest.mark.req("S0b-030", "S0b-032")
async def test_ad19_a_call_ends_with_a_promise_by_keyboard_alone(
    busy_floor: Floor, chromium: Browser
) -> None:
    page = await (await person(chromium)).new_page()
    await page.goto(f"{busy_floor.address}/login")
    press = page.keyboard.press
    await page.keyboard.type("tu")
    await press("Tab")
    await page.keyboard.type(PASSWORD)
    await press("Enter")
    desk = Desk(busy_floor, page)
    await desk.in_state("NOT_READY")
    await press("Alt+R")
    await desk.in_state("IN_CALL", CALL)
    await press("1")
    await expect(desk.at("promise-amount")).to_be_focused()
    for _ in range(await desk.at("compliance").locator("input").count()):
        await page.wait_for_timeout(200)  # the key is held back for 150 ms
        await press("Alt+C")
    await press("Enter")
    await expect(desk.at("saved")).to_have_attribute("data-saved", "saved", timeout=SOON)
    if await desk.known() == "IN_CALL":
        await desk.hang_up()
    await desk.in_state("WRAP_UP")
    call = await desk.call()
    await press("Control+Enter")
    await busy_floor.until(
        "SELECT 1 FROM promises p JOIN actions a ON a.id = p.action_id WHERE a.call_id = :call",
        call=call,
    )
    await page.context.close()


@LANGUAGES
async def test_the_desk_that_waits_for_a_call_has_no_serious_fault(
    busy_floor: Floor, chromium: Browser, language: str
) -> None:
    await busy_floor.nobody_called()
    async with (
        sit_down(busy_floor, chromium, "hoa" if language == "vi" else "nga") as window,
        same_person(busy_floor, chromium, window, language=language) as own,
    ):
        desk = Desk(busy_floor, await own.new_page())
        await desk.load()
        await desk.go_ready()
        found = await examine(desk.page, "desk-ready", language)
        assert await desk.known() == "READY"
        assert found == []
