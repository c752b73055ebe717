"""The facts of a verdict, gathered from a real database; the rules themselves have their own tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.compliance.profiles import NONE, VN
from app.compliance.rules import Purpose, Starter
from app.compliance.service import Limits, Question, ask, profile_in_force
from app.values.period import LocalWindow
from tests.support.clock import START
from tests.support.rows import (
    ZONE_TODAY,
    Debtor,
    a_consent,
    a_debtor,
    an_id,
    an_organisation,
    insert,
    wipe,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.compliance.service import Answer
    from app.db import Database


@pytest_asyncio.fixture(loop_scope="session")
async def debtor(database: Database) -> AsyncIterator[Debtor]:
    await wipe(database)
    async with database.writing() as session:
        await an_organisation(session)
        debtor = await a_debtor(session)
    yield debtor


def about(debtor: Debtor) -> Question:
    return Question(customer_id=debtor.customer, phone_id=debtor.phone, loan_id=debtor.loan)


async def answer(database: Database, question: Question) -> Answer:
    async with database.reading() as session:
        return await ask(session, question, START)


async def rule(database: Database, question: Question) -> str | None:
    verdict = (await answer(database, question)).verdict
    return None if verdict.allowed else verdict.rule


async def test_who_owes_and_has_rest_may_be_called(database: Database, debtor: Debtor) -> None:
    told = await answer(database, about(debtor))
    assert (told.verdict.allowed, told.today, told.contacts_today, told.cap) == (
        True, ZONE_TODAY, 0, 3,
    )  # fmt: skip


async def test_what_is_not_there_is_never_called(database: Database, debtor: Debtor) -> None:
    known = about(debtor)
    assert await rule(database, replace(known, customer_id=an_id())) == "DNC"
    assert await rule(database, replace(known, loan_id=an_id())) == "DNC"
    assert await rule(database, replace(known, phone_id=an_id())) == "INVALID_NUMBER"


async def test_another_customers_number_is_not_this_ones(
    database: Database, debtor: Debtor
) -> None:
    async with database.writing() as session:
        other = await a_debtor(session)
    assert await rule(database, replace(about(debtor), phone_id=other.phone)) == "INVALID_NUMBER"


async def test_a_lock_of_ones_own_is_no_lock(database: Database, debtor: Debtor) -> None:
    call = an_id()
    async with database.writing() as session:
        await insert(
            session,
            "customer_locks",
            customer_id=debtor.customer,
            call_id=call,
            fence=1,
            since=START,
        )
    assert await rule(database, about(debtor)) == "LOCKED"
    assert await rule(database, replace(about(debtor), call_id=call)) is None
    assert await rule(database, replace(about(debtor), call_id=an_id())) == "LOCKED"


async def test_a_campaign_tightens_the_law(database: Database, debtor: Debtor) -> None:
    async with database.writing() as session:
        await insert(
            session, "contact_counts", customer_id=debtor.customer, business_on=ZONE_TODAY,
            attempts=1, last_at=START - timedelta(minutes=20),
        )  # fmt: skip
    for limits, expected in (
        (Limits(), None),
        (Limits(cap_per_day=1), "DAILY_CAP"),
        (Limits(cap_per_week=1), "WEEKLY_CAP"),
        (Limits(min_gap_minutes=30), "MIN_GAP"),
        (Limits(windows=(LocalWindow(12 * 60, 13 * 60),)), "OUT_OF_WINDOW"),
    ):
        assert await rule(database, replace(about(debtor), limits=limits)) == expected


async def test_days_are_those_of_the_customers_own_place(
    database: Database, debtor: Debtor
) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE customers SET timezone = 'America/New_York'"))
    told = await answer(database, about(debtor))
    assert told.today == ZONE_TODAY - timedelta(days=1)
    assert told.verdict.rule == "OUT_OF_WINDOW"  # ten past ten in the evening there


async def test_an_agent_by_hand_is_not_bound_by_what_paces_dialers(
    database: Database, debtor: Debtor
) -> None:
    async with database.writing() as session:
        await insert(
            session, "holds", id=an_id(), customer_id=debtor.customer, kind="PROMISE_RUNNING",
            source="promise", placed_at=START,
        )  # fmt: skip
    assert await rule(database, about(debtor)) == "PROMISE_RUNNING"
    assert await rule(database, replace(about(debtor), starter=Starter.AGENT)) is None


async def test_a_relative_may_be_asked_where_the_customer_is_and_never_for_money(
    database: Database, debtor: Debtor
) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE phones SET label = 'RELATIVE'"))
    by_hand = replace(about(debtor), starter=Starter.AGENT)
    assert await rule(database, by_hand) == "THIRD_PARTY_NOT_LIABLE"
    assert await rule(database, replace(by_hand, purpose=Purpose.LOCATE)) is None


@pytest.mark.parametrize(("name", "profile"), [("VN", VN), ("NONE", NONE)])
async def test_the_profile_is_data_of_the_organisation(
    database: Database, debtor: Debtor, name: str, profile: object
) -> None:
    async with database.writing() as session:
        await session.execute(
            text("UPDATE organisations SET legal_profile = :name"), {"name": name}
        )
    async with database.reading() as session:
        assert await profile_in_force(session) is profile
        night = await ask(session, about(debtor), START + timedelta(hours=12))
    assert night.verdict.allowed is (name == "NONE")
    assert night.cap == (None if name == "NONE" else 3)


async def test_a_conversation_gives_a_week_of_rest_where_the_law_says_so(
    database: Database, debtor: Debtor
) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE organisations SET legal_profile = 'US'"))
        await a_consent(session, debtor.customer)
        await insert(
            session, "calls", id=an_id(), created_at=START - timedelta(days=3),
            customer_id=debtor.customer, number="+84501", connected_at=START - timedelta(days=3),
        )  # fmt: skip
    assert await rule(database, about(debtor)) == "COOLDOWN"
