"""What a hub tells presence of its sockets: each once per beat, who came or went at the next round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgpack
import pytest

from realtime.broker import BrokerLost
from realtime.frames import Publication, encode_value
from realtime.rollcall import ROUNDS
from tests.unit.realtime.test_house import Process

if TYPE_CHECKING:
    from realtime.presence import Seen


@pytest.fixture
def process() -> Process:
    return Process()


async def seen(process: Process, user: str = "7") -> Seen:
    house = process.house
    return (await house.presence.seen([user], process.clock.now_ms()))[user]


async def test_a_new_socket_is_told_at_the_next_round_with_all_that_helps(process: Process) -> None:
    session, _ = await process.open(issue="here")
    session.client, session.version = "Mozilla/5.0", "desk-4F2A"
    process.clock.now_s += 2
    await process.house._roll.call()
    (link,) = (await seen(process)).links
    assert (link.link, link.issue, link.hub) == ("n1/1", "here", process.house.name)
    assert (link.client, link.version) == ("Mozilla/5.0", "desk-4F2A")
    assert link.noted_ms - link.opened_ms == link.noted_ms - link.heard_ms == 2_000
    assert (link.round_trip_ms, link.missed, link.held, link.resumes) == (None, 0, 0, 0)
    assert link.positions == (("agent:7", -1),)


async def test_beats_without_an_answer_are_counted_and_a_round_trip_is_measured(
    process: Process,
) -> None:
    session, _ = await process.open()
    session.conversation.beaten(1, process.clock.now_s)
    session.conversation.beaten(2, process.clock.now_s)
    process.clock.now_s += 0.034
    await session.receive(msgpack.packb({"t": "pong", "n": 2}))
    await process.house._roll.call()
    (link,) = (await seen(process)).links
    assert (link.missed, link.round_trip_ms) == (1, 34)


async def test_what_a_slow_reader_is_spared_is_told(process: Process) -> None:
    session, wire = await process.open()
    wire.buffered = 300 * 1024
    session.deliver(Publication("agent:7", "e", 1, [("agent", encode_value({"n": 1}))]))
    await process.house._roll.call()
    (link,) = (await seen(process)).links
    assert link.backlog_bytes == 300 * 1024
    assert link.waiting_bytes > 0
    assert link.held == 1


async def test_every_socket_has_its_turn_once_per_beat(process: Process) -> None:
    for number in range(ROUNDS):
        await process.open(user=str(number), channels=["wall"], nonce=f"n{number}")
    await process.house._roll.call()
    process.clock.now_s += 5
    for _ in range(ROUNDS):
        await process.house._roll.call()
    for number in range(ROUNDS):
        (link,) = (await seen(process, str(number))).links
        assert link.noted_ms == process.clock.now_ms()


async def test_who_left_is_gone_and_how_he_left_is_told(process: Process) -> None:
    session, _ = await process.open(issue="here")
    await process.house._roll.call()
    process.house.depart(session, 4012)
    await process.house._roll.call()
    told = await seen(process)
    assert told.links == ()
    assert told.parting is not None
    assert (told.parting.link, told.parting.issue, told.parting.code) == ("n1/1", "here", 4012)


async def test_a_socket_that_was_never_welcomed_is_not_told_of(process: Process) -> None:
    session, _ = process.accept()
    process.house._roll.left(session, 1006)
    await process.house._roll.call()
    assert (await seen(process)).parting is None


async def test_what_happens_while_a_round_is_under_way_is_told_by_the_next(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = await process.open()
    note = process.house.presence.note

    async def note_slowly(*news: Any) -> None:
        await note(*news)
        if session in process.house._sessions:
            process.house.depart(session, 4009)

    monkeypatch.setattr(process.house.presence, "note", note_slowly)
    await process.house._roll.call()
    assert (await seen(process)).links
    await process.house._roll.call()
    told = await seen(process)
    assert told.links == ()
    assert told.parting is not None
    assert told.parting.code == 4009


async def test_news_that_could_not_be_told_are_told_later(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = await process.open()
    process.house.depart(session, 1006)

    async def away(*_: object) -> None:
        raise BrokerLost

    with monkeypatch.context() as lost:
        lost.setattr(process.house.presence, "note", away)
        with pytest.raises(BrokerLost):
            await process.house._roll.call()
    await process.house._roll.call()
    told = await seen(process)
    assert told.parting is not None
    assert told.parting.code == 1006
