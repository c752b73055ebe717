"""The money of a demonstration: part of the day's promises is paid, once, and never in a real organisation."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from app.command.frame import know_every_table
from app.floor import money
from tests.support.clock import START, SetClock
from tests.support.rows import ZONE_TODAY, a_debtor, an_id, an_organisation, insert, wipe

if TYPE_CHECKING:
    from app.db import Database

PROMISES = 60
know_every_table()


async def some_promises(database: Database, *, demo: bool) -> None:
    await wipe(database)
    async with database.writing() as session:
        await an_organisation(session, demo=demo)
        for _ in range(PROMISES):
            debtor = await a_debtor(session)
            await insert(
                session, "promises", id=an_id(), customer_id=debtor.customer, loan_id=debtor.loan,
                currency="VND", amount_minor=1_000_000, due_on=ZONE_TODAY + timedelta(days=2),
                state="OPEN", created_at=START - timedelta(minutes=5), action_id=an_id(),
            )  # fmt: skip


async def bring_in(database: Database) -> int:
    async with database.writing() as session:
        return await money.bring_in(session, SetClock(seed=3))


async def test_some_of_the_days_promises_are_paid_and_kept_and_each_once(
    database: Database,
) -> None:
    await some_promises(database, demo=True)
    paid = await bring_in(database)
    assert 0 < paid < PROMISES
    assert await bring_in(database) == 0
    async with database.reading() as session:
        kept = await session.scalar(text("SELECT count(*) FROM promises WHERE state = 'KEPT'"))
        told = await session.scalar(text("SELECT count(*) FROM payments"))
    assert (kept, told) == (paid, paid)


async def test_a_real_organisation_has_none_of_it(database: Database) -> None:
    await some_promises(database, demo=False)
    assert await bring_in(database) == 0
