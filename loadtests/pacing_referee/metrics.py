"""What is measured of a campaign day, and its score.

Occupancy is the share of logged-in, non-break agent time spent on a live conversation or its wrap-up;
talk utilisation counts the conversation only. Abandonment is abandoned people over people offered to
agents (those that AMD passed as live and who were still there).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from loadtests.pacing_referee.customers import HUMAN
from loadtests.pacing_referee.policy import ClairvoyantPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from loadtests.pacing_referee.customers import Call
    from loadtests.pacing_referee.simulator import Simulator

PENALTY_SPAN = 0.10
"""Overshoot, as a share of the limit, at which the score reaches zero."""

WINDOWS_SECONDS = {"1h": 3600.0, "24h": 86400.0}
MIN_WINDOW_LIVE = 30
"""Windows with fewer people offered are not rated."""


@dataclass(slots=True)
class Tally:
    """What happened in a day so far."""

    fates: list[int] = field(
        default_factory=lambda: [0] * 6
    )  # of dialled calls, hidden from policies
    ends: Counter[str] = field(default_factory=Counter)  # outcomes of ended calls
    offered: list[tuple[float, Call]] = field(
        default_factory=list
    )  # people, when they reached the queue
    abandoned_people: set[int] = field(default_factory=set)  # ids of their calls
    idle_waits: list[float] = field(default_factory=list)  # agents', seconds
    answer_waits: list[float] = field(default_factory=list)  # customers', seconds
    offered_machine: int = 0
    abandoned_machine: int = 0
    machine_to_agent: int = 0
    connects: int = 0
    late_connects: int = 0
    amd_lost: int = 0
    early_hangup: int = 0
    cancelled: int = 0
    cancelled_short_ring: int = 0
    rejected_dials: int = 0
    peak_lines: int = 0
    events: int = 0

    def count_abandoned(self, call: Call) -> None:
        """Nobody took a call in time."""
        if call.fate == HUMAN:
            self.abandoned_people.add(call.id)
        else:
            self.abandoned_machine += 1

    def offers(self) -> Iterable[tuple[float, bool]]:
        """When each person was offered to the agents, and whether abandoned."""
        return ((at, call.id in self.abandoned_people) for at, call in self.offered)


@dataclass
class DayResult:
    """What one policy did on one scenario and seed. Shares and rates are fractions."""

    scenario: str
    policy: str
    seed: int
    agents: int
    abandon_limit: float
    occupancy: float  # share of logged-in time in live talk or its wrap-up
    talk_utilisation: float  # share in live talk
    talk_min_per_hour: float  # minutes of live talk per logged-in hour
    machine_share: float  # share spent on machines that AMD missed
    idle_share: float
    idle_mean_s: float  # wait between calls
    idle_p90_s: float
    live: int  # people offered to agents
    connects: int  # people who reached an agent
    abandoned: int
    abandon_rate: float
    effective_abandon_rate: float  # short-ring cancellations counted as abandoned
    worst_abandon: dict[str, float]  # by rolling window, e.g. {"1h": 0.041}
    calls_per_agent_hour: float  # live conversations per logged-in hour
    dialled: int
    dials_per_connect: float
    cancelled: int
    cancelled_short_ring: int  # cut off after less than 15 s of ringing
    amd_lost: int  # people that AMD took for machines
    early_hangup: int  # people who left before AMD decided
    late_connects: int  # abandoned by the rule, yet an agent got them
    wait_mean_s: float  # customer's wait for an agent, connected calls
    peak_lines: int
    rejected_dials: int  # refused by a limit on lines, dial rate or list
    score: float
    clairvoyant: bool
    wall_s: float
    events: int
    detail: dict[str, Any] = field(default_factory=dict)
    trace: dict[str, Any] = field(default_factory=dict)  # see trace.py

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary for JSON."""
        return asdict(self)


def compliance(rate: float, limit: float, span: float = PENALTY_SPAN) -> float:
    """1 up to the limit, falling linearly to 0 at ``limit * (1 + span)``."""
    if rate <= limit:
        return 1.0
    return max(0.0, 1.0 - (rate - limit) / (span * limit))


def worst_window(offers: Sequence[tuple[float, bool]], window_s: float) -> float:
    """Highest share abandoned in any window of ``window_s`` seconds that ends at an offered call."""
    if not offers:
        return 0.0
    times = np.array([at for at, _ in offers])
    lost = np.concatenate([[0.0], np.cumsum([float(gone) for _, gone in offers])])
    first = np.searchsorted(times, times - window_s, side="right")
    count = np.arange(1, len(times) + 1) - first
    rated = count >= min(MIN_WINDOW_LIVE, len(times))
    rate = (lost[1:] - lost[first]) / np.maximum(count, 1)
    return float(rate[rated].max()) if rated.any() else 0.0


def summarise(sim: Simulator, wall_s: float) -> DayResult:
    """Condense a finished simulation; ``wall_s`` is what it took in real time."""
    tally, scenario = sim.tally, sim.scenario
    spent = {
        kind: sum(agent.totals[kind] for agent in sim.agents)
        for kind in ("idle", "talk", "wrap", "machine")
    }
    logged_in_s = sum(spent.values()) or 1.0
    live, lost, short = len(tally.offered), len(tally.abandoned_people), tally.cancelled_short_ring
    effective = (lost + short) / live if live else 0.0
    occupancy = (spent["talk"] + spent["wrap"]) / logged_in_s
    offers = list(tally.offers())
    idle_waits = np.array(tally.idle_waits or [0.0])
    in_time = sum(
        call.connected_at is not None and call.connected_at <= scenario.duration_s
        for _, call in tally.offered
    )
    return DayResult(
        scenario=scenario.name,
        policy=sim.policy.name,
        seed=sim.seed,
        agents=scenario.agents,
        abandon_limit=scenario.abandon_limit,
        occupancy=occupancy,
        talk_utilisation=spent["talk"] / logged_in_s,
        talk_min_per_hour=60.0 * spent["talk"] / logged_in_s,
        machine_share=spent["machine"] / logged_in_s,
        idle_share=spent["idle"] / logged_in_s,
        idle_mean_s=float(idle_waits.mean()),
        idle_p90_s=float(np.quantile(idle_waits, 0.9)),
        live=live,
        connects=tally.connects,
        abandoned=lost,
        abandon_rate=lost / live if live else 0.0,
        effective_abandon_rate=effective,
        worst_abandon={
            name: worst_window(offers, seconds) for name, seconds in WINDOWS_SECONDS.items()
        },
        calls_per_agent_hour=in_time / (logged_in_s / 3600.0),
        dialled=sim.placed,
        dials_per_connect=sim.placed / max(1, tally.connects),
        cancelled=tally.cancelled,
        cancelled_short_ring=short,
        amd_lost=tally.amd_lost,
        early_hangup=tally.early_hangup,
        late_connects=tally.late_connects,
        wait_mean_s=float(np.mean(tally.answer_waits or [0.0])),
        peak_lines=tally.peak_lines,
        rejected_dials=tally.rejected_dials,
        score=100.0 * occupancy * compliance(effective, scenario.abandon_limit),
        clairvoyant=isinstance(sim.policy, ClairvoyantPolicy),
        wall_s=wall_s,
        events=tally.events,
        detail={
            "fates": list(tally.fates),
            "ends": dict(tally.ends),
            "offered_machine": tally.offered_machine,
            "abandoned_machine": tally.abandoned_machine,
            "logged_in_s": logged_in_s,
        },
        trace=sim.trace.to_dict(offers),
    )
