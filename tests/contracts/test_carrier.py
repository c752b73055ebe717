"""One suite for `dialer.carrier.Carrier`: the engine tests' scripted one, the simulator in time, Asterisk."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import pytest_asyncio

from app.clock import Clock
from dialer.carrier import Placement
from dialer.carrier_simulator import Exchange, SimulatedCarrier
from dialer.core.call import Cause
from dialer.core.events import (
    Answered,
    BridgedUp,
    CarrierEvent,
    HungUp,
    MessagePlayed,
    Ringing,
)
from dialer.core.monitor import MonitorMode, SupervisorJoined
from dialer.fates import DEMO, Fate, uniform
from tests.support.asterisk import dialled_by
from tests.support.dialing import ScriptedCarrier

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from dialer.carrier import Carrier
    from tests.support.asterisk import Lab

AGENT, OTHER, LEADER = UUID(int=0xA1), UUID(int=0xA2), UUID(int=0x1E)
QUICK = replace(
    DEMO,
    person_by_hour=((0, 1.0),),
    others=((Fate.BUSY, 0.0),),
    setup=uniform(1, 5),
    ring_person=uniform(1, 10),
    patience=uniform(60_000, 60_000),
    talk=((1.0, uniform(60_000, 60_000)),),
    hasty=0.0,
    at_bridge=0.0,
    in_message=0.0,
)


@dataclass
class Line:
    """A carrier and its one listener."""

    carrier: Carrier

    def __post_init__(self) -> None:
        self.events: AsyncIterator[CarrierEvent] = self.carrier.events()

    async def until(self, wanted: Callable[[CarrierEvent], bool]) -> list[CarrierEvent]:
        """Everything told up to and including the first event that is wanted."""
        told: list[CarrierEvent] = []
        async with asyncio.timeout(20):
            async for event in self.events:
                told.append(event)
                if wanted(event):
                    break
        return told

    async def answered(self, number: int = 1) -> UUID:
        """A call that somebody picked up."""
        call = UUID(int=number)
        await self.carrier.place(a_placement(call))
        await self.until(lambda e: isinstance(e, Answered) and e.call == call)
        return call


def a_placement(call: UUID) -> Placement:
    return Placement(call, "+84501234567", "+842471000000", 25_000, detect_machine=False)


def kinds(told: list[CarrierEvent]) -> list[type]:
    return [type(event) for event in told]


def is_end(call: UUID) -> Callable[[Any], bool]:
    return lambda event: isinstance(event, HungUp) and event.call == call


@pytest_asyncio.fixture(params=["scripted", "simulator", "asterisk"])
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    clock = Clock()
    if request.param == "asterisk":
        lab: Lab = request.getfixturevalue("lab")
        # 29: who rings shortly, picks up and stays
        async with dialled_by(lab, dial="PJSIP/29{digits}@carrier") as carrier:
            await carrier.seat(frozenset({AGENT, OTHER}))
            yield Line(carrier)
        return
    yield Line(
        ScriptedCarrier(clock)
        if request.param == "scripted"
        else SimulatedCarrier(Exchange(QUICK, 1), clock.now_ms)
    )


@pytest.mark.req("S0d-007")
async def test_a_call_rings_is_answered_joined_and_ended_by_us(line: Line) -> None:
    call = UUID(int=1)
    await line.carrier.place(a_placement(call))
    told = await line.until(lambda e: isinstance(e, Answered))
    assert kinds(told) == [Ringing, Answered]
    await line.carrier.bridge(call, AGENT)
    (joined,) = await line.until(lambda e: isinstance(e, BridgedUp))
    assert isinstance(joined, BridgedUp)
    assert (joined.call, joined.agent) == (call, AGENT)
    await line.carrier.hang_up(call, Cause.COMPLETED)
    (ended,) = await line.until(is_end(call))
    assert isinstance(ended, HungUp)
    assert (ended.cause, ended.by) == (Cause.COMPLETED, "SYSTEM")


async def test_instants_of_a_call_never_run_backwards(line: Line) -> None:
    call = UUID(int=1)
    before = Clock().now_ms()
    await line.carrier.place(a_placement(call))
    told = await line.until(lambda e: isinstance(e, Answered))
    await line.carrier.hang_up(call, Cause.ABANDONED)
    told += await line.until(is_end(call))
    instants = [event.at_ms for event in told]
    assert instants == sorted(instants)
    assert before <= instants[0]


async def test_a_person_may_be_given_to_another_agent(line: Line) -> None:
    call = await line.answered()
    await line.carrier.bridge(call, AGENT)
    await line.until(lambda e: isinstance(e, BridgedUp))
    await line.carrier.unbridge(call, AGENT)
    await line.carrier.bridge(call, OTHER)
    (joined,) = await line.until(lambda e: isinstance(e, BridgedUp))
    assert isinstance(joined, BridgedUp)
    assert joined.agent == OTHER
    assert call in await line.carrier.alive()


async def test_the_message_is_told_when_it_has_ended(line: Line) -> None:
    call = await line.answered()
    await line.carrier.play_message(call, "This is the bank.")
    assert kinds(await line.until(lambda e: isinstance(e, MessagePlayed))) == [MessagePlayed]
    await line.carrier.hang_up(call, Cause.ABANDONED)
    (ended,) = await line.until(is_end(call))
    assert isinstance(ended, HungUp)
    assert ended.cause == Cause.ABANDONED


async def test_a_call_is_alive_from_its_placement_to_its_end(line: Line) -> None:
    call = await line.answered()
    other = await line.answered(2)
    assert await line.carrier.alive() == {call, other}
    await line.carrier.hang_up(call, Cause.COMPLETED)
    await line.until(is_end(call))
    assert await line.carrier.alive() == {other}


@pytest.mark.req("P0-005")
async def test_somebody_who_leads_steps_in_changes_how_and_leaves(line: Line) -> None:
    call = await line.answered()
    await line.carrier.bridge(call, AGENT)
    await line.until(lambda e: isinstance(e, BridgedUp))
    for mode in (MonitorMode.LISTEN, MonitorMode.WHISPER, MonitorMode.BARGE, MonitorMode.TAKE_OVER):
        await line.carrier.supervise(call, LEADER, mode)
        joined = (await line.until(lambda e: isinstance(e, SupervisorJoined)))[-1]
        assert isinstance(joined, SupervisorJoined)
        assert (joined.call, joined.by, joined.mode) == (call, LEADER, mode.value)
    assert call in await line.carrier.alive()
    await line.carrier.withdraw(call, LEADER)
    await line.carrier.withdraw(call, LEADER)
    await line.carrier.hang_up(call, Cause.COMPLETED)
    assert isinstance((await line.until(is_end(call)))[-1], HungUp)


async def test_an_order_about_a_call_that_is_over_does_nothing(line: Line) -> None:
    call = await line.answered()
    await line.carrier.hang_up(call, Cause.COMPLETED)
    await line.until(is_end(call))
    await line.carrier.hang_up(call, Cause.COMPLETED)
    await line.carrier.hold(call, on=True)
    await line.carrier.mute(call, on=True)
    other = await line.answered(2)  # and nothing of the first one comes between
    assert await line.carrier.alive() == {other}


async def test_the_stream_ends_when_the_carrier_is_closed(line: Line) -> None:
    await line.answered()
    await line.carrier.aclose()
    async with asyncio.timeout(20):
        assert [event async for event in line.events] == []


async def test_a_hundred_calls_each_end_once() -> None:
    """The simulator in real time, with a listener that also gives the orders."""
    brief = replace(QUICK, talk=((1.0, uniform(5, 30)),), patience=uniform(5, 30), at_bridge=0.2)
    carrier = SimulatedCarrier(Exchange(brief, 3), Clock().now_ms)
    for number in range(100):
        await carrier.place(a_placement(UUID(int=number)))
        await carrier.place(a_placement(UUID(int=number)))  # a retried order rings once
    ends: list[UUID] = []
    rings: list[UUID] = []
    async with asyncio.timeout(30):
        async for event in carrier.events():
            match event:
                case Ringing():
                    rings.append(event.call)
                case Answered():
                    await carrier.bridge(event.call, AGENT)
                case HungUp():
                    ends.append(event.call)
            if len(ends) == 100:
                break
    assert sorted(ends) == sorted(rings) == [UUID(int=number) for number in range(100)]
    assert await carrier.alive() == frozenset()


async def test_a_clock_that_was_moved_is_noticed_by_a_nudge() -> None:
    now = [1_763_867_400_000]
    carrier = SimulatedCarrier(
        Exchange(replace(QUICK, setup=uniform(3_600_000, 3_600_000)), 1), lambda: now[0]
    )
    line = Line(carrier)
    await carrier.place(a_placement(UUID(int=1)))
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(line.until(lambda e: isinstance(e, Ringing)))
        await asyncio.sleep(0)
        now[0] += 3_600_000
        carrier.nudge()
    assert kinds(waiting.result()) == [Ringing]
