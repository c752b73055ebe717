"""When a run of the crowd is good: limits of what users meet, and what must not happen at all."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# By Locust's name of what was timed: the percentile, as Locust writes it, and its most, ms (ux.md 14). The
# generator's own queue is in these figures; the probe's are without it.
LIMITS: Final = (
    ("assigned to received", "95%", 1_000.0),
    ("assigned to received", "99%", 2_000.0),
    ("assigned to received", "100%", 3_000.0),
    ("deed to card", "95%", 500.0),
)
ZEROS: Final = (
    "wrong_state", "repeats", "disorder", "breaches", "pops_lost", "pops_at_two_desks",
    "calls_lost", "double_assignments",
)  # fmt: skip
SHARES: Final = ("50%", "95%", "99%", "100%")
MOST_GROWTH: Final = 1.2  # of resident memory over a soak


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target, what was seen, and whether it held."""

    target: str
    seen: str
    held: bool


def read_percentiles(path: Path) -> dict[str, dict[str, float]]:
    """Locust's CSV of a run: by name, how many, how many failed, and percentiles in ms."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["Name"]: {
                "n": int(row["Request Count"]),
                "failed": int(row["Failure Count"]),
                **{share: _number(row[share]) for share in SHARES},
            }
            for row in csv.DictReader(file)
        }


def _number(text: str) -> float:
    return 0.0 if text in {"", "N/A"} else float(text)


def judge_times(percentiles: Mapping[str, Mapping[str, float]]) -> list[Verdict]:
    """What was never timed is missed: a run without a pop says nothing about pops."""
    found = []
    for name, share, most in LIMITS:
        seen = percentiles.get(name)
        word = f"{name} {share.replace('100%', 'max')} <= {most:g} ms"
        if seen is None:
            found.append(Verdict(word, "none", held=False))
        else:
            found.append(Verdict(word, f"{seen[share]:g} ms", held=seen[share] <= most))
    return found


def judge_books(settled: Mapping[str, Any]) -> list[Verdict]:
    """What must not happen at all."""
    return [Verdict(f"{name} 0", str(settled[name]), settled[name] == 0) for name in ZEROS]


def judge_memory(growth: Mapping[str, float]) -> list[Verdict]:
    """No process may have grown by more than a fifth."""
    return [
        Verdict(
            f"memory of {name} grew to at most {MOST_GROWTH:g}", f"{times:g}", times <= MOST_GROWTH
        )
        for name, times in growth.items()
    ]
