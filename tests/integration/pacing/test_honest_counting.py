"""One number of abandoned calls, wherever it is asked for: controller, wall, books, pace log, a new dialer.

Half an hour through the dialer's own room with a person abandoned in every way there is, and with those who
look like it and are not. The carrier and the agents are scripted; journal and leads are the real ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
import structlog
from sqlalchemy import text

from app.calls import service as calls
from app.clock import Clock
from app.observe import Metrics
from app.pacing import service as pacing
from app.wall import hours, store
from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.call import CallState
from dialer.core.floor import Floor
from dialer.fence_postgres import instant
from dialer.journal_postgres import PostgresJournal
from dialer.leads import Opened
from dialer.leads_postgres import PostgresLeads
from dialer.lease import PostgresLease
from dialer.opener import _line
from dialer.pace_book import PaceBook
from dialer.paces_postgres import PostgresPaces
from tests.support.rows import START_MS as NOW
from tests.support.rows import (
    a_campaign,
    a_debtor,
    a_lead,
    an_id,
    an_organisation,
    insert,
    wipe,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database
    from dialer.core.records import Record

SETTINGS = {"caller_ids": ["+842471000000"], "amd": True}
pytestmark = pytest.mark.timeout(240)


@dataclass
class HalfHour:
    """A room whose orders are carried out by the real books, and whose world is told by hand."""

    database: Database
    fence: int
    campaign: UUID
    agent: UUID
    leads: PostgresLeads
    journal: PostgresJournal
    book: PaceBook
    now: int = NOW
    floor: Floor = field(default_factory=Floor)
    records: list[Record] = field(default_factory=list)

    async def tell(self, event: e.Event, after: int = 0) -> None:
        self.now += after
        for order in self.floor.receive(event, self.now):
            if isinstance(order, o.Write):
                self.records.append(order.record)
        if isinstance(event, e.Tick):
            self.book.note(self.floor.room.efforts.values(), self.now)

    async def ready(self, *, on: bool) -> None:
        await self.tell(e.AgentReady(self.agent) if on else e.AgentAway(self.agent, "BREAK"))

    async def ring(self) -> UUID:
        """The next customer's telephone rings."""
        (lead,) = await self.leads.reserve(self.campaign, 1, self.now, self.fence)
        opened = await self.leads.open(lead, self.now, self.fence)
        assert isinstance(opened, Opened), opened
        await self.tell(_line(lead, opened))
        self.now += 1_500
        await self.tell(e.Ringing(opened.call, self.now))
        return opened.call

    async def pick_up(self) -> UUID:
        """A person picks up, and detection says so."""
        call = await self.ring()
        self.now += 4_000
        await self.tell(e.Answered(call, self.now))
        self.now += 900
        await self.tell(e.PersonHeard(call, self.now))
        return call

    async def join(self, call: UUID) -> None:
        await self.tell(e.Reserved(self.agent, call), after=2)
        self.now += 20
        await self.tell(e.ScreenReceived(self.agent, call, self.now))
        await self.tell(e.BridgedUp(call, self.agent, self.now))

    async def end(self, call: UUID, cause: str = "COMPLETED", by: str = "CUSTOMER") -> None:
        await self.tell(e.HungUp(call, cause, by, self.now))

    async def wrap_up(self, call: UUID) -> None:
        await self.tell(e.OutcomeSaved(self.agent, call, "REFUSED"), after=8_000)
        await self.tell(e.FinishAsked(self.agent, call))

    async def pass_time(self, seconds: int) -> None:
        """Let the room turn."""
        for _ in range(seconds):
            await self.tell(e.Tick(), after=1_000)
        records, self.records = self.records, []
        await self.journal.write(records, self.now, self.fence)


@pytest_asyncio.fixture
async def room(database: Database) -> AsyncIterator[HalfHour]:
    await wipe(database)
    agent = an_id()
    async with database.writing() as session:
        await session.execute(text("DELETE FROM pace_minutes"))
        await an_organisation(session)
        campaign = await a_campaign(session, settings=SETTINGS, mode="MANUAL")
        for _ in range(20):
            await a_lead(session, campaign, await a_debtor(session))
        await insert(
            session, "users", id=agent, username="minh", full_name="Minh", short_name="Minh",
            roles=["AGENT"], password_hash="-", created_at=instant(NOW),
        )  # fmt: skip
        await insert(session, "campaign_agents", campaign_id=campaign, user_id=agent)
    fence = await PostgresLease(database, "us").acquire(NOW)
    assert fence is not None
    clock = Clock()
    log = structlog.get_logger("test")
    room = HalfHour(
        database, fence, campaign, agent, PostgresLeads(database, clock),
        PostgresJournal(database, clock),
        PaceBook(PostgresPaces(database), fence, Metrics("dialer"), log),
    )  # fmt: skip
    known = await room.leads.campaign(campaign, NOW)
    assert known is not None
    await room.tell(e.CampaignLoaded(known))
    await room.tell(e.AgentSignedIn(agent, "Minh", None, frozenset({campaign})))
    await room.tell(e.LinkUp(agent, "s"))
    yield room


async def live_through_it(room: HalfHour) -> tuple[int, int]:
    """Everything that can happen to somebody who picks up; persons who answered, and those abandoned."""
    await be_served_or_nearly(room)
    await find_nobody(room)
    await be_no_person(room)
    await room.pass_time(1_500)
    return 9, 7


async def be_served_or_nearly(room: HalfHour) -> None:
    """Two are served, however the call ends; two are not, though an agent was on his way."""
    await room.ready(on=True)
    for cause, by in (("COMPLETED", "CUSTOMER"), ("CARRIER_ERROR", "CARRIER")):
        call = await room.pick_up()
        await room.join(call)
        await room.pass_time(30)
        await room.end(call, cause, by)
        await room.wrap_up(call)
    # He hangs up in the moment before the voice; and an agent who came within the limit, his voice after it.
    call = await room.pick_up()
    await room.tell(e.Reserved(room.agent, call), after=2)
    await room.end(call)
    await room.ready(on=False)
    call = await room.pick_up()
    room.now += 1_500
    await room.ready(on=True)
    await room.tell(e.Reserved(room.agent, call))
    room.now += 300
    await room.tell(e.ScreenReceived(room.agent, call, room.now))
    room.now += 400
    await room.tell(e.BridgedUp(call, room.agent, room.now))
    await room.pass_time(5)
    await room.end(call)
    await room.wrap_up(call)


async def find_nobody(room: HalfHour) -> None:
    """Past the limit, hearing the message to its end and not; hung up; lost; picked up as we took it back."""
    await room.ready(on=False)
    for hears_it in (True, False):
        call = await room.pick_up()
        await room.pass_time(3)
        assert room.floor.room.calls[call].state is CallState.MESSAGE
        if hears_it:
            room.now += 6_000
            await room.tell(e.MessagePlayed(call, room.now))
        await room.end(call)
    for cause, by in (("COMPLETED", "CUSTOMER"), ("CARRIER_ERROR", "CARRIER")):
        call = await room.pick_up()
        await room.tell(e.Tick(), after=800)
        await room.end(call, cause, by)
    call = await room.ring()
    await room.tell(e.DialingStopAsked(room.campaign, room.agent, ""))
    room.now += 50
    await room.tell(e.Answered(call, room.now))
    await room.end(call, by="SYSTEM")
    await room.tell(e.DialingResumeAsked(room.campaign, room.agent))


async def be_no_person(room: HalfHour) -> None:
    """As far as anybody knows: a machine, one who hung up before it was judged, and nobody at all."""
    call = await room.ring()
    room.now += 4_000
    await room.tell(e.Answered(call, room.now))
    room.now += 1_200
    await room.tell(e.MachineHeard(call, room.now))
    await room.end(call, "MACHINE", "SYSTEM")
    call = await room.ring()
    room.now += 4_000
    await room.tell(e.Answered(call, room.now))
    await room.end(call)
    await room.end(await room.ring(), "NO_ANSWER", "CARRIER")


async def test_controller_wall_books_and_pace_log_tell_one_number(room: HalfHour) -> None:
    answered, abandoned = await live_through_it(room)
    effort = room.floor.room.efforts[room.campaign]
    assert room.now - NOW > timedelta(minutes=27) / timedelta(milliseconds=1)
    assert room.floor.live_calls() == 0

    told: dict[str, tuple[int, int]] = {"controller": (effort.day.answered, effort.day.abandoned)}
    assert effort.view is not None
    told["what pacing sees"] = effort.view.answered, effort.view.abandoned
    card = room.floor.campaign_cards(room.now)[room.campaign]
    told["wall"] = card["answered"], card["abandoned"]
    await room.book.finish()
    now, began = instant(room.now), instant(NOW) - timedelta(hours=1)
    async with room.database.reading() as session:
        minutes = await pacing.minutes(session, room.campaign, began, now)
        last = minutes[max(minutes)]
        told["pace log"] = last.answered, last.abandoned
        tally = (await calls.tally(session, [room.campaign], began, now))[room.campaign]
        told["books"] = tally.answered, tally.abandoned
        hour = hours.hour_of(await store.minutes(session, began), now)
        told["wall, last hour"] = sum(hour.answered), sum(hour.abandoned)
        causes = await session.execute(
            text("SELECT cause, abandoned, count(*) FROM calls GROUP BY 1, 2 ORDER BY 1, 2")
        )
        written = {(row[0], row[1]): row[2] for row in causes}
    restarted = await room.leads.campaign(room.campaign, room.now)
    assert restarted is not None
    told["a new dialer"] = restarted.today.answered, restarted.today.abandoned

    assert told == dict.fromkeys(told, (answered, abandoned))
    assert written == {
        ("ABANDONED", True): 6,
        ("COMPLETED", True): 1,  # the agent's voice came after the limit
        ("COMPLETED", False): 1,
        ("CARRIER_ERROR", False): 1,
        ("MACHINE", False): 1,
        ("NO_ANSWER", False): 1,
        ("REJECTED", False): 1,
    }
    assert (
        effort.view.hung_up == 4
    )  # before the limit: two who waited, one before the voice, one cancelled


async def test_a_campaign_without_agents_abandons_nobody_and_every_end_is_on_record(
    room: HalfHour,
) -> None:
    async with room.database.writing() as session:
        await session.execute(text("UPDATE campaigns SET mode = 'AGENTLESS'"))
    known = await room.leads.campaign(room.campaign, room.now)
    assert known is not None
    assert "{bank}" not in known.reminder.said("vi", "+842471000000")
    await room.tell(e.CampaignLoaded(known))
    call = await room.pick_up()
    await room.tell(e.MessagePlayed(call, room.now))
    await room.end(call, by="SYSTEM")
    await room.end(await room.pick_up())
    call = await room.ring()
    await room.tell(e.Answered(call, room.now))
    await room.tell(e.MachineHeard(call, room.now))
    await room.end(call, "MACHINE", "SYSTEM")
    await room.pass_time(61)
    async with room.database.reading() as session:
        found = await session.execute(
            text("SELECT cause, leaf, answered_by_human, abandoned FROM calls ORDER BY cause")
        )
        rows = [tuple(row) for row in found]
        leads = await session.execute(
            text("SELECT last_result, state FROM leads WHERE attempts > 0 ORDER BY 1")
        )
        states = {row.last_result: row.state for row in leads}
    assert rows == [
        ("MACHINE", "MACHINE_NO_MESSAGE", False, False),
        ("REMINDED", "REMINDER_PLAYED", True, False),
        ("REMINDER_CUT", "REMINDER_CUT_SHORT", True, False),
    ]
    assert states == {"MACHINE": "RETRY", "REMINDED": "DONE", "REMINDER_CUT": "RETRY"}
    day = room.floor.room.efforts[room.campaign].day
    assert (day.answered, day.abandoned) == (2, 0)
