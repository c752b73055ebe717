"""Beats, silence, presence and the keeping of tokens; time is moved by hand."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import msgpack
import pytest

from realtime.broker import BrokerLost
from realtime.closing import Close
from realtime.counters import Counters
from realtime.frames import Resume
from realtime.house import Manners
from realtime.pulse import (
    CALM_TICKS,
    CROWD,
    KEEP_EVERY_S,
    SETTLE_TICKS,
    SLOTS,
    TICK_S,
    time_pauses,
)
from tests.support.realtime import StillClock
from tests.unit.realtime.test_house import Process

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from realtime.ticket import Grant


def tick(process: Process, seconds: float) -> None:
    for _ in range(int(seconds / TICK_S)):
        process.clock.now_s += TICK_S
        process.house._pulse.tick()


@pytest.fixture
def process() -> Process:
    return Process()


async def test_every_socket_gets_one_beat_in_five_seconds(process: Process) -> None:
    pages = [await process.open(channels=["wall"], nonce=f"n{n}") for n in range(30)]
    tick(process, 5)
    assert [len(wire.of("beat")) for _, wire in pages] == [1] * 30
    numbers = {wire.of("beat")[0]["n"] for _, wire in pages}
    assert len(numbers) == SLOTS  # spread, not all at once


async def test_a_pong_keeps_a_socket_and_silence_ends_it_after_ten_seconds(
    process: Process,
) -> None:
    talker, _ = await process.open(channels=["wall"], nonce="n1")
    silent, _ = await process.open(channels=["wall"], nonce="n2")
    tick(process, 9)
    await talker.receive(msgpack.packb({"t": "pong", "n": 1}))
    tick(process, 0.75)
    assert silent.ended_with is None
    tick(process, 0.25)
    assert silent.ended_with == Close.SILENT
    assert talker.ended_with is None


async def test_a_stall_of_our_own_is_not_held_against_the_sockets(process: Process) -> None:
    session, _ = await process.open()
    process.clock.now_s += 60
    process.house._pulse.tick()
    assert session.ended_with is None
    tick(process, 10)
    assert session.ended_with == Close.SILENT


async def test_a_socket_without_hello_gets_no_beat_and_is_closed(process: Process) -> None:
    session, wire = process.accept()
    tick(process, 10)
    assert session.ended_with == Close.PROTOCOL
    assert wire.of("beat") == []


async def test_who_was_heard_is_told_to_presence_and_nobody_else(process: Process) -> None:
    session, _ = await process.open()
    await process.house._pulse.remember()
    first = process.clock.now_ms()
    process.clock.now_s += 5
    await process.house._pulse.remember()
    assert await process.house.presence.last_heard("7") == first
    process.clock.now_s += 0.125
    await session.receive(msgpack.packb({"t": "pong", "n": 1}))
    process.clock.now_s += 0.125
    await process.house._pulse.remember()
    assert await process.house.presence.last_heard("7") == process.clock.now_ms()


async def test_a_token_is_kept_good_while_its_socket_lives_and_two_minutes_on(
    process: Process,
) -> None:
    session, wire = await process.open()
    for _ in range(20):
        process.clock.now_s += 60
        await process.house._pulse.remember()
    process.clock.now_s += 15
    process.house.depart(session, 1006)
    await process.house._pulse.remember()
    process.clock.now_s += 119
    await process.resume(wire)
    assert process.witness.events[-1] == ("opened", "7", "n1/2")


async def test_news_that_could_not_be_told_are_told_later(process: Process) -> None:
    session, wire = await process.open()
    process.clock.now_s += 100
    process.house.depart(session, 1006)
    book, presence = process.house._pulse._book, process.house._pulse._presence

    class Away:
        async def keep(self, *_: object) -> None:
            raise BrokerLost("away")

        async def touch(self, *_: object) -> None:
            raise BrokerLost("away")

    process.house._pulse._book = Away()  # type: ignore[assignment]  # a book that cannot be reached
    with pytest.raises(BrokerLost):
        await process.house._pulse.remember()
    process.house._pulse._book, process.house._pulse._presence = book, presence
    await process.house._pulse.remember()
    process.clock.now_s += 100
    token = wire.of("welcome")[0]["token"]
    assert (await process.house.readmit(Resume(1, token, {}))).number == 2


async def test_memory_is_frozen_once_when_the_number_of_sockets_rests(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen: list[int] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(1))
    pulse = process.house._pulse

    def rest(ticks: Iterable[int]) -> None:
        for _ in ticks:
            process.clock.now_s += TICK_S
            pulse.tick()
            pulse.settle_memory()

    rest(range(SETTLE_TICKS * 2))
    assert frozen == []
    process.accept()
    rest(range(SETTLE_TICKS))
    assert frozen == []
    rest(range(SETTLE_TICKS * 3))
    assert frozen == [1]


async def test_what_died_while_it_was_frozen_is_collected_once_nobody_is_there(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    for name in ("freeze", "unfreeze", "collect"):
        monkeypatch.setattr(gc, name, lambda name=name: done.append(name))
    pulse = process.house._pulse

    def rest() -> None:
        for _ in range(SETTLE_TICKS * 2):
            process.clock.now_s += TICK_S
            process.house._pulse._tick += 1
            pulse.settle_memory()

    session, _ = await process.open()
    rest()
    assert done == ["freeze"]
    process.house.depart(session, 1006)
    rest()
    assert done == ["freeze", "unfreeze", "collect", "freeze"]


async def test_nothing_is_collected_while_a_crowd_comes_or_goes(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    for name in ("disable", "enable", "freeze"):
        monkeypatch.setattr(gc, name, lambda name=name: done.append(name))
    pulse = process.house._pulse

    def pass_ticks(count: int) -> None:
        for _ in range(count):
            pulse.tick()
            pulse.settle_memory()

    pass_ticks(1)
    crowd = [process.accept()[0] for _ in range(CROWD)]
    pass_ticks(1)
    assert done == ["disable"]
    process.accept()
    pass_ticks(CALM_TICKS - 1)
    assert done == ["disable"]
    pass_ticks(1)
    assert done == ["disable", "freeze", "enable"]
    done.clear()
    for session in crowd:
        process.house.depart(session, 1006)
    pass_ticks(1 + CALM_TICKS)
    assert done == ["disable", "freeze", "enable"]


async def test_the_collector_stops_at_once_and_runs_again_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("realtime.pulse.TICK_S", 60.0)  # no tick comes to look
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)
    process = Process(Manners(settle_memory=True))
    async with process.house.running():
        await asyncio.sleep(0)
        crowd = [process.accept()[0] for _ in range(CROWD - 1)]
        assert gc.isenabled()
        crowd.append(process.accept()[0])
        assert not gc.isenabled()
        for session in crowd:
            process.house.depart(session, 1006)
    assert gc.isenabled()


async def test_a_crowd_that_was_just_admitted_is_not_noted_again_at_once(process: Process) -> None:
    noted: list[int] = []

    async def keep(links: Sequence[Grant], now_ms: int) -> None:
        noted.append(len(links))

    process.house._pulse._book.keep = keep  # type: ignore[method-assign]  # watched
    for number in range(SLOTS):
        await process.open(channels=["wall"], nonce=f"n{number}")
    await process.house._pulse.remember()
    assert noted == []
    for _ in range(int(KEEP_EVERY_S) + 1):
        process.clock.now_s += 1.0
        await process.house._pulse.remember()
    assert sum(noted) >= SLOTS
    assert max(noted) <= SLOTS / 4  # spread, not all at once


async def test_everything_runs_by_itself_until_the_house_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frozen: list[int] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(1))
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)
    monkeypatch.setattr("realtime.pulse.TICK_S", 0.001)
    process = Process(Manners(settle_memory=True))
    async with process.house.running():
        session, wire = await process.open()
        async with asyncio.timeout(10):
            while not wire.of("beat"):  # noqa: ASYNC110 -- a wire tells nothing
                await asyncio.sleep(0.001)
        process.house.depart(session, 1006)
    assert frozen


async def test_the_longest_collection_of_garbage_is_noted_until_the_end() -> None:
    clock, counters = StillClock(), Counters(sockets=1)
    timing = asyncio.ensure_future(time_pauses(clock, counters))
    await asyncio.sleep(0)
    mark = gc.callbacks[-1]
    for took_s in (0.002, 0.005, 0.001):
        mark("start", {})
        clock.now_s += took_s
        mark("stop", {})
    assert counters.longest_pause_s == pytest.approx(0.005)
    timing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await timing
    assert mark not in gc.callbacks
