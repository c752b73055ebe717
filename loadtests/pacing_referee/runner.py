"""Command line: policies over scenarios and seeds, a table, and JSON if wanted."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from loadtests.pacing_referee.contest import (
    CLAIRVOYANT,
    PROGRESSIVE,
    every_baseline,
    play,
    tasks_of,
)
from loadtests.pacing_referee.scenario import Scenario, load_scenarios
from loadtests.pacing_referee.summary import aggregate, overall, table, totals_table

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> argparse.ArgumentParser:
    """Every option of the command line."""
    options = argparse.ArgumentParser(
        prog="python -m loadtests.pacing_referee", description=__doc__
    )
    options.add_argument(
        "--policy",
        action="append",
        default=[],
        help="module:Class, module:Class(arg=1), exec:COMMAND or baseline:NAME; repeatable",
    )
    options.add_argument(
        "--baselines", action="store_true", help="also run every baseline (tuned ratios included)"
    )
    options.add_argument(
        "--no-anchors",
        action="store_true",
        help="skip progressive and clairvoyant, which the skill score needs",
    )
    options.add_argument(
        "--scenarios", default="public", help="'public', 'held-out' or a TOML file"
    )
    options.add_argument("--only", default="", help="names of scenarios, with commas between")
    options.add_argument("--seeds", type=int, default=3, help="campaign days a scenario")
    options.add_argument("--first-seed", type=int, default=1)
    options.add_argument(
        "--tick",
        type=float,
        default=0.0,
        help="seconds between decisions, instead of the scenario's",
    )
    options.add_argument("--jobs", type=int, default=1, help="processes at once")
    options.add_argument("--json", default="", help="write the results to this file ('-': stdout)")
    return options


def chosen(file: str, only: str, tick_s: float) -> list[Scenario]:
    """The scenarios asked for.

    Raises:
        ValueError: ``only`` names one that the file does not have.
    """
    scenarios = load_scenarios(file)
    names = [name for name in only.split(",") if name]
    unknown = set(names) - {one.name for one in scenarios}
    if unknown:
        raise ValueError(
            f"no scenario {sorted(unknown)} in {file}; it has {[one.name for one in scenarios]}"
        )
    for scenario in scenarios:
        scenario.tick_s = tick_s or scenario.tick_s
    return [one for one in scenarios if not names or one.name in names]


def _specs(asked: argparse.Namespace) -> list[str]:
    """Policies in the order of the table: progressive first, the bound last."""
    specs = [] if asked.no_anchors else [PROGRESSIVE]
    specs += every_baseline() if asked.baselines else []
    specs += asked.policy
    specs += [] if asked.no_anchors else [CLAIRVOYANT]
    return list(dict.fromkeys(specs))


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of ``python -m loadtests.pacing_referee``."""
    options = parser()
    asked = options.parse_args(argv)
    if "" not in sys.path:
        sys.path.insert(0, "")  # module:Class is looked for beside the caller
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    try:
        tasks = tasks_of(_specs(asked), chosen(asked.scenarios, asked.only, asked.tick), seeds)
    except (OSError, ValueError) as refusal:
        options.error(str(refusal))
    days = play(tasks, asked.jobs)
    rows = aggregate(days)
    totals = overall(rows)
    results = json.dumps({"summary": rows, "overall": totals, "days": days}, indent=1)
    if asked.json == "-":
        print(results)
        return 0
    print(table(rows), totals_table(totals), sep="\n\n")
    if asked.json:
        Path(asked.json).write_text(results + "\n", encoding="utf-8")
    return 0
