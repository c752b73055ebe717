"""The referee's simulator against conservation laws, queueing theory, and days that are known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from loadtests.pacing_referee import bounds, metrics
from loadtests.pacing_referee.baselines import (
    Progressive,
    Ratio,
    Statistical,
    Vicidial,
    poisson_offered,
)
from loadtests.pacing_referee.clairvoyant import Oracle
from loadtests.pacing_referee.impact import lines_within
from loadtests.pacing_referee.scenario import Scenario
from loadtests.pacing_referee.simulator import Simulator, simulate
from tests.support.referee import (
    HELD_OUT,
    MEAN_TALK_SECONDS,
    PUBLIC,
    PoissonDialer,
    laboratory,
    short,
)

if TYPE_CHECKING:
    from loadtests.pacing_referee.policy import Policy

MINUTES_20 = 1200.0


@pytest.mark.parametrize("name", PUBLIC)
def test_every_call_ends_in_exactly_one_state(name: str) -> None:
    scenario = short(name, MINUTES_20)
    sim = Simulator(scenario, Ratio(3.0, "idle"), seed=3)
    day = sim.run()
    sim.telemetry.flush(math.inf)
    assert sum(day.detail["ends"].values()) == day.dialled == sum(day.detail["fates"])
    assert (
        len(sim.telemetry.history)
        == day.dialled
        == len({one.call_id for one in sim.telemetry.history})
    )
    assert not sim.in_flight
    assert not sim.queue
    assert sim.lines == 0
    assert not sim.telemetry.calls
    assert sim.telemetry.call_count == [0, 0, 0, 0]
    assert day.live == day.connects + day.abandoned - day.late_connects
    assert day.peak_lines <= scenario.max_lines


@pytest.mark.parametrize("name", ["small_5", "lunch_50", "no_amd_12"])
def test_agent_time_adds_up(name: str) -> None:
    scenario = short(name, 7200.0)
    day = simulate(scenario, Ratio(2.0), seed=2)
    wrap = day.occupancy - day.talk_utilisation
    assert day.idle_share + day.talk_utilisation + wrap + day.machine_share == pytest.approx(1.0)
    assert day.detail["logged_in_s"] <= scenario.agents * scenario.duration_s + 1e-6


@pytest.mark.parametrize("name", ["small_5", "lunch_50"])
def test_the_trace_adds_up_to_the_day(name: str) -> None:
    day = simulate(short(name, 7000.0), Ratio(2.5), seed=2)
    trace = day.trace
    assert len(trace["lines"]) == 24
    assert sum(trace["logged_in_s"]) == pytest.approx(day.detail["logged_in_s"], abs=0.1)
    assert sum(trace["occupied_s"]) == pytest.approx(
        day.occupancy * day.detail["logged_in_s"], abs=0.1
    )
    assert sum(trace["live"]) == day.live
    assert sum(trace["abandoned"]) == day.abandoned


@pytest.mark.parametrize("name", ["steady_20", "small_5", "bursts_40"])
def test_progressive_abandons_nobody_while_agents_stay(name: str) -> None:
    day = simulate(short(name, unplanned={}), Progressive(), seed=5)
    assert day.live > 20
    assert day.abandoned == 0


def test_two_policies_meet_the_same_customers_in_the_same_order() -> None:
    days = [Simulator(short("steady_20"), Ratio(ratio), seed=4) for ratio in (1.0, 3.0)]
    for day in days:
        day.run()
    seen = [{one.call_id: one.outcome for one in day.telemetry.history} for day in days]
    unanswered = {"busy", "invalid", "no_answer"}
    common = [
        call_id for call_id in seen[0].keys() & seen[1].keys() if seen[0][call_id] in unanswered
    ]
    assert len(common) > 100
    assert all(seen[0][call_id] == seen[1][call_id] for call_id in common)


@pytest.mark.parametrize(
    ("name", "policy", "seed", "known"),
    [
        ("steady_20", Progressive(), 1, (1701, 350, 0, 0.5335403962868165)),
        ("small_5", Statistical(), 1, (373, 90, 0, 0.6280349162785568)),
        ("no_amd_12", Vicidial("tapered"), 3, (859, 228, 18, 0.6276213340449026)),
        ("congestion_25", Oracle(), 2, (4148, 820, 0, 0.988006785805121)),
        ("large_300", Ratio(2.0, "all"), 1, (36623, 6382, 16, 0.8370439634357335)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_known_days_stay_what_they_were(
    name: str, policy: Policy, seed: int, known: tuple[int, int, int, float]
) -> None:
    """Dialled, connected, abandoned and occupancy of the referee as it was first published."""
    day = simulate(short(name, 3600.0), policy, seed)
    assert (day.dialled, day.connects, day.abandoned) == known[:3]
    assert day.occupancy == pytest.approx(known[3], rel=1e-9)


@pytest.mark.parametrize(
    ("servers", "load", "talk"),
    [
        (5, 4.0, {"dist": "exponential", "mean": 20.0}),
        (5, 4.0, {"dist": "lognormal", "mean": 20.0, "cv": 1.5}),
        (20, 18.0, {"dist": "lognormal", "mean": 20.0, "cv": 1.5}),
    ],
)
def test_blind_poisson_dialing_is_erlang_b(servers: int, load: float, talk: dict[str, Any]) -> None:
    """With no waiting this is M/G/c/c: blocking is Erlang's B whatever the talks' distribution."""
    day = simulate(
        laboratory(servers, 20.0, timing={"talk": talk}), PoissonDialer(load / MEAN_TALK_SECONDS)
    )
    blocked = bounds.erlang_b(servers, load)
    assert day.abandon_rate == pytest.approx(blocked, rel=0.08)
    assert day.occupancy == pytest.approx(load * (1 - blocked) / servers, rel=0.02)


@pytest.mark.parametrize(("servers", "load"), [(5, 4.0), (12, 10.0)])
def test_endless_patience_is_erlang_c(servers: int, load: float) -> None:
    """The queue is M/M/c: its mean wait is Erlang's C."""
    scenario = laboratory(servers, 25.0, max_wait_s=1e9)
    day = simulate(scenario, PoissonDialer(load / MEAN_TALK_SECONDS), seed=2)
    expected = bounds.erlang_c(servers, load) * MEAN_TALK_SECONDS / (servers - load)
    assert day.abandoned == 0
    assert day.wait_mean_s == pytest.approx(expected, rel=0.12)


def test_fates_and_ring_times_are_what_the_scenario_says() -> None:
    scenario = Scenario(
        name="fates",
        agents=20,
        no_answer_timeout_s=60,
        outcomes={"human": 0.2, "machine": 0.3, "busy": 0.1, "invalid": 0.05},
    )
    sim = Simulator(scenario, Ratio(2.0))
    sim.run()
    shares = np.array(sim.tally.fates) / sim.placed
    assert shares == pytest.approx([0.2, 0.3, 0.35, 0.1, 0.05, 0.0], abs=0.012)
    rings = [
        one.answered_at - one.ringing_at
        for one in sim.telemetry.history
        if one.outcome == "human" and one.answered_at is not None and one.ringing_at is not None
    ]
    assert np.mean(rings) == pytest.approx(scenario.dists["ring_human"].mean(), rel=0.05)


@pytest.mark.parametrize("name", ["small_5", "steady_20"])
def test_the_clairvoyant_bounds_the_rest(name: str) -> None:
    top = simulate(short(name), Oracle())
    assert top.occupancy > 0.95 - top.machine_share
    assert top.abandon_rate < 0.01
    for policy in (Progressive(), Ratio(8.0), Statistical(), Vicidial("hard")):
        assert simulate(short(name), policy).occupancy <= top.occupancy


@pytest.mark.parametrize("name", HELD_OUT)
def test_held_out_scenarios_can_be_played(name: str) -> None:
    scenario = HELD_OUT[name]
    assert name not in PUBLIC
    assert bounds.capacity_bound(scenario) > 0.9


def test_the_score_falls_to_nothing_at_a_tenth_over_the_limit() -> None:
    assert metrics.compliance(0.03, 0.03) == 1.0
    assert metrics.compliance(0.0315, 0.03) == pytest.approx(0.5)
    assert metrics.compliance(0.033, 0.03) == pytest.approx(0.0)


def test_the_worst_window_ends_at_an_offered_call() -> None:
    offers = [(60.0 * at, at >= 90) for at in range(100)]
    assert metrics.worst_window(offers, 1800.0) == pytest.approx(1 / 3)
    assert metrics.worst_window([], 1800.0) == 0.0


@pytest.mark.parametrize("agents", [30, 60, 61, 200])
def test_a_call_more_would_break_the_bound(agents: int) -> None:
    """The exact law and the normal one agree where one takes over from the other."""
    engaged, fresh, bound = [0.8] * agents, 0.2, 0.02
    placed = lines_within(agents, engaged, fresh, bound)
    mean, variance = 0.8 * agents + fresh * placed, 0.16 * agents * (1 + placed / agents)
    beyond = (agents + 0.5 - mean) / math.sqrt(variance)
    assert placed > 0
    assert 1.6 < beyond < 2.8  # two per cent of a normal law lie above 2.05


def test_no_lines_for_nobody() -> None:
    assert lines_within(0, [], 0.2, 0.02) == 0
    assert lines_within(5, [], 0.0, 0.02) == 0


def test_textbook_values_of_erlang() -> None:
    assert bounds.erlang_b(10, 8.0) == pytest.approx(0.1217, abs=1e-4)
    assert bounds.erlang_c(10, 8.0) == pytest.approx(0.4092, abs=1e-4)
    assert bounds.open_loop_occupancy(50, 0.03) == pytest.approx(0.8135, abs=1e-3)


def test_poisson_overflow_meets_the_limit() -> None:
    assert poisson_offered(0.0, 0.03) == pytest.approx(0.0, abs=1e-6)
    mean = poisson_offered(5.0, 0.03)
    counts = np.arange(200)
    logs = (
        -mean + counts * math.log(mean) - np.array([math.lgamma(count + 1) for count in range(200)])
    )
    assert (np.maximum(counts - 5, 0) * np.exp(logs)).sum() == pytest.approx(0.03 * mean, rel=1e-3)
