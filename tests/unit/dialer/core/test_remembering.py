"""What pacing remembers leaves the room and comes back to the next one."""

from __future__ import annotations

from typing import Any

import msgspec

from dialer.core import events as e
from dialer.core.campaign import CampaignState, Mode
from dialer.core.effort import DAY_MS
from dialer.core.lessons import Lesson
from dialer.core.pacing import Because
from tests.support.dialer import CAMPAIGN, START, Desk, a_floor, uid

PAST = [
    Lesson(0, "SETUP", 2, 900, 100),
    Lesson(0, "RING", 8, 300),
    Lesson(0, "RING", 21, 0, 600),
    Lesson(0, "CHECK", 1, 300),
    Lesson(0, "ANSWER", 11, 300),
]


def a_morning() -> Desk:
    """A predictive floor after a few calls."""
    desk = a_floor(4, mode=Mode.PREDICTIVE)
    for number in range(1, 5):
        desk.connect(number, 0xA0 + number)
        desk.tell(e.Tick(), 1_000)
    desk.answer(9)  # nobody is free
    desk.hang_up(9)
    desk.tell(e.Tick(), 1_000)
    return desk


def kept(desk: Desk) -> dict[Any, Any]:
    """As the store would give it back."""
    memories = dict(desk.floor.memories())
    return {i: msgspec.msgpack.decode(msgspec.msgpack.encode(m)) for i, m in memories.items()}


def a_successor(desk: Desk, **changes: Any) -> Desk:
    """The next dialer's room, with what the last one remembered."""
    new = Desk(now=desk.now)
    new.open_campaign(mode=Mode.PREDICTIVE, **changes)
    new.tell(e.Recalled(kept(desk)))
    return new


def test_the_next_room_goes_on_where_the_last_one_ended() -> None:
    desk = a_morning()
    old, new = desk.floor.room.efforts[CAMPAIGN], a_successor(desk).floor.room.efforts[CAMPAIGN]
    assert new.brain.dump() == old.brain.dump()
    assert (new.hung_up, new.ratio) == (old.hung_up, old.ratio)
    assert new.hung_up == 1
    assert desk.floor.unschooled() == []


def test_another_day_begins_with_the_curves_and_nothing_spent() -> None:
    desk = a_morning()
    new = a_successor(desk, day_ends_at_ms=START + DAY_MS).floor.room.efforts[CAMPAIGN]
    assert new.brain.curves.dump() == desk.floor.room.efforts[CAMPAIGN].brain.curves.dump()
    assert (new.hung_up, new.brain.budget.answered) == (0, 0)


def test_what_cannot_be_read_and_whom_nobody_knows_are_passed_over() -> None:
    desk = a_floor(1, mode=Mode.PREDICTIVE)
    brain = desk.floor.room.efforts[CAMPAIGN].brain
    desk.tell(e.Recalled({CAMPAIGN: {"brain": {"format": 0}}, uid(0xC9): {}}))
    desk.tell(e.Recalled({CAMPAIGN: {}}))
    assert desk.floor.room.efforts[CAMPAIGN].brain is brain
    assert desk.floor.room.counts["memory_unreadable"] == 2


def test_campaigns_that_do_not_run_are_not_remembered() -> None:
    desk = a_morning()
    desk.open_campaign(state=CampaignState.PAUSED, mode=Mode.PREDICTIVE)
    assert dict(desk.floor.memories()) == {}


def test_a_campaign_without_memory_begins_as_earlier_days_taught_and_says_so() -> None:
    desk = a_floor(6, mode=Mode.PREDICTIVE)
    assert desk.floor.unschooled() == [CAMPAIGN]
    desk.tell(e.Taught(CAMPAIGN, PAST))
    assert desk.floor.unschooled() == []
    desk.tell(e.Tick(), 1_000)
    pace = desk.floor.room.efforts[CAMPAIGN].pace
    assert pace.because is Because.COLD_START
    assert pace.lines > 6, "three of ten answer: it knows that one line an agent is too few"


def test_lessons_come_too_late_once_today_has_taught() -> None:
    desk = a_morning()
    before = desk.floor.room.efforts[CAMPAIGN].brain
    desk.tell(e.Taught(CAMPAIGN, PAST))
    assert desk.floor.room.efforts[CAMPAIGN].brain is before
