"""How likely something ends in the next second, given how long it has lasted: decayed Kaplan-Meier.

Two causes compete (for a ringing call: an answer that will be live, or any other end). Each bin of age
holds seconds at risk and ends of either cause, all forgotten with a half-life; what is still under way
counts as at risk (censored), so that nothing is biased towards what ends soon. Sources: Kaplan and
Meier 1958; for competing risks Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def seconds(n: int) -> Floats:
    """Lower edges of `n` bins of one second; the last one is open."""
    return np.arange(n, dtype=np.float64)


class Hazards:
    """Rates of two competing causes by bins of age (s)."""

    __slots__ = ("_edges", "_first", "_prior", "_second", "_sure", "_wide", "at_risk")

    def __init__(self, edges: Floats, prior: tuple[float, float], sure: float) -> None:
        """`prior`: rates (1/s) of both causes believed at first, as if `sure` seconds had been seen."""
        self._edges = edges
        self._wide = np.append(np.diff(edges), np.inf)
        self._prior, self._sure = prior, sure
        self.at_risk = np.zeros(len(edges))
        self._first = np.zeros(len(edges))
        self._second = np.zeros(len(edges))

    def bins(self, ages: Floats) -> Ints:
        """The bin of each age (s)."""
        found: Ints = np.searchsorted(self._edges, ages, side="right") - 1
        return np.maximum(found, 0)

    def ended(self, age_s: float, *, first: bool = True, times: float = 1.0) -> None:
        """One (or so many) ended at this age, of the first cause or of the second."""
        self.censored(age_s, times)
        at = max(0, int(np.searchsorted(self._edges, age_s, side="right")) - 1)
        (self._first if first else self._second)[at] += times

    def censored(self, age_s: float, times: float = 1.0) -> None:
        """One (or so many) was taken away at this age, before it could end."""
        self.at_risk += times * np.clip(age_s - self._edges, 0.0, self._wide)

    def forget(self, keep: float) -> None:
        """Let everything weigh only this share of what it did."""
        self.at_risk *= keep
        self._first *= keep
        self._second *= keep

    def rates(self, still: Floats) -> tuple[Floats, Floats]:
        """Rates (1/s) of both causes by bin; `still`: ages (s) of what is under way."""
        exposed = self.at_risk + self._sure
        if still.size:
            exposed = exposed + np.clip(still[:, None] - self._edges, 0.0, self._wide).sum(axis=0)
        first, second = self._prior
        return (
            (self._first + self._sure * first) / exposed,
            (self._second + self._sure * second) / exposed,
        )

    def dump(self) -> list[list[float]]:
        """Everything learned, as plain lists."""
        return [self.at_risk.tolist(), self._first.tolist(), self._second.tolist()]

    def load(self, plain: list[list[Any]]) -> None:
        """Take what `dump` gave."""
        self.at_risk, self._first, self._second = (np.array(each, np.float64) for each in plain)


def survival(rates: Floats) -> Floats:
    """P(still under way) at the start of each bin of one second, and at the end of the last."""
    return np.concatenate(([1.0], np.exp(-np.cumsum(rates))))


def incidence(cause: Floats, other: Floats) -> tuple[Floats, Floats]:
    """P(ends by `cause` in each bin of one second), and `survival` of both together."""
    both = cause + other
    alive = survival(both)
    share = np.divide(cause, both, out=np.zeros_like(cause), where=both > 0.0)
    return (alive[:-1] - alive[1:]) * share, alive


def onward(pdf: Floats, alive: Floats) -> Floats:
    """Row a: the density of `pdf` from age a on, given that it lasted so long; column: seconds from then."""
    n = len(pdf)
    padded = np.concatenate((pdf, np.zeros(n)))
    rows = padded[np.arange(n)[:, None] + np.arange(n)[None, :]]
    found: Floats = rows / np.maximum(alive[:n, None], 1e-9)
    return found


def after(pdf: Floats, wide: int) -> Floats:
    """A matrix: what it is multiplied by, densities over seconds in rows, is delayed by density `pdf`."""
    n = wide
    padded = np.concatenate((np.zeros(n), pdf[:n], np.zeros(max(0, n - len(pdf)))))
    found: Floats = padded[n + np.arange(n)[None, :] - np.arange(n)[:, None]]
    return found
