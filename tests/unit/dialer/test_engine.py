"""The engine among scripted surroundings: order of what it does in calls and campaigns, and what it tells."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from app.desk import intents as asked
from dialer.core import events as e
from dialer.core.call import CallState
from dialer.core.campaign import CampaignState
from dialer.core.records import AgentChanged, CallMoment, DialingStopped, Moment
from dialer.core.roster import Absence
from dialer.core.standing import Link
from dialer.errands import NOBODY
from dialer.leads import Refused
from realtime.broker import Position
from tests.support.dialer import CAMPAIGN, LEADER, uid
from tests.support.dialing import Rig, running, until
from tests.support.engine import AGENT, connected, ends, shown, state_of


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

    async def test_who_is_planned_to_leave_is_read_when_it_begins_and_now_and_then(self) -> None:
        rig = Rig(reload_seconds=0.05)
        rig.campaign()
        rig.roster.known[AGENT] = [Absence(1, 2)]
        async with running(rig):
            room = rig.engine.floor.room
            await until(lambda: room.roster.get(AGENT) == [Absence(1, 2)])
            rig.roster.known = {}
            await until(lambda: AGENT not in room.roster)

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
