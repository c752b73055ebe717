"""Curves from counts: survival given what was cut off, and the share of people who answer, with its error. Pure.

Sources: Kaplan and Meier 1958 (survival with censoring); Wilson 1927 (interval of a share).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import Final

SURE: Final = 1.96  # standard errors: 95 of 100 intervals hold the truth


class Stage(StrEnum):
    """A part of a call: where its age begins, and what counts as a hit. Cut: we took the call back."""

    SETUP = "SETUP"  # from dialling; hit: it rings (or is answered without a ring)
    RING = "RING"  # from the ring; hit: a person answered
    ANSWER = "ANSWER"  # from dialling to the answer, of answered calls; hit: a person
    CHECK = "CHECK"  # from the answer; hit: known to be a person
    TALK = "TALK"  # from the joined voices; hit: it ended; cut: the line was lost
    WRAP = "WRAP"  # from the end of the call; hit: the agent was done


@dataclass(frozen=True, slots=True)
class Count:
    """So many that ended at one age (s), in one local hour, group of tries and part of a call."""

    hour: int
    tries: int
    stage: Stage
    age_s: int
    hits: int
    others: int = 0
    cut: int = 0

    @property
    def ended(self) -> int:
        """All but those cut off."""
        return self.hits + self.others


@dataclass(frozen=True, slots=True)
class Step:
    """From this age (s) on, until the next step, so large a share goes on."""

    age_s: int
    share: float


@dataclass(frozen=True, slots=True)
class Survival:
    """How long a part of a call lasts. `seen`: how many observations stand behind it."""

    steps: tuple[Step, ...]
    seen: int

    def reached_by(self, share: float) -> int | None:
        """The age (s) by which so large a share (0 to 1) is over; None when that was not seen."""
        return next((s.age_s for s in self.steps if s.share <= 1 - share + 1e-9), None)


@dataclass(frozen=True, slots=True)
class Answered:
    """How many of so many dials a person answered; shares are None without any dial."""

    dialled: int
    people: int

    @property
    def share(self) -> float | None:
        """People over dials, 0 to 1."""
        return self.people / self.dialled if self.dialled else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the share."""
        n = self.dialled
        if not n:
            return None
        share, z2 = self.people / n, SURE * SURE
        middle = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = SURE / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


def survival(counts: Iterable[Count], stage: Stage) -> Survival:
    """The product-limit curve of one part of a call; what was cut off counts as at risk until then."""
    ended: Counter[int] = Counter()
    left: Counter[int] = Counter()
    for count in counts:
        if count.stage is stage:
            ended[count.age_s] += count.ended
            left[count.age_s] += count.ended + count.cut
    at_risk = seen = left.total()
    share, steps = 1.0, []
    for age in sorted(left):
        if ended[age]:
            share *= 1 - ended[age] / at_risk
            steps.append(Step(age, share))
        at_risk -= left[age]
    return Survival(tuple(steps), seen)


def answered(counts: Iterable[Count]) -> Answered:
    """How many of these dials a person answered. Dials that we took back before are none."""
    dialled = people = 0
    for count in counts:
        if count.stage is Stage.SETUP:
            dialled += count.others
        elif count.stage is Stage.RING:
            dialled += count.ended
            people += count.hits
    return Answered(dialled, people)


def by_hour(counts: Sequence[Count]) -> dict[int, Answered]:
    """`answered` of each local hour (0 to 23) in which anybody was dialled, in order."""
    hours = sorted({count.hour for count in counts})
    return {hour: answered(c for c in counts if c.hour == hour) for hour in hours}


def by_tries(counts: Sequence[Count]) -> dict[int, Answered]:
    """`answered` of each group of tries that was dialled, in order."""
    groups = sorted({count.tries for count in counts})
    return {group: answered(c for c in counts if c.tries == group) for group in groups}
