"""One campaign's day, settings and pops."""

from dialer.core.campaign import Tally
from dialer.core.effort import DAY_MS, KEPT_POPS, Effort, Pops
from dialer.core.pacing import Because
from tests.support.dialer import HOUR, START, a_campaign


def test_it_begins_with_what_the_store_counted() -> None:
    effort = Effort.of(a_campaign(today=Tally(9, 5, 1, 2), leads_left=7))
    assert effort.day == Tally(9, 5, 1, 2)
    assert effort.leads_left == 7
    assert effort.pace.because is Because.NOT_RUNNING


def test_reloading_keeps_the_days_own_counts() -> None:
    effort = Effort.of(a_campaign())
    effort.count(dialed=3, answered=2, abandoned=1)
    effort.dry_until = START
    effort.reload(a_campaign(name="New", today=Tally(1, 1, 0)))
    assert effort.campaign.name == "New"
    assert effort.day == Tally(3, 2, 1)
    assert effort.dry_until == 0


def test_reloading_on_another_day_takes_that_days_counts() -> None:
    effort = Effort.of(a_campaign())
    effort.count(dialed=3)
    effort.refused["DAILY_CAP"] = 4
    effort.pops.painted(10, 1)
    effort.reload(a_campaign(day_ends_at_ms=START + 39 * HOUR, today=Tally(1)))
    assert effort.day == Tally(1)
    assert not effort.refused
    assert effort.pops.n == 0


def test_the_day_turns_by_itself_however_late() -> None:
    effort = Effort.of(a_campaign(day_ends_at_ms=START))
    effort.count(dialed=3)
    effort.turn_day(START - 1)
    assert effort.day.dialed == 3
    effort.turn_day(START + 2 * DAY_MS)
    assert effort.day == Tally()
    assert effort.day_ends_at == START + 3 * DAY_MS


def test_promises_never_fall_below_none() -> None:
    effort = Effort.of(a_campaign())
    effort.count_promise(-1)
    assert effort.day.promises == 0
    effort.count_promise(1)
    assert effort.day.promises == 1


def test_late_and_uncertain_paints_are_counted_apart() -> None:
    pops = Pops()
    pops.painted(1_000, 50)
    pops.painted(1_001, 50)
    pops.painted(20, 51)
    pops.painted(-4, 3)
    pops.never()
    assert (pops.n, pops.rough, pops.late) == (3, 1, 2)
    assert list(pops.latest) == [1_000, 1_001, 0]


def test_of_many_paints_the_latest_are_kept() -> None:
    pops = Pops()
    for ms in range(KEPT_POPS + 3):
        pops.painted(ms, 1)
    assert sorted(pops.latest) == list(range(3, KEPT_POPS + 3))
    assert pops.n == KEPT_POPS + 3
