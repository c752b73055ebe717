"""Durations and causes learned from what was seen, also where the end was not seen. Pure.

Kaplan and Meier (1958) for one kind of end, Aalen and Johansen (1978) for several that compete. Both are
step functions over the observed ages and are drawn from by inverting them: no family is assumed.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import groupby
from math import inf
from operator import itemgetter
from typing import Generic, TypeVar

Cause = TypeVar("Cause", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Curve:
    """The share of durations that are over by each age in s; `beyond` stands for those never seen to end."""

    ages: tuple[float, ...] = ()
    over: tuple[float, ...] = ()  # share that ended by then, rising
    beyond: float = inf
    seen: int = 0  # observations behind it, ended or not

    def draw(self, share: float) -> float:
        """The age by which a `share` (0 to 1) of all are over."""
        at = bisect_left(self.over, share)
        return self.ages[at] if at < len(self.ages) else self.beyond

    def by(self, age: float) -> float:
        """The share that is over by this age."""
        at = bisect_right(self.ages, age)
        return self.over[at - 1] if at else 0.0


@dataclass(frozen=True, slots=True)
class Risks(Generic[Cause]):
    """Ends of several causes: how likely each is, and when it comes."""

    chances: dict[Cause, float]
    when: dict[Cause, Curve]  # given that cause
    seen: int = 0

    def chance(self, cause: Cause) -> float:
        """How likely this end is, 0 to 1."""
        return self.chances.get(cause, 0.0)

    def chance_by(self, cause: Cause, age: float) -> float:
        """How likely this end is to have come by an age."""
        return self.chance(cause) * self.when[cause].by(age) if cause in self.when else 0.0


def survive(samples: Iterable[tuple[float, bool]], *, last: bool = True) -> Curve:
    """The product-limit curve of (age, whether it ended there).

    Ages that did not end count as at risk up to them. `last`: what outlives every observation is given
    the greatest age seen, as it must end some day; otherwise it never ends.
    """
    told = [(age, True if ended else None) for age, ended in samples]
    risks = compete(told)
    longest = max((age for age, _ in told), default=0.0)
    beyond = longest if last else inf
    curve = risks.when.get(True)
    if curve is None:
        return Curve(beyond=beyond, seen=len(told))
    share = risks.chances[True]
    over = tuple(part * share for part in curve.over)
    return Curve(curve.ages, over, beyond, len(told))


def compete(samples: Iterable[tuple[float, Cause | None]]) -> Risks[Cause]:
    """Cumulative incidences of (age, cause); None as cause is an age at which nothing had happened yet."""
    told = sorted(((age, cause) for age, cause in samples), key=itemgetter(0))
    at_risk, alive = len(told), 1.0
    sums: dict[Cause, float] = {}
    steps: dict[Cause, list[tuple[float, float]]] = {}
    for age, group in groupby(told, key=itemgetter(0)):
        causes = [cause for _, cause in group]
        ends = Counter(cause for cause in causes if cause is not None)
        for cause, count in ends.items():
            sums[cause] = sums.get(cause, 0.0) + alive * count / at_risk
            steps.setdefault(cause, []).append((age, sums[cause]))
        alive *= 1.0 - sum(ends.values()) / at_risk
        at_risk -= len(causes)
    when = {
        cause: Curve(
            tuple(age for age, _ in line),
            tuple(total / sums[cause] for _, total in line),
            line[-1][0],
            len(line),
        )
        for cause, line in steps.items()
    }
    return Risks(sums, when, len(told))
