"""Random durations (seconds), and quantities that change over the campaign day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float64]

Spec: TypeAlias = float | Mapping[str, Any]
"""A number, or a table as the scenario file writes it."""

KINDS = ("constant", "exponential", "lognormal", "gamma", "weibull", "uniform", "mix")


class Dist:
    """A non-negative duration distribution (seconds), drawn in blocks.

    A number is a constant. A table names ``dist``, one of KINDS (lognormal where it says nothing):
    lognormal and gamma take ``mean`` and ``cv`` (coefficient of variation), weibull ``mean`` and
    ``shape``, uniform ``low`` and ``high``, mix ``parts``, each a table with its weight ``w``.
    ``min`` and ``max`` clip what was drawn.

    Raises:
        ValueError: the table names an unknown distribution.
    """

    def __init__(self, spec: Spec) -> None:
        table = spec if isinstance(spec, Mapping) else {"dist": "constant", "mean": float(spec)}
        self.spec: dict[str, Any] = dict(table)
        self.kind: str = self.spec.get("dist", "lognormal")
        if self.kind not in KINDS:
            raise ValueError(f"unknown distribution {self.kind!r}; one of {', '.join(KINDS)}")
        self.low = float(self.spec.get("min", 0.0))
        self.high = float(self.spec.get("max", math.inf))
        self.parts = [Dist(part) for part in self.spec.get("parts", ())]

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """``n`` durations in seconds."""
        return np.clip(self._unclipped(rng, n), self.low, self.high)

    def _unclipped(self, rng: np.random.Generator, n: int) -> Floats:
        spec = self.spec
        match self.kind:
            case "constant":
                return np.full(n, float(spec["mean"]))
            case "exponential":
                drawn = rng.exponential(float(spec["mean"]), n)
            case "lognormal":
                sigma2 = math.log1p(float(spec["cv"]) ** 2)
                mu = math.log(float(spec["mean"])) - sigma2 / 2
                drawn = rng.lognormal(mu, math.sqrt(sigma2), n)
            case "gamma":
                shape = 1.0 / float(spec["cv"]) ** 2
                drawn = rng.gamma(shape, float(spec["mean"]) / shape, n)
            case "weibull":
                shape = float(spec["shape"])
                drawn = rng.weibull(shape, n) * (float(spec["mean"]) / math.gamma(1 + 1 / shape))
            case "uniform":
                drawn = rng.uniform(float(spec["low"]), float(spec["high"]), n)
            case _:
                weights = np.array([float(part.spec["w"]) for part in self.parts])
                pick = rng.choice(len(self.parts), size=n, p=weights / weights.sum())
                drawn = np.choose(pick, [part.draw(rng, n) for part in self.parts])
        return drawn

    def mean(self) -> float:
        """Mean in seconds after clipping (from a sample of fixed seed, error about 0.3 %)."""
        if self.kind == "constant":
            return float(np.clip(self.spec["mean"], self.low, self.high))
        return float(self.draw(np.random.default_rng(12345), 200_000).mean())


def day_curve(spec: Spec, duration_s: float) -> Floats:
    """A quantity that changes over the day, once a second from 0 to a little past ``duration_s``.

    ``spec`` is a number, or ``{kind = "linear" | "step", points = [[t_s, value], ...]}``.
    """
    seconds = np.arange(math.ceil(duration_s) + 2, dtype=float)
    if not isinstance(spec, Mapping):
        return np.full(len(seconds), float(spec))
    points = sorted((float(at), float(value)) for at, value in spec["points"])
    times = np.array([at for at, _ in points])
    values = np.array([value for _, value in points])
    if spec.get("kind", "linear") == "step":
        before = np.searchsorted(times, seconds, side="right") - 1
        curve: Floats = values[np.clip(before, 0, len(times) - 1)]
    else:
        curve = np.interp(seconds, times, values)
    return curve
