"""The floor as a whole: every event has its rule, refusals change nothing, time never runs back."""

from __future__ import annotations

import copy
from typing import Any, get_args

import pytest

from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.floor import RULES
from dialer.core.room import Room, Unknown
from tests.support.dialer import AGENT, CAMPAIGN, LEADER, START, Desk, a_line, only, uid

CALL = uid(1)


def test_every_event_has_its_rule() -> None:
    kinds = {k for union in get_args(e.Event) for k in (get_args(union) or (union,))}
    assert set(RULES) | {e.Tick} == kinds


def picture(room: Room) -> dict[str, Any]:
    """Everything but the counts of refusals."""
    state = copy.deepcopy(vars(room))
    for name in ("counts", "last_refusal", "_because"):
        state.pop(name)
    state["efforts"] = {i: repr(x) for i, x in room.efforts.items()}
    state["agents"] = {i: repr(x) for i, x in room.agents.items()}
    state["calls"] = {i: repr(x) for i, x in room.calls.items()}
    return state


REFUSED: list[e.Event] = [
    e.Ringing(CALL, START),
    e.Answered(CALL, START),
    e.MessagePlayed(uid(8), START),
    e.HungUp(uid(8), "BUSY", "CUSTOMER", START),
    e.BridgedUp(CALL, AGENT, START),
    e.BridgeFailed(CALL, uid(8), START),
    e.Reserved(uid(8), CALL),
    e.ReserveRefused(AGENT, uid(8)),
    e.ScreenPainted(uid(8), CALL, START, 1),
    e.AgentReady(AGENT),
    e.PendingCancelled(AGENT),
    e.HangUpAsked(AGENT, uid(8)),
    e.HoldAsked(AGENT, CALL, on=False),
    e.MuteAsked(uid(8), on=True),
    e.OutcomeSaved(uid(8), CALL, "REFUSED"),
    e.FinishAsked(AGENT, CALL),
    e.ExtendAsked(AGENT, CALL),
    e.WrapUpCompleted(AGENT, LEADER),
    e.LinkUp(AGENT, "sa1"),
    e.LinkDown(AGENT, "another"),
    e.DialingStopAsked(uid(8), LEADER, "drill"),
    e.DialDone(uid(8), 1, 0, {}, dry=False),
    e.PlaceFailed(uid(8), "BUSY"),
]


@pytest.mark.parametrize("event", REFUSED, ids=lambda event: type(event).__name__)
def test_a_refusal_changes_nothing_and_is_counted(event: e.Event) -> None:
    desk = Desk()
    desk.open_campaign()
    desk.seat()
    desk.connect()
    if isinstance(event, e.AgentReady):
        desk.tell(e.LinkDown(AGENT))
    before = picture(desk.floor.room)
    assert only(desk.tell(event), o.Publish) == []
    assert picture(desk.floor.room) == before
    assert desk.floor.room.counts[f"refused_{type(event).__name__}"] == 1
    assert desk.floor.room.last_refusal


def test_time_never_runs_back() -> None:
    desk = Desk()
    desk.open_campaign()
    desk.seat()
    desk.answer()
    assigned_at = desk.call().assigned_at
    assert assigned_at is not None
    desk.now -= 60_000
    desk.tell(e.Reserved(AGENT, CALL))
    assert desk.call().shown_at == assigned_at


def test_the_day_turns_at_a_tick() -> None:
    desk = Desk()
    desk.open_campaign(day_ends_at_ms=START + 1_000)
    desk.seat()
    desk.ring()
    desk.tell(e.Tick(), 1_000)
    assert desk.floor.room.efforts[CAMPAIGN].day.dialed == 0


class TestQuestions:
    """They change nothing."""

    def test_when_something_is_due(self) -> None:
        desk = Desk()
        desk.open_campaign()
        assert desk.floor.due_at() is None
        desk.answer()
        assert desk.floor.due_at() == desk.now + 2_000
        desk.seat()
        assert desk.floor.due_at() is None
        desk.tell(e.Reserved(AGENT, CALL), 10)
        assert desk.floor.due_at() == desk.now + 600
        desk.tell(e.ScreenReceived(AGENT, CALL, desk.now))
        assert desk.floor.due_at() is None

    def test_who_is_heard_and_who_is_not(self) -> None:
        desk = Desk()
        desk.open_campaign()
        desk.seat(0xA1)
        desk.seat(0xA2)
        desk.tell(e.LinkDown(uid(0xA2)), 5)
        assert desk.floor.linked() == [uid(0xA1)]
        assert desk.floor.lost() == {uid(0xA2): desk.now}

    def test_how_many_calls_are_live(self) -> None:
        desk = Desk()
        desk.open_campaign()
        desk.seat()
        desk.connect()
        assert desk.floor.live_calls() == 1
        desk.hang_up()
        assert desk.floor.live_calls() == 0
        assert desk.floor.call(CALL) is not None
        assert desk.floor.held() == {AGENT: CALL}

    def test_a_campaign_that_is_not_here(self) -> None:
        with pytest.raises(Unknown, match="no such campaign"):
            Desk().floor.may_dial(CAMPAIGN, START)


def test_lines_of_a_campaign_in_flight() -> None:
    desk = Desk()
    desk.open_campaign()
    desk.tell(a_line(1))
    assert desk.floor.in_flight()[CAMPAIGN] == 1


def test_the_figures_are_asked_of_the_floor() -> None:
    desk = Desk()
    desk.open_campaign()
    assert desk.floor.campaign_cards(START)[CAMPAIGN]["id"] == str(CAMPAIGN)
    assert desk.floor.floor_card(START)["now"] == START
