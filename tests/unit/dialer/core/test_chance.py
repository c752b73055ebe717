"""The chance that nobody is left, against the law itself and against each other's way."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import pytest

from dialer.core.chance import EXACT_AGENTS, Exact, Nearly, crowd, normal
from dialer.core.forecast import AHEAD_S

INSTANTS = len(AHEAD_S)


def some_rows(n: int, seed: int = 1) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Chances that rise with time, as those of calls do."""
    return np.sort(np.random.default_rng(seed).random((n, INSTANTS)) * 0.6, axis=1)


def by_hand(chances: list[float], places: int) -> float:
    """P(as many events as places, or more), by listing every outcome."""
    return sum(
        prod(p if came else 1 - p for p, came in zip(chances, outcome, strict=True))
        for outcome in product((0, 1), repeat=len(chances))
        if sum(outcome) >= places
    )


def test_the_exact_law_is_the_sum_over_all_outcomes() -> None:
    rows = some_rows(8)
    full = Exact(rows, 4).full()
    for at in range(INSTANTS):
        assert full[at] == pytest.approx(by_hand(rows[:, at].tolist(), 4))


def test_the_approximation_is_near_for_large_teams() -> None:
    rows = some_rows(120)
    for places in (25, 35, 45):
        assert np.abs(Exact(rows, places).full() - Nearly(rows, places).full()).max() < 0.005


def test_small_teams_are_exact_and_large_ones_nearly() -> None:
    assert isinstance(crowd(some_rows(5), EXACT_AGENTS), Exact)
    assert isinstance(crowd(some_rows(5), EXACT_AGENTS + 1), Nearly)


@pytest.mark.parametrize("kind", [Exact, Nearly])
def test_lines_join_while_a_new_one_costs_little(kind: type[Exact | Nearly]) -> None:
    rows, new = some_rows(30), some_rows(1, seed=2)[0]
    more = np.tile(new, (40, 1))
    whole, stepwise = kind(rows, 20), kind(rows, 20)
    admitted = whole.admits(more, new, 0.2)
    assert 0 < admitted < 40
    for step in range(admitted):
        assert stepwise.cost(new) <= 0.2
        assert stepwise.admits(more[step : step + 1], new, 0.2) == 1
    assert stepwise.cost(new) > 0.2
    assert whole.cost(new) == pytest.approx(stepwise.cost(new))


def test_one_more_call_costs_at_most_one_and_more_when_it_is_fuller() -> None:
    new = some_rows(1)[0]
    costs = [Exact(some_rows(20), places).cost(new) for places in (2, 6, 12)]
    assert 1.0 >= costs[0] > costs[1] > costs[2] > 0.0


def test_the_normal_law() -> None:
    assert normal(np.array([0.0, 1.96, -1.96])) == pytest.approx([0.5, 0.975, 0.025], abs=1e-4)
