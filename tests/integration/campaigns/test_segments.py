"""Who belongs to a campaign: each field of `--where` in SQL, the exclusions, and the order of calling."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.campaigns import segment
from app.campaigns.filters import FIELDS, Compare
from app.campaigns.where import parse
from app.customers.rules import RiskClass, RiskFacts, assess_risk
from tests.support.clock import START
from tests.support.rows import (
    ZONE_TODAY,
    a_customer,
    a_debtor,
    a_loan,
    a_phone,
    an_id,
    insert,
    wipe,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database


def days_ago(days: int) -> Any:
    return ZONE_TODAY - timedelta(days=days)


@pytest_asyncio.fixture(loop_scope="session")
async def people(database: Database) -> AsyncIterator[dict[UUID, str]]:
    """Three customers, told apart in every field."""
    await wipe(database)
    async with database.writing() as session:
        ha = await a_customer(session, province="Hà Nội", district="Ba Đình", risk_class="HIGH")
        await a_phone(session, ha)
        loan = await a_loan(session, ha, oldest_unpaid_due_on=days_ago(45))
        for days in (3, 40):
            await insert(
                session, "promises", id=an_id(), customer_id=ha, loan_id=loan, currency="VND",
                amount_minor=1_000, due_on=days_ago(days), state="BROKEN", created_at=START,
                judged_at=START - timedelta(days=days),
            )  # fmt: skip
        minh = await a_customer(session, province="Đà Nẵng", language="en", segment="VIP")
        await a_phone(session, minh)
        loan = await a_loan(
            session, minh, currency="USD", product="AUTO", outstanding_minor=90_000,
            overdue_minor=14_550, due_minor=14_550, oldest_unpaid_due_on=days_ago(5),
        )  # fmt: skip
        await insert(
            session, "payments", id=an_id(), customer_id=minh, loan_id=loan, amount_minor=5,
            currency="USD", paid_on=days_ago(10), paid_at=START, source="test", reference="1",
        )  # fmt: skip
        await insert(
            session, "contact_counts", customer_id=minh, business_on=days_ago(2), attempts=1,
            last_at=START - timedelta(days=2),
        )  # fmt: skip
        lan = await a_customer(session, province="Cần Thơ")
        await a_phone(session, lan)
        await a_loan(session, lan, oldest_unpaid_due_on=None, overdue_minor=0, due_minor=0)
    yield {ha: "ha", minh: "minh", lan: "lan"}


async def found(database: Database, people: dict[UUID, str], where: str) -> str:
    """Who belongs, in the order of calling."""
    async with database.reading() as session:
        members = await segment.list_members(session, parse(where), today=ZONE_TODAY, now=START)
    return " ".join(people.get(member.customer_id, "?") for member in members)


SELECTED = (
    ("", "ha minh lan"),
    ("dpd 10..60", "ha"),
    ("dpd >= 1", "ha minh"),
    ("dpd = 0", "lan"),
    ("bucket = B3", "ha"),
    ("bucket B1..B2", "minh"),
    ("bucket < B1", "lan"),
    ("stage = MID", "ha"),
    ("stage <= EARLY", "minh lan"),
    ("product = AUTO", "minh"),
    ("product in (CREDIT_CARD, MORTGAGE)", "ha lan"),
    ("outstanding >= 20000000", "ha lan"),
    ("currency = USD and outstanding = 900", "minh"),
    ("overdue < 146 and currency = USD", "minh"),
    ("due in (5000000)", "ha"),
    ("province in (Hà Nội, 'Đà Nẵng')", "ha minh"),
    ("district = 'Ba Đình'", "ha"),
    ("language = en", "minh"),
    ("segment = VIP", "minh"),
    ("risk >= MEDIUM", "ha"),
    ("days_since_payment <= 10", "minh"),
    ("days_since_payment > 1000", "ha lan"),
    ("days_since_contact < 3", "minh"),
    ("broken_promises = 2", "ha"),
    ("not (dpd >= 1 or language = en)", "lan"),
    ('province = "x\'; DROP TABLE customers; --"', ""),
)


@pytest.mark.req("S0c-039", "S0c-041")
@pytest.mark.parametrize(("where", "names"), SELECTED)
async def test_every_field_selects_whom_it_says(
    database: Database, people: dict[UUID, str], where: str, names: str
) -> None:
    assert await found(database, people, where) == names


async def test_no_field_is_without_a_test() -> None:
    asked = " ".join(where for where, _ in SELECTED)
    assert [name for name in FIELDS if name not in asked] == []


EXCLUDING = {
    "do not contact": "UPDATE customers SET do_not_contact = true",
    "inactive": "UPDATE customers SET status = 'INACTIVE'",
    "closed loan": "UPDATE loans SET closed_at = now()",
    "nothing owed": "UPDATE loans SET outstanding_minor = 0, overdue_minor = 0, due_minor = 0",
    "legal": "UPDATE loans SET status = 'LEGAL'",
    "third party": "UPDATE loans SET status = 'THIRD_PARTY'",
    "trace": "UPDATE loans SET status = 'TRACE'",
    "no number": "UPDATE phones SET verification = 'WRONG_PARTY'",
    "a relative's number": "UPDATE phones SET label = 'RELATIVE'",
}


@pytest.mark.parametrize("change", EXCLUDING.values(), ids=EXCLUDING)
async def test_nobody_who_must_not_be_called_ever_belongs(
    database: Database, people: dict[UUID, str], change: str
) -> None:
    async with database.writing() as session:
        await session.execute(text(change))
    assert await found(database, people, "") == ""


async def test_a_hold_in_force_keeps_its_customer_out_and_an_old_one_does_not(
    database: Database, people: dict[UUID, str]
) -> None:
    ha, minh, lan = people
    async with database.writing() as session:
        for customer, until, released in (
            (ha, None, None),
            (minh, START, None),
            (lan, None, START),
        ):
            await insert(
                session, "holds", id=an_id(), customer_id=customer, kind="DISPUTE_HOLD",
                until=until, source="test", placed_at=START, released_at=released,
            )  # fmt: skip
    assert await found(database, people, "") == "minh lan"


async def test_a_customer_of_two_loans_belongs_once_with_the_older_debt(
    database: Database, people: dict[UUID, str]
) -> None:
    async with database.writing() as session:
        debtor = await a_debtor(session, oldest_unpaid_due_on=days_ago(12))
        older = await a_loan(session, debtor.customer, oldest_unpaid_due_on=days_ago(80))
    async with database.reading() as session:
        members = await segment.list_members(session, parse(""), today=ZONE_TODAY, now=START)
    mine = [member for member in members if member.customer_id == debtor.customer]
    assert [member.loan_id for member in mine] == [older]


@pytest.mark.req("S0c-046")
async def test_a_segment_is_measured_in_each_currency_apart(
    database: Database, people: dict[UUID, str]
) -> None:
    async with database.reading() as session:
        size = await segment.measure(session, parse("dpd >= 1"), today=ZONE_TODAY, now=START)
        nobody = await segment.measure(session, parse("dpd = 77"), today=ZONE_TODAY, now=START)
    assert (size.customers, size.outstanding_minor) == (2, {"VND": 20_000_000, "USD": 90_000})
    assert (nobody.customers, nobody.outstanding_minor) == (0, {})


def test_an_operator_that_is_none_is_no_sql() -> None:
    with pytest.raises(ValueError, match="compares nothing"):
        segment.compile_filter(Compare("dpd", "; --", 1))


RISKS = tuple(RiskClass)


@pytest.mark.parametrize("dpd", [0, 30, 31, 60, 61, 90, 91])
@pytest.mark.parametrize("manner", [None, "HOSTILE"])
@pytest.mark.parametrize("broken", [(), (100,), (10,), (10, 20)])
async def test_risk_is_the_graver_of_the_banks_class_and_of_todays_facts(
    database: Database, dpd: int, manner: str | None, broken: tuple[int, ...]
) -> None:
    await wipe(database)
    async with database.writing() as session:
        for told in RISKS:
            who = await a_customer(session, cif=told, risk_class=told, cooperation=manner)
            await a_phone(session, who)
            loan = await a_loan(session, who, oldest_unpaid_due_on=days_ago(dpd))
            for days in broken:
                await insert(
                    session, "promises", id=an_id(), customer_id=who, loan_id=loan, currency="VND",
                    amount_minor=1_000, due_on=days_ago(days), state="BROKEN", created_at=START,
                )  # fmt: skip
    facts = RiskFacts(
        dpd=dpd,
        broken_60d=sum(days < 60 for days in broken),
        broken_ever=len(broken),
        hostile=manner is not None,
    )
    derived = RISKS.index(assess_risk(facts).risk_class)
    for place, level in enumerate(RISKS):
        async with database.reading() as session:
            size = await segment.measure(
                session, parse(f"risk >= {level}"), today=ZONE_TODAY, now=START
            )
        expected = [told for told in RISKS if max(RISKS.index(told), derived) >= place]
        assert size.customers == len(expected), level
