"""The realtime part of a process: taking over, orders, drain, what the listener is told."""

from __future__ import annotations

import asyncio
from typing import Any

import msgpack
import pytest

from realtime.broker import Command
from realtime.closing import Close
from realtime.drain import Leaving
from realtime.house import Manners, NobodyListens, Realtime
from realtime.hub import Receipt
from realtime.main import in_memory
from realtime.protocol import Conversation
from realtime.session import Session
from tests.support.realtime import SECRET, MemoryWire, StillClock, Witness, a_ticket


class Process:
    """One house and the sockets that tests open at it."""

    def __init__(self, manners: Manners | None = None) -> None:
        self.clock = StillClock()
        self.witness = Witness()
        self.house: Realtime = in_memory(
            SECRET, clock=self.clock, listener=self.witness, manners=manners
        )
        self.house.hub.feed_back()

    def accept(self) -> tuple[Session, MemoryWire]:
        wire = MemoryWire()
        session = Session(self.house, wire, Conversation(self.clock.monotonic()))
        self.house.enter(session)
        return session, wire

    async def open(self, **ticket: Any) -> tuple[Session, MemoryWire]:
        session, wire = self.accept()
        hello = {"t": "hello", "v": 1, "ticket": a_ticket(**ticket)}
        await session.receive(msgpack.packb(hello))
        return session, wire

    async def resume(self, wire: MemoryWire) -> tuple[Session, MemoryWire]:
        token = wire.of("welcome")[-1]["token"]
        session, fresh = self.accept()
        await session.receive(msgpack.packb({"t": "resume", "v": 1, "token": token, "at": {}}))
        return session, fresh


@pytest.fixture
def process() -> Process:
    return Process()


async def test_the_listener_hears_of_desks_coming_and_going(process: Process) -> None:
    session, _ = await process.open()
    process.house.depart(session, 1006)
    assert process.witness.events == [("opened", "7", "n1/1"), ("closed", "7", "n1/1", 1006)]
    assert process.house.counters.sockets == 0
    assert process.house.counters.closed == {1006: 1}


async def test_a_wall_of_the_same_person_is_not_taken_for_the_desk(process: Process) -> None:
    session, _ = await process.open(channels=["wall"])
    process.house.depart(session, 1006)
    assert process.witness.events == []


async def test_a_socket_that_never_opened_departs_unheard(process: Process) -> None:
    session, _ = process.accept()
    process.house.depart(session, 1001)
    assert process.witness.events == []


async def test_an_order_closes_only_what_is_older(process: Process) -> None:
    desk, wire = await process.open()
    assert desk.grant is not None
    at = desk.grant.standing
    process.house.obey(Command("7", 4002, "late news", None, at))
    process.house.obey(Command("8", 4002, "somebody else", None, at + 1))
    process.house.obey(Command("7", 4003, "another channel", "agent:8", at + 1))
    assert wire.finished is None
    process.house.obey(Command("7", 4002, "out", None, at + 1))
    assert wire.finished == (4002, "out")


async def test_an_order_to_one_issue_closes_its_sockets_alone(process: Process) -> None:
    _, here = await process.open(channels=["wall"], nonce="w1", issue="here")
    _, there = await process.open(channels=["wall"], nonce="w2", issue="there")
    process.house.obey(Command("7", 4002, "signed out", None, 9, "here"))
    assert here.finished == (4002, "signed out")
    assert there.finished is None


async def test_the_former_socket_of_a_resumed_session_is_let_go(process: Process) -> None:
    _, former = await process.open()
    session, fresh = await process.resume(former)
    assert former.finished is not None
    assert fresh.finished is None
    assert session.session_name == "n1"
    assert process.witness.events == [("opened", "7", "n1/1"), ("opened", "7", "n1/2")]


async def test_several_pages_without_a_desk_live_side_by_side(process: Process) -> None:
    _, one = await process.open(channels=["wall"], nonce="w1")
    _, two = await process.open(channels=["wall"], nonce="w2")
    _, desk = await process.open(nonce="d1")
    assert [wire.finished for wire in (one, two, desk)] == [None] * 3


async def test_round_trips_are_told_by_user(process: Process) -> None:
    session, _ = await process.open()
    assert process.house.round_trips_ms() == {}
    session.conversation.round_trip_s = 0.034
    assert process.house.round_trips_ms() == {"7": 34}


async def test_a_drain_without_sockets_is_over_at_once(process: Process) -> None:
    async with process.house.running() as house:
        pass
    assert house.is_draining
    assert not house.is_ready


async def test_a_drain_sends_everybody_away_in_batches_and_waits_for_them() -> None:
    process = Process(Manners(leaving=Leaving(batch=1, pause_s=0.01, spread_ms=1000, within_s=5)))
    house = process.house
    await house.start()
    pages = [await process.open(nonce=f"n{n}", channels=["wall"]) for n in range(3)]
    house.begin_drain()
    house.begin_drain()
    loop = asyncio.get_running_loop()
    for number, (session, _) in enumerate(pages):
        loop.call_later(0.05 + number / 50, house.depart, session, 4000)
    await house.drain()
    assert [wire.finished for _, wire in pages] == [(4000, "the server is restarting")] * 3
    assert all(0 <= wire.of("bye")[0]["again"] < 1000 for _, wire in pages)
    await house.drain()


async def test_who_does_not_leave_in_time_does_not_hold_the_end_up() -> None:
    process = Process(Manners(leaving=Leaving(batch=1, pause_s=0.0, within_s=0.05)))
    await process.house.start()
    await process.open()
    async with asyncio.timeout(5):
        await process.house.drain()


async def test_a_swallowed_cancellation_does_not_hold_the_end_up(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """asyncio.wait_for of Python 3.11 returns its answer in the place of a cancellation."""
    monkeypatch.setattr("realtime.house.CANCEL_AGAIN_S", 0.01)
    monkeypatch.setattr("realtime.pulse.TICK_S", 0.001)
    asked, cancellations = asyncio.Event(), 0

    async def answer_instead() -> None:
        nonlocal cancellations
        if asked.is_set():
            return
        asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancellations += 1

    monkeypatch.setattr(process.house._pulse, "remember", answer_instead)
    await process.house.start()
    async with asyncio.timeout(5):
        await asked.wait()
        await process.house.drain()
    assert cancellations == 1
    assert all(task.done() for task in process.house._running)


async def test_who_comes_during_a_drain_is_sent_away(process: Process) -> None:
    process.house.begin_drain()
    _, wire = process.accept()
    assert wire.finished == (Close.DRAIN, "the server is restarting")


async def test_a_house_may_have_nobody_who_listens() -> None:
    nobody = NobodyListens()
    nobody.opened("7", "s", 1)
    nobody.closed("7", "s", 1, 1006)
    nobody.receipt(Receipt("7", "s", "c", "k", 1, "got", 1, 0.0))
    house = in_memory(SECRET, clock=StillClock())
    house.receive(Receipt("7", "s", "c", "k", 1, "got", 1, 0.0))
    assert house.counters.receipts == 1
