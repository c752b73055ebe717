"""The pacing engine before the referee, every published method beside it: `make bench-pacing`.

Prints the table, who is first on each scenario, days over the limit, mean score and skill; writes JSON
and a plot a scenario. Finished days are kept under the state directory and not played again while
nothing that they depend on has changed. The exit code is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loadtests.figures import machine
from loadtests.pacing_plots import draw
from loadtests.pacing_ranks import Rank, rank
from loadtests.pacing_referee.contest import (
    CLAIRVOYANT,
    PREFIX,
    PROGRESSIVE,
    Row,
    every_baseline,
    play,
    tasks_of,
)
from loadtests.pacing_referee.runner import chosen
from loadtests.pacing_referee.summary import aggregate, overall, table, totals_table
from loadtests.pacing_shelf import ENGINE, ENGINE_MODULE, Shelf, shelf_at_hand, source_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtests.pacing_referee.scenario import Scenario

NAME = "paceline"
LEAST_SCORE = 86.0
PLOTS = Path("docs/pacing")


def main() -> int:
    """The command line."""
    asked = _options().parse_args()
    scenarios = chosen(asked.scenarios, asked.only, 0.0)
    specs = [
        PROGRESSIVE,
        *every_baseline(),
        *([] if asked.baselines_only else [ENGINE]),
        CLAIRVOYANT,
    ]
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    shelf = shelf_at_hand(fresh=asked.fresh)
    about = {"commit": _commit(), "engine": source_digest(ENGINE_MODULE), **machine()}
    print(json.dumps(about))
    started = time.monotonic()
    days = play(tasks_of(specs, scenarios, seeds), asked.jobs, shelf)
    for day in days:
        day["policy"] = NAME if day["policy"] == ENGINE else day["policy"]
    print(_from_the_shelf(shelf, time.monotonic() - started))
    rows = aggregate(days)
    totals = overall(rows)
    print("\n" + table(rows) + "\n\n" + totals_table(totals) + "\n")
    ranks = [] if asked.baselines_only else [rank(days, NAME, one.name) for one in scenarios]
    verdicts = _verdicts(ranks, totals)
    print("\n".join(f"{place.scenario:<16} {place}".replace(PREFIX, "") for place in ranks))
    print("\n".join(f"{'held' if held else 'MISSED'}: {said}" for held, said in verdicts))
    results = {
        **about,
        "summary": rows,
        "overall": totals,
        "ranks": {r.scenario: str(r) for r in ranks},
    }
    _write(asked, results, days, scenarios)
    return 0 if all(held for held, _ in verdicts) else 1


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--scenarios", default="public", help="'public', 'held-out' or a TOML file"
    )
    options.add_argument("--only", default="", help="names of scenarios, with commas between")
    options.add_argument("--seeds", type=int, default=5, help="campaign days a scenario")
    options.add_argument("--first-seed", type=int, default=1)
    options.add_argument("--jobs", type=int, default=2, help="processes at once")
    options.add_argument("--fresh", action="store_true", help="play every day again")
    options.add_argument(
        "--baselines-only", action="store_true", help="play and keep the baselines' days"
    )
    options.add_argument("--json", type=Path, help="results, each day with its course")
    options.add_argument(
        "--plots", type=Path, help="folder of the plots (docs/pacing for the whole table)"
    )
    return options


def _commit() -> str:
    """What is measured; a changed tree says so."""
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return told.stdout.strip() or "unknown"


def _from_the_shelf(shelf: Shelf, seconds: float) -> str:
    kept = ", ".join(f"{_plain(name)} {count}" for name, count in shelf.taken.items()) or "none"
    return f"{sum(shelf.played.values())} days played in {seconds:.0f} s; from the shelf: {kept}"


def _plain(policy: str) -> str:
    return NAME if policy == ENGINE else policy.removeprefix(PREFIX)


def _verdicts(ranks: Sequence[Rank], totals: dict[str, dict[str, float]]) -> list[tuple[bool, str]]:
    """Each target: whether it is held, and the figure."""
    if not ranks:
        return []
    beaten = [place.scenario for place in ranks if place.beaten]
    mine = totals[NAME]
    return [
        (not beaten, f"beaten nowhere ({', '.join(beaten) or 'nowhere'})"),
        (
            mine["days_over"] == 0,
            f"0 days over the limit ({mine['days_over']:.0f} of {mine['days']:.0f})",
        ),
        (
            mine["score"] >= LEAST_SCORE,
            f"mean score at least {LEAST_SCORE:.0f} ({mine['score']:.2f})",
        ),
    ]


def _write(
    asked: argparse.Namespace, results: dict[str, Any], days: list[Row], scenarios: list[Scenario]
) -> None:
    """The JSON file and the plots, where they were asked for."""
    if asked.json:
        asked.json.write_text(
            json.dumps({**results, "days": days}, indent=1) + "\n", encoding="utf-8"
        )
    whole = asked.scenarios == "public" and not asked.only and not asked.baselines_only
    folder = asked.plots or (PLOTS if whole else None)
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for scenario in scenarios:
        mine = [day for day in days if day["scenario"] == scenario.name]
        (folder / f"{scenario.name}.svg").write_text(draw(scenario, mine, NAME), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
