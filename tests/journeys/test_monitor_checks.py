"""Live calls in real browsers, on the simulator: MO1-MO4 and MO7-MO10 of ux.md 7."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.chromium import shoot
from tests.support.desk import SOON, Desk
from tests.support.eyes import examine, listen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Locator, Page

    from tests.support.floor import Floor
    from tests.support.wall import Wall

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
MODES = (
    "SELECT mode, reason, ended_at FROM monitor_sessions WHERE call_id = :call ORDER BY started_at"
)

pytestmark = [pytest.mark.timeout(240), pytest.mark.req("P0-005", "S0c-053")]


@pytest_asyncio.fixture(loop_scope="session")
async def monitor(busy_floor: Floor, seat: Desk, lead: Wall) -> AsyncIterator[Page]:
    """The page of live calls of the agent's lead; the agent is in a call, which is chosen."""
    if (await seat.card()).get("state") != "IN_CALL":
        await seat.take_call()
    page = await lead.page.context.new_page()
    heard = listen(page)
    await page.goto(f"{busy_floor.address}/monitor")
    await expect(page.get_by_test_id("call")).to_have_count(1, timeout=SOON)
    await page.get_by_test_id("calls").focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_test_id("picture")).to_be_visible(timeout=SOON)
    yield page
    await page.close()
    assert heard == []


def own(page: Page) -> Locator:
    return page.get_by_test_id("own-mode")


async def in_mode(page: Page, mode: str) -> None:
    await expect(own(page)).to_have_attribute("data-mode", mode, timeout=SOON)


async def told(seat: Desk, mode: str) -> None:
    """The agent's badge says so."""
    await expect(seat.at("watched")).to_have_attribute("data-mode", mode, timeout=SOON)


async def test_mo2_listening_whispering_and_joining_by_key_are_shown_and_kept(
    busy_floor: Floor, seat: Desk, monitor: Page
) -> None:
    """With MO1 and MO3: the agent's badge; and what a lead sees of the call."""
    call = (await seat.card())["call"]
    await monitor.keyboard.press("KeyL")
    await in_mode(monitor, "LISTEN")
    await told(seat, "LISTEN")  # the organisation's policy, as it is born
    await monitor.keyboard.press("KeyH")
    await in_mode(monitor, "WHISPER")
    await told(seat, "WHISPER")
    await shoot(seat.page, "monitor-badge")
    await monitor.keyboard.press("KeyG")
    await expect(monitor.get_by_test_id("ask")).to_be_visible()
    await monitor.keyboard.press("Enter")
    await in_mode(monitor, "BARGE")
    await told(seat, "BARGE")
    await expect(monitor.get_by_test_id("inside")).to_contain_text("nhân viên được biết")
    found = await examine(monitor, "monitor", "vi")
    await monitor.get_by_test_id("calls").focus()
    await monitor.keyboard.press("KeyH")
    await in_mode(monitor, "WHISPER")
    await monitor.keyboard.press("Escape")
    await in_mode(monitor, "")
    await expect(monitor.get_by_test_id("session-over")).to_have_attribute("data-why", "LEFT")
    await expect(seat.at("watched")).to_have_count(0, timeout=SOON)
    await busy_floor.until(
        "SELECT 1 FROM monitor_sessions WHERE reason = 'LEFT' AND call_id = :call", call=call
    )
    rows = await busy_floor.all(MODES, call=call)
    assert [row["mode"] for row in rows] == ["LISTEN", "WHISPER", "BARGE", "WHISPER"]
    assert [row["reason"] for row in rows] == [None, None, None, "LEFT"]
    trail = await busy_floor.all(
        "SELECT verb FROM audit_events WHERE entity = 'call' AND entity_id = :call ORDER BY at",
        call=str(call),
    )
    assert [row["verb"] for row in trail] == ["entered", *["changed_mode"] * 3, "left"]
    assert found == []


async def test_mo10_letters_act_in_the_list_and_nowhere_else(monitor: Page) -> None:
    """And MO8: pressed twice at once it is one session."""
    await monitor.get_by_test_id("call-search").focus()
    for key in ("KeyL", "KeyH", "KeyG"):
        await monitor.keyboard.press(key)
    await expect(monitor.get_by_test_id("ask")).to_be_hidden()
    await in_mode(monitor, "")
    await monitor.get_by_test_id("call-search").fill("")
    await monitor.get_by_test_id("do-LISTEN").dblclick()
    await in_mode(monitor, "LISTEN")
    await monitor.get_by_test_id("leave").click()
    await in_mode(monitor, "")


async def test_mo4_a_message_comes_back_with_when_it_was_read(seat: Desk, monitor: Page) -> None:
    await monitor.get_by_test_id("calls").focus()
    await monitor.keyboard.press("KeyM")
    await monitor.get_by_test_id("templates").select_option("slower")
    await monitor.get_by_test_id("message-send").click()
    await expect(seat.at("coach-text")).to_contain_text("Nói chậm lại", timeout=SOON)
    await expect(monitor.get_by_test_id("seen")).to_have_attribute("data-seen", "false")
    await seat.page.keyboard.press("Alt+V")
    await expect(monitor.get_by_test_id("seen")).to_have_attribute(
        "data-seen", "true", timeout=SOON
    )


async def test_mo9_leaving_the_page_ends_the_session(
    busy_floor: Floor, seat: Desk, monitor: Page
) -> None:
    await monitor.get_by_test_id("do-LISTEN").click()
    await told(seat, "LISTEN")
    await monitor.goto(f"{busy_floor.address}/wall")
    await expect(seat.at("watched")).to_have_count(0, timeout=SOON)
    await busy_floor.until(
        "SELECT 1 WHERE NOT EXISTS (SELECT FROM monitor_sessions WHERE ended_at IS NULL)"
    )


async def test_mo7_taking_over_leaves_the_agent_to_write(
    busy_floor: Floor, seat: Desk, monitor: Page
) -> None:
    call = (await seat.card())["call"]
    await seat.choose("9")
    await expect(monitor.get_by_test_id("draft-outcome")).to_contain_text("›", timeout=SOON)
    await monitor.get_by_test_id("do-TAKE_OVER").click()
    await monitor.get_by_test_id("ask-yes").click()
    await in_mode(monitor, "TAKE_OVER")
    await seat.in_state("WRAP_UP")
    await told(seat, "TAKE_OVER")
    await shoot(seat.page, "monitor-taken")
    await shoot(monitor, "monitor-taken-lead")
    assert await busy_floor.all("SELECT 1 FROM calls WHERE id = :id AND ended_at IS NULL", id=call)
    await monitor.get_by_test_id("leave").click()
    await busy_floor.until("SELECT 1 FROM calls WHERE id = :id AND ended_at IS NOT NULL", id=call)
    (row,) = await busy_floor.until(
        "SELECT agent_id, cause FROM calls WHERE id = :id AND cause IS NOT NULL", id=call
    )
    await expect(monitor.get_by_test_id("session-over")).to_be_visible(timeout=SOON)
    for name in ("OPENING", "IDENTITY", "LISTENING", "SOLUTION", "LAW"):
        await monitor.get_by_test_id(f"score-{name}").select_option("4")
    await monitor.get_by_test_id("score-text").fill("Mở đầu tốt")
    await monitor.get_by_test_id("score-save").click()
    await expect(monitor.get_by_test_id("notes")).to_contain_text("100", timeout=SOON)
    await shoot(monitor, "monitor-scored")
    assert (row["agent_id"], row["cause"]) == (busy_floor.users[busy_floor.agent], "COMPLETED")
