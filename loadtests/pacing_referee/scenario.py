"""A campaign day to be judged on: what its customers, its carrier and its agents do.

Read from a TOML file of ``[[scenario]]`` tables (README.md lists the fields). Nothing here is visible
to a policy.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loadtests.pacing_referee.durations import Dist, Spec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HERE = Path(__file__).resolve().parent
SCENARIO_FILES = {
    "public": HERE / "scenarios_public.toml",
    "held-out": HERE / "scenarios_held_out.toml",
}

DEFAULT_OUTCOMES: dict[str, Spec] = {"human": 0.2, "machine": 0.3, "busy": 0.05, "invalid": 0.05}
"""Probabilities of a dialled call; nobody answers the rest."""

DEFAULT_AMD: dict[str, Any] = {"enabled": True, "false_positive": 0.02, "false_negative": 0.06}
"""Answering-machine detection: people taken for machines, machines taken for people."""

DEFAULT_TIMING: dict[str, Spec] = {
    # post-dial delay: INVITE to the first ringing
    "setup": {"dist": "lognormal", "mean": 2.5, "cv": 0.4, "min": 0.6, "max": 8.0},
    # ringing until the answer
    "ring_human": {"dist": "gamma", "mean": 9.0, "cv": 0.55, "min": 1.0},
    "ring_machine": {"dist": "lognormal", "mean": 17.0, "cv": 0.3, "min": 2.0},
    # end of set-up until busy or the special information tone is recognised
    "busy_detect": {"dist": "lognormal", "mean": 1.5, "cv": 0.4},
    "invalid_detect": {"dist": "lognormal", "mean": 1.2, "cv": 0.5},
    # answer until the classifier decides
    "amd_human": {"dist": "lognormal", "mean": 1.1, "cv": 0.35, "min": 0.4, "max": 3.5},
    "amd_machine": {"dist": "lognormal", "mean": 2.4, "cv": 0.35, "min": 0.8, "max": 4.5},
    # answer until a customer who hears nobody hangs up
    "patience": {"dist": "lognormal", "mean": 7.0, "cv": 0.6, "min": 1.0},
    # a live conversation: refusals, ordinary calls, long negotiations
    "talk": {
        "dist": "mix",
        "parts": [
            {"w": 0.40, "dist": "lognormal", "mean": 22.0, "cv": 0.6},
            {"w": 0.45, "dist": "lognormal", "mean": 95.0, "cv": 0.7},
            {"w": 0.15, "dist": "lognormal", "mean": 280.0, "cv": 0.6},
        ],
        "min": 3.0,
        "max": 1800.0,
    },
    "wrap": {"dist": "lognormal", "mean": 18.0, "cv": 0.5, "min": 3.0, "max": 30.0},
    # an agent who was handed a machine by mistake
    "machine_talk": {"dist": "lognormal", "mean": 6.0, "cv": 0.4, "min": 2.0},
    "machine_wrap": {"dist": "lognormal", "mean": 4.0, "cv": 0.4, "min": 1.0},
}


@dataclass
class Scenario:
    """One campaign day. Durations in seconds, probabilities and limits as fractions.

    Raises:
        ValueError: a field's value is not one that the simulator knows.
    """

    name: str
    agents: int
    duration_s: float = 28800.0
    description: str = ""
    abandon_limit: float = 0.03
    max_wait_s: float = 2.0
    abandon_clock: str = "greeting"  # "greeting": from the AMD decision; "answer": from the pick-up
    hold_after_abandon_s: float = 0.0
    max_lines: int = 0  # 0: six an agent, at least 12
    max_cps: float = 0.0  # the carrier's limit, calls per second; 0: none
    no_answer_timeout_s: float = 22.0
    telemetry_delay_s: float = 0.0
    tick_s: float = 1.0
    list_size: int = 0  # customers to dial; 0: no end
    outcomes: dict[str, Spec] = field(default_factory=dict)
    bursts: dict[str, float] = field(default_factory=dict)
    congestion: Sequence[Mapping[str, float]] = ()
    segments: Sequence[Mapping[str, Any]] = ()
    segment_mix: Sequence[Mapping[str, Any]] = ()
    amd: dict[str, Any] = field(default_factory=dict)
    timing: dict[str, Spec] = field(default_factory=dict)
    talk_scale: Spec = 1.0
    agent_talk_sigma: float = 0.12  # of the logarithm of an agent's own factor on talk time
    shifts: Sequence[Mapping[str, float]] = ()
    breaks: Sequence[Mapping[str, float]] = ()
    unplanned: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fill in what was left out, refuse what cannot be simulated."""
        self._refuse_the_impossible()
        self.max_lines = self.max_lines or max(12, 6 * self.agents)
        self.dists = {name: Dist(spec) for name, spec in {**DEFAULT_TIMING, **self.timing}.items()}
        self.amd = {**DEFAULT_AMD, **self.amd}
        self.outcomes = {**DEFAULT_OUTCOMES, **self.outcomes}
        self.segments = self.segments or ({"name": "all", "weight": 1.0},)
        self.shifts = self.shifts or (
            {"count": self.agents, "login_s": 0.0, "logout_s": self.duration_s, "jitter_s": 60.0},
        )
        if sum(int(shift["count"]) for shift in self.shifts) != self.agents:
            raise ValueError(
                f"{self.name}: the shifts' counts do not add up to agents = {self.agents}"
            )

    def _refuse_the_impossible(self) -> None:
        if self.abandon_clock not in {"greeting", "answer"}:
            raise ValueError(f"{self.name}: abandon_clock must be 'greeting' or 'answer'")
        for name, known in (
            ("timing", DEFAULT_TIMING),
            ("outcomes", DEFAULT_OUTCOMES),
            ("amd", DEFAULT_AMD),
        ):
            unknown = set(getattr(self, name)) - set(known)
            if unknown:
                raise ValueError(
                    f"{self.name}: unknown {name} {sorted(unknown)}; one of {sorted(known)}"
                )


def load_scenarios(path: str | Path) -> list[Scenario]:
    """Every ``[[scenario]]`` of a TOML file, or of "public" and "held-out".

    Raises:
        ValueError: a table has a field that is not one of a scenario's.
    """
    file = SCENARIO_FILES.get(str(path), Path(path))
    known = {one.name for one in fields(Scenario)}
    scenarios = []
    for table in tomllib.loads(file.read_text(encoding="utf-8"))["scenario"]:
        unknown = set(table) - known
        if unknown:
            raise ValueError(
                f"{file}: {table.get('name')}: unknown fields {sorted(unknown)}; README.md lists them"
            )
        scenarios.append(Scenario(**table))
    return scenarios
