"""Ratios tuned in hindsight: what a supervisor with tomorrow's paper would have set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadtests.pacing_referee.baselines import Ratio
from loadtests.pacing_referee.simulator import simulate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtests.pacing_referee.scenario import Scenario

_STEPS = 5
_HIGHEST_RATIO = 40.0


def tune_ratio(scenario: Scenario, seeds: Sequence[int], base: str) -> float:
    """Largest fixed ratio with which every one of ``seeds`` meets the limit, in hindsight.

    Bisection on the first day, tightened on each further day that the ratio so far does not suit;
    earlier days are not looked at again after that.
    """

    def over(ratio: float, seed: int) -> bool:
        return simulate(scenario, Ratio(ratio, base), seed).abandon_rate > scenario.abandon_limit

    def bisect(low: float, high: float, seed: int) -> float:
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (low, middle) if over(middle, seed) else (middle, high)
        return low

    low, high = 1.0, 1.5
    while not over(high, seeds[0]) and high < _HIGHEST_RATIO:
        low, high = high, high * 1.5
    best = bisect(low, high, seeds[0])
    for seed in seeds[1:]:
        if over(best, seed):
            best = bisect(max(1.0, 0.7 * best), best, seed)
    return best
