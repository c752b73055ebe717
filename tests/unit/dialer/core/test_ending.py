"""How calls end, and when the person may be tried again."""

from __future__ import annotations

import pytest

from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.call import Call, CallState, Cause
from dialer.core.campaign import Retry
from dialer.core.ending import abandon, cancel, end_call, hang_up, retry_at
from dialer.core.records import CallEnded
from dialer.core.room import Room
from tests.support.dialer import CAMPAIGN, START, Desk, a_campaign, a_line, only, uid

BUSY_AGAIN = a_campaign(retry={"BUSY": Retry(60, 5)})


def an_ended_call(cause: str, attempt_no: int = 1) -> Call:
    call = Call(a_line(1, attempt_no=attempt_no), CallState.ENDED)
    call.cause, call.ended_at = cause, START
    return call


class TestRetry:
    """When the same person may be called again by this campaign."""

    def test_the_campaign_says_how_long_to_wait(self) -> None:
        assert retry_at(BUSY_AGAIN, an_ended_call("BUSY")) == START + 60_000

    def test_the_last_attempt_is_the_last(self) -> None:
        assert retry_at(BUSY_AGAIN, an_ended_call("BUSY", 4)) is not None
        assert retry_at(BUSY_AGAIN, an_ended_call("BUSY", 5)) is None

    @pytest.mark.parametrize("cause", ["COMPLETED", "INVALID_NUMBER"])
    def test_an_end_of_which_it_says_nothing_is_final_for_the_dialer(self, cause: str) -> None:
        assert retry_at(BUSY_AGAIN, an_ended_call(cause)) is None


class TestEnd:
    """What is counted and written."""

    @pytest.mark.parametrize("cause", ["NO_ANSWER", "BUSY", "REJECTED", "UNREACHABLE"])
    def test_nobody_reached(self, cause: str) -> None:
        desk = Desk()
        desk.open_campaign()
        desk.ring()
        orders = desk.hang_up(cause=cause, by="CARRIER")
        (record,) = [w.record for w in only(orders, o.Write) if isinstance(w.record, CallEnded)]
        assert (record.cause, record.by, record.answered) == (cause, "CARRIER", False)
        assert only(orders, o.DropScreen) == [o.DropScreen(uid(1))]
        assert desk.floor.room.efforts[CAMPAIGN].estimates.answer_rate.value == 0.0

    def test_a_call_that_we_cancelled_says_nothing_about_people(self) -> None:
        desk = Desk()
        desk.open_campaign()
        desk.ring()
        hang_up(desk.floor.room, desk.call(), Cause.CANCELLED)
        desk.hang_up(cause="NO_ANSWER", by="SYSTEM")
        assert desk.floor.room.efforts[CAMPAIGN].estimates.answer_rate.n == 0

    def test_talk_is_measured_between_the_voices(self) -> None:
        desk = Desk()
        desk.open_campaign()
        desk.seat()
        desk.connect()
        desk.now += 25_000
        orders = desk.hang_up()
        (record,) = [w.record for w in only(orders, o.Write) if isinstance(w.record, CallEnded)]
        assert (record.talk_ms, record.cause, record.agent) == (25_000, "COMPLETED", uid(0xA1))
        assert desk.floor.room.efforts[CAMPAIGN].estimates.talk_ms.value == 25_000

    def test_a_carrier_that_breaks_a_conversation_is_named(self) -> None:
        desk = Desk()
        desk.open_campaign()
        desk.seat()
        desk.connect()
        orders = desk.hang_up(cause="CARRIER_ERROR", by="CARRIER")
        (record,) = [w.record for w in only(orders, o.Write) if isinstance(w.record, CallEnded)]
        assert (record.cause, record.abandoned) == ("CARRIER_ERROR", False)

    def test_ending_twice_is_refused(self) -> None:
        desk = Desk()
        desk.open_campaign()
        desk.seat()
        desk.connect()
        desk.hang_up()
        assert desk.hang_up() == []

    def test_a_campaign_that_is_gone_leaves_its_calls_countable(self) -> None:
        room = Room()
        for state in (CallState.WAITING, CallState.ANSWERED, CallState.RINGING):
            call = Call(a_line(1), state, hanging_up=Cause.CANCELLED, answered_at=START)
            room.calls[uid(1)] = call
            end_call(room, call, "COMPLETED", "CUSTOMER", START, START)
        ends = [w.record for w in only(room.take_orders(START), o.Write)]
        assert [r.cause for r in ends if isinstance(r, CallEnded)] == [
            "ABANDONED",
            "ABANDONED",
            "CANCELLED",
        ]

    def test_abandoned_is_counted_once(self) -> None:
        desk = Desk()
        desk.open_campaign()
        call = Call(a_line(1))
        abandon(desk.floor.room, call)
        abandon(desk.floor.room, call)
        assert desk.floor.room.efforts[CAMPAIGN].day.abandoned == 1


class TestCancel:
    """Taking back what nobody answered."""

    def test_a_call_that_was_not_placed_ends_here(self) -> None:
        room, call = Room(), Call(a_line(1))
        cancel(room, call, START)
        assert call.state is CallState.ENDED
        assert only(room.take_orders(START), o.HangUp) == []

    def test_one_that_rings_is_ended_by_the_carrier(self) -> None:
        room, call = Room(), Call(a_line(1), CallState.RINGING)
        cancel(room, call, START)
        cancel(room, call, START)
        assert room.take_orders(START) == [o.HangUp(uid(1), "CANCELLED")]

    def test_one_that_was_answered_is_left_alone(self) -> None:
        room, call = Room(), Call(a_line(1), CallState.WAITING)
        cancel(room, call, START)
        assert room.take_orders(START) == []

    def test_one_that_is_over_is_not_hung_up(self) -> None:
        room, call = Room(), Call(a_line(1), CallState.ENDED)
        hang_up(room, call, Cause.CANCELLED)
        assert room.take_orders(START) == []


def test_a_hold_that_was_open_when_the_voice_went_is_closed() -> None:
    desk = Desk()
    desk.open_campaign()
    desk.seat()
    desk.connect()
    desk.tell(e.HoldAsked(uid(0xA1), uid(1), on=True))
    desk.now += 700
    desk.hang_up()
    assert desk.call().held_ms == 700


def test_a_leg_lost_for_good_is_no_abandoned_person() -> None:
    desk = Desk()
    desk.open_campaign()
    call = Call(a_line(1), CallState.WAITING, waiting_at=START, agent_lost=True)
    desk.floor.room.calls[uid(1)] = call
    end_call(desk.floor.room, call, "COMPLETED", "CUSTOMER", START, START)
    assert (call.cause, call.abandoned) == ("AGENT_LOST", False)


def test_one_who_hangs_up_before_the_voice_gives_the_agent_back() -> None:
    desk = Desk()
    desk.open_campaign()
    desk.seat()
    desk.answer()
    orders = desk.hang_up()
    assert only(orders, o.Release) == [o.Release(uid(0xA1), uid(1))]
    assert desk.agent().routable


def test_one_who_picked_up_while_we_cancelled_is_counted() -> None:
    desk = Desk()
    desk.open_campaign()
    call = Call(a_line(1), CallState.ANSWERED, answered_at=START, dialed_at=START)
    call.hanging_up = Cause.CANCELLED
    desk.floor.room.calls[uid(1)] = call
    end_call(desk.floor.room, call, "CANCELLED", "SYSTEM", START, START)
    day = desk.floor.room.efforts[CAMPAIGN].day
    assert (day.answered, day.abandoned) == (1, 1)


def test_a_person_who_was_never_joined_gives_no_talk() -> None:
    desk = Desk()
    desk.open_campaign()
    desk.answer()
    desk.hang_up()
    assert desk.floor.room.efforts[CAMPAIGN].estimates.talk_ms.n == 0
