"""Where a floor bends: more answered calls a second, step by step, until screens come too late.

The number of agents stays; they talk and write for less, so that each comes to the next call sooner, and hang up
when their time is over. What counts is what the books say was answered, and when the probe's receipts came.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from loadtests.figures import percentiles
from loadtests.process_cost import costs, spent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from loadtests.crowd.scenarios import Run
    from loadtests.pop_figures import Row

PACE: Final = (
    "pace.json"  # in the folder of the run; Locust looks at it each second, see `tell_figures`
)
STEP_PER_SECOND: Final = 4.0
STEP_SECONDS: Final = 75.0
UNSETTLED_SECONDS: Final = 15.0  # at the beginning of a step, of which nothing is told
MOST_STEPS: Final = 15
LATE_MS: Final = 1_000.0
REACHED: Final = 0.75  # of what a step asks for; below it the floor answers no more
OCCUPANCY: Final = 0.88
TALK_SHARE: Final = 94 / (94 + 17)


@dataclass(frozen=True, slots=True)
class Step:
    """What was asked for and seen in one step; times in ms, from assignment to the hub's receipt."""

    asked_per_s: float
    answered_per_s: float
    abandoned: int
    probe_n: int
    probe_p99: float
    all_p99: float
    processes: dict[str, Any]

    @property
    def bends(self) -> bool:
        """Whether this was too much."""
        return self.probe_p99 > LATE_MS or self.answered_per_s < REACHED * self.asked_per_s


def pace_for(agents: int, per_second: float) -> dict[str, float]:
    """How long each talks and writes (seconds, on the mean) so that all together take so many calls a second."""
    cycle = agents * OCCUPANCY / per_second
    return {"talk_s": round(cycle * TALK_SHARE, 1), "wrap_s": round(cycle * (1 - TALK_SHARE), 1)}


def answered_per_second(rows: Iterable[Row], begins: int, ends: int) -> float:
    """Persons who answered in [begins, ends) ms, a second."""
    answered = (row for row in rows if row.by_person and row.answered is not None)
    return 1000 * sum(begins <= (row.answered or 0) < ends for row in answered) / (ends - begins)


def times_of(rows: Iterable[Row], begins: int, ends: int) -> list[int]:
    """From assignment to receipt, ms, of screens that were assigned in [begins, ends)."""
    found = ((row.assigned, row.received) for row in rows)
    return [
        received - assigned
        for assigned, received in found
        if assigned is not None and received is not None and begins <= assigned < ends
    ]


def knee_of(steps: Sequence[Step]) -> float | None:
    """The most answered calls a second at which nothing came too late; None when the first was too much."""
    held = [step.answered_per_s for step in steps if not step.bends]
    return max(held, default=None)


async def climb(run: Run, base_per_s: float, probe: set[str]) -> list[Step]:
    """Raise until it bends. `base_per_s`: what the floor answered before; `probe`: user ids."""
    steps: list[Step] = []
    for number in range(1, MOST_STEPS + 1):
        asked = base_per_s + number * STEP_PER_SECOND
        pace = pace_for(run.crowd.size.agents, asked)
        put_pace(run.crowd.out, pace)
        run.say(f"knee: {asked:.1f} answered calls a second ({pace['talk_s']:g} s of talk)")
        await asyncio.sleep(UNSETTLED_SECONDS)
        steps.append(await _step(run, asked, probe))
        run.say(f"{steps[-1]}")
        run.house.check()
        if steps[-1].bends:
            break
    return steps


async def _step(run: Run, asked: float, probe: set[str]) -> Step:
    before, begins = costs(run.crowd.pids()), run.clock.now_ms()
    await asyncio.sleep(STEP_SECONDS - UNSETTLED_SECONDS)
    ends, after = run.clock.now_ms(), costs(run.crowd.pids())
    rows = await run.books.rows()
    of_probe = times_of((row for row in rows if row.agent in probe), begins, ends)
    return Step(
        asked_per_s=round(asked, 1),
        answered_per_s=round(answered_per_second(rows, begins, ends), 2),
        abandoned=sum(row.abandoned and begins <= (row.answered or 0) < ends for row in rows),
        probe_n=len(of_probe),
        probe_p99=percentiles(of_probe)["p99"],
        all_p99=percentiles(times_of(rows, begins, ends))["p99"],
        processes=spent(before, after),
    )


def put_pace(out: Path, pace: dict[str, float]) -> None:
    """Have the crowd go by it from the next second on."""
    fresh = out / f"{PACE}.new"
    fresh.write_text(json.dumps(pace), encoding="utf-8")
    fresh.replace(out / PACE)


def read_pace(path: Path) -> dict[str, float]:
    """What the crowd is to go by; nothing before somebody has said so."""
    try:
        told: dict[str, float] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return told
