"""Promises on real tables: made within what is owed, moved once, withdrawn, judged by what was paid."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.audit.service import SYSTEM, Actor
from app.customers import service as _customers  # noqa: F401 - promises name its tables by foreign key
from app.errors import Conflict, Invalid, NotFound, PacelineError, Refused
from app.payments import service as payments
from app.promises import service as promises
from app.promises.jobs import judge_due
from tests.support.people import an_organisation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database
    from app.promises.service import Pledge
    from tests.support.clock import SetClock

ZONE = "Asia/Ho_Chi_Minh"
TODAY = date(2026, 11, 23)
OWED = 9_000_000


class Room:
    """One customer who owes nine million on one loan."""

    def __init__(self, database: Database, clock: SetClock) -> None:
        self.database = database
        self.clock = clock
        self.customer = uuid4()
        self.loan = uuid4()

    def terms(self, amount: int = 5_000_000, days: int = 5, **other: Any) -> promises.Terms:
        usual: dict[str, Any] = {
            "customer_id": self.customer, "loan_id": self.loan, "amount_minor": amount,
            "currency": "VND", "due_on": TODAY + timedelta(days=days),
        }  # fmt: skip
        return promises.Terms(**{**usual, **other})

    async def promise(self, *args: Any, **kwargs: Any) -> Pledge:
        async with self.database.writing() as session:
            return await promises.make_promise(
                session, self.terms(*args, **kwargs), actor=Actor(None), clock=self.clock
            )

    async def pay(self, amount: int, on: date) -> None:
        async with self.database.writing() as session:
            reference = f"FT-{on}-{amount}"
            listing = payments.Listing(
                self.customer, self.loan, amount, "VND", on, "QR", reference
            )  # fmt: skip
            await payments.write_listings(session, [listing], ZONE, SYSTEM, self.clock)

    async def read(self, promise_id: UUID) -> Pledge:
        async with self.database.reading() as session:
            return await promises.find(session, promise_id)

    async def told(self) -> list[str]:
        async with self.database.reading() as session:
            found = await session.scalars(
                text("SELECT kind FROM outbox_facts WHERE kind LIKE 'promise.%' ORDER BY position")
            )
            return list(found)


@pytest_asyncio.fixture(loop_scope="session")
async def room(database: Database, clock: SetClock) -> AsyncIterator[Room]:
    room = Room(database, clock)
    await an_organisation(database, clock)
    async with database.writing() as session:
        now = clock.now()
        await session.execute(
            text(
                "INSERT INTO customers (id, cif, display, search_key, sort_key, created_at, updated_at)"
                " VALUES (:id, 'KH1', 'Hà', 'ha', '1', :now, :now)"
            ),
            {"id": room.customer, "now": now},
        )
        await session.execute(
            text(
                "INSERT INTO loans (id, account_no, customer_id, product, currency, outstanding_minor,"
                " updated_at) VALUES (:id, 'HD1', :customer, 'AUTO', 'VND', :owed, :now)"
            ),
            {"id": room.loan, "customer": room.customer, "owed": OWED, "now": now},
        )
    yield room
    async with database.writing() as session:
        await session.execute(
            text("TRUNCATE customers, loans, payments, promises, outbox_facts CASCADE")
        )


async def test_a_promise_copies_its_terms_and_leaves_a_trace(room: Room) -> None:
    made = await room.promise()
    assert (made.state, made.grace_days, made.threshold_pct, made.tolerance_minor) == (
        "OPEN",
        1,
        100,
        10_000,
    )
    async with room.database.reading() as session:
        trail = await session.execute(
            text("SELECT verb, after FROM audit_events WHERE entity_id = :id"), {"id": str(made.id)}
        )
    assert trail.one() == ("made", {"amount_minor": 5_000_000, "due_on": "2026-11-28"})


@pytest.mark.parametrize(
    ("amount", "days", "code", "field"),
    [
        (0, 5, "AMOUNT_ZERO", "amount_minor"),
        (OWED + 1, 5, "ABOVE_OUTSTANDING", "amount_minor"),
        (5_000_000, -1, "DUE_PAST", "due_on"),
        (5_000_000, 15, "DUE_TOO_FAR", "due_on"),
    ],
)
async def test_what_cannot_be_promised_is_refused_with_its_field(
    room: Room, amount: int, days: int, code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await room.promise(amount, days)
    assert (refused.value.code, refused.value.field) == (code, field)


async def test_today_and_the_last_day_can_be_promised(room: Room) -> None:
    await room.promise(1_000_000, 0)
    await room.promise(1_000_000, 14)


async def test_a_loan_of_somebody_else_a_closed_one_and_another_currency_are_refused(
    room: Room,
) -> None:
    with pytest.raises(NotFound):
        await room.promise(customer_id=uuid4())
    with pytest.raises(NotFound):
        await room.promise(loan_id=uuid4())
    with pytest.raises(Invalid, match="VND"):
        await room.promise(currency="USD")
    async with room.database.writing() as session:
        await session.execute(text("UPDATE loans SET closed_at = now()"))
    with pytest.raises(Refused, match="closed"):
        await room.promise()


async def test_two_desks_cannot_promise_the_same_money(room: Room) -> None:
    both = await asyncio.gather(room.promise(), room.promise(), return_exceptions=True)
    refused = [each for each in both if isinstance(each, PacelineError)]
    assert [each.code for each in refused] == ["PROMISED_TWICE"]


async def test_a_withdrawn_promise_frees_its_money_and_is_withdrawn_once(room: Room) -> None:
    made = await room.promise()
    now = room.clock.now()
    async with room.database.writing() as session:
        before = await promises.cancel(session, made.id, reason="corrected", actor=SYSTEM, now=now)
    assert before.state == "OPEN"
    found = await room.read(made.id)
    assert (found.state, found.cancel_reason) == ("CANCELLED", "corrected")
    with pytest.raises(Conflict):
        async with room.database.writing() as session:
            await promises.cancel(session, made.id, reason="again", actor=SYSTEM, now=now)
    with pytest.raises(NotFound):
        async with room.database.writing() as session:
            await promises.cancel(session, uuid4(), reason="?", actor=SYSTEM, now=now)
    await room.promise()


async def reschedule(room: Room, promise_id: UUID, days: int) -> Pledge:
    async with room.database.writing() as session:
        return await promises.reschedule(
            session, promise_id, room.terms(days=days), actor=SYSTEM, clock=room.clock
        )


async def test_a_promise_is_moved_once_and_not_after_its_day(room: Room) -> None:
    first = await room.promise(days=2)
    second = await reschedule(room, first.id, 6)
    assert second.supersedes_id == first.id
    assert (await room.read(first.id)).state == "RESCHEDULED"
    with pytest.raises(Refused, match="moved before"):
        await reschedule(room, second.id, 8)
    room.clock.advance(seconds=7 * 86_400)
    with pytest.raises(Refused, match="past"):
        await reschedule(room, second.id, 12)
    assert (await room.read(second.id)).state == "OPEN"


async def test_a_move_to_impossible_terms_leaves_the_promise_as_it_was(room: Room) -> None:
    first = await room.promise()
    with pytest.raises(Invalid):
        await reschedule(room, first.id, 60)
    assert (await room.read(first.id)).state == "OPEN"


async def test_money_that_came_in_keeps_a_promise_from_being_taken_back(room: Room) -> None:
    made = await room.promise()
    async with room.database.reading() as session:
        assert not await promises.has_money(session, made.id)
    room.clock.advance(seconds=60)
    await room.pay(1_000_000, TODAY)
    async with room.database.reading() as session:
        assert await promises.has_money(session, made.id)


@pytest.mark.req("S0a-027")
async def test_a_promise_is_kept_as_soon_as_it_is_paid_and_it_is_told(room: Room) -> None:
    made = await room.promise()
    assert await judge_due(room.database, room.clock) == 0
    room.clock.advance(seconds=3_600)
    await room.pay(4_990_000, TODAY)
    assert await judge_due(room.database, room.clock) == 1
    found = await room.read(made.id)
    assert (found.state, found.paid_in_window_minor) == ("KEPT", 4_990_000)
    assert found.judged_at == room.clock.now()
    assert await room.told() == ["promise.kept"]
    assert await judge_due(room.database, room.clock) == 0


@pytest.mark.req("S0a-027")
async def test_a_promise_is_broken_the_day_after_grace(room: Room) -> None:
    made = await room.promise(days=1)  # the 24th, grace to the end of the 25th in Vietnam
    room.clock.set(room.clock.now().replace(day=25, hour=16, minute=59, second=59))
    assert await judge_due(room.database, room.clock) == 0
    room.clock.advance(seconds=1)
    assert await judge_due(room.database, room.clock) == 1
    assert (await room.read(made.id)).state == "BROKEN"
    assert await room.told() == ["promise.broken"]


async def test_a_part_that_came_in_makes_it_partly_kept_and_shows_before(room: Room) -> None:
    made = await room.promise(days=1)
    room.clock.advance(seconds=60)
    await room.pay(1_000_000, TODAY)
    assert await judge_due(room.database, room.clock) == 0
    found = await room.read(made.id)
    assert (found.state, found.paid_in_window_minor) == ("OPEN", 1_000_000)
    room.clock.advance(seconds=3 * 86_400)
    assert await judge_due(room.database, room.clock) == 1
    assert (await room.read(made.id)).state == "PARTLY_KEPT"


async def test_late_money_is_kept_for_the_books_and_mends_nothing(room: Room) -> None:
    broken = await room.promise(days=1)
    room.clock.advance(seconds=4 * 86_400)
    await judge_due(room.database, room.clock)
    await room.promise(1_000_000, 10)  # another one runs on the loan
    await room.pay(6_000_000, TODAY + timedelta(days=4))
    await judge_due(room.database, room.clock)
    found = await room.read(broken.id)
    assert (found.state, found.paid_late_minor) == ("BROKEN", 5_000_000)


async def hear(room: Room) -> int:
    """What an import does with a loan whose money it told."""
    async with room.database.writing() as session:
        return await promises.judge(session, [room.loan], ZONE, room.clock)


async def test_money_paid_in_time_and_told_the_morning_after_keeps_the_promise(room: Room) -> None:
    made = await room.promise(days=1)
    room.clock.advance(seconds=3 * 86_400)
    assert await judge_due(room.database, room.clock) == 1
    await room.pay(5_000_000, TODAY + timedelta(days=2))  # the last day of its window
    assert await hear(room) == 1
    found = await room.read(made.id)
    assert (found.state, found.paid_in_window_minor, found.paid_late_minor) == (
        "KEPT",
        5_000_000,
        0,
    )
    assert await room.told() == ["promise.broken", "promise.kept"]
    async with room.database.reading() as session:
        trail = await session.execute(
            text(
                "SELECT before, after, reason FROM audit_events"
                " WHERE entity_id = :id AND verb = 'judged' AND reason IS NOT NULL"
            ),
            {"id": str(made.id)},
        )
    assert trail.one() == ({"state": "BROKEN"}, {"state": "KEPT"}, "paid in time, told later")
    assert await hear(room) == 0


async def test_more_of_a_part_told_later_shows_without_ending_anything_again(room: Room) -> None:
    made = await room.promise(days=1)
    room.clock.advance(seconds=3 * 86_400)
    await room.pay(1_000_000, TODAY + timedelta(days=1))
    assert await judge_due(room.database, room.clock) == 1
    await room.pay(2_000_000, TODAY + timedelta(days=2))
    assert await hear(room) == 0
    found = await room.read(made.id)
    assert (found.state, found.paid_in_window_minor) == ("PARTLY_KEPT", 3_000_000)


async def test_money_told_after_a_week_of_business_days_mends_nothing(room: Room) -> None:
    made = await room.promise(
        days=1
    )  # its window ends with Wednesday; heard until the next Wednesday
    room.clock.advance(seconds=10 * 86_400)
    assert await judge_due(room.database, room.clock) == 1
    await room.pay(5_000_000, TODAY + timedelta(days=2))
    assert await hear(room) == 0
    found = await room.read(made.id)
    assert (found.state, found.paid_in_window_minor) == ("BROKEN", 0)


async def test_promises_of_a_customer_come_latest_first_and_open_ones_earliest_first(
    room: Room,
) -> None:
    late, soon = await room.promise(1_000_000, 9), await room.promise(1_000_000, 2)
    async with room.database.reading() as session:
        every = await promises.of_customer(session, room.customer)
        running = await promises.open_on(session, [room.loan])
    assert [each.id for each in every] == [late.id, soon.id]
    assert [each.id for each in running] == [soon.id, late.id]
