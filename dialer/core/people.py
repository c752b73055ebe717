"""How many of today's live calls were people, and how many of the abandoned: the law counts people.

Detection errs: some of the calls that it passed are machines, and of an abandoned one nobody ever hears
which it was. Agents tell of the calls that they took. A machine rings longer before it answers, and
detection hesitates longer over it; both together, as if they were independent (naive Bayes), give the
chance that an abandoned call was a person. Who hung up while waiting was one.
"""

from collections.abc import Iterable
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from dialer.core.hazards import Floats
from dialer.core.view import Answer, View

RING_BINS, RING_WIDE_S = 24, 2.0
CHECK_BINS, CHECK_WIDE_S = 16, 0.25
PRIOR_PEOPLE, PRIOR_ALL = 20.0, 20.5  # what agents are believed to have found, at first
SMOOTH = 0.3  # calls believed in each bin, at first


class Count(NamedTuple):
    """The day as the law sees it, as far as it can be known."""

    live: float  # people found live
    abandoned: float  # of those
    error: float  # standard error of `abandoned`
    share: float  # of people among live calls


class People:
    """How people and machines answered that agents found, and calls of which nobody can tell."""

    def __init__(self) -> None:
        self.taken = self.people = 0.0
        self.ring = np.zeros((2, RING_BINS))  # rows: machines, people
        self.check = np.zeros((2, CHECK_BINS))
        self.lost = np.zeros((RING_BINS, CHECK_BINS))
        self._found: tuple[float, float] | None = None

    def learn(self, view: View) -> None:
        """Take in what was taken and what was lost since the last view."""
        if not (view.handled or view.lost):
            return
        self._found = None
        for work in view.handled:
            self.taken += 1.0
            self.people += work.person
            if work.answer is not None:
                ring, check = _bins(work.answer)
                self.ring[int(work.person), ring] += 1.0
                self.check[int(work.person), check] += 1.0
        for answer in view.lost:
            self.lost[_bins(answer)] += 1.0

    def count(self, view: View) -> Count:
        """The day so far."""
        share = (self.people + PRIOR_PEOPLE) / (self.taken + PRIOR_ALL)
        if self._found is None:
            self._found = self._lost_people(share)
        lost, error = self._found
        untold = max(0.0, view.abandoned - view.hung_up - float(self.lost.sum())) * share
        abandoned = view.hung_up + lost + untold
        at_hand = max(0.0, view.answered - view.abandoned - self.taken)
        live = self.people + abandoned + at_hand * share
        return Count(live, abandoned, error, share)

    def _lost_people(self, share: float) -> tuple[float, float]:
        """People among the lost calls, and the standard error of that."""
        machine, person = (
            np.outer(ring, check)
            for ring, check in zip(_density(self.ring), _density(self.check), strict=True)
        )
        chance = share * person / (share * person + (1.0 - share) * machine)
        doubt = float((self.lost * chance * (1.0 - chance)).sum())
        return float((self.lost * chance).sum()), sqrt(max(0.0, doubt))

    def dump(self) -> dict[str, Any]:
        """As plain numbers and lists."""
        return {
            "taken": self.taken,
            "people": self.people,
            "ring": self.ring.tolist(),
            "check": self.check.tolist(),
            "lost": [[*map(int, at), float(self.lost[tuple(at)])] for at in self._places()],
        }

    def _places(self) -> Iterable[Any]:
        return np.argwhere(self.lost > 0.0)

    @classmethod
    def load(cls, plain: dict[str, Any]) -> "People":
        """What `dump` gave."""
        known = cls()
        known.taken, known.people = plain["taken"], plain["people"]
        known.ring = np.array(plain["ring"], np.float64)
        known.check = np.array(plain["check"], np.float64)
        for ring, check, calls in plain["lost"]:
            known.lost[ring, check] = calls
        return known


def _density(counts: Floats) -> Floats:
    """Of machines and of people: the share of each bin."""
    smoothed = counts + SMOOTH
    found: Floats = smoothed / smoothed.sum(axis=1, keepdims=True)
    return found


def _bins(answer: Answer) -> tuple[int, int]:
    return (
        int(min(RING_BINS - 1.0, max(0.0, answer.ring_s / RING_WIDE_S))),
        int(min(CHECK_BINS - 1.0, max(0.0, answer.check_s / CHECK_WIDE_S))),
    )
