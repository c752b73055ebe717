"""Facts are told if their transaction committed, in order, at least once, and once per listener's commit."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from app import outbox
from app.outbox import Fact

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database, WriteSession

NOW = datetime(2026, 11, 23, 3, 10, tzinfo=UTC)


@pytest_asyncio.fixture
async def facts(database: Database) -> AsyncIterator[Database]:
    async with database.writing() as session:
        await session.execute(text("DELETE FROM outbox_facts"))
    yield database


def a_fact(number: int = 0, kind: str = "promise.broken") -> Fact:
    return Fact(uuid4(), kind, {"number": number}, NOW)


async def record(database: Database, *told: Fact) -> None:
    async with database.writing() as session:
        for fact in told:
            outbox.record(session, fact)


async def test_facts_are_told_in_their_order_and_once(facts: Database) -> None:
    heard: list[int] = []

    async def listen(_session: WriteSession, fact: Fact) -> None:
        heard.append(fact.body["number"])

    for number in range(5):
        await record(facts, a_fact(number))
    assert await outbox.relay(facts, {"promise.broken": [listen]}, NOW) == 5
    assert await outbox.relay(facts, {"promise.broken": [listen]}, NOW) == 0
    assert heard == [0, 1, 2, 3, 4]


async def test_fact_of_work_that_failed_is_never_told(facts: Database) -> None:
    with pytest.raises(RuntimeError):  # noqa: PT012 - the whole transaction must be inside
        async with facts.writing() as session:
            outbox.record(session, a_fact())
            await session.flush()
            raise RuntimeError
    assert await outbox.relay(facts, {}, NOW) == 0


async def test_fact_that_nobody_listens_to_does_not_stand_in_the_way(facts: Database) -> None:
    await record(facts, a_fact(kind="nobody.cares"), a_fact())
    assert await outbox.relay(facts, {}, NOW) == 2


async def test_listener_that_fails_is_asked_again_and_what_follows_waits(facts: Database) -> None:
    heard: list[int] = []
    failures = [True, False, False]

    async def listen(session: WriteSession, fact: Fact) -> None:
        await session.execute(text("SELECT 1"))
        if failures.pop(0):
            raise ConnectionError
        heard.append(fact.body["number"])

    await record(facts, a_fact(1), a_fact(2))
    with pytest.raises(ConnectionError):
        await outbox.relay(facts, {"promise.broken": [listen]}, NOW)
    assert heard == []
    assert await outbox.relay(facts, {"promise.broken": [listen]}, NOW) == 2
    assert heard == [1, 2]


async def test_what_a_listener_writes_and_the_mark_come_together(facts: Database) -> None:
    seen: list[UUID] = []

    async def listen(session: WriteSession, fact: Fact) -> None:
        seen.append(fact.id)
        outbox.record(session, a_fact(9, kind="told.of"))
        if len(seen) == 1:
            raise ConnectionError

    await record(facts, a_fact())
    with pytest.raises(ConnectionError):
        await outbox.relay(facts, {"promise.broken": [listen]}, NOW)
    await outbox.relay(facts, {"promise.broken": [listen]}, NOW)
    async with facts.reading() as session:
        counted = await session.scalar(
            text("SELECT count(*) FROM outbox_facts WHERE kind = 'told.of'")
        )
    assert counted == 1
    assert seen[0] == seen[1]


async def test_two_relays_at_once_tell_nothing_twice(facts: Database) -> None:
    heard: list[int] = []

    async def listen(_session: WriteSession, fact: Fact) -> None:
        heard.append(fact.body["number"])
        await asyncio.sleep(0)

    await record(facts, *(a_fact(number) for number in range(30)))
    listeners = {"promise.broken": [listen]}
    await asyncio.gather(*(outbox.relay(facts, listeners, NOW) for _ in range(3)))
    while await outbox.relay(facts, listeners, NOW):
        pass
    assert heard == list(range(30))
