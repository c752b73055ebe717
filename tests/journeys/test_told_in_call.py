"""What happens elsewhere while an agent speaks: money comes, another campaign calls (checks AD11, AD14)."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import text

from tests.support.chromium import shoot
from tests.support.desk import SOON, Desk, open_desk, sit_down
from tests.support.floor import ZONE
from tests.support.people import a_team

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from playwright.async_api import Browser

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
FIRST, SECOND, OTHER_TEAM = "Thẻ B3", "Nhắc lần hai", "Đội Hai"

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy_floor(floor: Floor) -> Floor:
    """Two campaigns over the same customers, each with a team of its own."""
    floor.load_people(60)
    team = await a_team(floor.database, floor.clock, OTHER_TEAM)
    async with floor.database.writing() as session:
        # Without a gap between attempts, so that the lock alone stands between two campaigns.
        await session.execute(text("UPDATE organisations SET legal_profile = 'NONE'"))
        moved = {"team": team, "user": floor.users[floor.colleague]}
        await session.execute(text("UPDATE users SET team_id = :team WHERE id = :user"), moved)
    await floor.open_campaign(FIRST, lines=1)
    await floor.open_campaign(SECOND, team=OTHER_TEAM, lines=1)
    return floor


async def customer_of(floor: Floor, call: str) -> UUID:
    """Whom a call is with."""
    row = await floor.one("SELECT customer_id FROM calls WHERE id = CAST(:c AS uuid)", c=call)
    found: UUID = row["customer_id"]
    return found


async def tell_payment(floor: Floor, customer: UUID, amount: str) -> None:
    """The core system's next file tells of a payment of this customer."""
    known = await floor.one(
        "SELECT c.cif, c.display, p.number, l.account_no, l.oldest_unpaid_due_on AS unpaid"
        " FROM customers c JOIN phones p ON p.customer_id = c.id JOIN loans l"
        " ON l.customer_id = c.id WHERE c.id = :id",
        id=customer,
    )
    today = floor.clock.today(ZONE).strftime("%d/%m/%Y")
    path: Path = floor.house.folder / "payment.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["cif", "customer_name", "phone", "account_no", "product", "currency", "outstanding",
             "overdue", "due_amount", "oldest_unpaid_on", "last_payment_on", "last_payment_amount"]
        )  # fmt: skip
        rows.writerow(
            [known["cif"], known["display"], known["number"], known["account_no"], "CREDIT_CARD",
             "VND", "38.900.000", "5.420.000", "5.420.000",
             known["unpaid"].strftime("%d/%m/%Y"), today, amount]
        )  # fmt: skip
    floor.house.paceline("import", str(path))


@pytest.mark.req("S0b-025", "S4a-018")
async def test_ad11_money_that_comes_during_the_call_is_on_its_screen_and_marked(
    busy_floor: Floor, seat: Desk
) -> None:
    call = await seat.take_call()
    await expect(seat.at("card-updated")).to_have_count(0)
    painted = await seat.screen()
    await tell_payment(busy_floor, await customer_of(busy_floor, call), "1.234.000")
    await expect(seat.at("card-payments")).to_contain_text("1.234.000", timeout=SOON)
    await expect(seat.at("card-updated")).to_be_visible()
    await shoot(seat.page, "ad11")
    assert await seat.call() == call
    newer = await seat.screen()
    assert newer["call"]["assigned_at"] == painted["call"]["assigned_at"]
    assert newer["call"]["published_at"] > painted["call"]["published_at"]
    (told,) = await busy_floor.until(
        "SELECT recorded_at, relayed_at FROM outbox_facts"
        " WHERE kind = 'payments.told' AND relayed_at IS NOT NULL"
        " ORDER BY position DESC LIMIT 1"
    )
    assert told["relayed_at"] >= told["recorded_at"]
    await seat.settle()


async def test_ad14_a_customer_who_is_spoken_with_is_called_by_no_other_campaign(
    busy_floor: Floor, seat: Desk, chromium: Browser
) -> None:
    async with sit_down(busy_floor, chromium, busy_floor.colleague) as other:
        colleague = await open_desk(busy_floor, other)
        customer = await customer_of(busy_floor, await seat.take_call())
        async with busy_floor.database.writing() as session:
            await session.execute(
                text(
                    "UPDATE leads SET state = CASE WHEN customer_id = :customer THEN 'PENDING'"
                    " ELSE 'DONE' END, next_at = :now WHERE state IN ('PENDING', 'RETRY')"
                    " AND campaign_id = (SELECT id FROM campaigns WHERE name = :name)"
                ),
                {"customer": customer, "name": SECOND, "now": busy_floor.clock.now()},
            )
        await colleague.go_ready()
        (refused,) = await busy_floor.until(
            "SELECT a.rule, a.source, a.allowed FROM attempts a JOIN campaigns k"
            " ON k.id = a.campaign_id WHERE a.customer_id = :customer AND k.name = :name LIMIT 1",
            customer=customer,
            name=SECOND,
        )
        assert (refused["allowed"], refused["rule"]) == (False, "LOCKED")
        assert refused["source"]
        assert not await busy_floor.all(
            "SELECT 1 FROM calls c JOIN campaigns k ON k.id = c.campaign_id"
            " WHERE c.customer_id = :customer AND k.name = :name",
            customer=customer,
            name=SECOND,
        )
        await colleague.settle()
    await seat.settle()
