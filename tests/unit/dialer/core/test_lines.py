"""Lines: whether they may be opened, how many, and what the carrier tells of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.call import CallState, Cause
from dialer.core.campaign import AbandonClock, CampaignState, Window
from dialer.core.records import CallEnded, DialingStopped, Moment
from tests.support.dialer import (
    CAMPAIGN,
    HOUR,
    LEADER,
    START,
    Desk,
    a_campaign,
    a_floor,
    a_line,
    only,
    uid,
)


def records(orders: list[o.Order]) -> list[object]:
    return [order.record for order in only(orders, o.Write)]


class TestOpened:
    """From a lawful call to the carrier."""

    def test_it_is_placed_at_once(self) -> None:
        desk = a_floor(amd=True)
        orders = desk.tell(a_line(1))
        assert orders[0] == o.Place(uid(1), "+84500000001", "+842471000000", 25_000, True)  # noqa: FBT003 - an order is compared whole
        assert desk.call().state is CallState.DIALING
        effort = desk.floor.room.efforts[CAMPAIGN]
        assert (effort.day.dialed, effort.leads_left) == (1, 99)

    @pytest.mark.parametrize(
        "event",
        [
            e.DialingStopAsked(None, LEADER, "drill"),
            e.DialingStopAsked(CAMPAIGN, LEADER, "drill"),
            e.CarrierLost(START),
            e.StateLost("REDIS"),
            e.Draining(),
            e.CampaignLoaded(a_campaign(state=CampaignState.PAUSED)),
            e.CampaignLoaded(a_campaign(windows=())),
        ],
    )
    def test_it_is_not_placed_when_dialling_ended_meanwhile(self, event: e.Event) -> None:
        desk = a_floor()
        desk.tell(e.Tick())
        desk.tell(event)
        orders = desk.tell(a_line(1))
        assert only(orders, o.Place) == []
        (ended,) = records(orders)
        assert isinstance(ended, CallEnded)
        assert ended.cause == "CANCELLED"
        assert desk.floor.call(uid(1)) is None
        assert desk.floor.in_flight()[CAMPAIGN] == 0

    def test_a_line_of_an_unknown_campaign_is_refused(self) -> None:
        desk = Desk()
        assert desk.tell(a_line(1)) == []
        assert desk.floor.room.counts["refused_LineOpened"] == 1

    def test_what_was_not_opened_is_not_in_flight(self) -> None:
        desk = a_floor(3)
        desk.tell(e.Tick())
        desk.tell(a_line(1))
        desk.tell(e.DialDone(CAMPAIGN, 3, 1, {"DAILY_CAP": 2}, dry=False))
        effort = desk.floor.room.efforts[CAMPAIGN]
        assert (effort.pending, effort.refused["DAILY_CAP"]) == (0, 2)
        assert (effort.dry_until, effort.leads_left) == (0, 99)

    def test_a_dry_list_has_nobody_left(self) -> None:
        desk = a_floor()
        desk.tell(e.DialDone(CAMPAIGN, 1, 0, {}, dry=True))
        effort = desk.floor.room.efforts[CAMPAIGN]
        assert (effort.leads_left, effort.dry_until) == (0, desk.now + 15_000)

    def test_a_placement_that_fails_ends_the_call(self) -> None:
        desk = a_floor()
        desk.tell(a_line(1))
        (ended,) = records(desk.tell(e.PlaceFailed(uid(1), "CARRIER_ERROR")))
        assert isinstance(ended, CallEnded)
        assert (ended.cause, ended.by) == ("CARRIER_ERROR", "CARRIER")


class TestCarrier:
    """What it tells until somebody answers."""

    def test_ringing_warms_the_screen(self) -> None:
        desk = a_floor()
        orders = desk.ring()
        assert only(orders, o.Warm) == [o.Warm(uid(1))]
        assert desk.call().ringing_at == desk.now

    def test_an_answer_without_ringing_warms_it_too(self) -> None:
        desk = a_floor()
        desk.tell(a_line(1))
        assert only(desk.tell(e.Answered(uid(1), desk.now)), o.Warm) == [o.Warm(uid(1))]

    def test_an_answer_is_given_to_an_agent(self) -> None:
        desk = a_floor()
        (reserve,) = only(desk.answer(), o.Reserve)
        assert (reserve.agent, reserve.call) == (uid(0xA1), uid(1))
        assert desk.floor.room.efforts[CAMPAIGN].day.answered == 1

    def test_detection_listens_first(self) -> None:
        desk = a_floor(amd=True)
        assert only(desk.answer(), o.Reserve) == []
        assert desk.call().state is CallState.AMD
        orders = desk.tell(e.PersonHeard(uid(1), desk.now), 900)
        assert len(only(orders, o.Reserve)) == 1
        assert desk.tell(e.PersonHeard(uid(1), desk.now)) == []

    def test_a_machine_is_hung_up_and_counts_as_nobody(self) -> None:
        desk = a_floor(amd=True)
        desk.answer()
        orders = desk.tell(e.MachineHeard(uid(1), desk.now))
        assert only(orders, o.HangUp) == [o.HangUp(uid(1), "MACHINE")]
        assert desk.tell(e.PersonHeard(uid(1), desk.now)) == []
        (ended,) = records(desk.hang_up(by="SYSTEM"))
        assert isinstance(ended, CallEnded)
        assert (ended.cause, ended.answered, ended.abandoned) == ("MACHINE", False, False)

    def test_a_machine_heard_too_late_changes_nothing(self) -> None:
        desk = a_floor()
        desk.answer()
        assert desk.tell(e.MachineHeard(uid(1), desk.now)) == []

    @pytest.mark.parametrize(
        ("clock", "waits_from"), [(AbandonClock.ANSWER, 0), (AbandonClock.GREETING_END, 900)]
    )
    def test_the_abandonment_clock_is_the_campaigns(
        self, clock: AbandonClock, waits_from: int
    ) -> None:
        desk = a_floor(0, amd=True, abandon_clock=clock)
        desk.answer()
        answered_at = desk.now
        desk.tell(e.PersonHeard(uid(1), desk.now + 900), 900)
        assert desk.call().give_up_at == answered_at + waits_from + 2_000

    def test_a_word_about_an_unknown_call_changes_nothing(self) -> None:
        desk = a_floor()
        assert desk.hang_up(7) == []
        assert desk.tell(e.MessagePlayed(uid(7), desk.now)) == []
        assert desk.floor.room.counts["refused_HungUp"] == 1

    def test_a_line_that_rings_without_us_is_taken_down(self) -> None:
        desk = a_floor()
        for event in (e.Ringing(uid(7), desk.now), e.Answered(uid(7), desk.now)):
            assert desk.tell(event) == [o.HangUp(uid(7), "CANCELLED")]

    def test_a_message_that_played_is_followed_by_the_end(self) -> None:
        desk = a_floor(0)
        desk.answer()
        desk.tell(e.Tick(), 2_000)
        orders = desk.tell(e.MessagePlayed(uid(1), desk.now), 6_000)
        assert only(orders, o.HangUp) == [o.HangUp(uid(1), "ABANDONED")]
        assert desk.tell(e.MessagePlayed(uid(1), desk.now)) == []

    def test_a_message_to_one_who_waits_means_nothing(self) -> None:
        desk = a_floor(0)
        desk.answer()
        assert desk.tell(e.MessagePlayed(uid(1), desk.now)) == []

    def test_calls_that_ended_in_the_gap_are_ended_when_the_carrier_is_back(self) -> None:
        desk = a_floor(3)
        desk.connect(1)
        desk.ring(2)
        desk.ring(3)
        desk.tell(e.DialingStopAsked(None, LEADER, "drill"))
        desk.tell(e.CarrierLost(desk.now))
        assert only(desk.tell(e.Tick(), 250), o.Dial) == []
        orders = desk.tell(e.CarrierBack(desk.now, frozenset({uid(1), uid(3)})))
        (ended,) = [r for r in records(orders) if isinstance(r, CallEnded)]
        assert (ended.call, ended.cause) == (uid(2), "CANCELLED")
        assert only(orders, o.HangUp) == [o.HangUp(uid(3), "CANCELLED")]
        assert desk.call(1).state is CallState.BRIDGED

    def test_calls_that_the_room_does_not_know_are_hung_up_when_the_carrier_is_back(self) -> None:
        desk = a_floor()
        desk.connect(1)
        desk.tell(e.CarrierLost(desk.now))
        orders = desk.tell(e.CarrierBack(desk.now, frozenset({uid(1), uid(9)})))
        assert orders == [o.HangUp(uid(9), "CANCELLED")]

    def test_ended_calls_in_wrap_up_are_left_alone_when_the_carrier_is_back(self) -> None:
        desk = a_floor()
        desk.connect()
        desk.hang_up()
        desk.tell(e.CarrierLost(desk.now))
        assert desk.tell(e.CarrierBack(desk.now, frozenset())) == []


class TestStop:
    """decisions of the brief made visible: a stop takes back what rings, a pause lets it ring."""

    def test_a_stop_takes_back_what_rings_and_leaves_who_speaks(self) -> None:
        desk = a_floor(3)
        desk.connect(1)
        desk.ring(2)
        orders = desk.tell(e.DialingStopAsked(None, LEADER, "complaint"))
        assert only(orders, o.HangUp) == [o.HangUp(uid(2), "CANCELLED")]
        assert records(orders) == [
            DialingStopped(None, desk.now, LEADER, "complaint", stopped=True)
        ]
        assert desk.call(1).state is CallState.BRIDGED

    def test_a_stop_of_one_campaign_touches_no_other(self) -> None:
        desk = a_floor(2)
        desk.open_campaign(0xC2)
        desk.ring(1)
        desk.ring(2, uid(0xC2))
        orders = desk.tell(e.DialingStopAsked(CAMPAIGN, LEADER, "complaint"))
        assert only(orders, o.HangUp) == [o.HangUp(uid(1), "CANCELLED")]
        assert desk.floor.may_dial(uid(0xC2), desk.now)
        assert not desk.floor.may_dial(CAMPAIGN, desk.now)

    def test_one_who_answers_while_we_cancel_counts_as_abandoned(self) -> None:
        desk = a_floor()
        desk.ring(1)
        desk.tell(e.DialingStopAsked(None, LEADER, "complaint"))
        assert only(desk.tell(e.Answered(uid(1), desk.now)), o.Reserve) == []
        (ended,) = records(desk.hang_up(by="SYSTEM", cause="CANCELLED"))
        assert isinstance(ended, CallEnded)
        assert (ended.cause, ended.answered, ended.abandoned) == ("ABANDONED", True, True)
        assert desk.floor.room.efforts[CAMPAIGN].day.answered == 1

    def test_pausing_lets_ring(self) -> None:
        desk = a_floor()
        desk.ring(1)
        paused = replace(desk.floor.room.efforts[CAMPAIGN].campaign, state=CampaignState.PAUSED)
        assert desk.tell(e.CampaignLoaded(paused)) == []
        assert len(only(desk.tell(e.Answered(uid(1), desk.now)), o.Reserve)) == 1

    def test_the_windows_end_lets_ring(self) -> None:
        desk = a_floor(windows=(Window(START - HOUR, START + 10),))
        desk.ring(1)
        orders = desk.tell(e.Answered(uid(1), desk.now + 5_000), 5_000)
        assert len(only(orders, o.Reserve)) == 1

    def test_resuming_all_resumes_each(self) -> None:
        desk = a_floor()
        desk.tell(e.DialingStopAsked(CAMPAIGN, LEADER, "complaint"))
        desk.tell(e.DialingStopAsked(None, LEADER, "complaint"))
        orders = desk.tell(e.DialingResumeAsked(None, LEADER))
        assert records(orders) == [DialingStopped(None, desk.now, LEADER, "", stopped=False)]
        assert desk.floor.may_dial(CAMPAIGN, desk.now)

    def test_resuming_one_resumes_that_one(self) -> None:
        desk = a_floor()
        desk.tell(e.DialingStopAsked(CAMPAIGN, LEADER, "complaint"))
        desk.tell(e.DialingResumeAsked(CAMPAIGN, LEADER))
        assert desk.floor.may_dial(CAMPAIGN, desk.now)

    def test_stopping_what_is_not_here_is_refused(self) -> None:
        desk = a_floor()
        assert desk.tell(e.DialingStopAsked(uid(0xC9), LEADER, "complaint")) == []


def test_moments_are_written_in_order() -> None:
    desk = a_floor()
    desk.connect()
    moments = [r.moment for r in records(desk.orders) if hasattr(r, "moment")]
    assert moments == [
        Moment.DIALED,
        Moment.RINGING,
        Moment.ANSWERED,
        Moment.WAITING,
        Moment.ASSIGNED,
        Moment.RECEIVED,
        Moment.CONNECTED,
    ]
    assert Cause.COMPLETED not in moments
