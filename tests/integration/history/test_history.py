"""Actions are written once; a correction is a new one; callbacks come due; the tree is published."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import text

from app import outbox
from app.audit.service import Actor
from app.errors import Conflict, Invalid, NotFound
from app.history import service as history
from app.history.dispositions import TREE, leaf
from tests.support.clock import SetClock

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database

LAN = Actor(id=uuid4(), role="AGENT")


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> SetClock:
    """Other chance in each test: ids are unique, and the tables are the module's."""
    return SetClock(seed=zlib.crc32(request.node.nodeid.encode()))


def done(clock: SetClock, call: UUID, code: str = "PTP_SCHEDULED") -> history.Done:
    return history.Done(
        id=uuid4(),
        at=clock.now(),
        leaf=code,
        user_id=LAN.id,
        call_id=call,
        customer_id=uuid4(),
        note="Hẹn cuối tuần",
        details={"promise": {"amount_minor": 5_000_000}},
        ticked=[{"code": "RECORDING_NOTICE"}],
        effects=[{"do": "RecordPromise", "promise": "7"}],
    )


async def test_action_is_kept_as_it_was_told(database: Database, clock: SetClock) -> None:
    call = uuid4()
    told = done(clock, call)
    async with database.writing() as session:
        await history.record_action(session, told)
    async with database.reading() as session:
        kept = await history.current_action(session, call)
    assert kept is not None
    assert (kept.leaf, kept.note, kept.rpc) == ("PTP_SCHEDULED", "Hẹn cuối tuần", True)
    assert (kept.details, kept.effects) == (dict(told.details), list(told.effects))
    assert kept.tree_version == TREE.version
    assert kept.supersedes_id is None


async def test_outcome_that_the_tree_does_not_have_is_refused(
    database: Database, clock: SetClock
) -> None:
    with pytest.raises(Invalid) as refused:
        async with database.writing() as session:
            await history.record_action(session, done(clock, uuid4(), "NO_SUCH"))
    assert refused.value.field == "leaf"


async def test_note_without_end_is_refused(database: Database, clock: SetClock) -> None:
    with pytest.raises(Invalid):
        async with database.writing() as session:
            await history.record_action(session, replace(done(clock, uuid4()), note="x" * 5000))


async def test_correction_supersedes_and_both_stay(database: Database, clock: SetClock) -> None:
    call = uuid4()
    async with database.writing() as session:
        await history.record_action(session, done(clock, call))
    clock.advance(seconds=60)
    right = done(clock, call, "REFUSED")
    async with database.writing() as session:
        wrong = await history.held_action(session, call)
        await history.correct_action(session, wrong, right, LAN)
    async with database.reading() as reading:
        both = await history.list_of_call(reading, call)
        current = await history.current_action(reading, call)
        trail = await reading.scalar(
            text("SELECT count(*) FROM audit_events WHERE verb = 'corrected' AND entity_id = :id"),
            {"id": str(both[0].id)},
        )
    assert [(each.leaf, each.superseded) for each in both] == [
        ("PTP_SCHEDULED", True),
        ("REFUSED", False),
    ]
    assert both[1].supersedes_id == both[0].id
    assert current is not None
    assert current.id == right.id
    assert trail == 1


async def test_two_corrections_at_once_leave_one_outcome(
    database: Database, clock: SetClock
) -> None:
    call = uuid4()
    async with database.writing() as session:
        await history.record_action(session, done(clock, call))
    async with database.reading() as reading:
        wrong = await history.current_action(reading, call)
    assert wrong is not None

    async def correct() -> bool:
        try:
            async with database.writing() as writing:
                await history.correct_action(writing, wrong, done(clock, call, "REFUSED"), LAN)
        except Conflict:
            return False
        return True

    assert sorted(await asyncio.gather(*(correct() for _ in range(4)))) == [False] * 3 + [True]


async def test_call_without_outcome_cannot_be_put_right(database: Database) -> None:
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await history.held_action(session, uuid4())


async def test_callback_comes_due_at_its_time_and_is_told_once(
    database: Database, clock: SetClock
) -> None:
    terms = history.CallbackTerms(
        customer_id=uuid4(), at=clock.now() + timedelta(minutes=30), user_id=LAN.id
    )
    async with database.writing() as session:
        made = await history.create_callback(session, terms, clock=clock)
    for minutes, due in ((29, 0), (1, 1), (1, 0)):
        clock.advance(seconds=minutes * 60)
        async with database.writing() as session:
            assert await history.due_callbacks(session, now=clock.now()) == due
    heard: list[str] = []

    async def listen(_session: object, fact: outbox.Fact) -> None:
        heard.append(fact.body["callback"])

    await outbox.relay(database, {"callback.due": [listen]}, clock.now())
    assert heard == [str(made)]


async def test_callback_that_nobody_began_is_missed_after_its_window(
    database: Database, clock: SetClock
) -> None:
    terms = history.CallbackTerms(
        customer_id=uuid4(), at=clock.now(), user_id=LAN.id, window_minutes=15
    )
    async with database.writing() as session:
        await history.create_callback(session, terms, clock=clock)
        await session.flush()
        await history.due_callbacks(session, now=clock.now())
    clock.advance(seconds=14 * 60)
    async with database.writing() as session:
        assert await history.missed_callbacks(session, now=clock.now()) == 0
    clock.advance(seconds=60)
    async with database.writing() as session:
        assert await history.missed_callbacks(session, now=clock.now()) == 1


async def test_callback_is_cancelled_unless_it_was_begun(
    database: Database, clock: SetClock
) -> None:
    action = uuid4()
    terms = history.CallbackTerms(
        customer_id=uuid4(), at=clock.now(), user_id=LAN.id, action_id=action
    )
    async with database.writing() as session:
        one = await history.create_callback(session, terms, clock=clock)
        await history.create_callback(session, terms, clock=clock)
        await session.flush()
        assert await history.cancel_callback(session, one)
        assert not await history.cancel_callback(session, one)
        await history.due_callbacks(session, now=clock.now())
        assert await history.count_begun_callbacks(session, action) == 1
        assert await history.cancel_callbacks(session, action) == 0


async def test_tree_is_published_once_per_version(database: Database, clock: SetClock) -> None:
    async with database.writing() as session:
        assert await history.publish_tree(session, now=clock.now())
        assert not await history.publish_tree(session, now=clock.now())
    async with database.reading() as session:
        kept = await history.newest_tree(session)
    assert kept is not None
    by_code = {node["code"]: node for node in kept.nodes if node["layer"] == 3}
    promised = leaf("PTP_SCHEDULED")
    assert promised is not None
    assert by_code["PTP_SCHEDULED"]["label_vi"] == promised.label_vi
    assert {node["layer"] for node in kept.nodes} == {1, 2, 3}
    assert len(by_code) == len(TREE.leaves)
