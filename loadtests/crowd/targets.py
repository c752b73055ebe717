"""When a run of the crowd is good: limits of what users meet, and what must not happen at all."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app.loadruns.rules import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

POP: Final = "assigned to received"
DEED: Final = "deed to card"
BACK: Final = "back"
CODES: Final = {POP: "pop", DEED: "ack", BACK: "back"}
ZEROS: Final = (
    "wrong_state", "repeats", "disorder", "breaches", "pops_lost", "pops_at_two_desks",
    "calls_lost", "double_assignments",
)  # fmt: skip
SHARES: Final = ("50%", "95%", "99%", "100%")
MOST_GROWTH: Final = 1.2  # of resident memory over a soak
USUAL: Final = Limits()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target, what was seen, and whether it held; `code` and `most` say the target to a page."""

    target: str
    seen: str
    held: bool
    code: str = ""
    most: str = ""


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


def limits_by_name(limits: Limits, *, storm: bool = False) -> list[tuple[str, str, float]]:
    """By Locust's name of what was timed: the percentile, as Locust writes it, and its most, ms (ux.md 14).

    The generator's own queue is in what Locust timed; the probe's figures are without it. `storm`: sockets are
    cut while servers are well, so that coming back is judged, too.
    """
    found = [
        (POP, "95%", float(limits.pop_p95)),
        (POP, "99%", float(limits.pop_p99)),
        (POP, "100%", float(limits.pop_max)),
        (DEED, "95%", float(limits.ack_p95)),
    ]
    return [*found, (BACK, "100%", float(limits.back))] if storm else found


def judge_times(
    percentiles: Mapping[str, Mapping[str, float]], limits: Limits = USUAL, *, storm: bool = False
) -> list[Verdict]:
    """What was never timed is missed: a run without a pop says nothing about pops."""
    found = []
    for name, share, most in limits_by_name(limits, storm=storm):
        ms = percentiles.get(name, {}).get(share)
        part = share.replace("100%", "max")
        found.append(
            Verdict(
                target=f"{name} {part} <= {most:g} ms",
                seen="none" if ms is None else f"{ms:g} ms",
                held=ms is not None and ms <= most,
                code=f"{CODES[name]}_{part.rstrip('%')}",
                most=f"{most:g} ms",
            )
        )
    return found


def judge_books(settled: Mapping[str, Any]) -> list[Verdict]:
    """What must not happen at all."""
    return [
        Verdict(f"{name} 0", str(settled[name]), settled[name] == 0, code=name, most="0")
        for name in ZEROS
    ]


def judge_memory(growth: Mapping[str, float]) -> list[Verdict]:
    """No process may have grown by more than a fifth."""
    return [
        Verdict(
            f"memory of {name} grew to at most {MOST_GROWTH:g}",
            f"{times:g}",
            times <= MOST_GROWTH,
            code="memory",
            most=f"{name} × {MOST_GROWTH:g}",
        )
        for name, times in growth.items()
    ]
