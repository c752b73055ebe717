"""How many of today's live calls were people, and how many of the abandoned: the law counts people.

Detection errs: some of the calls that it passed are machines, and of an abandoned one nobody ever hears
which it was. Agents tell of the calls that they took. A machine rings longer before it answers, and
detection hesitates longer over it; both together, as if they were independent (naive Bayes), give the
chance that an abandoned call was a person; in a burst of answers it is likelier. Who hung up while
waiting was one.
"""

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
    """How people and machines answered that agents found, and what is believed of the calls lost."""

    def __init__(self) -> None:
        self.taken = self.people = 0.0
        self.ring = np.zeros((2, RING_BINS))  # rows: machines, people
        self.check = np.zeros((2, CHECK_BINS))
        self.lost = 0  # calls that nobody took in time and whose answer is known
        self.lost_people = self.doubt = 0.0  # of those: people expected, and the variance

    def learn(self, view: View, answering: float) -> None:
        """Take in what was taken and what was lost since the last view.

        `answering`: how much more often than usual people answer just now; machines do not.
        """
        for work in view.handled:
            self.taken += 1.0
            self.people += work.person
            if work.answer is not None:
                ring, check = _bins(work.answer)
                self.ring[int(work.person), ring] += 1.0
                self.check[int(work.person), check] += 1.0
        for answer in view.lost:
            chance = self._person(answer, answering)
            self.lost += 1
            self.lost_people += chance
            self.doubt += chance * (1.0 - chance)

    @property
    def share(self) -> float:
        """Of people among the live calls."""
        return (self.people + PRIOR_PEOPLE) / (self.taken + PRIOR_ALL)

    def _person(self, answer: Answer, answering: float) -> float:
        """P(a lost call was a person)."""
        ring, check = _bins(answer)
        machine, person = (
            float(rings * checks)
            for rings, checks in zip(
                _density(self.ring, ring), _density(self.check, check), strict=True
            )
        )
        odds = self.share * person * answering
        return odds / (odds + (1.0 - self.share) * machine)

    def count(self, view: View) -> Count:
        """The day so far."""
        share = self.share
        untold = max(0, view.abandoned - view.hung_up - self.lost) * share
        abandoned = view.hung_up + self.lost_people + untold
        at_hand = max(0.0, view.answered - view.abandoned - self.taken)
        live = self.people + abandoned + at_hand * share
        return Count(live, abandoned, sqrt(self.doubt), share)

    def dump(self) -> dict[str, Any]:
        """As plain numbers and lists."""
        plain = {name: getattr(self, name) for name in _NUMBERS}
        return plain | {"ring": self.ring.tolist(), "check": self.check.tolist()}

    @classmethod
    def load(cls, plain: dict[str, Any]) -> "People":
        """What `dump` gave."""
        known = cls()
        for name in _NUMBERS:
            setattr(known, name, plain[name])
        known.ring = np.array(plain["ring"], np.float64)
        known.check = np.array(plain["check"], np.float64)
        return known


_NUMBERS = ("taken", "people", "lost", "lost_people", "doubt")


def _density(counts: Floats, at: int) -> Floats:
    """Of machines and of people: the share of one bin."""
    found: Floats = (counts[:, at] + SMOOTH) / (counts.sum(axis=1) + SMOOTH * counts.shape[1])
    return found


def _bins(answer: Answer) -> tuple[int, int]:
    return (
        int(min(RING_BINS - 1.0, max(0.0, answer.ring_s / RING_WIDE_S))),
        int(min(CHECK_BINS - 1.0, max(0.0, answer.check_s / CHECK_WIDE_S))),
    )
