"""The engine among scripted surroundings: order of what it does, and what it does when they fail."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from app.desk import intents as asked
from app.errors import Unavailable
from dialer.core import events as e
from dialer.core.call import CallState
from dialer.core.campaign import CampaignState
from dialer.core.records import AgentChanged, CallEnded, CallMoment, DialingStopped, Moment
from dialer.core.standing import Link
from dialer.errands import NOBODY
from dialer.fence import Fenced
from dialer.leads import Refused
from realtime.broker import Position
from tests.support.dialer import CAMPAIGN, LEADER, a_line, uid
from tests.support.dialing import Rig, running, until

if TYPE_CHECKING:
    from uuid import UUID

AGENT = uid(0xA1)


def ends(rig: Rig) -> list[CallEnded]:
    return [r for r in rig.journal.records if isinstance(r, CallEnded)]


async def connected(rig: Rig) -> tuple[UUID, UUID]:
    """A floor of one agent with his first customer."""
    user = await rig.seat()
    await until(lambda: rig.leads.opened)
    call = rig.leads.opened[0]
    await until(lambda: state_of(rig, call) is CallState.BRIDGED)
    return user, call


async def shown(rig: Rig, key: str, state: str) -> Any:
    """The agent's card once it says so: cards leave at the end of the turn that changed them."""
    for _ in range(1_000):
        card = await rig.card(AGENT, key)
        if card is not None and card["state"] == state:
            return card
        await asyncio.sleep(0.005)
    raise TimeoutError(f"the card {key} never said {state}")


def state_of(rig: Rig, call: UUID) -> CallState | None:
    known = rig.engine.floor.call(call)
    return None if known is None else known.state


class TestCall:
    """A call from lead to wrap-up."""

    async def test_a_call_reaches_the_desk_screen_before_voice(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.leads.fill(5)
        async with running(rig):
            user, call = await connected(rig)
            assert rig.screens.finished == [(user, call)]
            assert call in rig.screens.warmed
            card = await shown(rig, "agent", "IN_CALL")
            assert card["call"] == str(call)
            await shown(rig, "call", "BRIDGED")
            assert rig.reservations.held[AGENT][0] == call
            await until(lambda: rig.engine.floor.room.efforts[CAMPAIGN].pops.n == 1)

    async def test_a_screen_leaves_before_the_cards_that_the_same_turn_changed(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.leads.fill(1)
        async with running(rig):
            user, call = await connected(rig)
            channel = f"agent:{user}"
            epoch = (await rig.broker.snapshot(channel)).position.epoch
            cards = await rig.broker.since(channel, Position(epoch, 0)) or []
        keys = [key for _, key, _ in cards]
        assert keys.index(f"screen:{call}") < keys.index("call")

    async def test_wrap_up_ends_the_call_in_the_books_and_brings_the_next(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.leads.fill(5)
        async with running(rig):
            _, call = await connected(rig)
            rig.carrier.leave(call)
            await until(lambda: ends(rig))
            assert ends(rig)[0].cause == "COMPLETED"
            now = rig.clock.now_ms()
            rig.intents.ask(asked.Disposed(user=AGENT, call=call, leaf="PTP_SCHEDULED", at_ms=now))
            last = rig.intents.ask(asked.Finish(user=AGENT, call=call, at_ms=now))
            await until(lambda: len(rig.leads.opened) == 2)
            assert call in rig.screens.dropped
            await until(lambda: last in rig.intents.acked)
            moments = [r.moment for r in rig.journal.records if isinstance(r, CallMoment)]
            assert moments[:4] == [
                Moment.DIALED,
                Moment.RINGING,
                Moment.ANSWERED,
                Moment.WAITING,
            ]
            assert {Moment.ASSIGNED, Moment.PUBLISHED, Moment.RECEIVED} <= set(moments)
            assert moments.index(Moment.ASSIGNED) < moments.index(Moment.PUBLISHED)
            assert any(isinstance(r, AgentChanged) for r in rig.journal.records)

    async def test_controls_reach_the_carrier(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.leads.fill(1)
        async with running(rig):
            _, call = await connected(rig)
            for intent in (
                asked.Hold(user=AGENT, call=call, on=True, at_ms=0),
                asked.Mute(user=AGENT, on=True, at_ms=0),
                asked.HangUp(user=AGENT, call=call, at_ms=0),
            ):
                rig.intents.ask(intent)
            await until(lambda: ends(rig))
            said = [verb for verb, _ in rig.carrier.log]
            assert said == ["place", "bridge", "hold", "mute", "hang_up"]
            assert ends(rig)[0].by == "AGENT"

    async def test_nobody_to_take_it_means_the_message(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.leads.fill(1)
        rig.carrier.answers = False
        async with running(rig):
            await rig.seat()
            await until(lambda: rig.leads.opened)
            call = rig.leads.opened[0]
            rig.intents.ask(asked.Pause(user=AGENT, reason="LUNCH", at_ms=0))
            await until(lambda: not rig.engine.floor.room.free)
            rig.carrier.say(e.Answered(call, rig.clock.now_ms()))
            await until(lambda: ends(rig))
            assert ends(rig)[0].abandoned
            assert ("message", call) in rig.carrier.log

    async def test_a_frozen_page_passes_the_call_on(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.leads.fill(1)
        rig.screens.frozen.add(AGENT)
        async with running(rig):
            await rig.seat(0xA1)
            await until(lambda: rig.leads.opened)
            await rig.seat(0xA2)
            call = rig.leads.opened[0]
            await until(lambda: (uid(0xA2), call) in rig.screens.finished)
            await until(lambda: state_of(rig, call) is CallState.BRIDGED)
            assert rig.screens.finished[0] == (AGENT, call)
            assert rig.engine.floor.room.counts["pop_unacknowledged"] == 1
            assert rig.reservations.held.get(AGENT, (NOBODY, 0))[0] != call

    async def test_a_screen_that_fails_is_never_followed_by_the_voice(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.leads.fill(1)
        rig.screens.fails = True
        async with running(rig):
            await rig.seat()
            await until(lambda: rig.engine.floor.room.counts["pop_unacknowledged"])
            assert "bridge" not in [verb for verb, _ in rig.carrier.log]


class TestLines:
    """Opening them."""

    async def test_refused_leads_are_replaced_and_counted(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.leads.fill(3)
        rig.leads.refusals.append(Refused("DAILY_CAP", "Circular 18/2019", None))
        async with running(rig):
            await rig.seat()
            await until(lambda: rig.leads.opened)
            effort = rig.engine.floor.room.efforts[CAMPAIGN]
            await until(lambda: effort.refused["DAILY_CAP"] == 1)

    async def test_a_carrier_that_refuses_a_number_ends_its_call(self) -> None:
        from dialer.carrier import CarrierRefused

        rig = Rig()
        rig.campaign()
        rig.leads.fill(1)
        rig.carrier.refuses = CarrierRefused("INVALID_NUMBER", "No such number.")
        async with running(rig):
            await rig.seat()
            await until(lambda: ends(rig))
            assert (ends(rig)[0].cause, ends(rig)[0].by) == ("INVALID_NUMBER", "CARRIER")

    async def test_a_stop_between_lead_and_line_costs_nobody_an_attempt(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.leads.fill(3)

        def stop() -> None:
            rig.engine.floor.receive(e.DialingStopAsked(None, LEADER, "drill"), rig.clock.now_ms())

        rig.leads.before_open = stop
        async with running(rig):
            await rig.seat(0xA1)
            await rig.seat(0xA2)
            await until(lambda: ends(rig))
            assert len(rig.leads.opened) == 1
            assert ends(rig)[0].cause == "CANCELLED"
            assert rig.carrier.log == []

    async def test_a_store_that_does_not_answer_opens_nothing(self) -> None:
        rig = Rig()
        rig.campaign()
        async with running(rig):
            await until(lambda: CAMPAIGN in rig.engine.floor.room.efforts)
            rig.leads.down = True
            await rig.seat()
            await until(lambda: rig.engine.floor.room.efforts[CAMPAIGN].pending == 1)
            assert rig.leads.opened == []


class TestCampaigns:
    """News of campaigns."""

    async def test_a_changed_campaign_is_looked_up(self) -> None:
        rig = Rig(reload_seconds=60)
        campaign = rig.campaign()
        async with running(rig):
            rooms = rig.engine.floor.room
            await until(lambda: CAMPAIGN in rooms.efforts)
            rig.leads.known[CAMPAIGN] = replace(campaign, name="Renamed")
            rig.intents.ask(asked.CampaignChanged(campaign=CAMPAIGN, at_ms=0))
            await until(lambda: rooms.efforts[CAMPAIGN].campaign.name == "Renamed")
            del rig.leads.known[CAMPAIGN]
            rig.intents.ask(asked.CampaignChanged(campaign=CAMPAIGN, at_ms=0))
            await until(lambda: rooms.efforts[CAMPAIGN].campaign.state is CampaignState.ARCHIVED)
            rig.intents.ask(asked.CampaignChanged(campaign=uuid4(), at_ms=0))
            rig.leads.down = True
            last = rig.intents.ask(asked.CampaignChanged(campaign=CAMPAIGN, at_ms=0))
            await until(lambda: last in rig.intents.acked)

    async def test_all_are_loaded_again_now_and_then(self) -> None:
        rig = Rig(reload_seconds=0.05)
        rig.campaign()
        async with running(rig):
            rig.campaign(0xC2)
            await until(lambda: uid(0xC2) in rig.engine.floor.room.efforts)

    async def test_a_stop_is_written(self) -> None:
        rig = Rig()
        rig.campaign()
        async with running(rig):
            rig.intents.ask(
                asked.StopDialing(campaign=None, by=LEADER, reason="complaint", at_ms=0)
            )
            stops = await until(
                lambda: [r for r in rig.journal.records if isinstance(r, DialingStopped)]
            )
            assert stops[0].reason == "complaint"


class TestLinks:
    """Presence."""

    async def test_a_silent_browser_is_taken_out_and_back(self) -> None:
        rig = Rig(silent_ms=200)
        rig.campaign()
        async with running(rig):
            await rig.seat()
            agents = rig.engine.floor.room.agents
            await until(lambda: AGENT in agents and agents[AGENT].link is Link.UP)
            await until(lambda: agents[AGENT].link is Link.LOST)
            await rig.presence.touch([str(AGENT)], rig.clock.now_ms() + 60_000)
            await until(lambda: agents[AGENT].link is Link.UP)


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
            e.LiveCall(a_line(1), "BRIDGED", AGENT, now, now, now, now),
            e.LiveCall(a_line(2), "BRIDGED", None, now, now, now, now),
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
        rig.journal.calls = [e.LiveCall(a_line(1), "WAITING", None, now, now, None, None)]
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


class TestFigures:
    """The wall and the metrics."""

    async def test_the_wall_is_told_each_second(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.leads.fill(1)
        async with running(rig):
            await connected(rig)
            await until(lambda: rig.meter.floor.get("answered") == 1)
            assert rig.meter.campaigns[CAMPAIGN]["agents"]["in_call"] == 1
            await until(lambda: rig.meter.agents[AGENT]["state"] == "IN_CALL")
            text = rig.metrics.text().decode()
            assert f'paceline_pop_seconds_count{{campaign="{CAMPAIGN}"}} 1.0' in text

    async def test_what_could_not_be_told_is_told_next_time(self) -> None:
        rig = Rig()
        rig.campaign()
        rig.meter.down = True
        async with running(rig):
            await rig.seat()
            await until(lambda: not rig.engine.floor.room.state_up)
            rig.meter.down = False
            await until(lambda: AGENT in rig.meter.agents)


def live_agent(number: int, now: int, **changes: Any) -> e.LiveAgent:
    """An agent as the store knew him."""
    agent = e.LiveAgent(
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
