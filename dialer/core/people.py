"""How many of today's live calls were people, and how many of the abandoned: the law counts people.

Detection errs: some of the calls that it passed are machines, and of an abandoned one nobody ever hears
which it was. Agents tell of the calls that they took. Machines answer later than people, so the share
of people is learned by the time from dialling to the answer; who hung up while waiting was a person.
"""

from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from dialer.core.view import View

BINS, WIDE_S = 24, 2.0  # of the time from dialling to the answer
PRIOR_PEOPLE, PRIOR_ALL = 20.0, 20.5  # what agents are believed to have found, at first
PRIOR_BIN = 4.0  # calls as all others, in each bin


class Count(NamedTuple):
    """The day as the law sees it, as far as it can be known."""

    live: float  # people found live
    abandoned: float  # of those
    error: float  # standard error of `abandoned`
    share: float  # of people among live calls


class People:
    """What agents told of the calls that they took, and the calls of which nobody can."""

    def __init__(self) -> None:
        self.taken = np.zeros(BINS)
        self.people = np.zeros(BINS)
        self.lost = np.zeros(BINS)

    def learn(self, view: View) -> None:
        """Take in what was taken and what was lost since the last view."""
        for work in view.handled:
            at = _bin(0.0 if work.dial_s is None else work.dial_s)
            self.taken[at] += 1.0
            self.people[at] += work.person
        for dial_s in view.lost:
            self.lost[_bin(dial_s)] += 1.0

    def count(self, view: View) -> Count:
        """The day so far."""
        taken, people = float(self.taken.sum()), float(self.people.sum())
        share = (people + PRIOR_PEOPLE) / (taken + PRIOR_ALL)
        chance = (self.people + PRIOR_BIN * share) / (self.taken + PRIOR_BIN)
        known = float(self.lost.sum())
        untold = max(0.0, view.abandoned - view.hung_up - known) * share
        abandoned = view.hung_up + float(self.lost @ chance) + untold
        at_hand = max(0.0, view.answered - view.abandoned - taken)
        live = people + abandoned + at_hand * share
        error = sqrt(float(self.lost @ (chance * (1.0 - chance))))
        return Count(live, abandoned, error, share)

    def dump(self) -> dict[str, Any]:
        """As plain lists."""
        return {
            "taken": self.taken.tolist(),
            "people": self.people.tolist(),
            "lost": self.lost.tolist(),
        }

    @classmethod
    def load(cls, plain: dict[str, Any]) -> "People":
        """What `dump` gave."""
        known = cls()
        known.taken, known.people, known.lost = (
            np.array(plain[name], np.float64) for name in ("taken", "people", "lost")
        )
        return known


def _bin(dial_s: float) -> int:
    return int(min(BINS - 1.0, max(0.0, dial_s / WIDE_S)))
