"""A small bank whose one campaign is dialled by us, as the dialer sees it: over PostgreSQL."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from app.clock import Clock
from dialer.leads_postgres import PostgresLeads
from dialer.lease import PostgresLease
from tests.support.rows import (
    START_MS as NOW,
)
from tests.support.rows import (
    Debtor,
    a_campaign,
    a_debtor,
    a_lead,
    an_organisation,
    wipe,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database
    from dialer.leads import Lead, Opened, Refused

SETTINGS = {"caller_ids": ["+842471000000"], "windows": [{"from": "08:00", "to": "20:00"}]}


@dataclass
class Bank:
    """A small bank whose one campaign is led by us."""

    database: Database
    leads: PostgresLeads
    campaign: UUID
    fence: int

    async def a_debtor(self, **lead: Any) -> Debtor:
        """Somebody who owes, with a lead in the campaign."""
        async with self.database.writing() as session:
            debtor = await a_debtor(session)
            await a_lead(session, self.campaign, debtor, **lead)
        return debtor

    async def reserve(self, count: int = 10, now_ms: int = NOW) -> list[Lead]:
        """The next leads, under our lease."""
        return list(await self.leads.reserve(self.campaign, count, now_ms, self.fence))

    async def open(self, lead: Lead, now_ms: int = NOW) -> Opened | Refused:
        """Open a line for a lead that was reserved."""
        return await self.leads.open(lead, now_ms, self.fence)

    async def open_one(self, now_ms: int = NOW) -> Opened | Refused:
        """Reserve one lead and open its line."""
        (lead,) = await self.reserve(1, now_ms)
        return await self.open(lead, now_ms)

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        """Rows of a query."""
        async with self.database.reading() as session:
            return list((await session.execute(text(sql), values)).all())

    async def run(self, sql: str, **values: Any) -> None:
        """Change what stands in the books."""
        async with self.database.writing() as session:
            await session.execute(text(sql), values)


@asynccontextmanager
async def open_bank(database: Database) -> AsyncIterator[Bank]:
    """An empty bank with that one campaign, its lease in our hands."""
    await wipe(database)
    async with database.writing() as session:
        await an_organisation(session)
        campaign = await a_campaign(session, settings=SETTINGS, mode="PREDICTIVE")
    fence = await PostgresLease(database, "us").acquire(NOW)
    assert fence is not None
    yield Bank(database, PostgresLeads(database, Clock()), campaign, fence)
