"""Where a day's figures are written, whether it happened or was simulated. Pure.

Occupancy is time with a person and its wrap-up over time on the floor; a wait lies between two calls of
an agent; abandonment is counted of persons, in the five minutes in which they answered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.whatif.rules import BIN_S, HIGH, LOW, Band, Course, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


@dataclass(slots=True)
class Sums:
    """What can be added over days, and divided when all is in. Seconds and counts."""

    busy_s: float = 0.0
    floor_s: float = 0.0
    waited_s: float = 0.0
    waits: int = 0
    persons: int = 0
    abandoned: int = 0
    lines_s: float = 0.0
    connected: int = 0

    def add(self, other: Sums) -> None:
        """Take in another's."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Books:
    """One day in bins of `BIN_S`; what lies outside the day is counted for abandonment only."""

    length_s: float
    bins: list[Sums] = field(init=False)

    def __post_init__(self) -> None:
        self.bins = [Sums() for _ in range(max(1, -int(-self.length_s // BIN_S)))]

    def at(self, at_s: float) -> Sums:
        """The sums of the five minutes that hold an instant; the last ones take what comes after."""
        return self.bins[min(len(self.bins) - 1, max(0, int(at_s // BIN_S)))]

    def on_floor(self, from_s: float, until_s: float, *, busy: bool) -> None:
        """An agent was there, with a person or waiting for one."""
        for sums, seconds in self._parts(from_s, until_s):
            sums.floor_s += seconds
            if busy:
                sums.busy_s += seconds

    def line(self, from_s: float, until_s: float) -> None:
        """A line was in use."""
        for sums, seconds in self._parts(from_s, until_s):
            sums.lines_s += seconds

    def connected(self, at_s: float, free_since_s: float | None) -> None:
        """An agent got a person; he had been free since then, None when it was his first moment."""
        if at_s >= self.length_s:
            return
        sums = self.at(at_s)
        sums.connected += 1
        if free_since_s is not None:
            sums.waits += 1
            sums.waited_s += at_s - free_since_s

    def person(self, at_s: float) -> None:
        """A person answered."""
        self.at(at_s).persons += 1

    def abandoned(self, at_s: float) -> None:
        """A person who answered then got no agent in time."""
        self.at(at_s).abandoned += 1

    def total(self) -> Sums:
        """The day's sums."""
        total = Sums()
        for each in self.bins:
            total.add(each)
        return total

    def _parts(self, from_s: float, until_s: float) -> Iterable[tuple[Sums, float]]:
        until_s, at = min(until_s, self.length_s), max(0.0, from_s)
        while at < until_s:
            edge = min(until_s, (at // BIN_S + 1) * BIN_S)
            yield self.at(at), edge - at
            at = edge


def course(days: Sequence[Books]) -> Course:
    """Many days as one: each figure pooled, with the band of the single days."""
    totals = [books.total() for books in days]
    whole = days[0].length_s
    so_far = [Sums() for _ in days]
    steps = []
    for at in range(len(days[0].bins)):
        bins = [books.bins[at] for books in days]
        for sums, each in zip(so_far, bins, strict=True):
            sums.add(each)
        steps.append(_step(bins, so_far, min(BIN_S, whole - at * BIN_S)))
    day = _step(totals, totals, whole)
    return Course(
        occupancy=day.occupancy,
        wait_s=day.wait_s,
        abandoned=day.abandoned,
        lines=day.lines,
        connected=_band(totals, lambda sums: sums.connected, lambda _: 1),
        steps=tuple(steps),
    )


def _step(sums: Sequence[Sums], so_far: Sequence[Sums], seconds: float) -> Step:
    return Step(
        occupancy=_band(sums, lambda each: each.busy_s, lambda each: each.floor_s),
        wait_s=_band(sums, lambda each: each.waited_s, lambda each: each.waits),
        abandoned=_band(sums, lambda each: each.abandoned, lambda each: each.persons),
        lines=_band(sums, lambda each: each.lines_s, lambda _: seconds),
        so_far=_band(so_far, lambda each: each.abandoned, lambda each: each.persons),
    )


def _band(
    sums: Sequence[Sums], above: Callable[[Sums], float], below: Callable[[Sums], float]
) -> Band:
    pairs = [(above(each), below(each)) for each in sums]
    weight = sum(under for _, under in pairs)
    if weight <= 0:
        return Band(None, None, None)
    shares = sorted(over / under for over, under in pairs if under > 0)
    pooled = sum(over for over, _ in pairs) / weight
    return Band(pooled, _quantile(shares, LOW), _quantile(shares, HIGH))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear between the neighbours (Hyndman and Fan 1996, type 7)."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
