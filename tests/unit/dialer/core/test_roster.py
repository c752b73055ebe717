"""Planned breaks and ends of shifts: near them a team is dialled for no further ahead than it is there."""

from __future__ import annotations

from math import inf

import pytest

from dialer.core import events as e
from dialer.core.campaign import Mode, Tally
from dialer.core.dialing import view_of
from dialer.core.roster import Absence, leaves_in_s
from dialer.core.sharing import look
from tests.support.dialer import CAMPAIGN, HOUR, START, Desk, a_floor, uid

LUNCH = Absence(START + HOUR, START + 2 * HOUR)
HOME = Absence(START + 3 * HOUR, START + 3 * HOUR + 1_800_000)


@pytest.mark.parametrize(
    ("after_ms", "left_s"),
    [
        (0, 3_600.0),
        (HOUR - 4_000, 4.0),
        (HOUR, 0.0),  # he should be away: he goes when his call is over
        (2 * HOUR - 1, 0.0),
        (2 * HOUR, 3_600.0),
        (3 * HOUR, 0.0),
        (4 * HOUR, inf),  # he stays for reasons of his own
    ],
)
def test_the_next_absence_counts_and_one_that_is_over_does_not(
    after_ms: int, left_s: float
) -> None:
    assert leaves_in_s([LUNCH, HOME], START + after_ms) == left_s


def test_without_a_shift_nothing_is_known() -> None:
    assert leaves_in_s([], START) == inf


def team(*, leaves_after_ms: int | None) -> Desk:
    """Twelve agents on an ordinary day: four are free, the others have half of their wrap-up behind them."""
    desk = a_floor(12, mode=Mode.PREDICTIVE, today=Tally(1_000, 300, 3))
    for n in range(8):
        desk.connect(n + 1, 0xA1 + n)
    for n in range(8):
        desk.hang_up(n + 1)
    desk.now += 10_000
    if leaves_after_ms is not None:
        away = [Absence(desk.now + leaves_after_ms, desk.now + leaves_after_ms + HOUR)]
        desk.tell(e.RosterRead({uid(0xA1 + n): away for n in range(12)}))
    return desk


def lines(desk: Desk) -> int:
    """What the campaign asks for at its next decision."""
    desk.tell(e.Tick(), 1_000)
    return desk.floor.room.efforts[CAMPAIGN].pace.lines


def test_near_the_end_of_a_shift_fewer_lines_are_opened() -> None:
    unknown = lines(team(leaves_after_ms=None))
    assert unknown > 4, "others are about to finish"
    assert lines(team(leaves_after_ms=3 * HOUR)) == unknown
    assert lines(team(leaves_after_ms=30_000)) == 4, "one for each who is free now, no more"
    assert lines(team(leaves_after_ms=-1_000)) == 4, "they should be away already"


def test_a_roster_that_is_read_anew_takes_the_place_of_the_last() -> None:
    desk = team(leaves_after_ms=3_000)
    desk.tell(e.RosterRead({}))
    assert lines(desk) == lines(team(leaves_after_ms=None))


def test_who_chose_to_go_after_his_call_goes_whatever_is_planned() -> None:
    desk = team(leaves_after_ms=HOUR)
    desk.tell(e.AgentAway(uid(0xA1), "SHORT"))
    desk.tell(e.Tick())
    room = desk.floor.room
    view = view_of(room, room.efforts[CAMPAIGN], look(room)[CAMPAIGN], desk.now)
    assert sorted(seat.leaves_in_s for seat in view.seats) == [0.0, *[3_600.0] * 11]
