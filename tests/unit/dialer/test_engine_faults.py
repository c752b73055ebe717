"""The engine when its surroundings fail, when another leads, at its beginning and at its end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from app.desk import intents as asked
from app.errors import Unavailable
from dialer.core.live import LiveAgent, LiveCall
from dialer.errands import NOBODY
from dialer.fence import Fenced
from tests.support.dialer import CAMPAIGN, a_line, uid
from tests.support.dialing import Rig, running, until
from tests.support.engine import AGENT, connected, ends


class TestLoss:
    """What cannot be vouched for: nothing new until it is back, then all of it again."""

    async def test_a_lost_broker_stops_dialling_and_is_made_good(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.leads.fill(5)
        async with running(rig):
            await connected(rig)
            room = rig.engine.floor.room
            rig.meter.down = True
            rig.broker.cut()
            await until(lambda: not room.state_up)
            rig.reservations.held.clear()
            rig.intents.ask(asked.Mute(user=AGENT, on=True, at_ms=0))
            await until(lambda: room.agents[AGENT].muted)
            rig.broker.mend()
            rig.meter.down = False
            await until(lambda: room.state_up)
            assert rig.reservations.held[AGENT][0] == rig.leads.opened[0]
            await until(lambda: len(rig.screens.finished) > 1)

            async def seen() -> bool:
                card = await rig.card(AGENT, "agent")
                return bool(card and card["muted"])

            async with asyncio.timeout(10):
                while not await seen():  # noqa: ASYNC110 - a card raises no event here
                    await asyncio.sleep(0.01)

    async def test_an_unwritten_backlog_stops_dialling(self) -> None:
        rig = Rig(backlog=0)
        rig.campaign()
        rig.journal.down = True
        async with running(rig):
            await rig.seat()
            room = rig.engine.floor.room
            await until(lambda: not room.state_up)
            rig.journal.down = False
            await until(lambda: room.state_up)

    async def test_a_carrier_that_does_not_answer_is_asked_until_it_does(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.leads.fill(9)
        async with running(rig):
            _, call = await connected(rig)
            rig.carrier.silent = True
            rig.intents.ask(asked.HangUp(user=AGENT, call=call, at_ms=0))
            room = rig.engine.floor.room
            await until(lambda: not room.carrier_up)
            rig.carrier.silent = False
            await until(lambda: room.carrier_up)
            await until(lambda: ends(rig))
            assert ("hang_up", call) in rig.carrier.log

    async def test_intents_wait_for_their_stream(self) -> None:
        rig = Rig()
        rig.campaign()
        async with running(rig):
            rig.intents.down = True
            await rig.seat()
            rig.intents.down = False
            await until(lambda: AGENT in rig.engine.floor.room.agents)


class TestLease:
    """decisions.md 10: one dialer."""

    async def test_a_dialer_with_an_old_number_stops_at_once(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.lease.fence = 2
        with pytest.raises(Fenced):
            await rig.engine.run()
        assert not rig.lease.released

    @pytest.mark.parametrize("where", ["leads", "journal"])
    async def test_whoever_says_so(self, where: str) -> None:
        rig = Rig(renew_seconds=60)
        rig.campaign()
        rig.leads.fill(1)
        getattr(rig, where).fence = 2
        await rig.seat()
        with pytest.raises(Fenced):
            async with asyncio.timeout(10):
                await rig.engine.run()
        # The journal says so when it is first written, 20 ms after the first record: by then the one
        # call that was opened under the old number may have been placed, and answered at once.
        done = [verb for verb, *_ in rig.carrier.log]
        assert done == ["place", "bridge"][: len(done)]

    async def test_a_lease_that_ran_out_is_renewed_before_anything_is_done(self) -> None:
        rig = Rig(renew_seconds=60)
        rig.campaign()
        rig.leads.fill(1)
        rig.engine = rig.build(held_for_ms=-1)
        rig.lease.fence = 2
        await rig.seat()
        with pytest.raises(Fenced):
            await rig.engine.run()
        assert rig.engine.floor.room.agents == {}
        assert rig.carrier.log == []

    async def test_a_dialer_that_stood_still_in_the_middle_of_a_turn_does_not_ring(self) -> None:
        rig = Rig(renew_seconds=60)
        rig.campaign()
        rig.leads.fill(1)

        def stand_still() -> None:
            rig.engine._held_until = 0  # the process stopped, and goes on later
            rig.lease.fence = 2

        rig.leads.before_open = stand_still
        await rig.seat()
        with pytest.raises(Fenced):
            async with asyncio.timeout(10):
                await rig.engine.run()
        assert len(rig.leads.opened) == 1
        assert rig.carrier.log == []

    async def test_a_store_that_does_not_answer_lets_it_run_out(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.lease.down = True
        rig.engine = rig.build(held_for_ms=100)
        async with running(rig):
            room = rig.engine.floor.room
            await until(lambda: not room.state_up)
            rig.lease.down = False
            await until(lambda: room.state_up)

    async def test_another_failure_is_not_hidden(self) -> None:
        rig = Rig()
        rig.campaign()

        async def break_down(*_: object) -> None:
            raise RuntimeError("broken")

        rig.meter.report = break_down  # type: ignore[assignment,method-assign]  # a meter that fails
        with pytest.raises(BaseExceptionGroup) as caught:
            await rig.engine.run()
        assert caught.value.subgroup(RuntimeError) is not None


class TestBeginning:
    """decisions.md 11: what was going on goes on."""

    async def test_a_live_call_is_taken_over(self) -> None:
        rig = Rig()
        rig.campaign()
        now = rig.clock.now_ms()
        call = uid(1)
        rig.carrier.up.add(call)
        rig.journal.agents = [
            live_agent(0xA1, now, state="IN_CALL", call=call),
            live_agent(0xA2, now),
        ]
        rig.journal.calls = [
            LiveCall(a_line(1), "BRIDGED", AGENT, now, now, now, now),
            LiveCall(a_line(2), "BRIDGED", None, now, now, now, now),
        ]
        rig.reservations.held[uid(0xA2)] = (uid(77), now + 999_999)
        async with running(rig):
            await until(lambda: ends(rig))
            assert ends(rig)[0].call == uid(2)
            assert rig.reservations.held[AGENT][0] == call
            assert rig.reservations.held[uid(0xA2)] == (NOBODY, 0)
            assert (await rig.card(AGENT, "call"))["state"] == "BRIDGED"
            await until(lambda: (AGENT, call) in rig.screens.finished)
            assert ("bridge", call) not in rig.carrier.log
            rig.carrier.leave(call)

    async def test_a_store_that_does_not_answer_yet_is_waited_for(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.leads.down = True
        async with running(rig):
            await asyncio.sleep(0)
            rig.leads.down = False
            await until(lambda: CAMPAIGN in rig.engine.floor.room.efforts)

    async def test_what_was_going_on_is_counted_once_while_redis_is_away(self) -> None:
        rig = Rig(reload_seconds=60)
        rig.campaign()
        now = rig.clock.now_ms()
        rig.journal.agents = [live_agent(0xA2, now)]
        rig.journal.calls = [LiveCall(a_line(1), "WAITING", None, now, now, None, None)]
        tried: list[int] = []
        assert_held = rig.reservations.assert_held

        async def fail(*_: object, **__: object) -> None:
            tried.append(1)
            if len(tried) < 4:
                raise Unavailable("Redis does not answer.")
            rig.reservations.assert_held = assert_held  # type: ignore[method-assign]  # back

        rig.reservations.assert_held = fail  # type: ignore[method-assign]  # away
        async with running(rig):
            room = rig.engine.floor.room
            await until(lambda: not room.state_up)
            await until(lambda: room.state_up)
            await until(lambda: ends(rig))
        assert [record.call for record in ends(rig)] == [uid(1)]
        assert room.efforts[CAMPAIGN].day.abandoned == 1

    async def test_a_dialer_that_could_read_nothing_ends_when_it_is_asked_to(self) -> None:
        rig = Rig(watch_seconds=60)
        rig.leads.down = True
        async with asyncio.TaskGroup() as group, asyncio.timeout(5):
            task = group.create_task(rig.engine.run())
            await asyncio.sleep(0)
            rig.engine.stop()
            await task
        assert rig.lease.released
        assert rig.engine.floor.room.agents == {}


class TestEnding:
    """1. no new lines; 2. live calls end; 3. readers stop; 4. journal; 5. lease."""

    async def test_live_calls_run_to_their_end(self) -> None:
        rig = Rig(drain_seconds=10)
        rig.campaign()
        rig.leads.fill(5)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(rig.engine.run())
            _, call = await connected(rig)
            rig.engine.stop()
            rig.engine.stop()
            await until(lambda: rig.engine.floor.room.draining)
            assert not task.done()
            rig.carrier.leave(call)
        assert [r.call for r in ends(rig)] == [call]
        assert rig.lease.released
        assert len(rig.leads.opened) == 1

    async def test_but_not_for_ever(self) -> None:
        rig = Rig(drain_seconds=0.1, flush_seconds=0.1)
        rig.campaign()
        rig.leads.fill(1)
        async with asyncio.TaskGroup() as group:
            group.create_task(rig.engine.run())
            await connected(rig)
            rig.journal.down = True
            rig.lease.down = True
            rig.engine.stop()
        assert ends(rig) == []

    async def test_nor_for_a_carrier_that_does_not_answer(self) -> None:
        rig = Rig(drain_seconds=0.1, flush_seconds=0.1)
        rig.campaign()
        rig.leads.fill(1)
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(rig.engine.run())
            _, call = await connected(rig)
            rig.carrier.silent = True
            rig.intents.ask(asked.HangUp(user=AGENT, call=call, at_ms=0))
            await until(lambda: not rig.engine.floor.room.carrier_up)
            rig.engine.stop()
        assert rig.lease.released


def live_agent(number: int, now: int, **changes: Any) -> LiveAgent:
    """An agent as the store knew him."""
    agent = LiveAgent(
        agent=uid(number),
        name="An",
        team=None,
        campaigns=frozenset({CAMPAIGN}),
        wrapup_multiplier=1.0,
        status="READY",
        reason=None,
        status_since_ms=now,
        state="IDLE",
        state_since_ms=now,
        call=None,
        deadline_ms=None,
        extends_left=0,
        disposed=False,
    )
    return replace(agent, **changes)
