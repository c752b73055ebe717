"""Fifty who dial at once under American law: never more than seven calls about one debt in seven days.

The customer's lock is taken before the verdict counts the calls, so that no two dialers count the same seven.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.clock import Clock
from app.db import Database
from dialer.core.records import CallEnded
from dialer.journal_postgres import PostgresJournal
from dialer.leads import Opened, Refused
from dialer.leads_postgres import PostgresLeads
from dialer.lease import PostgresLease
from tests.support.rows import (
    Debtor,
    a_campaign,
    a_consent,
    a_customer,
    a_lead,
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

DIALERS, CUSTOMERS, LOANS, DAYS, BEFORE = 50, 1, 2, 1, 5
MORNING = datetime(
    2026, 11, 2, 14, tzinfo=UTC
)  # nine in New York, the Monday after its clock changed
HOURS = (0, 1, 2, 3, 4)
pytestmark = pytest.mark.timeout(240)
SETTINGS = {"cap_per_day": 7, "retry": {"BUSY": {"delay_seconds": 60, "max_attempts": 100}}}


@pytest_asyncio.fixture(loop_scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, pool_size=25)
    yield database
    await database.close()


async def a_floor(database: Database) -> list[UUID]:
    """As many campaigns as dialers; each calls every customer, about one of two loans called five times."""
    await wipe(database)
    async with database.writing() as session:
        await an_organisation(session, legal_profile="US", timezone="America/New_York")
        campaigns = [await a_campaign(session, settings=SETTINGS) for _ in range(DIALERS)]
        for _ in range(CUSTOMERS):
            customer = await a_customer(session, timezone="America/New_York")
            phone = await a_phone(session, customer, number="+12125550100")
            await a_consent(session, customer)
            loans = [await a_loan(session, customer) for _ in range(LOANS)]
            for loan in loans:
                for day in range(1, BEFORE + 1):
                    at = MORNING - timedelta(days=day)
                    await insert(
                        session, "calls", id=an_id(), created_at=at, customer_id=customer,
                        loan_id=loan, number="+12125550100", ended_at=at, state="ENDED",
                    )  # fmt: skip
            for place, campaign in enumerate(campaigns):
                debtor = Debtor(customer, phone, loans[place % LOANS])
                await a_lead(session, campaign, debtor, next_at=MORNING)
    return campaigns


async def dial(database: Database, campaign: UUID, at: datetime, fence: int) -> Counter[str]:
    """Everybody who is due in one campaign, each call busy at once."""
    leads, at_ms = PostgresLeads(database, Clock()), round(at.timestamp() * 1_000)
    met: Counter[str] = Counter()
    ends = []
    for lead in await leads.reserve(campaign, CUSTOMERS, at_ms, fence):
        answer = await leads.open(lead, at_ms, fence)
        met["OPENED" if isinstance(answer, Opened) else answer.rule] += 1
        if not isinstance(answer, Refused):
            ends.append(
                CallEnded(
                    call=answer.call, campaign=lead.campaign, lead=lead.id, customer=lead.customer,
                    at_ms=at_ms + 1_000, cause="BUSY", by="CARRIER", abandoned=False,
                    answered=False, agent=None, talk_ms=0, held_ms=0, retry_at_ms=at_ms + 60_000,
                )
            )  # fmt: skip
    await PostgresJournal(database, Clock()).write(ends, at_ms + 1_000, fence)
    return met


async def test_seven_in_seven_holds_under_fifty_dialers(database: Database) -> None:
    campaigns = await a_floor(database)
    met: Counter[str] = Counter()
    for day in range(DAYS):
        for hour in HOURS:
            at = MORNING + timedelta(days=day, hours=hour)
            fence = await PostgresLease(database, "us").acquire(round(at.timestamp() * 1_000))
            assert fence is not None
            for one in await asyncio.gather(*(dial(database, c, at, fence) for c in campaigns)):
                met += one
    async with database.reading() as session:
        most = await session.scalar(
            text(
                "SELECT max(placed) FROM (SELECT count(*) OVER (PARTITION BY loan_id ORDER BY"
                " (created_at AT TIME ZONE 'America/New_York')::date"
                " RANGE BETWEEN INTERVAL '6 days' PRECEDING AND CURRENT ROW) AS placed FROM calls) s"
            )
        )
    assert most == 7  # reached, and never passed
    assert met["WEEKLY_CAP"] > 0
