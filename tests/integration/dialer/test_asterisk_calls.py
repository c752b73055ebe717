"""Real calls: each way they can go, and each race between them and us, on an Asterisk with a network."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest_asyncio

from dialer.carrier_ari_words import Ask
from dialer.core.call import Cause
from dialer.core.events import Answered, BridgeFailed, MachineHeard, PersonHeard
from tests.support.asterisk import dialled_by
from tests.support.calling import Caller, heard_by

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.asterisk import Lab

AGENT = UUID(int=0xA1)


@pytest_asyncio.fixture
async def caller(lab: Lab) -> AsyncIterator[Caller]:
    async with dialled_by(lab) as carrier, heard_by(carrier) as caller:
        yield caller


async def test_each_way_not_to_reach_a_person_has_its_word(caller: Caller) -> None:
    numbers = {
        "12555": Cause.BUSY,
        "14555": Cause.INVALID_NUMBER,
        "15555": Cause.CARRIER_ERROR,
        "24555": Cause.REJECTED,
        "13555": Cause.NO_ANSWER,  # rings until our own time is over
    }
    calls = [await caller.place(number, ring_ms=1_500) for number in numbers]
    ended = await caller.ended(*calls)
    assert [(end.cause, end.by) for end in ended] == [
        (word, "CARRIER") for word in numbers.values()
    ]
    assert caller.carrier.board.lines == {}


async def test_who_answers_and_leaves_at_once_is_answered_and_ended_once_each(
    caller: Caller,
) -> None:
    """Thirty at once, each joined to an agent in the moment of the answer: dead channels and false joins."""
    agents = [UUID(int=0xB00 + number) for number in range(3)]
    await caller.carrier.seat(frozenset(agents))
    calls = [await caller.place(f"17{number:03d}") for number in range(30)]

    async def join(number: int, call: UUID) -> None:
        await caller.until(lambda: bool(caller.of(call, Answered)))
        await caller.carrier.bridge(call, agents[number % 3])

    async with asyncio.TaskGroup() as group:
        for number, call in enumerate(calls):
            group.create_task(join(number, call))
    await caller.ended(*calls)
    for call in calls:
        story = [word for word in caller.story(call) if word not in {"BridgedUp", "Ringing"}]
        assert story == ["Answered", "HungUp"]
    assert caller.carrier.board.lines == {}


async def test_a_hang_up_around_the_answer_ends_every_call_once_and_as_ours(
    caller: Caller,
) -> None:
    """The party picks up after 200 ms; we hang up from well before to well after."""
    calls = []
    for number in range(24):
        calls.append(await caller.place(f"29{number:03d}"))
        await asyncio.sleep(0.015)
    for call in calls:
        await caller.carrier.hang_up(call, Cause.CANCELLED)
    ended = await caller.ended(*calls)
    assert {(end.cause, end.by) for end in ended} == {(Cause.CANCELLED, "SYSTEM")}
    for call in calls:
        assert caller.story(call).count("HungUp") == 1


async def test_a_request_that_was_sent_twice_rings_once(caller: Caller) -> None:
    call = await caller.place("29555")
    await caller.until(lambda: bool(caller.of(call, Answered)))
    again = Ask(
        call,
        "place",
        call,
        "POST",
        f"/channels/{caller.carrier.board.names.call(call)}",
        {"endpoint": "PJSIP/29555@carrier", "context": "paceline-customer", "extension": "s"},
    )
    assert await caller.carrier._link.send(again) == 409
    for word in caller.carrier.board.answer(again, 409, 0):
        assert isinstance(word, Ask)
        assert await caller.carrier._link.send(word) == 200  # it lives, so it is not ended


async def test_a_telephone_that_is_put_down_leaves_the_customer_and_is_rung_again(
    lab: Lab, caller: Caller
) -> None:
    await caller.carrier.seat(frozenset({AGENT}))
    call = await caller.answered("29555")
    await caller.joined(call, AGENT)
    lab.hang_up(f".leg.{AGENT}")
    await caller.until(lambda: bool(caller.of(call, BridgeFailed)))
    await caller.seated(AGENT)
    await caller.joined(call, AGENT)
    story = ["Ringing", "Answered", "BridgedUp", "BridgeFailed", "BridgedUp"]
    assert caller.story(call) == story


async def test_persons_and_machines_are_told_apart_and_who_says_nothing_is_a_person(
    caller: Caller,
) -> None:
    persons = [await caller.place(f"26{n}", detection="") for n in (1, 3)]
    machines = [await caller.place(f"27{n}", detection="") for n in (2, 5)]
    silent = await caller.place("18555", detection="1000,1000,300,1500,100,50,3,256,1800")
    everybody = [*persons, *machines, silent]
    await caller.until(
        lambda: all(
            caller.of(call, PersonHeard) or caller.of(call, MachineHeard) for call in everybody
        )
    )
    assert all(caller.of(call, PersonHeard) for call in persons)
    assert all(caller.of(call, MachineHeard) for call in machines)
    assert caller.of(silent, PersonHeard)  # NOTSURE: no sound came at all
    for call in everybody:
        await caller.carrier.hang_up(call, Cause.MACHINE)
    await caller.ended(*everybody)


async def test_nobody_at_all_is_hung_up_who_is_not_there(caller: Caller) -> None:
    await caller.carrier.hang_up(uuid4(), Cause.COMPLETED)
    call = await caller.answered("29555")
    assert await caller.carrier.alive() == {call}
