"""The engine with agents who decide on each call themselves: offer, dial, pass over, and a second dialer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.desk import intents as asked
from dialer.core.campaign import Mode
from dialer.core.live import LiveAgent
from dialer.core.standing import AgentState
from dialer.leads import Refused
from tests.support.dialer import CAMPAIGN, uid
from tests.support.dialing import Rig, running, until
from tests.support.engine import AGENT, ends, shown

if TYPE_CHECKING:
    from uuid import UUID


def a_rig(people: int = 3, mode: Mode = Mode.PREVIEW) -> Rig:
    rig = Rig()
    rig.campaign(mode=mode)
    rig.leads.fill(people)
    return rig


async def offered(rig: Rig, besides: UUID | None = None) -> UUID:
    """The call that the agent could make, its screen on his page."""
    room = rig.engine.floor.room

    def there() -> bool:
        offer = room.offers.get(AGENT)
        return (
            offer is not None
            and offer.call != besides
            and (AGENT, offer.call) in rig.screens.finished
        )

    await until(there)
    return room.offers[AGENT].call


@pytest.mark.req("S0d-001")
async def test_an_agent_looks_dials_and_speaks_with_the_one_whom_he_called() -> None:
    rig = a_rig()
    async with running(rig):
        await rig.seat()
        call = await offered(rig)
        await shown(rig, "call", "OFFERED")
        assert rig.carrier.log == []
        assert rig.leads.opened == []
        rig.intents.ask(asked.Dial(user=AGENT, call=call, at_ms=0))
        await shown(rig, "call", "BRIDGED")
        assert [call] == rig.leads.opened
        assert rig.carrier.log == [("place", call), ("bridge", call)]
        rig.carrier.leave(call)
        await until(lambda: ends(rig))
        assert (ends(rig)[0].agent, ends(rig)[0].cause) == (AGENT, "COMPLETED")
        rig.intents.ask(asked.Disposed(user=AGENT, call=call, leaf="REFUSED", at_ms=0))
        rig.intents.ask(asked.Finish(user=AGENT, call=call, at_ms=0))
        assert await offered(rig, call) != call


async def test_what_he_passes_over_goes_back_with_its_reason() -> None:
    rig = a_rig()
    async with running(rig):
        await rig.seat()
        call = await offered(rig)
        lead = rig.engine.floor.room.offers[AGENT].lead
        rig.intents.ask(asked.Skip(user=AGENT, call=call, reason="LATER", at_ms=0))
        await until(lambda: rig.leads.passed)
        assert rig.leads.passed == [(lead, "LATER")]
        assert await offered(rig, call) != call
        assert call in rig.screens.dropped


async def test_a_break_frees_the_lead() -> None:
    rig = a_rig()
    async with running(rig):
        await rig.seat()
        await offered(rig)
        lead = rig.engine.floor.room.offers[AGENT].lead
        rig.intents.ask(asked.Pause(user=AGENT, reason="LUNCH", at_ms=0))
        await until(lambda: rig.leads.released)
        assert [each.id for each in rig.leads.released] == [lead]


async def test_a_refusal_at_the_dial_is_told_and_the_next_is_offered() -> None:
    rig = a_rig()
    rig.leads.refusals.append(Refused("DAILY_CAP", "Circular 18/2019", None))
    async with running(rig):
        await rig.seat()
        call = await offered(rig)
        rig.intents.ask(asked.Dial(user=AGENT, call=call, at_ms=0))
        assert await offered(rig, call) != call
        assert rig.engine.floor.room.agents[AGENT].tried == "DAILY_CAP"
        assert rig.carrier.log == []


async def test_a_line_that_was_opened_without_an_answer_is_taken_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dialer.opener.LOOK_SECONDS", 0.01)
    rig = a_rig()
    rig.leads.mute = True
    async with running(rig):
        await rig.seat()
        call = await offered(rig)
        rig.intents.ask(asked.Dial(user=AGENT, call=call, at_ms=0))
        await offered(rig, call)
        await until(lambda: not rig.leads.doubtful)
        assert rig.carrier.log == []


async def test_he_picks_whom_he_wants_where_nothing_is_offered() -> None:
    rig = a_rig(mode=Mode.MANUAL)
    async with running(rig):
        await rig.seat()
        rig.intents.ask(asked.Pick(user=AGENT, campaign=CAMPAIGN, lead=uid(5), at_ms=0))
        call = await offered(rig)
        rig.intents.ask(asked.Dial(user=AGENT, call=call, at_ms=0))
        await shown(rig, "call", "BRIDGED")


@pytest.mark.parametrize("state", [AgentState.REVIEW, AgentState.DIALING])
async def test_the_next_dialer_finds_him_free_and_rings_nobody_twice(state: AgentState) -> None:
    rig = a_rig()
    now = rig.clock.now_ms()
    rig.journal.agents = [
        LiveAgent(
            agent=AGENT, name="A", team=None, campaigns=frozenset({CAMPAIGN}), wrapup_multiplier=1.0,
            status="READY", reason=None, status_since_ms=now, state=state, state_since_ms=now,
            call=uid(99), deadline_ms=None, extends_left=0, disposed=False,
        )
    ]  # fmt: skip
    async with running(rig):
        await rig.seat()
        call = await offered(rig)
        assert call != uid(99)
        assert rig.carrier.log == []
