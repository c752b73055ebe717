"""Calls per second: no second holds more than the cap, wherever it begins and however late lines open."""

from __future__ import annotations

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


@given(
    cap=st.integers(1, 5),
    steps=st.lists(st.tuples(st.integers(0, 400), st.floats(0, 1)), max_size=60),
)
def test_no_second_holds_more_calls_than_the_cap(cap: int, steps: list[tuple[int, float]]) -> None:
    """At each step some of what was asked for is opened at last, and as much as may be is asked for."""
    flow, asked, now = Flow(), 0, START
    placed: list[int] = []
    for later, share in steps:
        now += later
        opened = round(share * asked)
        for _ in range(opened):
            flow.place(now)
        placed += [now] * opened
        asked += (flow.left(cap, asked - opened, now) or 0) - opened
    assert all(b - a >= SECOND_MS for a, b in zip(placed, placed[cap:], strict=False))


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


def test_who_decides_once_a_second_uses_the_whole_cap_though_lines_open_late() -> None:
    desk = a_floor(40, mode=Mode.PREDICTIVE, limits=Limits(calls_per_second=2, ratio_ceiling=9.0))
    placed = 0
    for _ in range(40):
        orders = desk.tell(e.Tick(), 242)
        desk.now += 8
        placed += open_lines(desk, orders, placed + 1)
    assert 15 <= placed <= 20, "ten seconds of two"


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


def test_who_decides_more_seldom_is_not_starved_by_campaigns_of_lower_priority() -> None:
    desk = Desk()
    desk.open_campaign(0xC1, carrier_calls_per_second=2)
    desk.open_campaign(0xC2, carrier_calls_per_second=2, priority=5, mode=Mode.PREDICTIVE)
    for n in range(8):
        desk.seat(0xA1 + n, CAMPAIGN)
        desk.seat(0xB1 + n, OTHER)
    placed: list[str] = []
    for tick in range(16):
        for order in only(desk.tell(e.Tick(), 250), o.Dial):
            placed += [f"{order.campaign.int:x}"] * order.lines
            open_lines(desk, [order], 10 * tick + 1)
    assert set(placed) == {"c2"}
    assert len(placed) >= 6


def test_a_campaign_cut_by_its_own_cap_leaves_the_carriers_to_others() -> None:
    desk = Desk()
    desk.open_campaign(0xC1, carrier_calls_per_second=9)
    desk.open_campaign(
        0xC2, carrier_calls_per_second=9, priority=5, limits=Limits(calls_per_second=1)
    )
    for n in range(3):
        desk.seat(0xA1 + n, CAMPAIGN)
        desk.seat(0xB1 + n, OTHER)
    assert desk.tell(e.Tick()) == [o.Dial(OTHER, 1), o.Dial(CAMPAIGN, 3)]


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
