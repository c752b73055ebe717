"""What the rules share: free agents, orders, and showing only what changed."""

from __future__ import annotations

import pytest

from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.records import AgentChanged
from dialer.core.room import Room, Unknown
from tests.support.dialer import AGENT, CAMPAIGN, START, Desk, only, uid


def a_floor() -> Desk:
    desk = Desk()
    desk.open_campaign()
    desk.seat()
    return desk


def test_only_what_changed_is_published_and_written() -> None:
    desk = a_floor()
    room = desk.floor.room
    room.settle(desk.agent(), desk.now)
    assert room.take_orders(desk.now) == []


def test_everything_can_be_published_again_without_being_written_again() -> None:
    desk = a_floor()
    desk.floor.room.show_everything()
    orders = desk.floor.room.take_orders(desk.now)
    assert [type(order) for order in orders] == [o.Publish]


def test_a_reservation_is_not_shown_before_it_is_granted() -> None:
    desk = a_floor()
    desk.answer()
    room = desk.floor.room
    room.show_everything()
    assert room.take_orders(desk.now) == []


def test_being_reserved_keeps_the_place_in_the_line() -> None:
    desk = a_floor()
    since = desk.agent().free_since
    desk.answer()
    assert desk.agent().free_since == since
    assert desk.floor.room.free == set()


def test_leaving_the_line_loses_the_place() -> None:
    desk = a_floor()
    desk.tell(e.AgentAway(AGENT, "LUNCH"))
    assert desk.agent().free_since is None


def test_leaving_a_call_that_the_room_does_not_know_clears_the_desk() -> None:
    desk = a_floor()
    desk.floor.room.vacate(desk.agent(), uid(9), desk.now)
    orders = desk.floor.room.take_orders(desk.now)
    assert only(orders, o.Release) == [o.Release(AGENT, uid(9))]
    assert only(orders, o.DropScreen) == []


def test_a_call_that_somebody_else_has_stays() -> None:
    desk = a_floor()
    desk.seat(0xA2)
    desk.connect()
    desk.floor.room.vacate(desk.agent(0xA2), uid(1), desk.now)
    assert desk.floor.call(uid(1)) is not None


def test_a_campaign_that_is_gone_has_no_name() -> None:
    desk = a_floor()
    desk.connect()
    desk.floor.room.efforts.clear()
    desk.floor.room.show_everything()
    orders = desk.floor.room.take_orders(desk.now)
    names = [p.value["campaign"]["name"] for p in only(orders, o.Publish) if p.value]
    assert names == ["", ""]


def test_leaving_a_call_that_is_over_forgets_it() -> None:
    desk = a_floor()
    desk.connect()
    desk.hang_up()
    desk.floor.room.vacate(desk.agent(), uid(1), desk.now)
    assert desk.floor.call(uid(1)) is None
    assert only(desk.floor.room.take_orders(desk.now), o.DropScreen) == [o.DropScreen(uid(1))]


@pytest.mark.parametrize(("painted", "late"), [(True, 0), (False, 1)])
def test_a_pop_that_was_never_painted_is_late(*, painted: bool, late: int) -> None:
    desk = a_floor()
    desk.connect()
    if painted:
        desk.tell(e.ScreenPainted(AGENT, uid(1), desk.now, 1))
    desk.floor.room.vacate(desk.agent(), uid(1), desk.now)
    assert desk.floor.room.efforts[CAMPAIGN].pops.late == late


def test_what_is_not_here_is_named() -> None:
    with pytest.raises(Unknown, match="no such campaign"):
        Room().effort(CAMPAIGN)


def test_records_tell_whose_doing_it_was() -> None:
    room = Room()
    desk = a_floor()
    desk.floor.room.begin("SUPERVISOR")
    desk.agent().reason = "changed"
    desk.floor.room.settle(desk.agent(), desk.now)
    orders = desk.floor.room.take_orders(desk.now)
    (record,) = [w.record for w in only(orders, o.Write) if isinstance(w.record, AgentChanged)]
    assert record.because == "SUPERVISOR"
    assert room.take_orders(START) == []
