"""`dialer.journal.Journal` over PostgreSQL: what happened is written once, in order, fenced, and read again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.audit import service as audit
from app.breaks import service as breaks
from app.campaigns import service as campaigns
from app.clock import Clock
from dialer.core.records import (
    AgentChanged,
    BreakOverran,
    CallEnded,
    CallMoment,
    DialingStopped,
    Moment,
    Record,
)
from dialer.fence import Fenced
from dialer.fence_postgres import in_ms
from dialer.journal_postgres import PostgresJournal
from dialer.leads import Opened
from dialer.leads_postgres import PostgresLeads
from dialer.lease import PostgresLease
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
    from collections.abc import AsyncIterator

    from app.db import Database

SETTINGS = {"caller_ids": ["+842471000000"], "wrapup_s": 20}
AGENT, OTHER = UUID(int=0xA1), UUID(int=0xA2)


@dataclass
class Room:
    """A campaign with one call opened."""

    database: Database
    journal: PostgresJournal
    leads: PostgresLeads
    fence: int
    campaign: UUID
    lead: UUID
    debtor: Debtor
    call: UUID

    async def write(self, *records: Record) -> None:
        await self.journal.write(records, NOW, self.fence)

    def moment(
        self,
        moment: Moment,
        after_ms: int,
        state: str,
        agent: UUID | None = None,
        error_ms: int = 0,
    ) -> CallMoment:
        return CallMoment(self.call, moment, NOW + after_ms, state, agent, error_ms)

    def ended(self, **changes: Any) -> CallEnded:
        ended = CallEnded(
            call=self.call, campaign=self.campaign, lead=self.lead, customer=self.debtor.customer,
            at_ms=NOW + 60_000, cause="COMPLETED", by="CUSTOMER", abandoned=False, answered=True,
            agent=AGENT, talk_ms=40_000, held_ms=0, retry_at_ms=None,
        )  # fmt: skip
        return replace(ended, **changes)

    async def one(self, sql: str) -> Any:
        async with self.database.reading() as session:
            return (await session.execute(text(sql))).one()

    async def rows(self, sql: str) -> list[Any]:
        async with self.database.reading() as session:
            return list((await session.execute(text(sql))).all())


@pytest_asyncio.fixture(loop_scope="session")
async def room(database: Database) -> AsyncIterator[Room]:
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
    yield Room(
        database, PostgresJournal(database, Clock()), leads, fence, campaign, lead, debtor,
        opened.call,
    )  # fmt: skip


def whole_call(room: Room) -> list[Record]:
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


CALL = (
    "SELECT state, dialing_at, ringing_at, answered_at, waiting_at, assigned_at, published_at, received_at,"
    " painted_at, painted_error_ms, connected_at, ended_at, cause, hangup_by, agent_id,"
    " answered_by_human, abandoned, held_ms FROM calls"
)


async def test_which_message_was_played_stays_with_the_call(room: Room) -> None:
    said = "This is the bank, calling from +842471000000."
    heard = replace(room.moment(Moment.MESSAGE, 2_000, "MESSAGE"), said=said)
    await room.write(room.moment(Moment.WAITING, 0, "WAITING"), heard)
    await room.write(heard)  # told again by a dialer that was not sure
    assert (await room.one("SELECT state, message FROM calls")) == ("MESSAGE", said)
    await room.write(room.ended(cause="ABANDONED", abandoned=True, agent=None, talk_ms=0))
    assert (await room.one("SELECT abandoned, message FROM calls")) == (True, said)


async def test_a_floor_that_starts_again_knows_in_which_language_to_speak(room: Room) -> None:
    async with room.database.writing() as session:
        await session.execute(text("UPDATE customers SET language = 'en'"))
    _, (living,) = await room.journal.restore(NOW, room.fence)
    assert living.line.language == "en"


@pytest.mark.parametrize("times", [1, 2])
async def test_every_moment_of_a_call_is_written_once(room: Room, times: int) -> None:
    """The engine keeps a batch until it is written, so that it may come twice."""
    for _ in range(times):
        await room.write(*whole_call(room))
    row = await room.one(CALL)
    stamps = [at and in_ms(at) - NOW for at in row[1:9]]
    assert row.state == "ENDED"
    assert stamps == [5, 900, 4_000, 4_000, 4_001, 4_006, 4_015, 4_040]
    assert (row.painted_error_ms, in_ms(row.connected_at), in_ms(row.ended_at)) == (
        7, NOW + 4_010, NOW + 60_000,
    )  # fmt: skip
    assert (row.cause, row.hangup_by, row.agent_id, row.answered_by_human) == (
        "COMPLETED", "CUSTOMER", AGENT, True,
    )  # fmt: skip
    assert row.held_ms == 3_000


async def test_a_receipt_may_come_after_the_end(room: Room) -> None:
    records = whole_call(room)
    late = [records.pop(8)]
    await room.write(*records)
    await room.write(*late)
    assert (await room.one(CALL)).painted_error_ms == 7


@pytest.mark.parametrize("times", [1, 2])
async def test_the_end_frees_the_customer_and_settles_attempt_and_lead(
    room: Room, times: int
) -> None:
    for _ in range(times):
        await room.write(room.ended(cause="BUSY", retry_at_ms=NOW + 1_200_000, answered=False))
    assert await room.rows("SELECT * FROM customer_locks") == []
    assert await room.rows("SELECT result FROM attempts") == [("BUSY",)]
    assert await room.rows("SELECT state, last_result, next_at, attempts FROM leads") == [
        ("RETRY", "BUSY", START + timedelta(minutes=20), 1)
    ]


async def test_a_lead_without_another_try_is_done(room: Room) -> None:
    await room.write(room.ended())
    assert await room.rows("SELECT state, last_result FROM leads") == [("DONE", "COMPLETED")]


async def test_a_call_that_nobody_heard_gets_the_systems_outcome_once(room: Room) -> None:
    for _ in range(2):
        await room.write(room.ended(cause="NO_ANSWER", answered=False, agent=None))
    assert await room.rows("SELECT leaf, user_id, call_id FROM actions") == [
        ("NO_ANSWER_RETRY", None, room.call)
    ]
    assert await room.rows("SELECT leaf FROM calls") == [("NO_ANSWER_RETRY",)]
    assert await room.rows("SELECT attempts_180d, rpc_180d, bands FROM phones") == [
        (1, 0, {"9": [0, 1]})
    ]


async def test_a_call_that_an_agent_heard_waits_for_his_outcome(room: Room) -> None:
    await room.write(room.ended())
    assert await room.rows("SELECT * FROM actions") == []


async def test_a_call_lost_while_an_agent_spoke_is_still_his_to_name(room: Room) -> None:
    records = whole_call(room)[:6]
    await room.write(*records, room.ended(cause="CARRIER_ERROR", by="CARRIER"))
    assert await room.rows("SELECT cause, leaf FROM calls") == [("CARRIER_ERROR", None)]
    assert await room.rows("SELECT * FROM actions") == []


async def test_an_abandoned_call_counts_and_rests_the_customer(room: Room) -> None:
    await room.write(
        room.ended(cause="ABANDONED", abandoned=True, agent=None, retry_at_ms=NOW + 60_000)
    )
    assert (await room.one(CALL)).abandoned
    (lead,) = await room.leads.reserve(room.campaign, 1, NOW + 1_200_000, room.fence)
    refused = await room.leads.open(lead, NOW + 1_200_000, room.fence)
    assert not isinstance(refused, Opened)
    assert refused.rule == "COOLDOWN"
    assert refused.until_ms == NOW + 60_000 + 72 * 3_600_000


async def test_a_number_out_of_service_is_marked_and_the_next_one_tried(room: Room) -> None:
    await room.write(room.ended(cause="INVALID_NUMBER", answered=False, agent=None))
    assert await room.rows("SELECT verification FROM phones") == [("INVALID",)]
    assert await room.leads.reserve(room.campaign, 1, NOW + 3_600_000, room.fence) == []
    assert await room.rows("SELECT state, exclude_reason FROM leads") == [("EXCLUDED", "NO_NUMBER")]


async def test_an_outcome_saved_during_the_call_stands(room: Room) -> None:
    async with room.database.writing() as session:
        await session.execute(text("UPDATE leads SET state = 'DONE', last_result = 'PTP'"))
    await room.write(room.ended(retry_at_ms=NOW + 60_000))
    assert await room.rows("SELECT state, last_result FROM leads") == [("DONE", "PTP")]


@pytest.mark.parametrize("times", [1, 2])
async def test_a_pop_that_nobody_received_is_counted_and_given_to_the_next(
    room: Room, times: int
) -> None:
    """decisions.md 6; the pop clock starts anew."""
    for _ in range(times):
        await room.write(
            room.moment(Moment.WAITING, 4_000, "WAITING"),
            room.moment(Moment.ASSIGNED, 4_001, "RESERVED", AGENT),
            room.moment(Moment.RETURNED, 4_601, "WAITING", AGENT),
            room.moment(Moment.ASSIGNED, 4_602, "RESERVED", OTHER),
            room.moment(
                Moment.PUBLISHED, 4_605, "RESERVED", AGENT
            ),  # his is not the one that counts
        )
    row = await room.one(
        "SELECT agent_id, assigned_at, pops_unacknowledged, state, published_at FROM calls"
    )
    assert row.published_at is None
    assert (row.agent_id, in_ms(row.assigned_at) - NOW, row.pops_unacknowledged, row.state) == (
        OTHER, 4_602, 1, "RESERVED",
    )  # fmt: skip


async def test_one_bad_record_takes_the_whole_batch_back(room: Room) -> None:
    with pytest.raises(ValueError, match="NO_SUCH_CAUSE"):
        await room.write(
            room.moment(Moment.DIALED, 5, "DIALING"), room.ended(cause="NO_SUCH_CAUSE")
        )
    assert (await room.one(CALL)).state == "CREATED"


async def test_a_batch_under_an_old_number_writes_nothing(room: Room) -> None:
    assert await PostgresLease(room.database, "another").acquire(NOW + 60_000) == room.fence + 1
    with pytest.raises(Fenced):
        await room.write(*whole_call(room))
    with pytest.raises(Fenced):
        await room.journal.restore(NOW, room.fence)
    assert (await room.one(CALL)).state == "CREATED"
    assert len(await room.rows("SELECT * FROM customer_locks")) == 1


# --- agents ----------------------------------------------------------------------


def changed(after_ms: int, status: str, state: str, **changes: Any) -> AgentChanged:
    told = AgentChanged(
        agent=AGENT, at_ms=NOW + after_ms, status=status, reason=None, state=state, link="UP",
        call=None, campaign=None, because="AGENT",
    )  # fmt: skip
    return replace(told, **changes)


async def test_changes_within_one_millisecond_keep_their_order(room: Room) -> None:
    records = [
        changed(0, "NOT_READY", "IDLE"),
        changed(5, "READY", "IDLE"),
        changed(5, "READY", "RESERVED"),
        changed(5, "READY", "IN_CALL"),
    ]
    await room.write(*records)
    await room.write(*records)
    found = await room.rows("SELECT state FROM agent_state_changes ORDER BY at, id")
    assert [row.state for row in found] == ["IDLE", "IDLE", "RESERVED", "IN_CALL"]


async def test_a_new_room_learns_who_was_on_the_floor_and_what_was_going_on(room: Room) -> None:
    await room.write(
        changed(-600_000, "READY", "IDLE", agent=OTHER),
        changed(-500_000, "OFFLINE", "IDLE", agent=OTHER),
        changed(-400_000, "READY", "IDLE"),
        *whole_call(room)[:6],
        changed(4_001, "READY", "RESERVED", call=room.call, campaign=room.campaign),
        changed(4_010, "READY", "IN_CALL", call=room.call, campaign=room.campaign),
    )
    agents, calls = await room.journal.restore(NOW + 10_000, room.fence)
    (agent,) = agents
    assert (agent.agent, agent.name, agent.campaigns) == (
        AGENT, "Minh", frozenset({room.campaign}),
    )  # fmt: skip
    assert (agent.status, agent.status_since_ms) == ("READY", NOW - 400_000)
    assert (agent.state, agent.state_since_ms, agent.call) == ("IN_CALL", NOW + 4_010, room.call)
    assert agent.deadline_ms is None
    (call,) = calls
    assert (call.line.call, call.line.lead, call.line.customer) == (
        room.call, room.lead, room.debtor.customer,
    )  # fmt: skip
    assert (call.line.attempts_today, call.line.cap, call.line.caller_id) == (
        1, 3, "+842471000000",
    )  # fmt: skip
    assert (call.state, call.agent, call.connected_at_ms) == ("BRIDGED", AGENT, NOW + 4_010)


async def test_a_call_that_still_holds_its_customer_is_found_however_old_it_is(room: Room) -> None:
    week = 7 * 24 * 3_600_000
    _, calls = await room.journal.restore(NOW + week, room.fence)
    assert [call.line.call for call in calls] == [room.call]
    async with room.database.writing() as session:
        await session.execute(text("DELETE FROM customer_locks"))
    assert await room.journal.restore(NOW + week, room.fence) == ([], [])


async def test_wrap_up_goes_on_in_a_new_room_as_it_was_prolonged(room: Room) -> None:
    """Neither a prolonged deadline nor a lost link begins the state anew."""
    at_work: dict[str, Any] = {"call": room.call, "campaign": room.campaign}
    wrapping: dict[str, Any] = {**at_work, "status": "READY", "state": "WRAP_UP"}
    await room.write(
        *whole_call(room),
        changed(0, "READY", "IDLE"),
        changed(4_010, "READY", "IN_CALL", **at_work),
        changed(60_000, **wrapping, deadline_ms=NOW + 80_000, extends_left=3),
        changed(65_000, **wrapping, deadline_ms=NOW + 110_000, extends_left=2),
        changed(66_000, **wrapping, deadline_ms=NOW + 110_000, extends_left=2, link="LOST"),
    )
    (agent,), calls = await room.journal.restore(NOW + 70_000, room.fence)
    assert calls == []
    assert (agent.deadline_ms, agent.extends_left, agent.disposed) == (NOW + 110_000, 2, False)
    assert (agent.state_since_ms, agent.status_since_ms) == (NOW + 60_000, NOW)
    async with room.database.writing() as session:
        await session.execute(text("UPDATE calls SET leaf = 'REFUSED'"))
    (agent,), _ = await room.journal.restore(NOW + 70_000, room.fence)
    assert agent.disposed


@pytest.mark.parametrize("times", [1, 2])
async def test_leaving_wrap_up_ends_it_on_the_calls_record(room: Room, times: int) -> None:
    wrap_up = changed(60_000, "READY", "WRAP_UP", call=room.call, campaign=room.campaign)
    for _ in range(times):
        await room.write(*whole_call(room), wrap_up, changed(75_000, "READY", "IDLE"))
    await room.write(changed(90_000, "PAUSED", "IDLE"))
    ((wrapped_at,),) = await room.rows("SELECT wrapped_at FROM calls")
    assert in_ms(wrapped_at) == NOW + 75_000


async def test_a_break_goes_on_in_a_new_room_under_its_limit_and_in_its_mode(room: Room) -> None:
    async with room.database.writing() as session:
        await session.execute(text("DELETE FROM break_reasons"))
        breaks.fill(session)
    lunch: dict[str, Any] = {"status": "PAUSED", "state": "IDLE", "reason": "LUNCH"}
    await room.write(changed(0, **lunch, mode="MANUAL"))
    (agent,), _ = await room.journal.restore(NOW + 70_000, room.fence)
    assert (agent.mode, agent.limit_ms) == ("MANUAL", 3_600_000)
    await room.write(changed(5, "NOT_READY", "IDLE", reason="LUNCH"))
    (agent,), _ = await room.journal.restore(NOW + 70_000, room.fence)
    assert (agent.mode, agent.limit_ms) == ("AUTO", None)


@pytest.mark.parametrize("times", [1, 2])
async def test_a_break_that_runs_over_is_a_fact_told_once(room: Room, times: int) -> None:
    for _ in range(times):
        await room.write(BreakOverran(AGENT, NOW, "SHORT", 600_000, "OVER"))
    ((kind, body),) = await room.rows("SELECT kind, body FROM outbox_facts")
    assert kind == breaks.OVERRAN
    assert body == {
        "agent": str(AGENT),
        "reason": "SHORT",
        "limit_ms": 600_000,
        "overrun": "OVER",
    }


@pytest.mark.parametrize("why", ["LOGOUT", "FORCED", "LINK_LOST", "EXPIRED"])
async def test_who_is_off_the_floor_is_told_as_a_fact(room: Room, why: str) -> None:
    for _ in range(2):
        await room.write(changed(0, "OFFLINE", "IDLE", reason=why))
    found = await room.rows("SELECT body FROM outbox_facts WHERE kind = 'agent.left'")
    assert found == [({"agent": str(AGENT), "why": why},)]


# --- the stop key ----------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2])
async def test_stopping_is_remembered_and_audited_once(room: Room, times: int) -> None:
    for _ in range(times):
        await room.write(DialingStopped(room.campaign, NOW, AGENT, "complaints", stopped=True))
    assert await room.rows("SELECT stopped FROM campaigns") == [(True,)]
    assert await room.rows("SELECT actor_id, verb, reason FROM audit_events") == [
        (AGENT, "stopped dialing", "complaints")
    ]


async def test_a_late_echo_of_resuming_leaves_a_newer_stop_alone(room: Room) -> None:
    """The deed of a person writes the resuming; the dialer hears of it later, and writes later still."""
    leader = audit.Actor(id=AGENT)
    async with room.database.writing() as session:
        await campaigns.resume_dialing(session, room.campaign, leader, START)
        await campaigns.stop_dialing(session, room.campaign, leader, START, "complaints")
        await campaigns.stop_dialing(session, None, leader, START, "complaints")
    await room.write(
        DialingStopped(room.campaign, NOW, AGENT, "", stopped=False),
        DialingStopped(None, NOW, AGENT, "", stopped=False),
    )
    assert await room.rows("SELECT stopped FROM campaigns") == [(True,)]
    assert await room.rows("SELECT dialing_stopped FROM organisations") == [(True,)]
