"""Breaks with limits, what is chosen in a call for after it, and the mode: ux.md 4.3, check AD10."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import text

from tests.support.chromium import shoot
from tests.support.desk import SOON, Desk

if TYPE_CHECKING:
    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy_floor(floor: Floor) -> Floor:
    """A floor with customers for the whole module, where restrooms are to be left within two seconds."""
    floor.load_people(60)
    await floor.open_campaign(lines=1)
    async with floor.database.writing() as session:
        await session.execute(
            text("UPDATE break_reasons SET max_seconds = 2 WHERE code = 'TOILET'")
        )
    return floor


async def again(desk: Desk) -> None:
    """The key is held back for half a second after it was pressed."""
    await desk.page.wait_for_timeout(520)


async def pick(desk: Desk, code: str) -> None:
    """Alt+P and the entry of the menu."""
    await again(desk)
    await desk.page.keyboard.press("Alt+P")
    await expect(desk.at("pause-menu")).to_be_visible()
    await desk.at(f"pause-{code}").press("Enter")


@pytest.mark.req("S0b-014")
async def test_a_break_shows_its_reason_its_limit_and_that_it_ran_over(
    busy_floor: Floor, seat: Desk
) -> None:
    await pick(seat, "LUNCH")
    await seat.until("desk.agent.reason === 'LUNCH'")
    await expect(seat.at("agent-state")).to_contain_text("Ăn trưa")
    await expect(seat.at("pause-max")).to_have_text("/ 1:00:00")
    await expect(seat.at("overrun")).to_have_count(0)
    await shoot(seat.page, "break")
    await pick(seat, "TOILET")
    await expect(seat.at("overrun")).to_have_attribute("data-overrun", "OVER", timeout=SOON)
    await expect(seat.at("overrun")).to_contain_text("Quá giờ nghỉ")
    await shoot(seat.page, "break-over")
    (fact,) = await busy_floor.until("SELECT body FROM outbox_facts WHERE kind = 'break.overran'")
    assert (fact["body"]["reason"], fact["body"]["limit_ms"]) == ("TOILET", 2_000)


@pytest.mark.req("S0b-014")
async def test_ad10_alt_p_again_takes_back_the_break_that_waits(seat: Desk) -> None:
    await seat.take_call()
    await pick(seat, "SHORT")
    await expect(seat.at("pending")).to_be_visible(timeout=SOON)
    await shoot(seat.page, "pending-break")
    await again(seat)
    await seat.page.keyboard.press("Alt+P")
    await expect(seat.at("pending")).to_have_count(0, timeout=SOON)
    assert await seat.known() == "IN_CALL"
    await seat.settle()


async def test_a_mode_chosen_in_a_call_waits_and_no_call_comes_in_manual_mode(seat: Desk) -> None:
    await seat.take_call()
    await pick(seat, "MODE")
    await expect(seat.at("pending-mode")).to_be_visible(timeout=SOON)
    assert await seat.known() == "IN_CALL"
    await shoot(seat.page, "pending-mode")
    await seat.choose("9")
    await seat.hang_up()
    await seat.page.keyboard.press("Control+Enter")
    await seat.in_state("REVIEW")
    await expect(seat.at("mode")).to_have_attribute("data-mode", "MANUAL")
    await shoot(seat.page, "manual")
    await seat.at("go-auto").click()
    await seat.in_state("NOT_READY")
    await expect(seat.at("mode")).to_have_attribute("data-mode", "AUTO")


@pytest.mark.req("S0b-014")
async def test_a_reason_that_needs_approval_waits_for_a_yes(busy_floor: Floor, seat: Desk) -> None:
    async with busy_floor.database.writing() as session:
        await session.execute(
            text("UPDATE break_reasons SET needs_approval = true WHERE code = 'COACHING'")
        )
    await seat.load()
    await pick(seat, "COACHING")
    await expect(seat.at("break-asked")).to_be_visible(timeout=SOON)
    await shoot(seat.page, "break-asked")
    assert await seat.known() == "NOT_READY"
    await again(seat)
    await seat.page.keyboard.press("Alt+P")
    await expect(seat.at("break-asked")).to_have_count(0, timeout=SOON)


async def test_signing_out_in_a_call_happens_after_it(busy_floor: Floor, seat: Desk) -> None:
    await seat.take_call()
    await pick(seat, "LEAVE")
    await expect(seat.at("pending")).to_be_visible(timeout=SOON)
    await shoot(seat.page, "pending-leave")
    await seat.choose("9")
    await seat.hang_up()
    await seat.page.keyboard.press("Control+Enter")
    await expect(seat.at("ended")).to_be_visible(timeout=SOON)
    await busy_floor.until(
        "SELECT 1 FROM sign_ins WHERE user_id = :user AND end_reason = 'LOGOUT'",
        user=busy_floor.users[busy_floor.agent],
    )
