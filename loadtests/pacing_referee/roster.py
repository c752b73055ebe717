"""The agents and when they are there: log-ins, breaks, unplanned pauses, log-outs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from loadtests.pacing_referee.customers import MACHINE
from loadtests.pacing_referee.telemetry import IDLE, OFF, TALK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loadtests.pacing_referee.customers import Call
    from loadtests.pacing_referee.scenario import Scenario

_HOUR_SECONDS = 3600.0
_SHORTEST_PAUSE_SECONDS = 10.0


@dataclass(slots=True)
class Agent:
    """One agent, and the seconds spent in each state inside the measured day."""

    id: int
    talk_mult: float  # the agent's own factor on talk time
    roster: list[tuple[float, bool]]  # (instant, logged in from then on), in order
    roster_at: int = 0  # the next entry of the roster
    state: int = OFF
    since: float = 0.0
    idle_from: float = 0.0
    busy_until: float = 0.0
    leaves_after_wrap: bool = False
    call: Call | None = None
    totals: dict[str, float] = field(
        default_factory=lambda: {"idle": 0.0, "talk": 0.0, "wrap": 0.0, "machine": 0.0}
    )

    def account(self) -> str:
        """The account that time in the present state goes to; not for those who are off."""
        if self.state == IDLE:
            return "idle"
        if self.call is not None and self.call.fate == MACHINE:
            return "machine"
        return "talk" if self.state == TALK else "wrap"


def hire(scenario: Scenario, rng: np.random.Generator) -> list[Agent]:
    """Every agent of the day with a roster of their own."""
    agents: list[Agent] = []
    sigma = scenario.agent_talk_sigma
    for shift in scenario.shifts:
        for _ in range(int(shift["count"])):
            roster = _roster(scenario, shift, rng)
            mult = float(np.exp(rng.normal(-sigma * sigma / 2, sigma))) if sigma else 1.0
            agents.append(Agent(len(agents), mult, roster))
    return agents


def _roster(
    scenario: Scenario, shift: Mapping[str, float], rng: np.random.Generator
) -> list[tuple[float, bool]]:
    """One agent's switches between there and away, in the order of time."""
    jitter = rng.uniform(0, 1) * float(shift.get("jitter_s", 0.0))
    login = max(0.0, float(shift.get("login_s", 0.0)) + jitter)
    logout = float(shift.get("logout_s", scenario.duration_s))
    if logout >= scenario.duration_s:
        logout = math.inf  # agents stay to drain the calls in flight when the measured day ends
    absences = _breaks(scenario, rng) + _pauses(scenario, rng)
    roster = [(login, True)]
    for start, end in sorted(absences):
        if start >= logout or start >= scenario.duration_s:
            break
        start = max(start, login)  # noqa: PLW2901 - nobody leaves before coming
        back = roster[-1][0]
        if start >= back:
            roster += [(start, False), (end, True)]
        elif end > back:  # it overlaps the absence before it: that one lasts longer
            roster[-1] = (end, True)
    if logout < math.inf:
        roster = [entry for entry in roster if entry[0] < logout]
        if roster and roster[-1][1]:
            roster.append((logout, False))
    return roster


def _breaks(scenario: Scenario, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Planned breaks that this agent takes: (start, end)."""
    taken = []
    for one in scenario.breaks:
        if rng.random() < float(one.get("fraction", 1.0)):
            start = float(one["start_s"]) + rng.uniform(0, 1) * float(one.get("jitter_s", 0.0))
            taken.append((start, start + float(one["duration_s"])))
    return taken


def _pauses(scenario: Scenario, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Pauses that nobody planned: (start, end)."""
    pauses: list[tuple[float, float]] = []
    if not scenario.unplanned:
        return pauses
    between, mean_s = _HOUR_SECONDS / scenario.unplanned["per_hour"], scenario.unplanned["mean_s"]
    at = rng.exponential(between)
    while at < scenario.duration_s:
        length = max(_SHORTEST_PAUSE_SECONDS, rng.exponential(mean_s))
        pauses.append((at, at + length))
        at += length + rng.exponential(between)
    return pauses
