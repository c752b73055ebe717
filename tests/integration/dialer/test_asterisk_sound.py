"""What each party really hears, by the tone of the other: events may be right while nobody hears anybody."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from dialer.core.call import Cause
from tests.support.asterisk import dialled_by
from tests.support.calling import heard_by, tones_of

if TYPE_CHECKING:
    from tests.support.asterisk import Lab

CUSTOMER, MUSIC = 440, 220
PHONE = "PJSIP/301000{agent}@phones"  # every agent's telephone sends 1000 Hz
PART_S = 0.8


async def test_each_hears_the_other_only_while_he_should(lab: Lab) -> None:
    agent, other = (UUID(int=uuid4().int % 10**12) for _ in range(2))
    number = f"300{CUSTOMER}{uuid4().int % 10**8:08d}"
    async with dialled_by(lab, phone=PHONE) as carrier, heard_by(carrier) as caller:
        await carrier.seat(frozenset({agent, other}))
        call = await caller.answered(number)
        await asyncio.sleep(PART_S)  # nobody yet
        await caller.joined(call, agent)
        await asyncio.sleep(PART_S)
        await carrier.mute(call, on=True)
        await asyncio.sleep(PART_S)
        await carrier.mute(call, on=False)
        await asyncio.sleep(PART_S)
        await carrier.hold(call, on=True)
        await asyncio.sleep(PART_S)
        await carrier.hold(call, on=False)
        await asyncio.sleep(PART_S)
        await carrier.unbridge(call, agent)
        await asyncio.sleep(PART_S)
        await caller.joined(call, other)
        await asyncio.sleep(PART_S)
        await carrier.hang_up(call, Cause.COMPLETED)
        await caller.ended(call)
        await asyncio.sleep(PART_S)
        await carrier.seat(frozenset())
        assert await lab.until_quiet() == []
    tones = (CUSTOMER, MUSIC, 1_000)
    heard_by_customer = tones_of(lab.heard(number), tones)
    assert [tone for tone in heard_by_customer if tone] == [1_000, 1_000, MUSIC, 1_000, 1_000]
    at_desk = tones_of(lab.heard(f"301000{agent.int}"), tones)
    assert [tone for tone in at_desk if tone] == [CUSTOMER, CUSTOMER]  # the hold between
    at_other = tones_of(lab.heard(f"301000{other.int}"), tones)
    assert [tone for tone in at_other if tone] == [CUSTOMER]
