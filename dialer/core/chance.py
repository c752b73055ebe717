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
    def full(self) -> Floats:
        """P(as many events as agents, or more) at each instant."""

    def costs(self, rows: Floats) -> Floats:
        """What each of these calls would cost in abandoned calls, at most one: itself or one after it.

        `rows`: P(live within ...). A call takes an agent from those who come later, so from its
        arrival on the fullest instant counts.
        """
        found: Floats = (rows @ _weights(self.full())) / np.maximum(rows[:, -1], 1e-12)
        return found

    def cost(self, row: Floats) -> float:
        """The same of one call."""
        return float(self.costs(row[None, :])[0])

    @abstractmethod
    def admits(self, rows: Floats, new: Floats, price: float) -> int:
        """How many of `rows` join one after the other, while a `new` call costs at most `price`."""


def _weights(full: Floats) -> Floats:
    """What P(live within ...) is weighed with: the fullest instant from then on, summed by parts."""
    worst = np.maximum.accumulate(full[..., ::-1], axis=-1)[..., ::-1].copy()
    worst[..., :-1] -= worst[..., 1:]
    found: Floats = worst
    return found


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

    def admits(self, rows: Floats, new: Floats, price: float) -> int:
        """As `Crowd`; those that join stay."""
        for at, row in enumerate(rows):
            if self.cost(new) > price:
                return at
            self.add(row)
        return len(rows)

    def full(self) -> Floats:
        """P(as many events as places, or more)."""
        last: Floats = self._cells[-1]
        return last


class Nearly(Crowd):
    """The number of events by its first three cumulants."""

    def __init__(self, rows: Floats, places: int) -> None:
        self._places = places
        self._sums = _cumulants(rows).sum(axis=1)

    def admits(self, rows: Floats, new: Floats, price: float) -> int:
        """As `Crowd`, all weighed at once."""
        added = self._sums[:, None, :] + np.cumsum(_cumulants(rows), axis=1)
        before = np.concatenate((self._sums[:, None, :], added[:, :-1]), axis=1)
        costs = (_weights(self._full(before)) @ new) / max(float(new[-1]), 1e-12)
        dear = np.flatnonzero(costs > price)
        admitted = int(dear[0]) if dear.size else len(rows)
        if admitted:
            self._sums = added[:, admitted - 1]
        return admitted

    def full(self) -> Floats:
        """P(as many events as places, or more), continuity corrected."""
        return self._full(self._sums)

    def _full(self, sums: Floats) -> Floats:
        mean, variance, third = sums
        deviation = np.sqrt(variance + 1e-9)
        x = (self._places - 0.5 - mean) / deviation
        skew = third / deviation**3
        below = normal(x) + skew * (1.0 - x * x) * np.exp(-0.5 * x * x) / (6.0 * sqrt(tau))
        found: Floats = np.clip(1.0 - below, 0.0, 1.0)
        return found


def _cumulants(rows: Floats) -> Floats:
    """Mean, variance and third cumulant of each event."""
    spread = rows * (1.0 - rows)
    return np.stack((rows, spread, spread * (1.0 - 2.0 * rows)))


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
