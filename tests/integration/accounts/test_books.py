"""Customers, loans, holds, cases and payments on real tables, by their front doors."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.accounts import service as accounts
from app.accounts.rules import HoldKind
from app.audit.service import SYSTEM, Actor
from app.customers import service as customers
from app.errors import Invalid, NotFound
from app.payments import service as payments
from app.values.phone import read_phone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database
    from tests.support.clock import SetClock

TODAY = date(2026, 11, 23)
WHO = Actor(uuid4(), "AGENT")


@pytest_asyncio.fixture(loop_scope="session")
async def customer(database: Database, clock: SetClock) -> AsyncIterator[UUID]:
    """Hà of Đà Nẵng with two numbers."""
    listing = customers.Listing(
        cif="KH1",
        name="Nguyễn Thị Thu Hà",
        salutation="CHI",
        phones=((read_phone("0912345678"), "MOBILE"), (read_phone("0987654321"), "RELATIVE")),
    )
    async with database.writing() as session:
        written = await customers.write_listings(session, [listing], SYSTEM, clock)
    yield written["KH1"].id
    async with database.writing() as session:
        await session.execute(text("TRUNCATE customers, loans, audit_events CASCADE"))


async def add_loan(
    database: Database,
    clock: SetClock,
    customer: UUID,
    number: str,
    days: int,
    overdue: int = 1_000,
) -> UUID:
    told = {
        "product": "AUTO", "currency": "VND", "outstanding_minor": 9_000, "overdue_minor": overdue,
        "oldest_unpaid_due_on": TODAY - timedelta(days=days) if days else None,
    }  # fmt: skip
    async with database.writing() as session:
        listing = accounts.Listing(number, customer, told, "digest")
        written = await accounts.write_listings(session, [listing], TODAY, SYSTEM, clock)
    return written[number].id


# --- customers -------------------------------------------------------------------------


async def test_a_customer_is_found_by_id_and_by_number(database: Database, customer: UUID) -> None:
    async with database.reading() as session:
        person = await customers.find(session, customer)
        assert (person.family, person.middle, person.given) == ("Nguyễn", "Thị Thu", "Hà")
        assert [p.id for p in await customers.find_by_number(session, "+84912345678")] == [customer]
        assert await customers.find_by_number(session, "+84999999999") == []
        with pytest.raises(NotFound):
            await customers.find(session, uuid4())


async def test_the_number_that_may_be_dialled_is_the_primary_one(
    database: Database, customer: UUID
) -> None:
    async with database.reading() as session:
        first, second = await customers.numbers(session, customer)
    assert (first.number, first.is_primary, first.dialable) == ("+84912345678", True, True)
    assert (second.label, second.is_primary, second.dialable) == ("RELATIVE", False, False)


async def test_a_mark_is_set_undone_and_audited(
    database: Database, clock: SetClock, customer: UUID
) -> None:
    async with database.writing() as session:
        phone = (await customers.numbers(session, customer))[0]
        before = await customers.mark_number(session, phone.id, "WRONG_PARTY", WHO, clock.now())
        assert before == "UNVERIFIED"
        assert (
            await customers.mark_number(session, phone.id, "WRONG_PARTY", WHO, clock.now())
            == "WRONG_PARTY"
        )
        assert (
            await customers.mark_number(session, phone.id, before, WHO, clock.now())
            == "WRONG_PARTY"
        )
        with pytest.raises(Invalid):
            await customers.mark_number(session, phone.id, "LOST", WHO, clock.now())
        with pytest.raises(NotFound):
            await customers.mark_number(session, uuid4(), "INVALID", WHO, clock.now())
    async with database.reading() as session:
        trail = await session.execute(
            text("SELECT before, after FROM audit_events WHERE entity = 'phone' ORDER BY id")
        )
        assert len(trail.all()) == 2


async def test_attempts_are_counted_in_all_and_in_their_band(
    database: Database, customer: UUID
) -> None:
    async with database.writing() as session:
        phone = (await customers.numbers(session, customer))[0]
        await customers.count_attempt(session, phone.id, 9, rpc=True)
        await customers.count_attempt(session, phone.id, 10, rpc=False)
        await customers.count_attempt(session, phone.id, 3, rpc=False)
    async with database.reading() as session:
        phone = (await customers.numbers(session, customer))[0]
    assert (phone.attempts_180d, phone.rpc_180d, phone.bands) == (3, 1, {"9": [1, 2]})
    async with database.writing() as session:
        await customers.recount_attempt(session, phone.id, 9, was=True, rpc=True)
        await customers.recount_attempt(session, phone.id, 9, was=True, rpc=False)
        await customers.recount_attempt(session, phone.id, 3, was=False, rpc=True)
    async with database.reading() as session:
        phone = (await customers.numbers(session, customer))[0]
    assert (phone.attempts_180d, phone.rpc_180d, phone.bands) == (3, 1, {"9": [0, 2]})


async def test_a_change_gives_back_what_undoes_it(
    database: Database, clock: SetClock, customer: UUID
) -> None:
    flag = {"since": "2026-11-23", "reason": "Mất việc", "review_on": "2026-12-23"}
    async with database.writing() as session:
        before = await customers.change(
            session, customer, {"hardship": flag, "language": "vi"}, WHO, clock.now(), reason="call"
        )
        assert before == {"hardship": None}
        assert (await customers.find(session, customer)).hardship == flag
        await customers.change(session, customer, before, WHO, clock.now())
    async with database.reading() as session:
        assert (await customers.find(session, customer)).hardship is None
        trail = await session.execute(
            text("SELECT actor_id, reason FROM audit_events WHERE reason = 'call'")
        )
        assert trail.one() == (WHO.id, "call")


async def test_what_is_not_for_a_desk_to_change_is_refused(
    database: Database, clock: SetClock, customer: UUID
) -> None:
    async with database.writing() as session:
        with pytest.raises(Invalid, match="cif"):
            await customers.change(session, customer, {"cif": "X"}, WHO, clock.now())
        with pytest.raises(NotFound):
            await customers.change(session, uuid4(), {"segment": "X"}, WHO, clock.now())


# --- holds -----------------------------------------------------------------------------


async def test_a_hold_is_in_force_until_its_instant_or_its_release(
    database: Database, clock: SetClock, customer: UUID
) -> None:
    until = clock.now() + timedelta(hours=1)
    action = uuid4()
    async with database.writing() as session:
        await accounts.place_hold(
            session, customer, kind=HoldKind.COOLDOWN, source="dialer", clock=clock, until=until
        )
        trace = await accounts.place_hold(
            session,
            customer,
            kind=HoldKind.TRACE,
            source="disposition",
            clock=clock,
            action_id=action,
        )
        open_now = await accounts.open_holds(session, customer, clock.now())
        assert [hold.kind for hold in open_now] == ["COOLDOWN", "TRACE"]
        assert [h.id for h in await accounts.open_holds(session, customer, until)] == [trace]
        released = await accounts.release_holds(
            session, action_id=action, reason="corrected", now=clock.now()
        )
        assert [hold.id for hold in released] == [trace]
        assert await accounts.open_holds(session, customer, until) == []
        await accounts.restore_holds(session, [trace])
        assert [h.id for h in await accounts.open_holds(session, customer, until)] == [trace]


async def test_holds_are_released_by_kind_and_never_all_at_once(
    database: Database, clock: SetClock, customer: UUID
) -> None:
    async with database.writing() as session:
        for kind in (HoldKind.TRACE, HoldKind.LEGAL):
            await accounts.place_hold(session, customer, kind=kind, source="x", clock=clock)
        released = await accounts.release_holds(
            session, customer_id=customer, kind=HoldKind.TRACE, reason="found", now=clock.now()
        )
        assert [hold.kind for hold in released] == ["TRACE"]
        with pytest.raises(ValueError, match="everybody"):
            await accounts.release_holds(session, reason="?", now=clock.now(), kind=HoldKind.LEGAL)
        with pytest.raises(Invalid):
            await accounts.place_hold(session, customer, kind="MOOD", source="x", clock=clock)


# --- loans and cases ---------------------------------------------------------------------


async def test_loans_come_longest_overdue_first(
    database: Database, clock: SetClock, customer: UUID
) -> None:
    young = await add_loan(database, clock, customer, "A", 5)
    old = await add_loan(database, clock, customer, "B", 50)
    fine = await add_loan(database, clock, customer, "C", 0, overdue=0)
    async with database.writing() as session:
        assert [loan.id for loan in await accounts.loans_of(session, customer)] == [
            old,
            young,
            fine,
        ]
        await accounts.close_loans(session, ["B"], "PAID", SYSTEM, clock.now())
        assert [loan.id for loan in await accounts.loans_of(session, customer)] == [young, fine]
        assert len(await accounts.loans_of(session, customer, with_closed=True)) == 3
        assert (await accounts.find(session, old)).status == "CLOSED"
        with pytest.raises(NotFound):
            await accounts.find(session, uuid4())


async def test_a_customer_has_one_open_case_while_something_is_overdue(
    database: Database, clock: SetClock, customer: UUID
) -> None:
    await add_loan(database, clock, customer, "A", 95)
    async with database.writing() as session:
        tally = await accounts.settle_cases(session, [customer], TODAY, SYSTEM, clock)
        again = await accounts.settle_cases(session, [customer], TODAY, SYSTEM, clock)
        case = await accounts.find_case(session, customer)
    assert (tally.opened, again.opened, again.closed) == (1, 0, 0)
    assert case is not None
    assert (case.case_no, case.stage) == ("CASE-2026-0000001", "LATE")
    async with database.writing() as session:
        await accounts.close_loans(session, ["A"], "PAID", SYSTEM, clock.now())
        tally = await accounts.settle_cases(session, [customer], TODAY, SYSTEM, clock)
        assert tally.closed == 1
        assert await accounts.find_case(session, customer) is None


async def test_a_status_that_somebody_chose_outlives_a_file(
    database: Database, clock: SetClock, customer: UUID
) -> None:
    loan = await add_loan(database, clock, customer, "A", 5)
    async with database.writing() as session:
        await session.execute(text("UPDATE loans SET status = 'LEGAL'"))
    await add_loan(database, clock, customer, "A", 6)
    async with database.reading() as session:
        assert (await accounts.find(session, loan)).status == "LEGAL"


async def test_overdue_never_exceeds_what_is_outstanding(
    database: Database, clock: SetClock, customer: UUID
) -> None:
    loan = await add_loan(database, clock, customer, "A", 5, overdue=9_000)
    told = {"product": "AUTO", "currency": "VND", "outstanding_minor": 4_000}
    async with database.writing() as session:
        listing = accounts.Listing("A", customer, told, "d2")
        await accounts.write_listings(session, [listing], TODAY, SYSTEM, clock)
        assert (await accounts.find(session, loan)).overdue_minor == 4_000


# --- payments ------------------------------------------------------------------------------


async def test_the_last_payments_come_latest_first(
    database: Database, clock: SetClock, customer: UUID
) -> None:
    loan = await add_loan(database, clock, customer, "A", 5)
    days = [TODAY - timedelta(days=back) for back in (30, 2, 9, 60)]
    async with database.writing() as session:
        listings = [
            payments.Listing(customer, loan, 100 + n, "VND", day, "QR", f"FT{n}")
            for n, day in enumerate(days)
        ]
        await payments.write_listings(session, listings, "Asia/Ho_Chi_Minh", SYSTEM, clock)
        last = await payments.last_payments(session, customer)
        since = await payments.posted_since(session, [loan], last[1].paid_at)
    assert [paid.paid_on for paid in last] == [days[1], days[2], days[0]]
    assert [paid.reference for paid in since] == ["FT2", "FT1"]


def test_a_payment_known_by_its_day_counts_from_the_days_end_but_not_from_the_future() -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    end = payments.counts_from(date(2026, 11, 22), "Asia/Ho_Chi_Minh", now)
    assert end.isoformat() == "2026-11-22T23:59:59.999999+07:00"
    assert payments.counts_from(date(2026, 11, 23), "Asia/Ho_Chi_Minh", now) == now
