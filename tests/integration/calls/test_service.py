"""The written record of calls, where the journal's own tests do not look."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest_asyncio
from sqlalchemy import text

from app.calls import service as calls
from app.values.ids import new_id
from tests.support.clock import START
from tests.support.rows import (
    CHANCE,
    START_MS,
    ZONE_TODAY,
    a_campaign,
    a_debtor,
    an_id,
    an_organisation,
    wipe,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.calls.service import Target
    from app.db import Database


@pytest_asyncio.fixture(loop_scope="session")
async def target(database: Database) -> AsyncIterator[Target]:
    await wipe(database)
    async with database.writing() as session:
        await an_organisation(session)
        debtor = await a_debtor(session)
        campaign = await a_campaign(session)
    yield calls.Target(
        customer_id=debtor.customer, loan_id=debtor.loan, phone_id=debtor.phone, number="+84501",
        campaign_id=campaign, lead_id=an_id(), attempt_no=1,
    )  # fmt: skip


def a_call_id(after_ms: int = 0) -> UUID:
    return new_id(START_MS + after_ms, CHANCE.randbytes(10))


async def open_call(database: Database, target: Target, after_ms: int = 0) -> UUID:
    call = a_call_id(after_ms)
    async with database.writing() as session:
        await calls.open_call(session, target, call, day=ZONE_TODAY, fence=1)
    return call


async def test_a_call_is_found_by_its_id_alone(database: Database, target: Target) -> None:
    """The id carries the instant, and so the month's partition."""
    call = await open_call(database, target, 1_234)
    async with database.reading() as session:
        found = await calls.find_call(session, call)
        assert found is not None
        assert found.created_at == START + timedelta(milliseconds=1_234)
        assert await calls.find_call(session, a_call_id()) is None
        assert await calls.find_call(session, target.customer_id) is None
        assert await calls.find_call(session, UUID(int=7)) is None  # no UUIDv7: no call's id


async def test_stamps_of_outcome_and_wrap_up_stand_on_the_call(
    database: Database, target: Target
) -> None:
    call = await open_call(database, target)
    async with database.writing() as session:
        await calls.note_leaf(session, call, "REFUSED")
        await calls.note_leaf(session, call, "PTP_SCHEDULED")
        await calls.note_wrapped(session, [(call, START + timedelta(seconds=30))])
        await calls.note_wrapped(session, [(call, START + timedelta(seconds=90))])
    async with database.reading() as session:
        found = await calls.find_call(session, call)
        assert found is not None
        assert (found.leaf, found.wrapped_at) == (
            "PTP_SCHEDULED", START + timedelta(seconds=30),
        )  # fmt: skip
        assert await calls.disposed(session, [call]) == {call}
        assert await calls.disposed(session, []) == set()


async def test_a_person_who_answered_stays_one_at_the_end(
    database: Database, target: Target
) -> None:
    """The dialer that ends a call may know less of it than the one that heard it."""
    heard, unheard = await open_call(database, target), await open_call(database, target, 1)
    async with database.writing() as session:
        await calls.note_moments(session, [calls.Noted(heard, "WAITING", START, "WAITING")])
        endings = [
            calls.Ending(
                call_id=call, at=START, cause="CARRIER_ERROR", by="CARRIER", abandoned=False,
                answered=False, agent_id=None, held_ms=0,
            )
            for call in (heard, unheard)
        ]  # fmt: skip
        assert None not in await calls.end_calls(session, endings)
    async with database.reading() as session:
        found = [await calls.find_call(session, call) for call in (heard, unheard)]
        assert [row and row.answered_by_human for row in found] == [True, False]


async def test_a_customer_is_locked_once_and_freed_by_his_own_call_only(
    database: Database, target: Target
) -> None:
    first, second = a_call_id(), a_call_id()
    refusal = calls.Refusal("LOCKED", "own policy", None)
    async with database.writing() as session:
        assert await calls.lock_customer(session, target, first, fence=1)
        assert not await calls.lock_customer(session, target, second, fence=1)
        await calls.refuse_call(session, target, second, refusal, day=ZONE_TODAY, fence=1)
        assert not await calls.lock_customer(session, target, second, fence=1)
        await calls.refuse_call(session, target, first, refusal, day=ZONE_TODAY, fence=1)
        assert await calls.lock_customer(session, target, second, fence=1)


async def test_contacts_are_counted_up_to_the_cap_and_no_further(
    database: Database, target: Target
) -> None:
    async with database.writing() as session:
        sums = [
            await calls.count_contact(session, target.customer_id, day=ZONE_TODAY, cap=2, now=START)
            for _ in range(4)
        ]
        free = await calls.count_contact(
            session, target.customer_id, day=ZONE_TODAY, cap=None, now=START
        )
    assert sums == [1, 2, None, None]
    assert free == 3
    async with database.reading() as session:
        assert await calls.contacts_on(session, [target.customer_id, an_id()], ZONE_TODAY) == {
            target.customer_id: 3
        }


async def test_figures_of_a_day_are_counted_by_campaign(database: Database, target: Target) -> None:
    for after_ms in (0, 5, 10):
        await open_call(database, target, after_ms)
    await open_call(database, target, -86_400_000)
    async with database.writing() as session:
        await session.execute(
            text(
                "UPDATE calls SET answered_by_human = true, abandoned = true"
                " WHERE id = (SELECT max(id::text)::uuid FROM calls)"
            )
        )
        refusal = calls.Refusal("MIN_GAP", "own policy", None)
        for _ in range(2):
            await calls.refuse_call(session, target, a_call_id(), refusal, day=ZONE_TODAY, fence=1)
    async with database.reading() as session:
        start = START - timedelta(hours=1)
        counted = await calls.tally(
            session, [target.campaign_id], start, START + timedelta(hours=1)
        )
        assert counted == {target.campaign_id: calls.Tally(dialed=3, answered=1, abandoned=1)}
        assert await calls.refusals(session, target.campaign_id, ZONE_TODAY) == {"MIN_GAP": 2}
        assert await calls.tally(session, [an_id()], start, START) == {}
