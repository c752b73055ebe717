"""P(no agent is left for one more live call), at each instant ahead.

At an instant, the live calls that will have come and the agents who will not be free are independent
yes-or-no events; the next call finds nobody when they are together as many as the agents. Their number
is Poisson-binomial: exact by adding one event at a time for small teams (Hong 2013, On computing the
distribution function for the Poisson binomial distribution), and for large ones the normal law with the
first Edgeworth term, for skewness (Volkova 1996).
"""

from abc import ABC, abstractmethod
from math import sqrt, tau

import numpy as np

from dialer.core.hazards import Floats

EXACT_AGENTS, EXACT_ROWS = 40, 90  # up to so many agents and rows the law is exact


class Crowd(ABC):
    """Events that compete for the agents."""

    @abstractmethod
    def add(self, row: Floats) -> None:
        """One more event, with its chance at each instant."""

    @abstractmethod
    def full(self) -> Floats:
        """P(as many events as agents, or more) at each instant."""

    def costs(self, rows: Floats) -> Floats:
        """What each of these calls would cost in abandoned calls, at most one: itself or one after it.

        `rows`: P(live within ...). A call takes an agent from those who come later, so from its
        arrival on the fullest instant counts.
        """
        weights = np.maximum.accumulate(self.full()[::-1])[::-1].copy()
        weights[:-1] -= weights[1:]  # summed by parts, so that the rows need not be differenced
        found: Floats = (rows @ weights) / np.maximum(rows[:, -1], 1e-12)
        return found

    def cost(self, row: Floats) -> float:
        """The same of one call."""
        return float(self.costs(row[None, :])[0])


class Exact(Crowd):
    """The number of events up to `places`, by convolution; the last cell holds "as many or more"."""

    def __init__(self, rows: Floats, places: int) -> None:
        self._cells = np.zeros((places + 1, rows.shape[1]))
        self._cells[0] = 1.0
        self._stay, self._step = self._cells[:-1], self._cells[1:]
        self._moved = np.empty((places, rows.shape[1]))
        for row in rows[rows[:, -1] > 0.0]:
            self.add(row)

    def add(self, row: Floats) -> None:
        """One more event."""
        moved = np.multiply(self._stay, row, out=self._moved)
        self._stay -= moved
        self._step += moved

    def full(self) -> Floats:
        """P(as many events as places, or more)."""
        last: Floats = self._cells[-1]
        return last


class Nearly(Crowd):
    """The number of events by its first three cumulants."""

    def __init__(self, rows: Floats, places: int) -> None:
        self._places = places
        spread = rows * (1.0 - rows)
        self._mean = rows.sum(axis=0)
        self._variance = spread.sum(axis=0) + 1e-9
        self._third = (spread * (1.0 - 2.0 * rows)).sum(axis=0)

    def add(self, row: Floats) -> None:
        """One more event."""
        spread = row * (1.0 - row)
        self._mean = self._mean + row
        self._variance = self._variance + spread
        self._third = self._third + spread * (1.0 - 2.0 * row)

    def full(self) -> Floats:
        """P(as many events as places, or more), continuity corrected."""
        deviation = np.sqrt(self._variance)
        x = (self._places - 0.5 - self._mean) / deviation
        skew = self._third / deviation**3
        below = normal(x) + skew * (1.0 - x * x) * np.exp(-0.5 * x * x) / (6.0 * sqrt(tau))
        found: Floats = np.clip(1.0 - below, 0.0, 1.0)
        return found


def crowd(rows: Floats, places: int) -> Crowd:
    """The law fit for so many rows and places."""
    exact = places <= EXACT_AGENTS and len(rows) <= EXACT_ROWS
    return Exact(rows, places) if exact else Nearly(rows, places)


def normal(x: Floats) -> Floats:
    """The normal distribution function, to 1e-7 (Abramowitz and Stegun 7.1.26)."""
    z = np.abs(x) / sqrt(2.0)
    t = 1.0 / (1.0 + 0.3275911 * z)
    tail = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    half = 0.5 * tail * np.exp(-z * z)
    found: Floats = np.where(x >= 0.0, 1.0 - half, half)
    return found
