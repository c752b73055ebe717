"""What is to be written is written once, in order, however long the store is away."""

from __future__ import annotations

import asyncio

import pytest
import structlog

from app.clock import Clock
from dialer import scribe
from dialer.core.records import CallMoment, Moment
from dialer.fence import Fenced
from dialer.scribe import Scribe
from tests.support.dialer import uid
from tests.support.dialing import MemoryJournal, until

FEW = 3


def a_record(number: int) -> CallMoment:
    return CallMoment(uid(number), Moment.RINGING, number, "RINGING")


def a_scribe(journal: MemoryJournal) -> Scribe:
    return Scribe(journal, Clock(), 1, structlog.get_logger("test"))


async def write_all(writer: Scribe) -> None:
    """Run until everything is written."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(writer.run())
        await writer.drained()
        task.cancel()


async def test_records_are_written_in_order() -> None:
    journal = MemoryJournal()
    writer = a_scribe(journal)
    records = [a_record(n) for n in range(2 * scribe.BATCH + FEW)]
    for record in records:
        writer.add(record)
    assert writer.backlog == len(records)
    await write_all(writer)
    assert journal.records == records
    assert writer.backlog == 0


async def test_a_store_that_is_away_is_waited_for() -> None:
    journal = MemoryJournal(down=True)
    writer = a_scribe(journal)
    writer.add(a_record(1))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(writer.run())
        await until(lambda: journal.tried > 1)
        journal.down = False
        await writer.drained()
        task.cancel()
    assert journal.records == [a_record(1)]


async def test_an_old_number_ends_it() -> None:
    journal = MemoryJournal(fence=2)
    writer = a_scribe(journal)
    writer.add(a_record(1))
    with pytest.raises(Fenced):
        await writer.run()


async def test_nothing_to_write_is_drained() -> None:
    await a_scribe(MemoryJournal()).drained()
