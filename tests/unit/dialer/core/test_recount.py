"""A page tells what pacing saw and decided, and a replay sees the same again."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from uuid import UUID

import msgpack
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.brain import Brain
from dialer.core.campaign import Limits, Mode
from dialer.core.events import Tick
from dialer.core.pacing import Because, Pace, decide
from dialer.core.recount import joined, limits_of, news_of, page_of, view_of
from dialer.core.view import Answer, Doing, Ended, Handled, Line, Live, Seat, Stage, View
from tests.support.dialer import START, a_floor, uid

MS = st.integers(0, 600_000).map(lambda ms: ms / 1000)
SEATS = st.builds(
    Seat, st.sampled_from(Doing), MS, MS, st.sampled_from([0.0, 0.5, 1.0]), MS | st.just(inf)
)
CALLS = st.integers(1, 2**32 - 1)
LINES = st.dictionaries(CALLS, st.tuples(st.sampled_from(Stage), MS, MS, st.integers(0, 9)))
BEGAN = START // 60_000 * 60_000


@given(st.lists(SEATS, max_size=8), LINES, st.integers(0, 3), st.integers(0, 59_999), st.data())
def test_a_view_reads_back_as_it_was_seen(
    seats: list[Seat],
    lines: dict[int, tuple[Stage, float, float, int]],
    asked: int,
    ms: int,
    data: st.DataObject,
) -> None:
    view = View(
        mode=data.draw(st.sampled_from(Mode)),
        now_s=(BEGAN + ms) / 1000,
        seats=seats,
        lines=[Line(UUID(int=n), *rest) for n, rest in lines.items()]
        + [Line(None, Stage.SETUP, 0.0, 0.0)] * asked,
        lives=[Live(1, 0.5, 12.25, 1.0)],
        ended=[Ended(0, 2.5), Ended(2, 2.5, 20.0, 1.5)],
        handled=[Handled(31.5, 12.0, person=False, answer=Answer(14.5, 2.0)), Handled(9.0, 1.0)],
        lost=[Answer(12.5, 1.0), Answer(9.0, 0.5)],
        walked=1,
        dialed=900,
        answered=31,
        abandoned=2,
        left_s=7_200.25,
        coming=[3, 1, 1],
        lines_left=7,
        answer_rate=0.125,
    )
    page = page_of(view, Limits(), Pace(2, Because.CHANCE), BEGAN)
    plain = msgpack.unpackb(msgpack.packb(page), strict_map_key=False)
    again = view_of(plain, BEGAN + ms, BEGAN)
    known = [line._replace(call=n) for n, line in zip(lines, view.lines, strict=False)]
    expected = replace(
        view,
        lines=[*known, *view.lines[len(known) :]],
        seats=[s if s.leaves_in_s > 0.0 else s._replace(leaves_in_s=0.0) for s in seats],
    )
    assert again == expected
    assert limits_of(plain) == Limits()


def test_what_stands_still_reads_the_same_a_second_later() -> None:
    desk = a_floor(3, mode=Mode.MANUAL)
    effort = desk.floor.room.efforts[uid(0xC1)]
    pages = []
    for _ in range(2):
        desk.floor.receive(Tick(), desk.now)
        assert effort.view is not None
        pages.append(page_of(effort.view, effort.campaign.limits, effort.pace, BEGAN))
        desk.now += 1_000
    assert pages[0] == pages[1]
    assert pages[0]["pace"]["because"] == "MODE"


def test_a_forecast_is_told_in_figures_that_can_be_read() -> None:
    seats = [Seat(Doing.IDLE, 1.0), Seat(Doing.TALK, 30.0), Seat(Doing.WRAP, 4.0, 60.0)]
    view = View(mode=Mode.PREDICTIVE, now_s=BEGAN / 1000, seats=seats)
    pace = decide(view, Limits(), Brain())
    page = page_of(view, Limits(), pace, BEGAN)
    assert pace.forecast is not None
    told = page["pace"]
    assert told["lines"] == pace.lines
    assert {"freed", "arrivals", "chance", "price", "target"} <= told.keys()
    assert len(str(told["price"])) <= len("0.00123456")


def test_news_of_several_views_are_one() -> None:
    first = View(mode=Mode.RATIO, now_s=0, lives=[Live(0, 1.0, 2.0, 0.0)])
    second = View(mode=Mode.RATIO, now_s=1, ended=[Ended(0, 1.0)], walked=2)
    assert joined(news_of(first), news_of(View(mode=Mode.RATIO, now_s=1))) == news_of(first)
    both = joined(news_of(first), news_of(second))
    assert both == [[[0, 1.0, 2.0, 0.0]], [[0, 1.0, None, None, False]], [], 2, []]
