"""A load test as its page shows it: figures, bars, verdicts, processes; live and afterwards in one form. Pure.

What stood in Locust's CSV is passed on as it stands there, so that page and file never disagree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

POP: Final = "assigned to received"
DEED: Final = "deed to card"
SHARES: Final = ("50%", "95%", "99%", "100%")
BUCKETS: Final = ("10", "20", "50", "100", "200", "500", "1000", "2000", "3000", "")  # ms, up to


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the histogram: up to so many ms (empty: beyond), how many, and its height in %."""

    until: str
    count: int
    height: float


@dataclass(frozen=True, slots=True)
class Timed:
    """What was timed under one name: how many, how many failed, and percentiles in ms."""

    name: str
    n: int
    failed: int | None
    p50: float
    p95: float
    p99: float
    most: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A run. What is not known yet is None or empty."""

    stage: str
    share: float  # of the stage of work, 0 to 1
    passed_s: float
    of_s: float
    sockets: int | None
    wanted: int | None
    frames_s: int | None
    redis_ops_s: int | None
    coalesced: int | None
    cut_off: int | None
    pop: Timed | None
    deed: Timed | None
    timed: Sequence[Timed]
    bars: Sequence[Bar]
    verdicts: Sequence[Mapping[str, Any]]
    processes: Sequence[Mapping[str, Any]]


def draw(live: Mapping[str, Any] | None, outcome: Mapping[str, Any] | None) -> Drawing:
    """From what a run tells while it works (`live`), and from what it found in the end (`outcome`)."""
    live = live or {}
    clients: Mapping[str, Any] = live.get("clients") or {}
    server: Mapping[str, Any] = live.get("server") or {}
    timed = _timed(clients, outcome)
    passed, of = float(live.get("passed_s") or 0), float(live.get("of_s") or 0)
    return Drawing(
        stage=str(live.get("stage") or "PREPARING"),
        share=min(1.0, passed / of) if of and live.get("stage") == "WORKING" else 0.0,
        passed_s=passed,
        of_s=of,
        sockets=clients.get("sockets"),
        wanted=clients.get("wanted"),
        frames_s=clients.get("frames_s"),
        redis_ops_s=live.get("redis_ops_s"),
        coalesced=server.get("coalesced"),
        cut_off=server.get("cut_off"),
        pop=_named(POP, timed),
        deed=_named(DEED, timed),
        timed=timed,
        bars=_bars(clients.get("histogram") or []),
        verdicts=outcome["verdicts"] if outcome else [],
        processes=_processes(live, outcome),
    )


def _named(name: str, timed: Sequence[Timed]) -> Timed | None:
    return next((each for each in timed if each.name == name), None)


def _timed(clients: Mapping[str, Any], outcome: Mapping[str, Any] | None) -> list[Timed]:
    found: Mapping[str, Mapping[str, Any]] = (
        outcome["by_locust"] if outcome else clients.get("timed") or {}
    )
    return [
        Timed(name, int(one["n"]), one.get("failed"), *(float(one[share]) for share in SHARES))
        for name, one in found.items()
        if name != "Aggregated"
    ]


def _bars(counts: Sequence[int]) -> list[Bar]:
    highest = max(counts, default=0)
    return [
        Bar(until, count, 100 * count / highest if highest else 0.0)
        for until, count in zip(BUCKETS, counts, strict=False)
    ]


def _processes(
    live: Mapping[str, Any], outcome: Mapping[str, Any] | None
) -> list[Mapping[str, Any]]:
    """CPU in % of one core: of the last second while it works, of the whole time afterwards."""
    if not outcome:
        return list(live.get("processes") or [])
    return [
        {
            "name": name,
            "cpu_pct": round(100 * used["cpu_s"] / max(1.0, outcome["seconds"])),
            "rss_mib": used["pss_mib"] or used["rss_mib"],
        }
        for name, used in sorted(outcome["processes"].items())
    ]
