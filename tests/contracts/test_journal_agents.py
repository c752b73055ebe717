"""`dialer.journal.Journal` over PostgreSQL: what agents did, and what a room that starts again learns of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from app.breaks import service as breaks
from dialer.core.call import Cause
from dialer.core.events import CampaignLoaded, HungUp, Restored
from dialer.core.floor import Floor
from dialer.core.orders import DialOffer, HangUp, Place, Write
from dialer.core.records import (
    AgentChanged,
    BreakOverran,
    Moment,
)
from dialer.fence_postgres import in_ms
from dialer.lease import PostgresLease
from tests.support.journal import AGENT, OTHER, Room, whole_call
from tests.support.rows import START_MS as NOW
from tests.support.rows import an_id


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


@pytest.mark.parametrize(
    ("state", "rings"), [("REVIEW", False), ("DIALING", False), ("DIALING", True)]
)
async def test_a_dialer_that_died_while_an_agent_decided_leaves_nobody_behind(
    room: Room, state: str, *, rings: bool
) -> None:
    """Killed with an agent who looked, had a line opened, or heard it ring: he is free, nobody is rung twice."""
    call = room.call if state == "DIALING" else an_id()
    await room.write(
        changed(0, "READY", "REVIEW", call=call, campaign=room.campaign, deadline_ms=NOW + 60_000),
        changed(1, "READY", state, call=call, campaign=room.campaign),
        *([room.moment(Moment.DIALED, 2, "DIALING")] if rings else []),
    )
    fence = await PostgresLease(room.database, "next").acquire(NOW + 60_000)
    assert fence is not None
    agents, calls = await room.journal.restore(NOW + 60_000, fence)
    floor = Floor()
    loaded = await room.leads.campaigns(NOW + 60_000)
    up = frozenset({room.call} if rings else ())
    for campaign in loaded:
        floor.receive(CampaignLoaded(campaign), NOW + 60_000)
    restored = Restored(tuple(agents), tuple(calls), up)
    orders = floor.receive(restored, NOW + 60_000)
    if rings:
        assert HangUp(room.call, Cause.CANCELLED) in orders
        orders += floor.receive(HungUp(room.call, "CANCELLED", "SYSTEM", NOW), NOW + 60_001)
    agent = floor.room.agents[AGENT]
    assert (agent.state, agent.call) == ("IDLE", None)
    assert not [order for order in orders if isinstance(order, Place | DialOffer)]
    records = [order.record for order in orders if isinstance(order, Write)]
    await room.journal.write(records, NOW + 60_001, fence)
    assert await room.rows("SELECT 1 FROM customer_locks") == []
