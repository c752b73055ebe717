"""What a decision of pacing costs: `make bench-pacing-cost`.

Invented floors of several sizes, one decision a second each, with the news of that second; CPU time of
this process only. Then many small campaigns in one process, as a share of a core: their decisions alone, and
the dialer's whole room with them (four ticks a second, the wall's cards once). Figures are kept in
docs/benchmarks.md; the reference loop says how fast the core was just then.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from typing import TYPE_CHECKING

from dialer.core.brain import Brain
from dialer.core.campaign import Limits, Mode
from dialer.core.pacing import decide
from dialer.core.view import Doing, Ended, Handled, Line, Live, Seat, Stage, View
from loadtests.figures import machine, percentiles
from loadtests.room_at_work import RoomAtWork

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = (5, 50, 500, 2_000)
TICKS = 240
MANY, SMALL, MANY_TICKS = 200, 10, 20
MOST_SHARE = 0.15  # of a core, for many small campaigns
ROOM_SECONDS = 4
LIMITS = Limits(lines=100_000, ratio_ceiling=100.0, abandon_target_pct=3.0, abandon_limit_pct=3.0)
WORK_S, PER_LIVE, RINGS = (
    111.0,
    4.8,
    15.0,
)  # of a call; dials for each live one; s that a dial lasts
STAGES = (Stage.SETUP, *[Stage.RINGING] * 5, Stage.ANSWERED)
DOINGS = (*[Doing.TALK] * 14, *[Doing.WRAP] * 3, *[Doing.IDLE] * 3)


def floor_at(second: int, agents: int, chance: random.Random) -> View:
    """A floor of so many agents as it may look under way, and what happened in that second."""
    lives = agents * 0.85 / WORK_S
    in_flight = round(lives * PER_LIVE * RINGS)
    return View(
        mode=Mode.PREDICTIVE,
        now_s=float(second),
        seats=[
            Seat(chance.choice(DOINGS), chance.expovariate(1 / 15), chance.expovariate(1 / 90))
            for _ in range(agents)
        ],
        lines=[_line(call, chance) for call in range(in_flight)],
        lives=[Live(0, 2.5, 9.0, 1.0)] * _about(lives, chance),
        ended=[Ended(0, 2.5, 17.0)] * _about(lives * (PER_LIVE - 1), chance),
        handled=[Handled(94.0, 17.0)] * _about(lives, chance),
        dialed=20_000,
        answered=4_000 + second,
        abandoned=115,
        left_s=10_000.0,
        coming=(0,) * 50,
    )


def _line(call: int, chance: random.Random) -> Line:
    stage = chance.choice(STAGES)
    spent = chance.uniform(0.0, {Stage.SETUP: 3.0, Stage.RINGING: 20.0}.get(stage, 1.5))
    return Line(call, stage, spent + 2.0, spent)


def _about(mean: float, chance: random.Random) -> int:
    """A whole number with this mean."""
    return int(mean) + (chance.random() < mean % 1.0)


def cost_us(agents: int, ticks: int) -> list[float]:
    """CPU microseconds of each decision of one campaign."""
    chance, brain, spent = random.Random(agents), Brain(), []
    for second in range(ticks):
        view = floor_at(second, agents, chance)
        began = time.process_time_ns()
        decide(view, LIMITS, brain)
        spent.append((time.process_time_ns() - began) / 1_000)
    return spent


def share_of_core(campaigns: int, agents: int, ticks: int) -> float:
    """CPU seconds a second that so many campaigns of so many agents take at one decision a second."""
    chance = random.Random(campaigns)
    brains = [Brain() for _ in range(campaigns)]
    spent = 0
    for second in range(ticks):
        views = [floor_at(second, agents, chance) for _ in brains]
        began = time.process_time_ns()
        for view, brain in zip(views, brains, strict=True):
            decide(view, LIMITS, brain)
        spent += time.process_time_ns() - began
    return spent / 1e9 / ticks


def room_share(campaigns: int, agents: int, seconds: int) -> tuple[float, float]:
    """CPU seconds a second of the room with so many campaigns: its ticks, and the wall's cards."""
    room = RoomAtWork(campaigns, agents)
    began = time.process_time_ns()
    room.pass_by(1_000 * seconds)
    ticked = time.process_time_ns()
    for _ in range(seconds):
        room.floor.campaign_cards(room.now_ms)
        room.floor.floor_card(room.now_ms)
    return (ticked - began) / 1e9 / seconds, (time.process_time_ns() - ticked) / 1e9 / seconds


def reference_loop() -> float:
    """CPU seconds of a million additions, the quickest of three."""
    return min(_additions() for _ in range(3))


def _additions() -> float:
    began, total = time.process_time_ns(), 0
    for number in range(1_000_000):
        total += number * number % 7
    return (time.process_time_ns() - began) / 1e9


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. The exit code is 1 when many small campaigns, or their room, take over 15 % of a core."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=TICKS)
    asked = parser.parse_args(arguments)
    print(json.dumps(machine()))
    for agents in SIZES:
        spent = cost_us(agents, asked.ticks)
        figures = percentiles(spent)
        mean = sum(spent) / len(spent)
        print(
            f"{agents:>5,} agents: {mean:>8,.0f} us a decision "
            f"(p50 {figures['p50']:,.0f}, p95 {figures['p95']:,.0f}, max {figures['max']:,.0f})"
        )
    share = share_of_core(MANY, SMALL, MANY_TICKS)
    print(f"{MANY} campaigns of {SMALL} agents at 1 Hz: {100 * share:.1f} % of a core")
    ticks, cards = room_share(MANY, SMALL, ROOM_SECONDS)
    loop = reference_loop()
    print(
        f"the room with them: ticks {100 * ticks:.1f} % ({ticks / loop:.2f} reference loops a second), "
        f"cards {100 * cards:.1f} % ({cards / loop:.2f}); a loop takes {1000 * loop:.0f} ms"
    )
    return int(share > MOST_SHARE or ticks + cards > MOST_SHARE)


if __name__ == "__main__":
    raise SystemExit(main())
