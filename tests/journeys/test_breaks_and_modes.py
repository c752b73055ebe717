"""Breaks with limits, what is chosen in a call for after it, and the mode: ux.md 4.3, check AD10."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import text

from tests.support.chromium import shoot
from tests.support.desk import SOON, Desk, open_desk, sit_down

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy(floor: Floor) -> Floor:
    """A floor with customers for the whole module, where restrooms are to be left within two seconds."""
    floor.load_people(60)
    await floor.open_campaign(lines=1)
    async with floor.database.writing() as session:
        await session.execute(
            text("UPDATE break_reasons SET max_seconds = 2 WHERE code = 'TOILET'")
        )
    return floor


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(busy: Floor, chromium: Browser) -> AsyncIterator[Desk]:
    async with sit_down(busy, chromium, busy.agent) as window:
        yield await open_desk(busy, window)


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
    busy: Floor, desk: Desk
) -> None:
    await pick(desk, "LUNCH")
    await desk.until("desk.agent.reason === 'LUNCH'")
    await expect(desk.at("agent-state")).to_contain_text("Ăn trưa")
    await expect(desk.at("pause-max")).to_have_text("/ 1:00:00")
    await expect(desk.at("overrun")).to_have_count(0)
    await shoot(desk.page, "break")
    await pick(desk, "TOILET")
    await expect(desk.at("overrun")).to_have_attribute("data-overrun", "OVER", timeout=SOON)
    await expect(desk.at("overrun")).to_contain_text("Quá giờ nghỉ")
    await shoot(desk.page, "break-over")
    (fact,) = await busy.until("SELECT body FROM outbox_facts WHERE kind = 'break.overran'")
    assert (fact["body"]["reason"], fact["body"]["limit_ms"]) == ("TOILET", 2_000)


@pytest.mark.req("S0b-014")
async def test_ad10_alt_p_again_takes_back_the_break_that_waits(desk: Desk) -> None:
    await desk.take_call()
    await pick(desk, "SHORT")
    await expect(desk.at("pending")).to_be_visible(timeout=SOON)
    await shoot(desk.page, "pending-break")
    await again(desk)
    await desk.page.keyboard.press("Alt+P")
    await expect(desk.at("pending")).to_have_count(0, timeout=SOON)
    assert await desk.known() == "IN_CALL"
    await desk.settle()


async def test_a_mode_chosen_in_a_call_waits_and_no_call_comes_in_manual_mode(desk: Desk) -> None:
    await desk.take_call()
    await pick(desk, "MODE")
    await expect(desk.at("pending-mode")).to_be_visible(timeout=SOON)
    assert await desk.known() == "IN_CALL"
    await shoot(desk.page, "pending-mode")
    await desk.choose("9")
    await desk.hang_up()
    await desk.page.keyboard.press("Control+Enter")
    await desk.in_state("REVIEW")
    await expect(desk.at("mode")).to_have_attribute("data-mode", "MANUAL")
    await shoot(desk.page, "manual")
    await desk.at("go-auto").click()
    await desk.in_state("NOT_READY")
    await expect(desk.at("mode")).to_have_attribute("data-mode", "AUTO")


@pytest.mark.req("S0b-014")
async def test_a_reason_that_needs_approval_waits_for_a_yes(busy: Floor, desk: Desk) -> None:
    async with busy.database.writing() as session:
        await session.execute(
            text("UPDATE break_reasons SET needs_approval = true WHERE code = 'COACHING'")
        )
    await desk.load()
    await pick(desk, "COACHING")
    await expect(desk.at("break-asked")).to_be_visible(timeout=SOON)
    await shoot(desk.page, "break-asked")
    assert await desk.known() == "NOT_READY"
    await again(desk)
    await desk.page.keyboard.press("Alt+P")
    await expect(desk.at("break-asked")).to_have_count(0, timeout=SOON)


async def test_signing_out_in_a_call_happens_after_it(busy: Floor, desk: Desk) -> None:
    await desk.take_call()
    await pick(desk, "LEAVE")
    await expect(desk.at("pending")).to_be_visible(timeout=SOON)
    await shoot(desk.page, "pending-leave")
    await desk.choose("9")
    await desk.hang_up()
    await desk.page.keyboard.press("Control+Enter")
    await expect(desk.at("ended")).to_be_visible(timeout=SOON)
    await busy.until(
        "SELECT 1 FROM sign_ins WHERE user_id = :user AND end_reason = 'LOGOUT'",
        user=busy.users[busy.agent],
    )
