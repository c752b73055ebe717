"""Fifty who dial at once, for two business days: invariants 2 and 3 of domain.md section 11.

No customer is above the cap, none is in two calls, and nobody is called outside the window, whatever
fifty openers do in parallel over three campaigns that share the same people.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest_asyncio
from sqlalchemy import text

from app.clock import Clock
from app.db import Database
from dialer.core.records import CallEnded
from dialer.journal_postgres import PostgresJournal
from dialer.leads import Lead, Opened, Refused
from dialer.leads_postgres import PostgresLeads
from dialer.lease import PostgresLease
from tests.support.rows import START_MS as NOW
from tests.support.rows import a_campaign, a_debtor, a_lead, an_organisation, wipe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

CUSTOMERS, CAMPAIGNS, DIALERS = 12, 3, 50
MINUTE = 60_000
EVENING = 9.9  # hours after START, 20:04: the campaign's window has closed
SETTINGS = {
    "cap_per_day": 2,
    "windows": [{"from": "08:00", "to": "20:00"}],
    "retry": {"BUSY": {"delay_seconds": 60, "max_attempts": 100}},
}


@dataclass
class Bank:
    database: Database
    campaigns: list[UUID]
    fence: int

    async def rows(self, sql: str) -> list[Any]:
        async with self.database.reading() as session:
            return list((await session.execute(text(sql))).all())


@pytest_asyncio.fixture(loop_scope="session")
async def bank(database_url: str) -> AsyncIterator[Bank]:
    database = Database(database_url, pool_size=25)
    await wipe(database)
    async with database.writing() as session:
        await an_organisation(session)
        people = [await a_debtor(session) for _ in range(CUSTOMERS)]
        campaigns = [await a_campaign(session, settings=SETTINGS) for _ in range(CAMPAIGNS)]
        for campaign in campaigns:
            for person in people:
                await a_lead(session, campaign, person)
    fence = await PostgresLease(database, "us").acquire(NOW)
    assert fence is not None
    yield Bank(database, campaigns, fence)
    await database.close()


async def dial_once(bank: Bank, chance: random.Random, now_ms: int) -> Counter[str]:
    """Reserve, open what may be opened, end some of it; the rest stays up."""
    leads = PostgresLeads(bank.database, Clock())
    journal = PostgresJournal(bank.database, Clock())
    met: Counter[str] = Counter()
    taken = await leads.reserve(chance.choice(bank.campaigns), 2, now_ms, bank.fence)
    for lead in taken:
        answer = await leads.open(lead, now_ms, bank.fence)
        if isinstance(answer, Refused):
            met[answer.rule] += 1
            continue
        met["OPENED"] += 1
        if chance.random() < 0.8:
            await journal.write([end_of(lead, answer, now_ms)], now_ms, bank.fence)
    return met


def end_of(lead: Lead, opened: Opened, now_ms: int) -> CallEnded:
    """Busy: the lead comes again in a minute."""
    return CallEnded(
        call=opened.call, campaign=lead.campaign, lead=lead.id, customer=lead.customer,
        at_ms=now_ms + 1_000, cause="BUSY", by="CARRIER", abandoned=False, answered=False, agent=None,
        talk_ms=0, held_ms=0, retry_at_ms=now_ms + MINUTE,
    )  # fmt: skip


async def end_the_rest(bank: Bank, now_ms: int) -> None:
    """End what was left up, so that the customers are free again."""
    journal = PostgresJournal(bank.database, Clock())
    _, living = await journal.restore(now_ms, bank.fence)
    ends = [
        CallEnded(
            call=call.line.call, campaign=call.line.campaign, lead=call.line.lead,
            customer=call.line.customer, at_ms=now_ms, cause="BUSY", by="CARRIER", abandoned=False,
            answered=False, agent=None, talk_ms=0, held_ms=0, retry_at_ms=now_ms + MINUTE,
        )
        for call in living
    ]  # fmt: skip
    await journal.write(ends, now_ms, bank.fence)


async def never_two_calls(bank: Bank) -> None:
    doubled = await bank.rows(
        "SELECT customer_id FROM calls WHERE ended_at IS NULL GROUP BY customer_id HAVING count(*) > 1"
    )
    assert doubled == []


async def add_a_late_lead(bank: Bank) -> None:
    """Somebody whose day is still free, when it is too late to call."""
    async with bank.database.writing() as session:
        person = await a_debtor(session)
        for campaign in bank.campaigns:
            await a_lead(session, campaign, person)


async def test_caps_locks_and_windows_hold_under_fifty_dialers(bank: Bank) -> None:
    met: Counter[str] = Counter()
    hours = [0, 0.3, 0.6, EVENING, 24, 24.3]
    for moment, hour in enumerate(hours):
        now_ms = NOW + round(hour * 60) * MINUTE
        if hour == EVENING:
            await add_a_late_lead(bank)
        chances = [random.Random(f"{moment} {n}") for n in range(DIALERS)]
        for one in await asyncio.gather(*(dial_once(bank, c, now_ms) for c in chances)):
            met += one
        await never_two_calls(bank)
        await end_the_rest(bank, now_ms + 2_000)
    over = await bank.rows("SELECT customer_id FROM contact_counts WHERE attempts > 2")
    assert over == []
    assert await bank.rows(
        "SELECT customer_id FROM attempts WHERE allowed GROUP BY customer_id, business_on"
        " HAVING count(*) > 2"
    ) == []  # fmt: skip
    counted = await bank.rows("SELECT coalesce(sum(attempts), 0) FROM contact_counts")
    assert counted == await bank.rows("SELECT count(*) FROM attempts WHERE allowed")
    outside = (
        "SELECT 1 FROM calls WHERE (created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::time"
        " NOT BETWEEN '08:00' AND '19:59:59.999'"
    )
    assert await bank.rows(outside) == []
    # The test has teeth only when the limits were met.
    assert met["OPENED"] == CUSTOMERS * 2 * 2 + 2  # the late one, tomorrow
    assert met["DAILY_CAP"] > 0
    assert met["LOCKED"] + met["MIN_GAP"] > 0
    assert met["OUT_OF_WINDOW"] > 0


async def test_of_fifty_leads_of_one_customer_exactly_one_is_dialled(bank: Bank) -> None:
    """All at the same instant, each in a campaign of its own."""
    async with bank.database.writing() as session:
        person = await a_debtor(session)
        campaigns = [await a_campaign(session, settings=SETTINGS) for _ in range(DIALERS)]
        for campaign in campaigns:
            await a_lead(session, campaign, person)
    leads = PostgresLeads(bank.database, Clock())

    async def dial(campaign: UUID) -> str:
        (lead,) = await leads.reserve(campaign, 1, NOW, bank.fence)
        answer = await leads.open(lead, NOW, bank.fence)
        return answer.rule if isinstance(answer, Refused) else "OPENED"

    met = Counter(await asyncio.gather(*(dial(campaign) for campaign in campaigns)))
    assert met["OPENED"] == 1
    assert met["OPENED"] + met["LOCKED"] + met["MIN_GAP"] == DIALERS
