"""A room whose call is opened, and what is written of it: over PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import text

from app.clock import Clock
from dialer.core.records import (
    CallEnded,
    CallMoment,
    Moment,
    Record,
)
from dialer.journal_postgres import PostgresJournal
from dialer.leads import Opened
from dialer.leads_postgres import PostgresLeads
from dialer.lease import PostgresLease
from tests.support.bank import Bank
from tests.support.clock import START
from tests.support.rows import START_MS as NOW
from tests.support.rows import (
    Debtor,
    a_campaign,
    a_debtor,
    a_lead,
    an_organisation,
    insert,
    wipe,
)

if TYPE_CHECKING:
    from app.db import Database

SETTINGS = {"caller_ids": ["+842471000000"], "wrapup_s": 20}
AGENT, OTHER = UUID(int=0xA1), UUID(int=0xA2)


@dataclass
class Room(Bank):
    """A small bank whose campaign has one call opened, and the journal of its room."""

    journal: PostgresJournal
    lead: UUID
    debtor: Debtor
    call: UUID

    async def write(self, *records: Record) -> None:
        """Have it in the books."""
        await self.journal.write(records, NOW, self.fence)

    def moment(
        self,
        moment: Moment,
        after_ms: int,
        state: str,
        agent: UUID | None = None,
        error_ms: int = 0,
    ) -> CallMoment:
        """What happened to the call so many ms after it was opened."""
        return CallMoment(self.call, moment, NOW + after_ms, state, agent, error_ms)

    def ended(self, **changes: Any) -> CallEnded:
        """Its end after a minute."""
        ended = CallEnded(
            call=self.call, campaign=self.campaign, lead=self.lead, customer=self.debtor.customer,
            at_ms=NOW + 60_000, cause="COMPLETED", by="CUSTOMER", abandoned=False, answered=True,
            agent=AGENT, talk_ms=40_000, held_ms=0, retry_at_ms=None,
        )  # fmt: skip
        return replace(ended, **changes)

    async def one(self, sql: str) -> Any:
        """The only row of a query."""
        async with self.database.reading() as session:
            return (await session.execute(text(sql))).one()


async def open_room(database: Database) -> Room:
    """The two agents of the campaign, and its call just opened."""
    await wipe(database)
    async with database.writing() as session:
        await an_organisation(session)
        campaign = await a_campaign(session, settings=SETTINGS)
        debtor = await a_debtor(session)
        lead = await a_lead(session, campaign, debtor)
        for agent, name in ((AGENT, "minh"), (OTHER, "lan")):
            await insert(
                session, "users", id=agent, username=name, full_name=name.title(),
                short_name=name.title(), roles=["AGENT"], password_hash="-", created_at=START,
                wrapup_multiplier=2 if agent == AGENT else 1,
            )  # fmt: skip
            await insert(session, "campaign_agents", campaign_id=campaign, user_id=agent)
    fence = await PostgresLease(database, "us").acquire(NOW)
    assert fence is not None
    leads = PostgresLeads(database, Clock())
    (reserved,) = await leads.reserve(campaign, 1, NOW, fence)
    opened = await leads.open(reserved, NOW, fence)
    assert isinstance(opened, Opened)
    return Room(
        database, leads, campaign, fence, PostgresJournal(database, Clock()), lead, debtor,
        opened.call,
    )  # fmt: skip


def whole_call(room: Room) -> list[Record]:
    """From dialling to the end, with a hold and a receipt that comes late."""
    return [
        room.moment(Moment.DIALED, 5, "DIALING"),
        room.moment(Moment.RINGING, 900, "RINGING"),
        room.moment(Moment.ANSWERED, 4_000, "ANSWERED"),
        room.moment(Moment.WAITING, 4_000, "WAITING"),
        room.moment(Moment.ASSIGNED, 4_001, "RESERVED", AGENT),
        room.moment(Moment.CONNECTED, 4_010, "BRIDGED", AGENT),
        room.moment(Moment.PUBLISHED, 4_006, "RESERVED", AGENT),
        room.moment(Moment.RECEIVED, 4_015, "BRIDGED", AGENT),
        room.moment(Moment.PAINTED, 4_040, "BRIDGED", AGENT, 7),
        room.moment(Moment.HELD, 9_000, "HELD", AGENT),
        room.moment(Moment.RESUMED, 12_000, "BRIDGED", AGENT),
        room.ended(held_ms=3_000),
    ]
