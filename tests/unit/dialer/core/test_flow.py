"""Calls per second: no second holds more than the cap, wherever it begins and however late lines open."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.campaign import Limits, Mode
from dialer.core.flow import SECOND_MS, Flow
from dialer.core.pacing import Because
from tests.support.dialer import START, Desk, a_campaign, a_floor, a_line, only, uid

CAPPED = Limits(calls_per_second=3)
CAMPAIGN, OTHER = uid(0xC1), uid(0xC2)


def test_without_a_cap_there_is_nothing_to_count() -> None:
    assert Flow().left(None, 5, START) is None


def test_what_was_placed_a_second_ago_counts_no_longer() -> None:
    flow = Flow()
    flow.place(START)
    assert flow.left(3, 1, START + SECOND_MS - 1) == 1
    assert flow.left(3, 1, START + SECOND_MS) == 2
    assert flow.left(3, 9, START + SECOND_MS) == 0


@given(cap=st.integers(1, 5), data=st.data())
def test_no_second_holds_more_calls_than_the_cap(cap: int, data: st.DataObject) -> None:
    flow, asked, placed, now = Flow(), 0, [], START
    for _ in range(60):
        now += data.draw(st.integers(0, 400))
        for _ in range(data.draw(st.integers(0, asked))):  # some of them open only now
            flow.place(now)
            placed.append(now)
            asked -= 1
        asked += flow.left(cap, asked, now) or 0
    apart = zip(placed, placed[cap:], strict=False)
    assert all(later - first >= SECOND_MS for first, later in apart)
    assert all(later >= first for first, later in pairwise(placed))


def open_lines(desk: Desk, orders: list[o.Order], first: int) -> int:
    """Open what was asked for at once; how many."""
    count = 0
    for order in only(orders, o.Dial):
        for _ in range(order.lines):
            desk.tell(a_line(first + count, order.campaign))
            count += 1
    return count


def test_a_campaign_dials_no_faster_than_its_cap_and_says_so() -> None:
    desk = a_floor(10, limits=CAPPED)
    assert desk.tell(e.Tick()) == [o.Dial(CAMPAIGN, 3)]
    effort = desk.floor.room.efforts[CAMPAIGN]
    assert effort.pace.because is Because.CALLS_PER_SECOND
    assert effort.view is not None
    assert effort.view.calls_left == 3
    assert desk.tell(e.Tick(), 250) == [], "asked for and not opened yet"
    for n in range(3):
        desk.tell(a_line(1 + n))
    assert only(desk.tell(e.Tick(), 750), o.Dial) == [], "placed within the last second"
    assert only(desk.tell(e.Tick(), 250), o.Dial) == [o.Dial(CAMPAIGN, 3)]


def test_a_cap_that_is_changed_holds_at_the_next_tick() -> None:
    desk = a_floor(10, limits=CAPPED)
    desk.tell(e.Tick())
    desk.tell(e.CampaignLoaded(a_campaign(limits=Limits())))
    assert desk.tell(e.Tick(), 250) == [o.Dial(CAMPAIGN, 7)]


def test_the_carriers_cap_is_of_all_campaigns_and_those_of_higher_priority_come_first() -> None:
    desk = Desk()
    desk.open_campaign(0xC1, carrier_calls_per_second=4)
    desk.open_campaign(0xC2, carrier_calls_per_second=4, priority=5)
    for n in range(3):
        desk.seat(0xA1 + n, CAMPAIGN)
        desk.seat(0xB1 + n, OTHER)
    orders = desk.tell(e.Tick())
    assert orders == [o.Dial(OTHER, 3), o.Dial(CAMPAIGN, 1)]
    efforts = desk.floor.room.efforts
    assert efforts[CAMPAIGN].pace.because is Because.CALLS_PER_SECOND
    assert efforts[OTHER].pace.because is Because.PROGRESSIVE
    assert open_lines(desk, orders, 1) == 4
    assert only(desk.tell(e.Tick(), 999), o.Dial) == []
    assert only(desk.tell(e.Tick(), 1), o.Dial) == [o.Dial(CAMPAIGN, 2)]


def test_of_the_carriers_cap_the_newest_word_holds() -> None:
    desk = a_floor(10, carrier_calls_per_second=4)
    desk.open_campaign(0xC2, carrier_calls_per_second=2, loaded_at_ms=START + 1)
    desk.tell(e.CampaignLoaded(a_campaign(carrier_calls_per_second=4)))  # read before that
    assert desk.tell(e.Tick()) == [o.Dial(CAMPAIGN, 2)]


def test_reminders_without_agents_keep_to_the_cap_too() -> None:
    desk = Desk()
    desk.open_campaign(mode=Mode.AGENTLESS, limits=CAPPED)
    assert desk.tell(e.Tick()) == [o.Dial(CAMPAIGN, 3)]
    assert desk.floor.room.efforts[CAMPAIGN].pace.because is Because.CALLS_PER_SECOND


def test_a_forecast_is_cut_by_the_cap() -> None:
    desk = a_floor(12, mode=Mode.PREDICTIVE, limits=CAPPED)
    desk.tell(e.Tick(), 1_000)
    assert desk.floor.room.efforts[CAMPAIGN].pace.lines == 3
    assert desk.floor.room.efforts[CAMPAIGN].pace.because is Because.CALLS_PER_SECOND
