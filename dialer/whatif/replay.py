"""A recorded day under its own and under other settings, each from many seeds. Pure.

First the day's own settings: only what explains the day that was may be asked about the day that was not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.whatif.rules import Answer
from dialer.whatif.books import course
from dialer.whatif.learn import Chance, is_live, learn
from dialer.whatif.recount import recount
from dialer.whatif.simulate import Pacer, Simulation
from dialer.whatif.worlds import LearnedWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from app.whatif.rules import DaySettings, Question, RecordedDay
    from dialer.whatif.books import Books
    from dialer.whatif.learn import Learned


@dataclass(frozen=True, slots=True)
class Run:
    """One simulated day to be made; without settings it has those that held, as they changed."""

    seed: int
    settings: DaySettings | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that the runs of one question share."""

    day: RecordedDay
    learned: Learned
    pacer: Callable[[RecordedDay], Pacer]
    chance: Callable[[str], Chance]  # a generator of its own for each word

    def play(self, run: Run) -> Books:
        """Live through one simulated day."""
        fates, leads, moods = (
            self.chance(f"{stream} {run.seed}") for stream in ("fates", "leads", "moods")
        )
        day, settings = self.day, run.settings or self.day.settings
        world = LearnedWorld(self.learned, settings.ring_timeout_s, fates, leads, moods)
        simulation = Simulation(world, settings, day.length_s, day.closed)
        return simulation.run(self.pacer(day), None if run.settings else day.settings_at)


def stage(
    day: RecordedDay,
    pacer: Callable[[RecordedDay], Pacer],
    chance: Callable[[str], Chance],
) -> Stage:
    """Learn the day, once for all runs."""
    return Stage(day, learn(day), pacer, chance)


def replay(question: Question, play: Callable[[Sequence[Run]], Iterable[Books]]) -> Answer:
    """The day as it was, again, and otherwise. `play` makes the days, in the order asked."""
    day, seeds = question.day, range(question.first_seed, question.first_seed + question.seeds)
    again = list(play([Run(seed) for seed in seeds]))
    answer = Answer(
        happened=course([recount(day)]),
        again=course(again),
        asked=None,
        persons=sum(is_live(call) for call in day.calls),
        seeds=question.seeds,
        begins_ms=day.begins_ms,
    )
    if not answer.reliable:
        return answer
    if question.asked == day.settings and not day.earlier:
        asked = answer.again
    else:
        asked = course(list(play([Run(seed, question.asked) for seed in seeds])))
    return replace(answer, asked=asked)
