"""A call that the customer asked for: agreed at the desk, foretold there, dialled at its hour before all others.

The hour is brought near by moving what was agreed, and the last contact with it, back in the books: the
quarter of an hour between two contacts is the law's, and no test waits for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.chromium import shoot
from tests.support.desk import CALL, SOON, Desk

if TYPE_CHECKING:
    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}

pytestmark = [pytest.mark.timeout(300), pytest.mark.req("S0b-006")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy_floor(floor: Floor) -> Floor:
    floor.load_people(30)
    await floor.open_campaign()
    return floor


async def agree(floor: Floor, desk: Desk, call: str) -> str:
    """Outcome 4 by key, its first time by key; returns the customer."""
    row = await floor.one("SELECT customer_id FROM calls WHERE id = CAST(:call AS uuid)", call=call)
    await desk.page.keyboard.press("Alt+4")
    await expect(desk.at("callback-form")).to_be_visible(timeout=SOON)
    await desk.page.keyboard.press("1")
    await expect(desk.at("saved")).to_have_attribute("data-saved", "saved", timeout=SOON)
    return str(row["customer_id"])


async def bring_near(floor: Floor, customer: str) -> None:
    """The hour has come, and the last contact is long ago enough."""
    who = {"who": customer, "now": floor.clock.now()}
    await floor.run(
        "UPDATE contact_counts SET last_at = last_at - interval '20 minutes'"
        " WHERE customer_id = CAST(:who AS uuid) AND CAST(:now AS timestamptz) IS NOT NULL",
        **who,
    )
    for table, column in (("callbacks", "at"), ("leads", "next_at")):
        await floor.run(
            f"UPDATE {table} SET {column} = :now WHERE customer_id = CAST(:who AS uuid)",
            **who,
        )


async def test_an_agreed_call_is_foretold_and_dialled_at_its_hour_before_all_others(
    floor: Floor, seat: Desk
) -> None:
    call = await seat.take_call()
    customer = await agree(floor, seat, call)
    await seat.post("/desk/pause", {"reason": "SHORT"})  # after this call
    await seat.post("/desk/hangup", {"call": call})
    await seat.in_state("WRAP_UP")
    await seat.page.keyboard.press("Control+Enter")
    await seat.in_state("PAUSED")
    agreed = await floor.one(
        "SELECT l.promised_to, l.state, b.user_id, b.state AS callback FROM leads l"
        " JOIN callbacks b ON b.customer_id = l.customer_id"
        " WHERE l.customer_id = CAST(:who AS uuid)",
        who=customer,
    )
    mine = floor.users[floor.agent]
    assert (agreed["promised_to"], agreed["user_id"]) == (mine, mine)
    assert (agreed["state"], agreed["callback"]) == ("RETRY", "SCHEDULED")

    await bring_near(floor, customer)
    await expect(seat.at("reminders").locator("li[data-state]")).to_contain_text(
        "Gọi lại", timeout=SOON
    )
    await shoot(seat.page, "desk-agreed-call-due-vi-light")

    then = floor.clock.now()
    await seat.page.keyboard.press("Alt+R")
    (first, *_) = await floor.until(
        "SELECT id, customer_id FROM calls WHERE created_at > :then ORDER BY created_at, id",
        then=then,
    )
    assert str(first["customer_id"]) == customer, "he goes before everybody else"
    await seat.in_state("IN_CALL", CALL)
    assert await seat.call() == str(first["id"])
    screen = await seat.screen()
    assert screen["customer"]["id"] == customer
    await floor.until(
        "SELECT 1 FROM callbacks WHERE customer_id = CAST(:who AS uuid)"
        " AND state NOT IN ('SCHEDULED', 'MISSED')",
        who=customer,
    )
    await seat.settle()
