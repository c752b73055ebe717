"""`dialer.journal.Journal` over PostgreSQL: what happened to a call is written once, in order, fenced."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.audit import service as audit
from app.campaigns import service as campaigns
from dialer.core.records import (
    DialingStopped,
    Moment,
)
from dialer.fence import Fenced
from dialer.fence_postgres import in_ms
from dialer.leads import Opened
from dialer.lease import PostgresLease
from tests.support.clock import START
from tests.support.journal import AGENT, OTHER, Room, whole_call
from tests.support.rows import START_MS as NOW

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


@pytest.mark.parametrize(
    ("moment", "verdict"),
    [(Moment.PERSON, "NOTSURE TOOLONG-3500"), (Moment.MACHINE, "MACHINE LONGGREETING-1800")],
)
async def test_what_detection_heard_and_when_stays_with_the_call(
    room: Room, moment: Moment, verdict: str
) -> None:
    heard = replace(room.moment(moment, 2_300, "AMD"), said=verdict)
    await room.write(room.moment(Moment.ANSWERED, 0, "ANSWERED"), heard)
    await room.write(replace(heard, at_ms=heard.at_ms + 900))  # told again, later
    took = "EXTRACT(EPOCH FROM judged_at - answered_at) * 1000"
    told = await room.one(f"SELECT verdict, message, ({took})::int FROM calls")
    assert told == (verdict, None, 2_300)


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
