"""Who is first on a scenario: policies compared day by day on the same customers."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadtests.pacing_referee.contest import CLAIRVOYANT, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

TIE_STANDARD_ERRORS = 2.0
"""Of the paired difference: closer than this is a tie."""


@dataclass(frozen=True)
class Lead:
    """By how many points of score a policy leads another: mean over the seeds, and its standard error."""

    over: str
    points: float
    error: float

    @property
    def lost(self) -> bool:
        """Whether the other is ahead by more than chance explains."""
        return self.points < -TIE_STANDARD_ERRORS * self.error

    @property
    def open(self) -> bool:
        """Whether chance may explain who is ahead."""
        return abs(self.points) <= TIE_STANDARD_ERRORS * self.error

    def __str__(self) -> str:
        return f"{self.over} by {abs(self.points):.1f} ± {self.error:.1f}"


@dataclass(frozen=True)
class Rank:
    """A policy's place on one scenario among all but the clairvoyant bound."""

    scenario: str
    leads: tuple[Lead, ...]  # the nearest rival first

    @property
    def beaten(self) -> bool:
        """Whether anybody is ahead by more than two standard errors."""
        return any(lead.lost for lead in self.leads)

    def __str__(self) -> str:
        lost = [lead for lead in self.leads if lead.lost]
        behind = [lead for lead in self.leads if lead.points < 0 and lead.open]
        if lost:
            return "beaten by " + ", ".join(map(str, lost))
        if behind:
            return "tied, behind " + ", ".join(map(str, behind))
        if not self.leads:
            return "alone"
        nearest = self.leads[0]
        return f"first, tied with {nearest}" if nearest.open else f"first, before {nearest}"


def rank(days: Sequence[Row], policy: str, scenario: str) -> Rank:
    """The place of ``policy`` on ``scenario``, judged on the seeds that both played."""
    scores: dict[str, dict[int, float]] = {}
    for day in days:
        if day["scenario"] == scenario and day["policy"] != CLAIRVOYANT:
            scores.setdefault(day["policy"], {})[day["seed"]] = day["score"]
    mine = scores.pop(policy)
    leads = (_lead(name, mine, theirs) for name, theirs in scores.items())
    return Rank(scenario, tuple(sorted(leads, key=lambda lead: lead.points)))


def _lead(name: str, mine: dict[int, float], theirs: dict[int, float]) -> Lead:
    differences = [mine[seed] - theirs[seed] for seed in mine.keys() & theirs.keys()]
    spread = statistics.stdev(differences) if len(differences) > 1 else 0.0
    mean = statistics.fmean(differences) if differences else 0.0
    return Lead(name, mean, spread / math.sqrt(max(1, len(differences))))
