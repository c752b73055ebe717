"""Calls that an agent decides on: offered, dialled, passed over; and picked by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.chromium import shoot
from tests.support.desk import MET, SOON, Desk, sit_down
from tests.support.floor import TEAM

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "demo"}  # it rings for two seconds at least
NAME = "Xem trước B3"

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy_floor(floor: Floor) -> Floor:
    """A floor whose one campaign offers each customer to its agents first."""
    floor.load_people(30)
    await floor.run(
        "INSERT INTO phones (id, customer_id, number, raw, label, is_primary, verification)"
        " SELECT gen_random_uuid(), id, '+8450' || right('0000000' || cif, 8), '', 'WORK', false,"
        " 'WRONG_PARTY' FROM customers"
    )
    create = ("campaign", "create", NAME, "--where", "dpd 10..60", "--team", TEAM)
    floor.house.paceline(*create, "--mode", "preview")
    floor.house.paceline("campaign", "start", NAME)
    return floor


async def offered(desk: Desk, besides: str | None = None) -> str:
    """On until somebody is offered who is not the last one. Returns the call that he may become."""
    await desk.until(
        f"desk.known === 'REVIEW' && desk.callId && desk.callId !== '{besides}' && desk.screen"
    )
    call = await desk.call()
    assert call
    return call


async def begin(desk: Desk) -> str:
    """From rest to the first offer."""
    await desk.settle()
    await desk.page.keyboard.press("Alt+R")
    return await offered(desk)


async def reached(desk: Desk, call: str) -> str:
    """Have the call made, and the next one where nobody answers. Returns the call with a customer in it."""
    for _ in range(12):
        await desk.until(f"desk.known === 'DIALING' || desk.callId !== '{call}' || desk.engaged")
        await desk.until("desk.known !== 'DIALING'")
        if MET.match(await desk.known()):
            return await desk.call() or ""
        call = await offered(desk, call)
        await desk.at("dial").click()
    raise TimeoutError("nobody answers")


@pytest.mark.req("S0d-001")
async def test_an_agent_looks_dials_speaks_and_is_offered_the_next(
    busy_floor: Floor, seat: Desk
) -> None:
    call = await begin(seat)
    await expect(seat.at("customer-name")).to_be_visible()
    await expect(seat.at("reviewing")).to_be_visible()
    await expect(seat.at("offer-verdict")).to_have_attribute("data-rule", "")
    await expect(seat.at("mode")).to_have_attribute("data-dialing", "PREVIEW")
    await expect(seat.at("outcomes")).to_have_count(0)
    other = seat.at("dial-other")
    await expect(other).to_have_attribute("data-rule", "INVALID_NUMBER")
    await expect(other).to_be_disabled()
    assert await busy_floor.all("SELECT 1 FROM calls") == []
    await shoot(seat.page, "preview-offer")
    await seat.page.keyboard.press("Control+Enter")
    await seat.in_state("DIALING")
    await shoot(seat.page, "preview-dialing")
    call = await reached(seat, call)
    await seat.choose("9")
    await seat.post("/desk/hangup", {"call": call})  # unless the customer was quicker
    await seat.until(f"desk.wrapping || desk.callId !== '{call}'")
    await seat.page.keyboard.press("Control+Enter")
    await offered(seat, call)
    (row,) = await busy_floor.until(
        "SELECT id, agent_id, abandoned FROM calls WHERE leaf IS NOT NULL AND connected_at IS NOT NULL"
    )
    assert (str(row["id"]), row["abandoned"]) == (call, False)
    assert row["agent_id"] == busy_floor.users[busy_floor.agent]


async def test_a_digit_passes_somebody_over_and_says_why(busy_floor: Floor, seat: Desk) -> None:
    call = await begin(seat)
    await seat.at("customer-name").focus()
    await seat.page.keyboard.press("2")
    await offered(seat, call)
    (row,) = await busy_floor.until("SELECT reason FROM audit_events WHERE verb = 'skipped'")
    assert row["reason"] == "PREPARE"
    await seat.settle()
    assert await seat.at("offer").count() == 0
    await busy_floor.until("SELECT 1 WHERE NOT EXISTS (SELECT FROM leads WHERE state = 'RESERVED')")


async def test_ringing_can_be_stopped_and_how_it_ended_is_told(seat: Desk) -> None:
    for _ in range(4):  # somebody may be quicker: busy, or there at once
        await begin(seat)
        await seat.page.keyboard.press("Control+Enter")
        await seat.until("desk.known !== 'REVIEW'")
        await seat.page.keyboard.press("Alt+X")
        await seat.page.keyboard.press("Alt+X")
        await seat.until("desk.known !== 'DIALING'")
        if (await seat.card())["tried"] == "CANCELLED":
            await offered(seat)
            await expect(seat.at("tried")).to_have_attribute("data-code", "CANCELLED")
            return await seat.settle()
    raise TimeoutError("no call could be stopped while it rang")


@pytest.mark.req("S0d-001")
async def test_in_manual_mode_he_picks_from_his_list(seat: Desk) -> None:
    await seat.settle()
    assert await seat.post("/desk/mode", {"mode": "MANUAL"}) == 200
    await seat.page.keyboard.press("Alt+R")
    await expect(seat.at("manual")).to_be_visible(timeout=SOON)
    row = seat.at("work-row").first
    await expect(row).to_be_visible(timeout=SOON)
    await shoot(seat.page, "manual-list")
    lead, name = await row.get_attribute("data-lead"), await row.locator("b").inner_text()
    await row.press("Enter")
    await seat.until("desk.looking && desk.screen")
    await expect(seat.at("customer-name")).to_contain_text(name.split()[-1])
    await shoot(seat.page, "manual-offer")
    await seat.page.keyboard.press("1")
    await expect(seat.at("work-row").first).to_be_visible(timeout=SOON)
    await expect(seat.page.locator(f'[data-lead="{lead}"]')).to_have_count(0)
    await seat.settle()


@pytest.mark.req("S0d-001")
async def test_another_mode_holds_at_the_next_tick_and_is_on_the_trail(
    busy_floor: Floor, chromium: Browser, seat: Desk
) -> None:
    await seat.settle()
    await seat.post("/desk/mode", {"mode": "AUTO"})
    await begin(seat)
    (row,) = await busy_floor.all("SELECT id FROM campaigns")
    async with sit_down(busy_floor, chromium, busy_floor.supervisor) as window:
        wall = Desk(busy_floor, await window.new_page())
        await wall.page.goto(f"{busy_floor.address}/wall")
        for mode, shown in (("MANUAL", "picking"), ("PREVIEW", "dial")):
            changed = await wall.post(f"/campaigns/{row['id']}/tune", {"changes": {"mode": mode}})
            assert changed == 200
            await expect(seat.at(shown)).to_be_visible(timeout=SOON)
            await busy_floor.until(
                "SELECT 1 FROM audit_events WHERE entity = 'campaign' AND after->>'mode' = :mode",
                mode=mode,
            )
    await seat.settle()


async def test_bots_look_and_dial_too(busy_floor: Floor) -> None:
    await busy_floor.open_crowd(1)
    await busy_floor.until(
        "SELECT 1 FROM calls WHERE agent_id = :bot AND answered_by_human AND NOT abandoned",
        bot=busy_floor.users["bot00"],
    )
