"""The checks of the administration by their names in the design (AM1 and so on), each in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.chromium import person
from tests.support.desk import SOON, Desk
from tests.support.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from tests.support.floor import Floor

ADMIN = "quan"

pytestmark = [pytest.mark.timeout(180), pytest.mark.req("S0c-066")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(floor: Floor, chromium: Browser) -> AsyncIterator[Page]:
    """An administrator's browser, signed in."""
    await floor.hire(ADMIN, role="ADMIN", team=None)
    await floor.hire("phuc", role="TEAM_LEAD")
    await floor.hire("nga", "tu", role="SUPERVISOR")
    page = await (await person(chromium)).new_page()
    await floor.sign_in(page, ADMIN)
    yield page
    await page.context.close()


async def signed_in(floor: Floor, chromium: Browser, username: str) -> Page:
    """Another person's own browser."""
    page = await (await person(chromium)).new_page()
    await floor.sign_in(page, username)
    return page


async def live(page: Page, part: str, state: str) -> None:
    """Wait until a page that lives by the socket is in a state."""
    await expect(page.get_by_test_id(part)).to_have_attribute("data-state", state, timeout=SOON)


async def test_am1_other_roles_reach_the_open_page_and_the_next_request(
    floor: Floor, chromium: Browser, office: Page
) -> None:
    nga = await signed_in(floor, chromium, "nga")
    await live(nga, "wall", "LIVE")
    await office.goto(f"{floor.address}/admin/people/{floor.users['nga']}")
    roles = office.get_by_test_id("roles")
    await roles.get_by_label("Giám sát").uncheck()
    await roles.get_by_label("Nhân viên hiện trường").check()
    await office.get_by_test_id("save").click()
    await expect(office.get_by_test_id("saved")).to_have_text("Đã lưu")
    ended = nga.get_by_test_id("ended")
    await expect(ended).to_have_attribute("data-why", "forbidden", timeout=SOON)
    answer = await nga.goto(f"{floor.address}/wall")
    assert answer is not None
    assert answer.status == 403
    await expect(nga.get_by_test_id("error-page")).to_contain_text("Việc này cần: Trưởng nhóm")
    await nga.context.close()


async def test_am2_a_deactivated_person_is_shut_out_of_the_open_page(
    floor: Floor, chromium: Browser, office: Page
) -> None:
    tu = await signed_in(floor, chromium, "tu")
    await live(tu, "wall", "LIVE")
    await office.goto(f"{floor.address}/admin/people/{floor.users['tu']}")
    await office.get_by_test_id("deactivate").click()
    await expect(office.get_by_test_id("ask")).to_contain_text("Nguyễn tu")
    await office.get_by_test_id("ask-yes").click()
    await expect(office.get_by_test_id("activate")).to_be_visible(timeout=SOON)
    await expect(tu.get_by_test_id("ended")).to_have_attribute(
        "data-why", "signed_out", timeout=SOON
    )
    await tu.goto(f"{floor.address}/login")
    await tu.get_by_test_id("login-username").fill("tu")
    await tu.get_by_test_id("login-password").fill(PASSWORD)
    await tu.get_by_test_id("login-submit").click()
    await expect(tu.get_by_test_id("login-error")).to_be_visible(timeout=SOON)
    await tu.context.close()


@pytest.mark.req("S0c-021")
async def test_am3_diagnostics_are_live_and_a_lead_resets_and_ends_a_session(
    floor: Floor, chromium: Browser, office: Page
) -> None:
    seat = await signed_in(floor, chromium, floor.agent)
    desk = Desk(floor, seat)
    await desk.in_state("NOT_READY")
    lead = await signed_in(floor, chromium, "phuc")
    await lead.goto(f"{floor.address}/admin/sessions")
    row = lead.locator(f'[data-testid=session][data-user="{floor.users[floor.agent]}"]')
    await expect(row).to_have_attribute("data-link", "UP", timeout=SOON)
    await expect(row.get_by_test_id("rtt")).to_have_text(re.compile(r"^\d+ ms$"), timeout=SOON)
    stranger = lead.locator(f'[data-testid=session][data-user="{floor.users[ADMIN]}"]')
    await expect(stranger).to_have_count(0)

    await row.get_by_role("button", name="Nguyễn minh", exact=True).press("Enter")
    link = row.get_by_text(re.compile(r"^\s*[0-9a-f]{32}/1\s*$"))
    await expect(link).to_be_visible()
    first = (await link.inner_text()).strip()
    await row.get_by_test_id("reset").press("Enter")
    await expect(row.get_by_text(first)).to_have_count(0, timeout=SOON)
    await expect(link).to_be_visible(timeout=SOON)  # another socket, and the row is still open
    await desk.in_state("NOT_READY")

    await row.get_by_test_id("end").click()
    await lead.get_by_test_id("ask-yes").click()
    await expect(seat.get_by_test_id("ended")).to_have_attribute(
        "data-why", "signed_out", timeout=SOON
    )
    await expect(row).to_have_count(0, timeout=SOON)
    await lead.context.close()
    await seat.context.close()


async def test_am4_a_cell_is_found_and_changed_by_keyboard_alone(
    floor: Floor, chromium: Browser, office: Page
) -> None:
    await office.goto(f"{floor.address}/admin/roles")
    cell = office.locator('[data-cell="TEAM_LEAD dialing.stop"]')
    await expect(cell).to_have_attribute("data-scope", "NOBODY")
    press = office.keyboard.press
    await office.locator("[data-cell]").first.focus()
    for _ in range(2):
        await press("ArrowRight")
    rows = await office.locator("[data-cell^='TEAM_LEAD ']").evaluate_all(
        "cells => cells.map(({ dataset }) => dataset.cell)"
    )
    for _ in range(rows.index("TEAM_LEAD dialing.stop")):
        await press("ArrowDown")
    await expect(cell).to_be_focused()
    await press("Enter")
    await expect(office.get_by_test_id("cell-dialog")).to_contain_text("Trưởng nhóm: Dừng quay số")
    await press("ArrowDown")
    await press("Enter")
    await expect(cell).to_have_attribute("data-scope", "ALL", timeout=SOON)
    await expect(cell).to_be_focused()
    await expect(office.get_by_test_id("roles-saved")).to_contain_text("Đã lưu")

    lead = await signed_in(floor, chromium, "phuc")
    wall = Desk(floor, lead)
    assert await wall.post("/wall/stop", {"reason": "thử"}) == 200
    assert await wall.post("/wall/resume", {"reason": "thử"}) == 200
    await lead.context.close()


async def test_a_cell_that_never_changes_says_so(floor: Floor, office: Page) -> None:
    await office.goto(f"{floor.address}/admin/roles")
    await office.locator('[data-cell="ADMIN roles.edit"]').click()
    dialog = office.get_by_test_id("cell-dialog")
    await expect(dialog).to_contain_text("cố định")
    await expect(office.get_by_test_id("cell-save")).to_be_hidden()
    await office.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


async def test_a_person_is_added_by_keyboard_with_faults_said_at_their_fields(
    floor: Floor, chromium: Browser, office: Page
) -> None:
    await office.goto(f"{floor.address}/admin/people/new")
    press, write = office.keyboard.press, office.keyboard.type
    await office.get_by_test_id("username").focus()
    await write("hai chu")
    await press("Tab")
    await write("Lê Thị Hoa")
    await press("Enter")
    username = office.get_by_test_id("username")
    roles = office.get_by_test_id("roles")
    await expect(username).to_have_attribute("aria-invalid", "true", timeout=SOON)
    await expect(username).to_be_focused()
    await expect(username).to_have_accessible_description(re.compile("2 đến 64"))
    await office.keyboard.press("Control+A")
    await write("hoa.moi")
    await press("Enter")
    await expect(roles).to_contain_text("ít nhất một vai trò", timeout=SOON)
    await expect(office.get_by_test_id("full_name")).to_have_value("Lê Thị Hoa")
    await press("Space")  # the first role has the focus
    await press("Enter")
    await office.wait_for_url(re.compile(r"/admin/people/[0-9a-f-]{36}$"))
    await office.get_by_test_id("draw-password").click()
    await office.get_by_test_id("ask-yes").click()
    shown = office.get_by_test_id("shown")
    await expect(shown).to_have_text(re.compile(r"^[a-z2-9]{14}$"), timeout=SOON)
    hoa = await (await person(chromium)).new_page()
    await hoa.goto(f"{floor.address}/login")
    await hoa.get_by_test_id("login-username").fill("hoa.moi")
    await hoa.get_by_test_id("login-password").fill(await shown.inner_text())
    await hoa.get_by_test_id("login-submit").click()
    await hoa.wait_for_url("**/desk")
    await hoa.context.close()


async def test_the_list_is_searched_without_tone_marks_and_nothing_goes_into_the_address(
    floor: Floor, office: Page
) -> None:
    await office.goto(f"{floor.address}/admin/people")
    await office.get_by_test_id("people-find").fill("nguyen LAN")
    await expect(office.locator("[data-testid=person]:visible")).to_have_count(1)
    await office.get_by_test_id("people-find").fill("không có ai")
    await expect(office.get_by_text("Không tìm thấy ai.")).to_be_visible()
    assert office.url.endswith("/admin/people")


async def test_a_leads_wall_and_desk_live_side_by_side(floor: Floor, chromium: Browser) -> None:
    wall = await signed_in(floor, chromium, "phuc")
    await live(wall, "wall", "LIVE")
    desk = await wall.context.new_page()
    await desk.goto(f"{floor.address}/desk")
    await live(desk, "desk", "NOT_READY")
    await wall.reload()
    await live(wall, "wall", "LIVE")
    for page in (wall, desk):
        await expect(page.get_by_test_id("ended")).to_have_count(0)
    await live(desk, "desk", "NOT_READY")
    await wall.context.close()


async def test_sessions_that_cannot_be_refreshed_say_so(
    floor: Floor, chromium: Browser, office: Page
) -> None:
    await office.goto(f"{floor.address}/admin/sessions")
    note = office.get_by_test_id("live-note")
    await office.route("**/admin/sessions", lambda route: route.abort())
    await expect(note).to_contain_text("có thể cũ", timeout=SOON)
    await expect(office.get_by_test_id("session").first).to_be_visible()
    await office.unroute("**/admin/sessions")
    await expect(note).to_be_empty(timeout=SOON)


async def test_signing_out_in_one_browser_leaves_the_wall_in_another(
    floor: Floor, chromium: Browser
) -> None:
    here = await signed_in(floor, chromium, floor.supervisor)
    there = await signed_in(floor, chromium, floor.supervisor)
    other_tab = await here.context.new_page()
    await other_tab.goto(f"{floor.address}/wall")
    for page in (here, there, other_tab):
        await live(page, "wall", "LIVE")
    await here.get_by_test_id("sign-out").click()
    await here.wait_for_url("**/login**")
    await expect(other_tab.get_by_test_id("ended")).to_have_attribute(
        "data-why", "signed_out", timeout=SOON
    )
    await live(there, "wall", "LIVE")
    await expect(there.get_by_test_id("ended")).to_have_count(0)
    for page in (here, there):
        await page.context.close()


@pytest.mark.req("P0-007")
async def test_a_load_test_is_asked_for_by_keyboard_and_taken_back(
    floor: Floor, office: Page
) -> None:
    await office.goto(f"{floor.address}/load")
    await expect(office.get_by_test_id("load-empty")).to_be_visible()
    for field, typed in (("agents", "50"), ("pop_p95", "250")):
        await office.get_by_test_id(field).focus()
        await office.keyboard.press("ControlOrMeta+A")
        await office.keyboard.type(typed)
    await office.keyboard.press("Enter")
    await expect(office.get_by_test_id("problem-agents")).not_to_be_empty()
    await expect(office.get_by_test_id("agents")).to_be_focused()
    await office.keyboard.press("ControlOrMeta+A")
    await office.keyboard.type("100")
    await office.keyboard.press("Enter")
    await expect(office).to_have_url(re.compile(rf"{floor.address}/load/[0-9a-f-]{{36}}$"))
    state = office.get_by_test_id("load-state")
    await expect(state).to_have_attribute("data-state", re.compile("WAITING|RUNNING"))
    asked = await floor.one("SELECT asked FROM load_runs")
    assert (asked["asked"]["agents"], asked["asked"]["limits"]["pop_p95"]) == (100, 250)
    assert asked["asked"]["calls_per_second"] is None
    await office.get_by_test_id("load-stop").focus()
    await office.keyboard.press("Enter")
    await expect(state).to_have_attribute("data-state", "CANCELLED", timeout=SOON)
