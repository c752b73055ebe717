"""The pacing referee's days through the product's own dialer, beside the referee: `make bench-pacing-live`.

Customers, rosters and the engine are the same; the room, its assignment, the opener of lines, the verdict and
the exchange are the product's (`pacing_day`). Occupancy and abandonment, pooled over the seeds, have to agree:
otherwise what the referee says of the engine would not hold for the dialer. Exit code 1 when they do not.
The referee's days are the bench's own, from its shelf where they were played before; the dialer's are kept there
too, so that what was broken off goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

import numpy as np

from dialer.core.campaign import AbandonClock, Campaign, CampaignState, Limits, Mode, Window
from dialer.fates import Fate, Script
from loadtests.figures import machine, percentiles
from loadtests.pacing_day import HIS_OWN_MS, Day, Story, Worker
from loadtests.pacing_referee import customers as referee
from loadtests.pacing_referee.contest import Row, Task, play, tasks_of
from loadtests.pacing_referee.durations import day_curve
from loadtests.pacing_referee.roster import hire
from loadtests.pacing_referee.runner import chosen
from loadtests.pacing_shelf import ENGINE, Shelf, shelf_at_hand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtests.pacing_referee.scenario import Scenario

OPENS_MS: Final = 1_763_773_200_000  # 2025-11-22 08:00 in Ho Chi Minh City
FAR_S: Final = 10**6  # of a roster: never
RATIO_CEILING: Final = 1_000.0  # the referee bounds lines, not their ratio
THROUGH_DIALER: Final = "loadtests.pacing_live:a_day"  # what is played, for the shelf
FIRST_SEED_KEY: Final = 0x9E3779B9  # as the referee's simulator seeds its streams
LARGE_TEAM: Final = 20
OCCUPANCY_WITHIN: Final = 2.0  # points
ABANDONED_WITHIN, ABANDONED_WITHIN_SMALL = 0.3, 0.7  # points; small: below LARGE_TEAM agents
FATES: Final = {
    referee.HUMAN: Fate.PERSON,
    referee.MACHINE: Fate.MACHINE,
    referee.NO_ANSWER: Fate.NO_ANSWER,
    referee.BUSY: Fate.BUSY,
    referee.INVALID: Fate.INVALID,
    referee.CONGESTION: Fate.CONGESTION,
}


class List:
    """The referee's customers, told as stories of the product's exchange."""

    def __init__(self, scenario: Scenario, known: referee.Customers) -> None:
        self._known = known
        self._talk: list[float] = day_curve(scenario.talk_scale, scenario.duration_s).tolist()
        self._dialled = 0

    def answer(self, at_ms: int) -> Story:
        """The next customer on the list, dialled now."""
        now = (at_ms - OPENS_MS) / 1000
        call = self._known.next_call(self._dialled, now)
        self._dialled += 1
        rings = call.fate <= referee.NO_ANSWER
        script = Script(
            fate=FATES[call.fate],
            setup_ms=_ms(call.setup),
            ring_ms=_ms(call.ring if rings else call.detect),
            decide_ms=_ms(call.amd),
            patience_ms=_ms(call.patience),
            talk_ms=HIS_OWN_MS,
            leaves_at_bridge=False,
            message_share=1.0,
            heard_machine=not call.passes,
        )
        scale = self._talk[min(int(now), len(self._talk) - 1)]
        talk = call.talk * scale if call.fate == referee.HUMAN else call.talk
        return Story(script, _ms(talk), _ms(call.wrap))


def a_day(scenario: Scenario, seed: int) -> Day:
    """One seed of a scenario, ready to run through the dialer."""
    root = np.random.SeedSequence(entropy=[seed, FIRST_SEED_KEY])
    calls, environment, agents, hopper, _ = root.spawn(5)
    crew = [
        Worker(tuple((_at(t), there) for t, there in agent.roster), agent.talk_mult)
        for agent in hire(scenario, np.random.default_rng(agents))
    ]
    people = List(scenario, referee.Customers(scenario, calls, environment, hopper))
    return Day(a_campaign(scenario), crew, people, list_size=scenario.list_size or None)


def a_campaign(scenario: Scenario) -> Campaign:
    """A scenario's terms as a campaign of the product."""
    closes = _at(scenario.duration_s)
    from_answer = scenario.abandon_clock == "answer"
    return Campaign(
        id=UUID(int=0xC1),
        name=scenario.name,
        mode=Mode.PREDICTIVE,
        state=CampaignState.RUNNING,
        loaded_at_ms=OPENS_MS,
        windows=(Window(OPENS_MS, closes),),
        day_ends_at_ms=OPENS_MS + 16 * 3_600_000,
        limits=Limits(
            lines=scenario.max_lines,
            calls_per_second=int(scenario.max_cps) or None,
            ratio_ceiling=RATIO_CEILING,
            abandon_target_pct=100 * scenario.abandon_limit,
            abandon_limit_pct=100 * scenario.abandon_limit,
            connect_threshold_ms=_ms(scenario.max_wait_s),
        ),
        wrapup_s=FAR_S,  # the customer's story says how long it takes
        ring_timeout_s=round(scenario.no_answer_timeout_s),
        amd=bool(scenario.amd["enabled"]),
        abandon_clock=AbandonClock.ANSWER if from_answer else AbandonClock.GREETING_END,
        leads_left=FAR_S,
    )


def _at(seconds: float) -> int:
    return OPENS_MS + _ms(min(seconds, FAR_S))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


@dataclass(frozen=True, slots=True)
class Result:
    """One seed, or several pooled: seconds of agents, calls of people; durations in microseconds."""

    scenario: str
    agents: int
    busy_s: float
    logged_s: float
    live: int
    abandoned: int
    occupancy_referee: float  # 0 to 1
    live_referee: int
    abandoned_referee: int
    tick_us: float
    tick_p99_us: float
    event_us: float

    @property
    def occupancy_off(self) -> float:
        """The dialer's occupancy less the referee's, points."""
        return 100 * (self.busy_s / self.logged_s - self.occupancy_referee)

    @property
    def abandoned_off(self) -> float:
        """The same of abandonment."""
        ours, theirs = self.abandoned / self.live, self.abandoned_referee / self.live_referee
        return 100 * (ours - theirs)

    @property
    def agrees(self) -> bool:
        """Whether both are within what is allowed for a team of this size."""
        small = self.agents < LARGE_TEAM
        allowed = ABANDONED_WITHIN_SMALL if small else ABANDONED_WITHIN
        return abs(self.occupancy_off) <= OCCUPANCY_WITHIN and abs(self.abandoned_off) <= allowed


def through_dialer(task: Task) -> Row:
    """The one day of a task through the dialer: agents' time in seconds, calls of people, microseconds."""
    outcome = a_day(task.scenario, task.seeds[0]).run()
    return {
        "busy_s": outcome.spent.live / 1000,
        "logged_s": outcome.spent.logged / 1000,
        "live": outcome.live,
        "abandoned": outcome.abandoned,
        "tick_us": 1e6 * sum(outcome.ticks) / len(outcome.ticks),
        "tick_p99_us": percentiles([1e6 * each for each in outcome.ticks])["p99"],
        "event_us": 1e6 * sum(outcome.events) / len(outcome.events),
    }


def beside(ours: Row, judged: Row) -> Result:
    """One day through the dialer beside the same before the referee."""
    return Result(
        scenario=judged["scenario"],
        agents=judged["agents"],
        occupancy_referee=judged["occupancy"],
        live_referee=judged["live"],
        abandoned_referee=judged["abandoned"],
        **ours,
    )


def pool(days: Sequence[Result]) -> Result:
    """Several seeds of one scenario as one: what can be added is added, the rest is averaged."""
    n = len(days)
    return replace(
        days[0],
        busy_s=sum(day.busy_s for day in days),
        logged_s=sum(day.logged_s for day in days),
        live=sum(day.live for day in days),
        abandoned=sum(day.abandoned for day in days),
        occupancy_referee=sum(day.occupancy_referee for day in days) / n,
        live_referee=sum(day.live_referee for day in days),
        abandoned_referee=sum(day.abandoned_referee for day in days),
        tick_us=sum(day.tick_us for day in days) / n,
        tick_p99_us=max(day.tick_p99_us for day in days),
        event_us=sum(day.event_us for day in days) / n,
    )


HEAD: Final = (
    f"{'scenario':<16}{'agents':>7}{'occ %':>8}{'referee':>9}{'off':>7}{'aband %':>9}{'referee':>9}"
    f"{'off':>7}{'tick us':>9}{'p99':>8}{'event us':>10}  agrees"
)


def line(one: Result) -> str:
    """A row of the table."""
    return (
        f"{one.scenario:<16}{one.agents:>7}{100 * one.busy_s / one.logged_s:>8.1f}"
        f"{100 * one.occupancy_referee:>9.1f}{one.occupancy_off:>+7.1f}"
        f"{100 * one.abandoned / one.live:>9.2f}"
        f"{100 * one.abandoned_referee / one.live_referee:>9.2f}{one.abandoned_off:>+7.2f}"
        f"{one.tick_us:>9.0f}{one.tick_p99_us:>8.0f}{one.event_us:>10.0f}"
        f"  {'yes' if one.agrees else 'NO'}"
    )


def dialer_days(tasks: Sequence[Task], jobs: int, shelf: Shelf) -> list[Row]:
    """The days of these tasks through the dialer; those on the shelf are taken from it."""
    kept = {task.seeds: rows[0] for task in tasks if (rows := shelf.get(task))}
    missing = [task for task in tasks if task.seeds not in kept]
    with ProcessPoolExecutor(jobs) as workers:
        for task, row in zip(missing, workers.map(through_dialer, missing), strict=True):
            shelf.put(task, [row])
            kept[task.seeds] = row
    return [kept[task.seeds] for task in tasks]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", default="public", help="'public', 'held-out' or a file")
    parser.add_argument("--only", default="", help="names of scenarios, with commas between")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="processes at once")
    parser.add_argument("--json", default="", help="write every day to this file")
    asked = parser.parse_args()
    scenarios = chosen(asked.scenarios, asked.only, 0.0)
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    shelf = shelf_at_hand()
    print(json.dumps(machine()))
    print(f"{len(seeds)} seeds a scenario from {asked.first_seed} on, {asked.jobs} processes")
    print(HEAD, flush=True)
    started, pooled, days = time.monotonic(), [], []
    for scenario in scenarios:
        judged = play(tasks_of([ENGINE], [scenario], seeds), asked.jobs, shelf)
        ours = dialer_days(tasks_of([THROUGH_DIALER], [scenario], seeds), asked.jobs, shelf)
        found = [beside(*pair) for pair in zip(ours, judged, strict=True)]
        days += found
        pooled.append(pool(found))
        print(line(pooled[-1]), flush=True)
    apart = sum(not one.agrees for one in pooled)
    print(f"{apart} of {len(pooled)} apart; {time.monotonic() - started:.0f} s")
    if asked.json:
        text = json.dumps([asdict(day) for day in days], indent=1)
        Path(asked.json).write_text(text + "\n", encoding="utf-8")
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit(main())
