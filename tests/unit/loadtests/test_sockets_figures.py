"""The figures of bench-sockets: ratios are of the same round, and a goal is judged by the median."""

from __future__ import annotations

import pytest

from loadtests.bench_sockets_figures import (
    FLOOR,
    OURS,
    Figures,
    Goal,
    Spread,
    Verdict,
    derived,
    plain,
    ratio,
    table,
    verdicts,
)


def rounds(*pairs: tuple[float, float]) -> list[dict[str, Figures]]:
    return [{FLOOR: {"t200_p50_ms": floor}, OURS: {"t200_p50_ms": ours}} for floor, ours in pairs]


def test_a_ratio_is_to_the_floor_of_the_same_round() -> None:
    busy = rounds((0.5, 1.0), (2.0, 3.0), (0.25, 0.75))
    assert ratio(busy, OURS, "t200_p50_ms") == Spread(2.0, 1.5, 3.0)


def test_a_round_without_the_figure_says_nothing() -> None:
    some = rounds((0.1, 0.2))
    some.append({FLOOR: {"t200_p50_ms": 0.0}, OURS: {"t200_p50_ms": 9.0}})
    some.append({OURS: {"t200_p50_ms": 9.0}})
    assert ratio(some, OURS, "t200_p50_ms") == Spread(2.0, 2.0, 2.0)
    assert plain(some, "nobody", "t200_p50_ms") is None


@pytest.mark.parametrize(
    ("seen", "words"),
    [(1.2, "met, and the stretch too"), (1.6, "met:"), (1.71, "**not met**")],
)
def test_a_goal_says_how_far_it_was_reached(seen: float, words: str) -> None:
    goal = Goal("p50", OURS, "t200_p50_ms", 1.7, 1.4, is_ratio=True)
    verdict = Verdict(goal, Spread(seen, 1.0, 9.0))
    assert str(verdict).startswith(words)
    assert verdict.met is (seen <= 1.7)


def test_a_goal_from_below_and_one_that_was_not_measured() -> None:
    goal = Goal("resumed", OURS, "resumed", 500, at_least=True)
    assert Verdict(goal, Spread(500, 500, 500)).met
    assert not Verdict(goal, Spread(499, 499, 499)).met
    assert not Verdict(goal, None).met
    assert str(Verdict(goal, None)) == "not measured: resumed"


def test_cost_beyond_idle_leaves_out_what_sockets_cost_anyway() -> None:
    found = derived(
        {"t1000_per_s": 1000.0, "t1000_cpu_s_per_100k": 8.0, "idle_cpu_ms_per_s": 30.0}
        | {"storm_missing": 1, "storm_shipped_missing": 2}
    )
    assert found["t1000_cpu_net_s_per_100k"] == pytest.approx(5.0)
    assert found["storms_missing"] == 3


def test_the_table_names_every_peer_and_who_is_absent() -> None:
    told = table(rounds((0.1, 0.2)), {"nchan": "nginx cannot be had."})
    assert "| median of 1 rounds | floor | ours |" in told
    assert "| targeted 200/s p50 | 2 (2-2) |" in told
    assert "Not measured here: nchan, nginx cannot be had." in told
    assert [verdict.met for verdict in verdicts(rounds((0.1, 0.2)))].count(True) == 0
