"""A floor of Locust users in a house of its own: `python -m loadtests.crowd floor|storm|slow|soak|chaos`.

The house has its own engines, portfolio and processes and is gone afterwards. The crowd works beside a probe: 20
bots in a process of their own, whose pops are timed by the hub's receipts, because a busy load generator measures
its own queue. At the end nothing moves any more and each client's cards are held against the server's.
Exit code 1 when a target is missed; `--out` keeps HTML, CSV and accounts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.errors import Invalid, PacelineError
from loadtests.bench_pop import ended_by_signal, say
from loadtests.crowd.house import Size, open_crowd_house
from loadtests.crowd.live import Progress
from loadtests.crowd.scenarios import SCENARIOS, run_scenario
from loadtests.crowd.targets import USUAL
from loadtests.figures import machine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from loadtests.crowd.scenarios import Outcome

USUAL_SLOW_PCT: Final = 5.0
LARGE: Final = 1_000  # agents
KNEE_PROBE: Final = 100  # a step is over before 20 have seen enough to judge by
SMALL: Final = Size(agents=50, viewers=5, probe=5, customers=3_000)


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.crowd", description=__doc__)
    parser.add_argument("scenario", choices=sorted(SCENARIOS))
    parser.add_argument("--agents", type=int, default=SMALL.agents)
    parser.add_argument("--viewers", type=int, default=SMALL.viewers)
    parser.add_argument("--probe", type=int, default=SMALL.probe)
    parser.add_argument("--customers", type=int, default=SMALL.customers)
    parser.add_argument("--seconds", type=float, default=20.0, help="of work, warm-up not counted")
    parser.add_argument("--minutes", type=float, help="the same, in minutes")
    parser.add_argument("--warm-up", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", choices=("brisk", "floor"), default="brisk")
    parser.add_argument(
        "--knee", action="store_true", help="afterwards, more until screens are late"
    )
    parser.add_argument("--calls-per-second", type=int, help="lines opened in a second, at most")
    parser.add_argument("--storm-pct", type=float, default=0.0, help="of all sockets, cut midway")
    parser.add_argument("--slow-pct", type=float, default=0.0, help="of the viewers, never read")
    parser.add_argument(
        "--limit", action="append", default=[], metavar="NAME=MS",
        help=f"judge by another limit: {', '.join(asdict(USUAL))}",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path(".pytest_cache/crowd"))
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Run one scenario and say how it went."""
    asked = parse(sys.argv[1:] if words is None else words)
    seconds = asked.seconds if asked.minutes is None else 60 * asked.minutes
    asked.out.mkdir(parents=True, exist_ok=True)
    progress = Progress(asked.out, seconds)
    progress.stage("PREPARING")
    try:
        size = size_of(asked)
        with ended_by_signal(), open_crowd_house(size, asked.out, say) as house:
            outcome = asyncio.run(
                run_scenario(house, asked.scenario, progress, warm_up=asked.warm_up, say=say)
            )
    except PacelineError as refusal:
        say(refusal.sentence)
        return 2
    show(outcome, asked.out)
    return 0 if outcome.held else 1


def size_of(asked: argparse.Namespace) -> Size:
    """What the words ask for. Raises `Invalid` for a limit that there is not."""
    try:
        limits = {name: int(most) for name, most in (each.split("=") for each in asked.limit)}
        judged_by = replace(USUAL, **limits)
    except (TypeError, ValueError):
        raise Invalid("--limit is NAME=MS, such as pop_p95=500.", field="limit") from None
    return Size(
        agents=asked.agents,
        viewers=asked.viewers,
        probe=max(asked.probe, KNEE_PROBE) if asked.knee and asked.agents >= LARGE else asked.probe,
        customers=asked.customers,
        seed=asked.seed,
        profile=asked.profile,
        calls_per_second=asked.calls_per_second,
        limits=judged_by,
        slow_pct=max(asked.slow_pct, USUAL_SLOW_PCT)
        if asked.scenario == "slow"
        else asked.slow_pct,
        storm_pct=asked.storm_pct,
        knee=asked.knee,
    )


def show(outcome: Outcome, out: Path) -> None:
    """The figures as JSON, and each target with what was seen."""
    told: dict[str, Any] = {"machine": machine(), **outcome.told()}
    (out / f"{outcome.scenario}.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    seen = outcome.figures
    answered = seen["calls"]["answered"]
    sys.stdout.write(processes_table(seen["processes"], seen["seconds"], answered))
    knee = seen.get("knee")
    if knee is not None:
        sys.stdout.write(f"knee: {knee['per_s']} answered calls a second\n")
    for verdict in outcome.verdicts:
        mark = "held" if verdict.held else "MISSED"
        sys.stdout.write(f"- {mark}: {verdict.target} ({verdict.seen})\n")
    sys.stdout.write(f"HTML, CSV and accounts are in {out}.\n")


def processes_table(
    processes: Mapping[str, Mapping[str, Any]], seconds: float, answered: int
) -> str:
    """What each process used, as Markdown: CPU in % of one core and for each answered call, memory.

    Idle work is in the cost of a call, so it is an upper bound. Shared pages are counted once.
    """
    lines = [
        "| process | CPU, % of a core | ms an answered call, at most | memory, MiB |",
        "|---|---:|---:|---:|",
    ]
    for name, used in sorted(processes.items()):
        share = 100 * used["cpu_s"] / max(1.0, seconds)
        of_call = f"{1000 * used['cpu_s'] / answered:.0f}" if answered else ""
        memory = used["pss_mib"] or used["rss_mib"]
        lines.append(f"| {name} | {share:.0f} | {of_call} | {memory} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
