"""From an answered call to an agent, and back: decisions.md 6, 12, 14 and 22."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.call import CallChange, CallState
from dialer.core.campaign import Message
from dialer.core.records import CallEnded, CallMoment, Moment
from dialer.core.routing import begin_wait
from dialer.core.standing import AgentState, Link, Status
from tests.support.dialer import CAMPAIGN, LEADER, Desk, a_campaign, only, uid

A1, A2 = uid(0xA1), uid(0xA2)


def a_floor(agents: int = 1, **campaign: Any) -> Desk:
    desk = Desk()
    desk.open_campaign(**campaign)
    for n in range(agents):
        desk.seat(0xA1 + n)
        desk.now += 1
    return desk


def ended(orders: list[o.Order]) -> list[CallEnded]:
    return [w.record for w in only(orders, o.Write) if isinstance(w.record, CallEnded)]


def moments(orders: list[o.Order]) -> list[Moment]:
    return [w.record.moment for w in only(orders, o.Write) if isinstance(w.record, CallMoment)]


class TestReservation:
    """Only the store's yes yields screen, voice and record, in this order."""

    def test_nothing_is_shown_before_the_store_said_yes(self) -> None:
        desk = a_floor()
        orders = desk.answer()
        assert only(orders, o.ShowScreen) == []
        assert only(orders, o.Bridge) == []
        assert only(orders, o.Publish) == []

    def test_screen_then_voice_then_record(self) -> None:
        desk = a_floor()
        desk.answer()
        orders = desk.tell(e.Reserved(A1, uid(1)), 3)
        assert orders[0] == o.ShowScreen(A1, uid(1), desk.now - 3)
        assert orders[1] == o.Bridge(uid(1), A1)
        assert isinstance(orders[2], o.Write)
        assert moments(orders) == [Moment.ASSIGNED]
        assert [p.key for p in only(orders, o.Publish)] == ["agent", "call"]

    def test_a_second_yes_changes_nothing(self) -> None:
        desk = a_floor()
        desk.answer()
        desk.tell(e.Reserved(A1, uid(1)))
        assert desk.tell(e.Reserved(A1, uid(1))) == []
        assert desk.tell(e.ReserveRefused(A1, uid(1))) == []

    def test_a_no_tries_the_next_agent_at_once(self) -> None:
        desk = a_floor(2)
        desk.answer()
        (reserve,) = only(desk.tell(e.ReserveRefused(A1, uid(1))), o.Reserve)
        assert (reserve.agent, reserve.call) == (A2, uid(1))
        assert desk.agent(0xA1).state is AgentState.IDLE

    def test_the_refused_agent_keeps_his_place_in_the_line(self) -> None:
        desk = a_floor(2)
        waited_since = desk.agent(0xA1).free_since
        desk.answer()
        desk.tell(e.ReserveRefused(A1, uid(1)))
        assert desk.agent(0xA1).free_since == waited_since
        desk.now += 1_000
        (reserve,) = only(desk.answer(2), o.Reserve)
        assert reserve.agent == A1

    def test_a_word_about_another_agents_call_is_refused(self) -> None:
        desk = a_floor(2)
        desk.answer()
        for event in (e.Reserved(A2, uid(1)), e.Reserved(A1, uid(9)), e.Reserved(uid(9), uid(1))):
            assert desk.tell(event) == []

    def test_a_store_that_says_nothing_gives_the_agent_back(self) -> None:
        desk = a_floor()
        desk.answer()
        orders = desk.tell(e.Tick(), 1_999)
        assert only(orders, o.Release) == []
        orders = desk.tell(e.Tick(), 1)
        assert only(orders, o.Release) == [o.Release(A1, uid(1))]
        assert desk.floor.room.counts["reserve_expired"] == 1
        assert desk.call().state is CallState.MESSAGE

    def test_nobody_is_reserved_while_the_state_cannot_be_vouched_for(self) -> None:
        desk = a_floor()
        desk.ring()
        desk.tell(e.StateLost("REDIS"))
        assert only(desk.tell(e.Answered(uid(1), desk.now)), o.Reserve) == []
        assert len(only(desk.tell(e.StateBack(), 500), o.Reserve)) == 1

    def test_two_calls_go_to_two_agents(self) -> None:
        desk = a_floor(2)
        desk.ring(1)
        desk.ring(2)
        first = only(desk.tell(e.Answered(uid(1), desk.now)), o.Reserve)
        second = only(desk.tell(e.Answered(uid(2), desk.now)), o.Reserve)
        assert {first[0].agent, second[0].agent} == {A1, A2}

    def test_the_longest_waiting_call_gets_the_agent_who_comes(self) -> None:
        desk = a_floor(0)
        desk.ring(1)
        desk.ring(2)
        desk.tell(e.Answered(uid(2), desk.now))
        desk.tell(e.Answered(uid(1), desk.now + 10), 10)
        desk.seat(ready=False)
        (reserve,) = only(desk.tell(e.AgentReady(A1), 5), o.Reserve)
        assert reserve.call == uid(2)


class TestAbandoned:
    """The connect threshold of two seconds, and what counts."""

    def test_the_message_plays_at_the_limit_and_not_before(self) -> None:
        desk = a_floor(0)
        desk.answer()
        assert desk.tell(e.Tick(), 1_999) == []
        orders = desk.tell(e.Tick(), 1)
        assert only(orders, o.PlayMessage) == [o.PlayMessage(uid(1), "")]
        assert moments(orders) == [Moment.MESSAGE]
        assert desk.floor.room.efforts[CAMPAIGN].day.abandoned == 1

    @pytest.mark.parametrize(
        ("language", "sound", "heard"),
        [("vi", "", "Đây là B, +842471000000."), ("en", "", "This is B, +842471000000."),
         ("fr", "", "Đây là B, +842471000000."), ("en", "sorry", "sorry")],
    )  # fmt: skip
    def test_it_is_said_in_the_customers_language_and_written_as_it_was_said(
        self, language: str, sound: str, heard: str
    ) -> None:
        texts = {"vi": "Đây là B, {number}.", "en": "This is B, {number}."}
        desk = a_floor(0)
        desk.tell(e.CampaignLoaded(a_campaign(message=Message(texts, sound))))
        desk.answer(language=language)
        orders = desk.tell(e.Tick(), 2_000)
        (play,) = only(orders, o.PlayMessage)
        assert (play.sound or play.text) == heard
        (write,) = [w.record for w in only(orders, o.Write) if isinstance(w.record, CallMoment)]
        assert (write.moment, write.said) == (Moment.MESSAGE, heard)

    def test_it_is_counted_once(self) -> None:
        desk = a_floor(0)
        desk.answer()
        desk.tell(e.Tick(), 2_000)
        (record,) = ended(desk.hang_up())
        assert (record.cause, record.abandoned) == ("ABANDONED", True)
        assert desk.floor.room.efforts[CAMPAIGN].day.abandoned == 1

    def test_hanging_up_while_waiting_counts_at_once(self) -> None:
        desk = a_floor(0)
        desk.answer()
        (record,) = ended(desk.hang_up())
        assert (record.cause, record.abandoned) == ("ABANDONED", True)

    def test_hanging_up_before_the_voice_counts_too(self) -> None:
        desk = a_floor()
        desk.answer()
        desk.tell(e.Reserved(A1, uid(1)))
        orders = desk.hang_up()
        assert ended(orders)[0].abandoned
        assert only(orders, o.Release) == [o.Release(A1, uid(1))]
        assert o.Publish(f"agent:{A1}", f"screen:{uid(1)}", None) in orders
        assert desk.agent().routable

    def test_a_message_without_end_is_cut(self) -> None:
        desk = a_floor(0)
        desk.answer()
        desk.tell(e.Tick(), 2_000)
        assert only(desk.tell(e.Tick(), 29_999), o.HangUp) == []
        assert only(desk.tell(e.Tick(), 1), o.HangUp) == [o.HangUp(uid(1), "ABANDONED")]
        assert only(desk.tell(e.Tick(), 1), o.HangUp) == []


class TestReceipt:
    """decisions.md 6: a pop that nobody received."""

    def test_no_receipt_within_the_limit_sends_the_call_to_the_next_agent(self) -> None:
        desk = a_floor(2)
        desk.answer()
        desk.tell(e.Reserved(A1, uid(1)))
        assert only(desk.tell(e.Tick(), 599), o.Unbridge) == []
        orders = desk.tell(e.Tick(), 1)
        assert orders[0] == o.Unbridge(uid(1), A1)
        assert Moment.RETURNED in moments(orders)
        (reserve,) = only(orders, o.Reserve)
        assert (reserve.agent, reserve.call) == (A2, uid(1))
        assert desk.agent(0xA1).link is Link.LOST
        assert desk.floor.room.counts["pop_unacknowledged"] == 1
        assert desk.floor.room.efforts[CAMPAIGN].pops.missed == 1

    def test_a_joined_call_that_nobody_can_see_returns_too(self) -> None:
        desk = a_floor(2)
        desk.answer()
        desk.tell(e.Reserved(A1, uid(1)))
        desk.tell(e.BridgedUp(uid(1), A1, desk.now), 5)
        orders = desk.tell(e.Tick(), 600)
        assert only(orders, o.Reserve)[0].agent == A2
        assert desk.call().connected_at is None

    def test_a_returned_call_stands_at_the_head_inside_its_own_limit(self) -> None:
        desk = a_floor(1)
        desk.answer()
        answered_at = desk.now
        desk.tell(e.Reserved(A1, uid(1)), 900)
        desk.ring(2)
        desk.tell(e.Answered(uid(2), desk.now))
        desk.tell(e.Tick(), 600)
        assert desk.call().give_up_at == answered_at + 2_000
        desk.seat(0xA2, ready=False)
        (reserve,) = only(desk.tell(e.AgentReady(A2)), o.Reserve)
        assert reserve.call == uid(1)

    def test_a_returned_call_past_its_limit_hears_the_message(self) -> None:
        desk = a_floor(2)
        desk.answer()
        desk.tell(e.Reserved(A1, uid(1)), 1_900)
        orders = desk.tell(e.Tick(), 600)
        assert only(orders, o.PlayMessage) == [o.PlayMessage(uid(1), "")]
        assert only(orders, o.Reserve) == []

    def test_a_receipt_in_time_keeps_everything_as_it_is(self) -> None:
        desk = a_floor(2)
        desk.answer()
        desk.grant()
        assert moments(desk.orders)[-1] is Moment.RECEIVED
        assert desk.tell(e.ScreenReceived(A1, uid(1), desk.now)) == []
        desk.tell(e.BridgedUp(uid(1), A1, desk.now))
        assert only(desk.tell(e.Tick(), 700), o.Unbridge) == []

    def test_a_late_receipt_proves_that_he_is_heard(self) -> None:
        desk = a_floor(1)
        desk.answer()
        desk.tell(e.Reserved(A1, uid(1)))
        desk.tell(e.Tick(), 600)
        desk.tell(e.ScreenReceived(A1, uid(1), desk.now), 100)
        assert desk.agent().link is Link.UP
        assert desk.agent().status is Status.READY

    def test_two_pops_missed_in_a_row_take_ready_back(self) -> None:
        desk = a_floor(1)
        for number in (1, 2):
            desk.answer(number)
            desk.tell(e.Reserved(A1, uid(number)))
            desk.tell(e.Tick(), 600)
            desk.hang_up(number)
            desk.tell(e.LinkUp(A1))
        assert (desk.agent().status, desk.agent().reason) == (Status.NOT_READY, "SCREEN")

    def test_an_agent_on_his_way_out_is_left_as_he_chose(self) -> None:
        desk = a_floor(1)
        desk.agent().missed = 1
        desk.answer()
        desk.tell(e.Reserved(A1, uid(1)))
        desk.tell(e.AgentAway(A1, "LUNCH"))
        desk.tell(e.LinkDown(A1))
        desk.tell(e.Tick(), 600)
        assert (desk.agent().status, desk.agent().reason) == (Status.PAUSED, "LUNCH")

    def test_a_receipt_of_a_stranger_is_refused(self) -> None:
        desk = a_floor()
        assert desk.tell(e.ScreenReceived(uid(9), uid(1), desk.now)) == []
        assert desk.tell(e.ScreenReceived(A1, uid(1), desk.now)) == []
        assert desk.floor.room.counts["refused_ScreenReceived"] == 2


class TestPainted:
    """decisions.md 19: pop_ms = painted_at - assigned_at."""

    def test_it_is_the_figure_of_the_wall(self) -> None:
        desk = a_floor()
        desk.answer()
        desk.grant()
        orders = desk.tell(e.ScreenPainted(A1, uid(1), desk.now + 40, 3))
        assert moments(orders) == [Moment.PAINTED]
        assert list(desk.floor.room.efforts[CAMPAIGN].pops.latest) == [62]

    def test_a_paint_without_a_receipt_is_a_receipt_too(self) -> None:
        desk = a_floor()
        desk.answer()
        desk.tell(e.Reserved(A1, uid(1)))
        orders = desk.tell(e.ScreenPainted(A1, uid(1), desk.now, 3))
        assert moments(orders) == [Moment.RECEIVED, Moment.PAINTED]

    def test_only_the_first_paint_counts(self) -> None:
        desk = a_floor()
        desk.answer()
        desk.grant()
        desk.tell(e.ScreenPainted(A1, uid(1), desk.now, 3))
        assert desk.tell(e.ScreenPainted(A1, uid(1), desk.now + 900, 3)) == []
        assert desk.floor.room.efforts[CAMPAIGN].pops.n == 1

    def test_one_that_was_never_painted_is_late(self) -> None:
        desk = a_floor()
        desk.connect()
        desk.hang_up()
        desk.tell(e.OutcomeSaved(A1, uid(1), "REFUSED"))
        desk.tell(e.FinishAsked(A1, uid(1)))
        assert desk.floor.room.efforts[CAMPAIGN].pops.late == 1


class TestVoice:
    """The agent's leg."""

    def test_joined_voices_begin_the_call(self) -> None:
        desk = a_floor()
        desk.connect()
        assert desk.call().state is CallState.BRIDGED
        assert desk.agent().state is AgentState.IN_CALL
        assert desk.floor.held() == {A1: uid(1)}

    def test_an_agent_without_a_leg_is_made_not_ready_and_the_call_goes_on(self) -> None:
        desk = a_floor(2)
        desk.answer()
        desk.grant()
        orders = desk.tell(e.BridgeFailed(uid(1), A1, desk.now))
        assert (desk.agent().status, desk.agent().reason) == (Status.NOT_READY, "AUDIO_LOST")
        assert only(orders, o.Reserve)[0].agent == A2

    def test_no_word_of_the_voice_is_a_failure_too(self) -> None:
        desk = a_floor(1)
        desk.answer()
        desk.grant()
        desk.tell(e.Tick(), 2_000)
        assert desk.agent().reason == "AUDIO_LOST"
        assert desk.call().state is CallState.MESSAGE

    def test_a_leg_lost_in_the_call_is_offered_to_another_for_five_seconds(self) -> None:
        desk = a_floor(1)
        desk.connect()
        desk.tell(e.HoldAsked(A1, uid(1), on=True), 1_000)
        desk.tell(e.BridgeFailed(uid(1), A1, desk.now), 9_000)
        assert desk.call().give_up_at == desk.now + 5_000
        assert desk.call().held_ms == 9_000
        desk.tell(e.Tick(), 5_000)
        orders = desk.tell(e.MessagePlayed(uid(1), desk.now))
        assert only(orders, o.HangUp) == [o.HangUp(uid(1), "AGENT_LOST")]
        (record,) = ended(desk.hang_up(by="SYSTEM"))
        assert (record.cause, record.abandoned, record.agent) == ("AGENT_LOST", False, None)
        assert desk.floor.room.efforts[CAMPAIGN].day.abandoned == 0

    def test_a_lost_link_leaves_the_live_call_alone(self) -> None:
        desk = a_floor()
        desk.connect()
        orders = desk.tell(e.LinkDown(A1), 100)
        assert only(orders, o.Unbridge) == []
        desk.tell(e.Tick(), 60_000)
        assert desk.call().state is CallState.BRIDGED

    def test_a_lost_link_takes_a_free_agent_out_of_routing_at_once(self) -> None:
        desk = a_floor()
        desk.ring()
        desk.tell(e.LinkDown(A1))
        assert only(desk.tell(e.Answered(uid(1), desk.now)), o.Reserve) == []


@pytest.mark.parametrize("number", [1, 2])
def test_a_stop_leaves_waiting_people_their_agent(number: int) -> None:
    desk = a_floor(number)
    desk.answer()
    desk.tell(e.DialingStopAsked(None, LEADER, "drill"))
    assert len(only(desk.tell(e.Reserved(A1, uid(1))), o.Bridge)) == 1


def test_a_call_of_a_campaign_that_is_gone_is_served_and_counted_nowhere() -> None:
    desk = a_floor(2)
    desk.ring()
    desk.floor.room.efforts.clear()
    desk.tell(e.Answered(uid(1), desk.now))
    desk.grant()
    desk.tell(e.ScreenPainted(A1, uid(1), desk.now, 1))
    desk.tell(e.BridgedUp(uid(1), A1, desk.now))
    assert desk.call().state is CallState.BRIDGED


def test_an_answer_without_an_instant_waits_from_the_verdict() -> None:
    desk = a_floor(0)
    desk.ring()
    call = desk.call()
    call.move(CallChange.ANSWER)
    begin_wait(desk.floor.room, call, desk.now + 7)
    assert call.waiting_at == desk.now + 7


def test_a_pop_missed_on_a_lost_link_leaves_it_lost() -> None:
    desk = a_floor()
    desk.answer()
    desk.tell(e.Reserved(A1, uid(1)))
    desk.tell(e.LinkDown(A1), 10)
    lost_at = desk.agent().lost_at
    desk.tell(e.Tick(), 600)
    assert desk.agent().lost_at == lost_at
