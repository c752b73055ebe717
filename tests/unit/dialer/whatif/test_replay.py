"""A day run again comes near to itself, or says that it cannot be explained."""

from collections.abc import Callable, Sequence
from functools import cache
from random import Random

import pytest
from msgspec.structs import replace

from app.whatif.rules import Answer, Earlier, Question, RecordedDay, Stay
from dialer.whatif.books import Books
from dialer.whatif.recount import recount
from dialer.whatif.replay import Run, replay, stage
from tests.support.made_day import MadeWorld, Overdial, a_shift, live_through

LENGTH = 3600.0


def by_ceiling(day: RecordedDay) -> Overdial:
    """A dialer as simple as the one that made the day."""
    return Overdial()


def player(day: RecordedDay) -> Callable[[Sequence[Run]], list[Books]]:
    scene = stage(day, by_ceiling, Random)
    return lambda runs: [scene.play(run) for run in runs]


def ask(day: RecordedDay, seeds: int = 20, **changes: object) -> Answer:
    asked = replace(day.settings, **changes)
    return replay(Question(day, asked, seeds), player(day))


@cache
def made(
    agents: int, seed: int, per_agent: float = 3.0, length_s: float = LENGTH
) -> tuple[RecordedDay, Books]:
    world = MadeWorld(a_shift(agents, length_s), Random(seed), segment_factors=(1.2, 0.8))
    return live_through(world, per_agent, length_s)


@pytest.mark.parametrize(("agents", "seed"), [(20, 1), (35, 2)])
def test_a_day_run_again_with_its_own_settings_is_nearly_the_day_that_was(
    agents: int, seed: int
) -> None:
    day, true = made(agents, seed)
    answer = ask(day)
    total = true.total()
    assert answer.happened.occupancy.pooled == pytest.approx(total.busy_s / total.floor_s)
    assert answer.happened.wait_s.pooled == pytest.approx(total.waited_s / total.waits)
    assert answer.reliable
    assert answer.asked == answer.again


def test_other_settings_come_near_to_what_they_would_have_brought() -> None:
    day, _ = made(40, 4, length_s=2 * LENGTH)
    answer = ask(day, seeds=8, ratio_ceiling=1.5)
    truth = [made(40, seed, 1.5, 2 * LENGTH)[1].total() for seed in range(40, 44)]
    occupancy = sum(t.busy_s for t in truth) / sum(t.floor_s for t in truth)
    abandoned = sum(t.abandoned for t in truth) / sum(t.persons for t in truth)
    assert answer.asked is not None
    assert answer.asked.occupancy.pooled == pytest.approx(occupancy, abs=0.02)
    assert answer.asked.abandoned.pooled == pytest.approx(abandoned, abs=0.005)


def test_the_band_holds_the_pooled_figure() -> None:
    day, _ = made(5, 8)
    again = ask(day).again
    for band in (again.occupancy, again.lines):
        assert band.low is not None
        assert band.high is not None
        assert band.pooled is not None
        assert band.low < band.pooled < band.high


def test_a_day_that_cannot_be_explained_is_asked_nothing() -> None:
    # Half of the floor is in the record of stays, and was in fact away: nothing learned can tell.
    day, _ = made(20, 1)
    haunted = replace(day, stays=(*day.stays, *(Stay(100 + n, 0.0, LENGTH) for n in range(10))))
    surprised = replace(haunted, calls=tuple(replace(c, agent=None) for c in day.calls))
    answer = ask(surprised, seeds=5, ratio_ceiling=1.5)
    assert not answer.reliable
    assert answer.asked is None


def test_a_handful_of_persons_explains_nothing() -> None:
    day, _ = made(20, 1)
    few = replace(day, calls=day.calls[:100])
    assert not ask(few, seeds=3).reliable


def test_the_same_seed_is_the_same_answer() -> None:
    day, _ = made(5, 8)
    assert ask(day, seeds=3) == ask(day, seeds=3)


def test_figures_are_told_in_steps_of_five_minutes() -> None:
    day, _ = made(5, 8)
    answer = ask(day, seeds=3)
    assert len(answer.happened.steps) == len(answer.again.steps) == 12
    assert answer.happened.steps[0].abandoned.pooled is not None


def test_a_stay_is_recounted_to_the_end_of_its_last_call() -> None:
    day, true = made(8, 3)
    for again, once in zip(recount(day).bins, true.bins, strict=True):
        assert again.busy_s == pytest.approx(once.busy_s)
        assert again.floor_s == pytest.approx(once.floor_s)
        assert again.lines_s == pytest.approx(once.lines_s)


def test_settings_that_changed_in_the_day_are_simulated_as_they_changed() -> None:
    day, _ = made(5, 8)
    bold, shy = day.settings, replace(day.settings, ratio_ceiling=1.0)
    turned = replace(day, settings=shy, earlier=(Earlier(1800.0, bold),))
    (once,) = player(turned)([Run(1)])
    (all_bold,) = player(day)([Run(1, bold)])
    assert once.bins[:6] == all_bold.bins[:6]
    assert sum(each.lines_s for each in once.bins) < sum(each.lines_s for each in all_bold.bins)
