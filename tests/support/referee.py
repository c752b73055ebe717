"""Scenarios and policies for tests of the pacing referee."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from loadtests.pacing_referee.policy import Policy, PolicyContext
from loadtests.pacing_referee.scenario import Scenario, load_scenarios

if TYPE_CHECKING:
    from loadtests.pacing_referee.telemetry import Snapshot

PUBLIC = {one.name: one for one in load_scenarios("public")}
HELD_OUT = {one.name: one for one in load_scenarios("held-out")}
MEAN_TALK_SECONDS = 20.0


def short(name: str, duration_s: float = 3600.0, **changes: Any) -> Scenario:
    """A public scenario of ``duration_s`` at most."""
    whole = PUBLIC[name]
    return replace(whole, duration_s=min(whole.duration_s, duration_s), **changes)


def laboratory(servers: int, hours: float, **changes: Any) -> Scenario:
    """Everybody answers, is a person and reaches the queue at once; talks last 20 s on average."""
    timing = {
        "setup": {"dist": "uniform", "low": 1.0, "high": 3.0},
        "ring_human": 0.0,
        "amd_human": 0.0,
        "patience": 1e9,
        "talk": {"dist": "exponential", "mean": MEAN_TALK_SECONDS},
        "wrap": 0.0,
        **changes.pop("timing", {}),
    }
    fields: dict[str, Any] = {
        "name": "laboratory",
        "agents": servers,
        "duration_s": 3600.0 * hours,
        "max_lines": 100_000,
        "max_wait_s": 0.0,
        "agent_talk_sigma": 0.0,
        "outcomes": {"human": 1.0, "machine": 0.0, "busy": 0.0, "invalid": 0.0},
        "amd": {"enabled": False},
        "timing": timing,
        "shifts": [{"count": servers}],
    }
    return Scenario(**{**fields, **changes})


class PoissonDialer(Policy):
    """Dials at a fixed mean rate (calls a second), blind to the agents."""

    name = "poisson"

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def reset(self, ctx: PolicyContext) -> None:
        super().reset(ctx)
        self.rng = np.random.default_rng(ctx.seed)

    def decide(self, snapshot: Snapshot) -> int:
        return int(self.rng.poisson(self.rate * self.ctx.tick_s))
