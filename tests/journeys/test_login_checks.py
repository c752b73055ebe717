"""The checks of signing in by their names in the design (LG1 and so on), each in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.support.chromium import person
from tests.support.desk import SOON, Desk
from tests.support.people import PASSWORD

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from tests.support.floor import Floor

pytestmark = pytest.mark.timeout(180)


async def open_login(floor: Floor, started: Browser) -> Page:
    """The form, in a browser that nobody used before."""
    page = await (await person(started)).new_page()
    await page.goto(f"{floor.address}/login")
    return page


async def type_in(page: Page, username: str, password: str) -> None:
    """Fill in the form and send it with the pointer."""
    await page.get_by_test_id("login-username").fill(username)
    await page.get_by_test_id("login-password").fill(password)
    await page.get_by_test_id("login-submit").click()


@pytest.mark.req("S0a-029")
@pytest.mark.parametrize(("who", "where"), [("lan", "/desk"), ("linh", "/wall")])
async def test_lg1_signing_in_leads_to_the_page_of_the_role(
    floor: Floor, chromium: Browser, who: str, where: str
) -> None:
    page = await open_login(floor, chromium)
    await type_in(page, who, PASSWORD)
    await page.wait_for_url(f"**{where}")
    await page.goto(f"{floor.address}/")
    await page.wait_for_url(f"**{where}")
    await page.context.close()


@pytest.mark.req("S0a-029")
async def test_lg1_whose_role_has_no_page_is_told_so_and_can_sign_out(
    floor: Floor, chromium: Browser
) -> None:
    await floor.hire("thu", role="FIELD_AGENT", team=None)
    page = await open_login(floor, chromium)
    await type_in(page, "thu", PASSWORD)
    await page.wait_for_url("**/me")
    await expect(page.get_by_test_id("error-page")).to_contain_text("chưa có trang riêng")
    await page.get_by_test_id("sign-out").click()
    await expect(page.get_by_test_id("login-form")).to_be_visible(timeout=SOON)
    await page.context.close()


async def test_lg2_a_wrong_password_is_said_the_same_way_for_nobody(
    floor: Floor, chromium: Browser
) -> None:
    page = await open_login(floor, chromium)
    said = []
    for username in (floor.agent, "nobody-of-this-name"):
        await type_in(page, username, "not the password")
        error = page.get_by_role("alert")
        await expect(error).to_be_visible(timeout=SOON)
        await expect(page.get_by_test_id("login-username")).to_have_value(username)
        await expect(page.get_by_test_id("login-password")).to_be_focused()
        await expect(page.get_by_test_id("login-password")).to_have_attribute(
            "aria-invalid", "true"
        )
        said.append(await error.inner_text())
        assert page.url.endswith("/login")
    assert said[0] == said[1]
    await page.context.close()


@pytest.mark.req("P0-001")
async def test_lg3_a_second_sign_in_asks_takes_over_and_stops_the_first_page(
    floor: Floor, chromium: Browser
) -> None:
    first = await open_login(floor, chromium)
    await type_in(first, floor.agent, PASSWORD)
    desk = Desk(floor, first)
    await desk.in_state("NOT_READY")

    second = await open_login(floor, chromium)
    await type_in(second, floor.agent, PASSWORD)
    await expect(second.get_by_test_id("login-error")).to_be_visible(timeout=SOON)
    await expect(second.get_by_test_id("take-over")).to_be_focused()
    await desk.in_state("NOT_READY")  # being asked about ends nothing

    await second.get_by_test_id("take-over").click()
    await second.wait_for_url("**/desk")
    await Desk(floor, second).in_state("NOT_READY")
    ended = first.get_by_test_id("ended")
    await expect(ended).to_have_attribute("data-why", "taken_over", timeout=SOON)
    await expect(ended).to_contain_text("Phiên")
    await expect(desk.root).to_have_attribute("data-state", "ENDED")
    assert await desk.post("/desk/ready") == 401, "the first sign-in can do nothing any more"
    await first.context.close()
    await second.context.close()


@pytest.mark.req("P0-004", "S0a-029")
async def test_lg4_the_wall_shows_an_agent_soon_after_he_signs_in(
    floor: Floor, chromium: Browser
) -> None:
    wall = await open_login(floor, chromium)
    await type_in(wall, floor.supervisor, PASSWORD)
    await wall.wait_for_url("**/wall")
    await wall.get_by_test_id("view-agents").click()
    row = wall.locator(f'[data-testid=agent][data-user="{floor.users[floor.colleague]}"]')

    page = await open_login(floor, chromium)
    await type_in(page, floor.colleague, PASSWORD)
    if await offered_to_take_over(page):
        await page.get_by_test_id("take-over").click()
    await page.wait_for_url("**/desk")
    await expect(row).to_have_attribute(
        "data-doing", re.compile("^(NOT_READY|READY)$"), timeout=5_000
    )
    await page.context.close()
    await wall.context.close()


async def offered_to_take_over(page: Page) -> bool:
    """Whether the desk is still open elsewhere: a page that was closed lately counts as open."""
    over = page.get_by_test_id("take-over")
    await expect(over.or_(page.get_by_test_id("desk"))).to_be_visible(timeout=SOON)
    return await over.is_visible()


@pytest.mark.req("S0a-029")
async def test_lg5_the_form_is_filled_by_keyboard_and_takes_a_pasted_password(
    floor: Floor, chromium: Browser
) -> None:
    page = await open_login(floor, chromium)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await expect(page.get_by_test_id("login-username")).to_be_focused()
    await page.keyboard.type(floor.supervisor)
    await page.keyboard.press("Tab")
    await expect(page.get_by_test_id("login-password")).to_be_focused()
    await page.evaluate("text => navigator.clipboard.writeText(text)", PASSWORD)
    await page.keyboard.press("Control+V")
    await expect(page.get_by_test_id("login-password")).to_have_value(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/wall")
    await page.context.close()


@pytest.mark.req("S0b-008")
async def test_lg7_ready_without_a_campaign_is_refused_and_says_why(
    floor: Floor, chromium: Browser
) -> None:
    page = await open_login(floor, chromium)
    await type_in(page, floor.colleague, PASSWORD)
    if await offered_to_take_over(page):
        await page.get_by_test_id("take-over").click()
    desk = Desk(floor, page)
    await desk.in_state("NOT_READY")
    await page.keyboard.press("Alt+R")
    await expect(desk.at("problem")).to_contain_text("chiến dịch", timeout=SOON)
    await desk.in_state("NOT_READY")
    await page.context.close()
