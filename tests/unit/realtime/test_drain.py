"""Leaving: in batches, in time, each told a moment of its own."""

import pytest

from realtime.drain import Departure, Leaving, plan


def test_sockets_leave_batch_by_batch() -> None:
    departures = list(plan(5, Leaving(batch=2, pause_s=0.5), lambda: 0.0))
    assert [departure.after_s for departure in departures] == [0.0, 0.0, 0.5, 0.5, 1.0]


def test_each_is_told_a_moment_of_its_own() -> None:
    chances = iter([0.0, 0.5, 0.999])
    departures = plan(3, Leaving(spread_ms=1000), lambda: next(chances))
    assert [departure.again_ms for departure in departures] == [0, 500, 999]


@pytest.mark.parametrize("count", [0, 1, 39, 4_000, 100_000])
def test_more_sockets_make_larger_batches_not_a_longer_drain(count: int) -> None:
    leaving = Leaving(batch=10, pause_s=0.1, within_s=8.0)
    departures = list(plan(count, leaving, lambda: 0.0))
    assert len(departures) == count
    assert all(departure.after_s < leaving.within_s / 2 for departure in departures)


def test_without_a_pause_all_leave_at_once() -> None:
    assert list(plan(2, Leaving(batch=1, pause_s=0.0), lambda: 0.0)) == [Departure(0.0, 0)] * 2
