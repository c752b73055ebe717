"""Policies against each other on the same days; a finished day can be kept and need not be run again."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from loadtests.pacing_referee.baselines import Progressive, Ratio, Statistical, Vicidial
from loadtests.pacing_referee.clairvoyant import Oracle
from loadtests.pacing_referee.impact import CallImpact
from loadtests.pacing_referee.policy import Policy, load_policy
from loadtests.pacing_referee.simulator import simulate
from loadtests.pacing_referee.tuning import tune_ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from loadtests.pacing_referee.scenario import Scenario

PREFIX = "baseline:"
PROGRESSIVE, CLAIRVOYANT = PREFIX + "progressive", PREFIX + "clairvoyant"
ANCHORS = (PROGRESSIVE, CLAIRVOYANT)
"""The skill score lies between these."""

TUNED = {"tuned-ratio-idle": "idle", "tuned-ratio-all": "all"}
"""Fixed ratios chosen in hindsight, and the agents that they are a ratio of."""

BASELINES: dict[str, Callable[[], Policy]] = {
    "progressive": Progressive,
    "vicidial-hard": lambda: Vicidial("hard"),
    "vicidial-average": lambda: Vicidial("average"),
    "vicidial-tapered": lambda: Vicidial("tapered"),
    "vicidial-avail-only": lambda: Vicidial("average", max_level=6.0, available_only=True),
    "statistical": Statistical,
    "call-impact": CallImpact,
    "clairvoyant": Oracle,
}

Row = dict[str, Any]
"""One day's result, as ``DayResult.to_dict`` has it."""


@dataclass(frozen=True)
class Task:
    """Days of one policy on one scenario. A ratio tuned in hindsight needs all its days at once."""

    spec: str
    scenario: Scenario
    seeds: tuple[int, ...]


class DayStore(Protocol):
    """Where finished days are kept."""

    def get(self, task: Task) -> list[Row] | None:
        """The days of ``task``, or None if they have to be run."""

    def put(self, task: Task, rows: list[Row]) -> None:
        """Keep the days of ``task``."""


def every_baseline() -> list[str]:
    """Every baseline but the two anchors, as policy specs."""
    names = [*TUNED, *BASELINES]
    return [PREFIX + name for name in names if PREFIX + name not in ANCHORS]


def make_policy(spec: str, scenario: Scenario, seeds: Sequence[int]) -> Policy:
    """The policy of ``baseline:NAME``, ``module:Class`` or ``exec:COMMAND``.

    Raises:
        ValueError: no such policy.
    """
    if not spec.startswith(PREFIX):
        return load_policy(spec)
    name = spec.removeprefix(PREFIX)
    if name in TUNED:
        return Ratio(tune_ratio(scenario, seeds, TUNED[name]), TUNED[name])
    if name not in BASELINES:
        raise ValueError(f"no baseline {name!r}; one of {', '.join([*TUNED, *BASELINES])}")
    return BASELINES[name]()


def run(task: Task) -> list[Row]:
    """Simulate the days of a task."""
    policy = make_policy(task.spec, task.scenario, task.seeds)
    rows = []
    for seed in task.seeds:
        row = simulate(task.scenario, policy, seed).to_dict()
        row["policy"] = task.spec
        if isinstance(policy, Ratio):
            row["detail"]["ratio"] = policy.ratio
        rows.append(row)
    return rows


def tasks_of(
    specs: Iterable[str], scenarios: Iterable[Scenario], seeds: Sequence[int]
) -> list[Task]:
    """Every policy on every scenario, split as finely as it may be."""
    tasks = []
    for scenario in scenarios:
        for spec in specs:
            tuned = spec.removeprefix(PREFIX) in TUNED
            parts = [tuple(seeds)] if tuned else [(seed,) for seed in seeds]
            tasks += [Task(spec, scenario, part) for part in parts]
    return tasks


def play(tasks: Sequence[Task], jobs: int = 1, store: DayStore | None = None) -> list[Row]:
    """The days of every task, in the order of the tasks; those that ``store`` has are taken from it."""
    rows: dict[int, list[Row]] = {}
    for at, task in enumerate(tasks):
        kept = store.get(task) if store else None
        if kept is not None:
            rows[at] = kept
    missing = [at for at in range(len(tasks)) if at not in rows]
    for at, played in _played(tasks, missing, jobs):
        rows[at] = played
        if store:
            store.put(tasks[at], played)
    return [row for at in range(len(tasks)) for row in rows[at]]


def _played(
    tasks: Sequence[Task], missing: Sequence[int], jobs: int
) -> Iterator[tuple[int, list[Row]]]:
    """Each missing task with its days, as soon as they are finished."""
    if jobs <= 1:
        for at in missing:
            yield at, run(tasks[at])
        return
    with ProcessPoolExecutor(jobs) as pool:
        running = {pool.submit(run, tasks[at]): at for at in missing}
        for done in as_completed(running):
            yield running[done], done.result()
