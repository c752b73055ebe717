"""Analytical anchors: Erlang's loss and delay formulas, and what lines and dial rate allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadtests.pacing_referee.durations import day_curve

if TYPE_CHECKING:
    from loadtests.pacing_referee.scenario import Scenario

_BISECTIONS = 60


def erlang_b(servers: int, offered: float) -> float:
    """Blocking probability of M/G/c/c; ``offered`` in erlangs."""
    blocking = 1.0
    for count in range(1, servers + 1):
        blocking = offered * blocking / (count + offered * blocking)
    return blocking


def erlang_c(servers: int, offered: float) -> float:
    """Probability of waiting in M/M/c; ``offered`` in erlangs, below ``servers``."""
    blocking = erlang_b(servers, offered)
    return blocking / (1.0 - offered / servers * (1.0 - blocking))


def open_loop_occupancy(agents: int, abandon_limit: float) -> float:
    """Best occupancy of pacing that is blind to the agents (Poisson arrivals, no waiting).

    The offered load is the largest whose Erlang-B blocking is ``abandon_limit``. Predictive pacing,
    which watches the agents, should beat this.
    """
    low, high = 0.0, 2.0 * agents + 10.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if erlang_b(agents, middle) <= abandon_limit else (low, middle)
    return low * (1.0 - abandon_limit) / agents


def capacity_bound(scenario: Scenario) -> float:
    """Occupancy that lines and dial rate allow, by the day's mean rates; at most 1.

    A live conversation costs 1/p dials, each holding a line for its set-up, ringing and AMD time;
    lines that hold no conversation carry dials.
    """
    mean = {
        name: float(day_curve(spec, scenario.duration_s).mean())
        for name, spec in scenario.outcomes.items()
    }
    amd, dists = scenario.amd, scenario.dists
    classifying = 1.0 if amd["enabled"] else 0.0
    p_live = mean["human"] * (1.0 - classifying * amd["false_positive"])
    hold_s = (
        dists["setup"].mean()
        + mean["human"] * (dists["ring_human"].mean() + classifying * dists["amd_human"].mean())
        + mean["machine"]
        * (dists["ring_machine"].mean() + classifying * dists["amd_machine"].mean())
        + mean["busy"] * dists["busy_detect"].mean()
        + mean["invalid"] * dists["invalid_detect"].mean()
        + max(0.0, 1.0 - sum(mean.values())) * scenario.no_answer_timeout_s
    )
    talk_s, wrap_s = dists["talk"].mean(), dists["wrap"].mean()
    # x connects a second on n agents: n * occupancy = x * (talk + wrap); lines: x * talk + x / p * hold
    connects = scenario.max_lines / (talk_s + hold_s / p_live)
    if scenario.max_cps:
        connects = min(connects, scenario.max_cps * p_live)
    return min(1.0, float(connects * (talk_s + wrap_s) / scenario.agents))
