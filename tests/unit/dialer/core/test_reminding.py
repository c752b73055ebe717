"""AGENTLESS: a recorded voice reminds whoever answers; no agent, nobody abandoned, every end on record."""

from __future__ import annotations

from typing import Any

from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.call import CallState
from dialer.core.campaign import Limits, Message, Mode
from dialer.core.pacing import Because
from dialer.core.records import CallEnded
from dialer.core.reminding import LONGEST_MS
from tests.support.dialer import CAMPAIGN, Desk, a_campaign, a_line, only, uid

SAID = Message({"vi": "Đây là ngân hàng, số {number}.", "en": "This is the bank, {number}."})


def a_reminder(**changes: Any) -> Desk:
    desk = Desk()
    desk.open_campaign(
        **{"mode": Mode.AGENTLESS, "reminder": SAID, "limits": Limits(lines=40), **changes}
    )
    return desk


def ended(orders: list[o.Order]) -> CallEnded:
    (record,) = [w.record for w in only(orders, o.Write) if isinstance(w.record, CallEnded)]
    return record


def because(desk: Desk) -> Because:
    return desk.floor.room.efforts[CAMPAIGN].pace.because


def test_lines_open_without_agents_a_few_at_a_time_up_to_the_campaigns() -> None:
    desk = a_reminder()
    asked = []
    for _ in range(25):
        asked += [order.lines for order in only(desk.tell(e.Tick(), 250), o.Dial)]
    assert asked == [2] * 20
    assert because(desk) is Because.LINES


def test_who_answers_hears_it_in_his_language_and_holds_his_line_meanwhile() -> None:
    desk = a_reminder(limits=Limits(lines=1))
    orders = desk.answer(language="en")
    assert only(orders, o.PlayMessage) == [
        o.PlayMessage(uid(1), "This is the bank, +842471000000.", "")
    ]
    assert not only(desk.orders, o.Warm)
    assert desk.call().state is CallState.MESSAGE
    assert only(desk.tell(e.Tick(), 250), o.Dial) == []
    assert desk.floor.in_flight()[CAMPAIGN] == 1
    desk.tell(e.MessagePlayed(uid(1), desk.now), 9_000)
    record = ended(desk.hang_up(by="SYSTEM"))
    assert (record.cause, record.answered, record.abandoned) == ("REMINDED", True, False)
    day = desk.floor.room.efforts[CAMPAIGN].day
    assert (day.answered, day.abandoned) == (1, 0)


def test_a_free_agent_is_not_taken_for_it() -> None:
    desk = a_reminder()
    desk.seat()
    desk.answer()
    assert not only(desk.orders, o.Reserve)


def test_one_who_hangs_up_early_is_on_record_as_that_and_not_as_abandoned() -> None:
    desk = a_reminder()
    desk.answer()
    record = ended(desk.hang_up())
    assert (record.cause, record.abandoned) == ("REMINDER_CUT", False)


def test_a_line_that_is_lost_is_an_error_of_the_carrier() -> None:
    desk = a_reminder()
    desk.answer()
    assert ended(desk.hang_up(cause="CARRIER_ERROR", by="CARRIER")).cause == "CARRIER_ERROR"


def test_a_machine_hears_nothing() -> None:
    desk = a_reminder(amd=True)
    desk.answer()
    orders = desk.tell(e.MachineHeard(uid(1), desk.now), 900)
    assert not only(desk.orders, o.PlayMessage)
    assert only(orders, o.HangUp) == [o.HangUp(uid(1), "MACHINE")]


def test_a_person_whom_detection_heard_is_reminded() -> None:
    desk = a_reminder(amd=True)
    desk.answer()
    assert only(desk.tell(e.PersonHeard(uid(1), desk.now), 900), o.PlayMessage)


def test_a_voice_without_end_is_cut() -> None:
    desk = a_reminder()
    desk.answer()
    assert not only(desk.tell(e.Tick(), LONGEST_MS - 1), o.HangUp)
    assert only(desk.tell(e.Tick(), 1), o.HangUp) == [o.HangUp(uid(1), "REMINDER_CUT")]


def test_a_call_stays_what_it_was_dialled_as_when_the_mode_changes() -> None:
    desk = a_reminder()
    desk.ring(1)
    desk.tell(e.CampaignLoaded(a_campaign(mode=Mode.PROGRESSIVE, reminder=SAID)))
    desk.tell(a_line(2))
    desk.tell(e.Answered(uid(1), desk.now), 2_000)
    assert desk.call(1).state is CallState.MESSAGE
    desk.tell(e.Ringing(uid(2), desk.now))
    desk.tell(e.Answered(uid(2), desk.now))
    assert desk.call(2).state is CallState.WAITING
    seat = desk.seat()
    assert seat.call == uid(2)
