"""What the American and British rules rest on, gathered from a real database: places, debts, conversations."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.compliance.service import Limits, Question, ask
from tests.support.rows import (
    Debtor,
    a_consent,
    a_customer,
    a_loan,
    a_phone,
    an_id,
    an_organisation,
    insert,
    wipe,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.compliance.service import Verdict
    from app.db import Database

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)  # a Monday in New York
DAY = timedelta(days=1)


@pytest_asyncio.fixture(loop_scope="session")
async def debtor(database: Database) -> AsyncIterator[Debtor]:
    """Somebody in New York, with a number of Manhattan."""
    await wipe(database)
    async with database.writing() as session:
        await an_organisation(session, legal_profile="US", timezone="America/New_York")
        customer = await a_customer(session, timezone="America/New_York")
        phone = await a_phone(session, customer, number="+12125550100")
        await a_consent(session, customer)
        debtor = Debtor(customer, phone, await a_loan(session, customer))
    yield debtor


async def verdict(
    database: Database, debtor: Debtor, at: datetime = NOON, **question: Any
) -> Verdict:
    asked = Question(customer_id=debtor.customer, phone_id=debtor.phone, loan_id=debtor.loan)
    async with database.reading() as session:
        return (await ask(session, replace(asked, **question), at)).verdict


async def a_call(database: Database, debtor: Debtor, at: datetime, **values: Any) -> None:
    row: dict[str, Any] = {
        "id": an_id(), "created_at": at, "customer_id": debtor.customer, "loan_id": debtor.loan,
        "number": "+12125550100", "ended_at": at + timedelta(minutes=1), "state": "ENDED", **values,
    }  # fmt: skip
    async with database.writing() as session:
        await insert(session, "calls", **row)


async def run(database: Database, sql: str, **values: Any) -> None:
    async with database.writing() as session:
        await session.execute(text(sql), values)


async def second_loan(database: Database, debtor: Debtor) -> UUID:
    async with database.writing() as session:
        return await a_loan(session, debtor.customer)


async def test_seven_calls_about_one_debt_leave_the_other_debt_free(
    database: Database, debtor: Debtor
) -> None:
    for day in range(6):
        await a_call(database, debtor, NOON - day * DAY - timedelta(hours=2))
    assert (await verdict(database, debtor)).allowed
    await a_call(database, debtor, NOON - timedelta(hours=3))

    told = await verdict(database, debtor)
    assert told.rule == "WEEKLY_CAP"
    assert told.source.endswith("1006.14(b)(2)(i)(A)")
    assert told.until == datetime(2026, 11, 25, 5, tzinfo=UTC)  # the first of them is a week old
    assert (await verdict(database, debtor, loan_id=await second_loan(database, debtor))).allowed


async def test_the_rest_after_a_conversation_is_about_its_debt_and_begins_with_its_day(
    database: Database, debtor: Debtor
) -> None:
    spoken = datetime(2026, 11, 21, 4, tzinfo=UTC)  # eleven in the evening of the 20th there
    await a_call(database, debtor, spoken, connected_at=spoken)

    told = await verdict(database, debtor)
    assert (told.rule, told.until) == ("COOLDOWN", datetime(2026, 11, 27, 5, tzinfo=UTC))
    assert told.source.endswith("1006.14(b)(2)(i)(B)")
    other = await second_loan(database, debtor)
    assert (await verdict(database, debtor, loan_id=other)).allowed
    await a_call(database, debtor, spoken, connected_at=spoken, loan_id=None, direction="IN")
    assert (
        await verdict(database, debtor, loan_id=other)
    ).rule == "COOLDOWN"  # about which, unknown


@pytest.mark.parametrize(
    ("leaf", "rule"),
    [
        ("THIRD_PARTY_MESSAGE", None),
        ("WRONG_NUMBER_INVALID", None),
        ("HUNG_UP_BEFORE_ID", "COOLDOWN"),  # it may have been he
        ("REFUSED", "COOLDOWN"),
        (None, "COOLDOWN"),
    ],
)
async def test_somebody_else_at_the_phone_is_no_conversation(
    database: Database, debtor: Debtor, leaf: str | None, rule: str | None
) -> None:
    await a_call(database, debtor, NOON - DAY, connected_at=NOON - DAY, leaf=leaf)
    assert (await verdict(database, debtor)).rule == rule


async def test_a_call_that_was_asked_for_is_lawful_from_its_time_on_and_for_a_week(
    database: Database, debtor: Debtor
) -> None:
    await a_call(database, debtor, NOON - DAY, connected_at=NOON - DAY, leaf="CALLBACK_SCHEDULED")
    async with database.writing() as session:
        await insert(
            session, "callbacks", id=an_id(), customer_id=debtor.customer, at=NOON,
            created_at=NOON - DAY,
        )  # fmt: skip
    assert (await verdict(database, debtor, NOON - timedelta(hours=1))).rule == "COOLDOWN"
    assert (await verdict(database, debtor)).allowed
    await run(database, "UPDATE callbacks SET created_at = :at", at=NOON - 8 * DAY)
    assert (await verdict(database, debtor)).rule == "COOLDOWN"


async def test_an_area_code_with_two_zones_is_called_by_the_stricter_one(
    database: Database, debtor: Debtor
) -> None:
    """Florida's panhandle: half past eight in Pensacola is half past nine in Tallahassee, and back."""
    await run(database, "UPDATE phones SET number = '+18505550100'")
    early = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)

    told = await verdict(database, debtor, early)
    assert (told.rule, told.until) == ("OUT_OF_WINDOW", datetime(2026, 11, 23, 14, tzinfo=UTC))
    assert (await verdict(database, debtor, datetime(2026, 11, 24, 2, tzinfo=UTC))).rule is not None
    assert (await verdict(database, debtor)).allowed


async def test_somebody_from_arizona_who_lives_in_new_york_is_called_when_both_are_awake(
    database: Database, debtor: Debtor
) -> None:
    await run(database, "UPDATE phones SET number = '+16025550100'")
    assert (await verdict(database, debtor, NOON - timedelta(hours=3))).rule == "OUT_OF_WINDOW"
    assert (await verdict(database, debtor)).allowed


async def test_times_and_places_that_the_customer_named_are_honoured(
    database: Database, debtor: Debtor
) -> None:
    await run(
        database,
        "UPDATE customers SET preference = CAST(:said AS jsonb)",
        said='{"avoid": ["12-14", "nơi làm việc"]}',
    )
    told = await verdict(database, debtor)
    assert (told.rule, told.until) == ("OUT_OF_WINDOW", NOON + timedelta(hours=2))
    assert told.source.endswith("1006.6(b)(1)")
    assert (await verdict(database, debtor, NOON + timedelta(hours=2))).allowed
    await run(database, "UPDATE phones SET label = 'WORK'")
    assert (await verdict(database, debtor, NOON + timedelta(hours=2))).rule == "OUT_OF_WINDOW"


async def test_a_campaign_adds_its_customers_country_to_the_organisations_law(
    database: Database, debtor: Debtor
) -> None:
    await run(database, "UPDATE organisations SET legal_profile = 'VN'")
    early = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)  # half past seven
    assert (await verdict(database, debtor, early)).allowed
    told = await verdict(database, debtor, early, limits=Limits(profile="US"))
    assert told.rule == "OUT_OF_WINDOW"
    assert "Regulation F" in told.source


@pytest.mark.parametrize("summer", [False, True])
async def test_hours_are_those_of_the_wall_on_both_sides_of_a_change_of_the_clock(
    database: Database, debtor: Debtor, *, summer: bool
) -> None:
    """The day after New York's clocks went forward (8 March 2026) eight comes an hour earlier."""
    opens = datetime(2026, 3, 9 if summer else 6, 12 if summer else 13, tzinfo=UTC)
    assert (await verdict(database, debtor, opens - timedelta(seconds=1))).until == opens
    assert (await verdict(database, debtor, opens)).allowed
