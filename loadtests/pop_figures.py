"""What the rows of a floor say of its screen pops: percentiles, losses, double assignments, verdicts.

Pure: `loadtests.bench_pop` reads the rows and prints. Instants are epoch ms of business time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from loadtests.figures import percentiles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

LARGEST_ERROR_MS = 50  # receipts of browsers less sure of the time are counted apart (D18)
RECEIPT_MS = 600  # D6: a pop not received by then goes back
RECEIVED_P99_MS, PAINTED_P95_MS = 50.0, 150.0
RECEIVED_PER_10_MINUTES, PAINTED_PER_10_MINUTES = 1_200, 240


@dataclass(frozen=True, slots=True)
class Row:
    """One call as the books have it. None: that never happened. `agent` is the last who had it."""

    call: str
    agent: str | None
    answered: int | None
    assigned: int | None
    published: int | None
    received: int | None
    painted: int | None
    error_ms: int | None
    connected: int | None
    ended: int | None
    by_person: bool
    abandoned: bool
    cause: str | None
    returned: int  # pops of this call that nobody received


@dataclass(frozen=True, slots=True)
class Span:
    """The measured part of a run, [begins, ends) in ms; calls belong to it by their assignment."""

    begins: int
    ends: int

    @property
    def seconds(self) -> float:
        """How long it was."""
        return (self.ends - self.begins) / 1000

    def holds(self, at: int | None) -> bool:
        """Whether an instant lies in it."""
        return at is not None and self.begins <= at < self.ends


def figures(
    rows: Sequence[Row], span: Span, pages: Collection[str], live_after: int
) -> dict[str, Any]:
    """All figures of one run. `pages`: agents at real browsers; `live_after`: calls left after the drain.

    Only a browser paints: a bot's receipt of painting is its own invention and is not in `painted`.
    """
    assigned = [row for row in rows if span.holds(row.assigned)]
    answered = [row for row in rows if row.by_person and span.holds(row.answered)]
    received = _between(assigned, "assigned", "received")
    sure, unsure = _painted(assigned, pages)
    unheard = [row for row in assigned if row.received is None and not row.returned]
    return {
        "seconds": round(span.seconds, 1),
        "answered": len(answered),
        "answered_per_s": round(len(answered) / span.seconds, 2),
        "received_ms": {"n": len(received), **percentiles(received)},
        "painted_ms": {"n": len(sure), "unsure": unsure, **percentiles(sure)},
        "calls_lost": sum(map(_is_lost, answered)) + live_after,
        "received_at_pages_ms": percentiles(
            _between([r for r in assigned if r.agent in pages], "assigned", "received")
        ),
        "to_published_ms": percentiles(_between(assigned, "assigned", "published")),
        "to_receipt_ms": percentiles(_between(assigned, "published", "received")),
        "pops_lost": sum(not _left_at_once(row) for row in unheard),
        "pops_overtaken": sum(map(_left_at_once, unheard)),
        "pops_returned": sum(row.returned for row in assigned),
        "double_assignments": double_assignments(rows),
        "abandoned": sum(row.abandoned for row in answered),
        "screen_first": _screen_first(assigned, pages),
    }


def _painted(rows: Iterable[Row], pages: Collection[str]) -> tuple[list[int], int]:
    """Times to paint of browsers that are sure of the time, and how many others there were."""
    shown = [r for r in rows if r.agent in pages and r.assigned and r.painted is not None]
    sure = [row for row in shown if (row.error_ms or 0) <= LARGEST_ERROR_MS]
    return [(r.painted or 0) - (r.assigned or 0) for r in sure], len(shown) - len(sure)


def _between(rows: Iterable[Row], first: str, second: str) -> list[int]:
    """The stretches from one instant to another, of calls that have both."""
    spans = [(getattr(row, first), getattr(row, second)) for row in rows]
    return [late - early for early, late in spans if early is not None and late is not None]


def _is_lost(row: Row) -> bool:
    """A person answered, and the books do not say what became of it."""
    return row.connected is None and not row.abandoned and not (row.ended and row.cause)


def _left_at_once(row: Row) -> bool:
    """The call was over before its receipt was due: nobody could still receive the pop."""
    return row.ended is not None and row.ended - (row.assigned or 0) < RECEIPT_MS


def double_assignments(rows: Iterable[Row]) -> int:
    """How often an agent was given a call before the one that he spoke in had ended."""
    by_agent: dict[str, list[Row]] = {}
    for row in rows:
        if row.agent and row.assigned and row.connected:
            by_agent.setdefault(row.agent, []).append(row)
    return sum(
        earlier.ended is None or (later.assigned or 0) < earlier.ended
        for calls in by_agent.values()
        for earlier, later in pairwise(sorted(calls, key=lambda row: row.assigned or 0))
    )


def _screen_first(rows: Iterable[Row], pages: Collection[str]) -> dict[str, Any]:
    """`lead_ms` = connected - painted (D19), and in how many calls the screen was first."""
    heard = [row for row in rows if row.connected is not None]
    painted = [
        row.connected - row.painted
        for row in heard
        if row.agent in pages and row.connected and row.painted
    ]
    received = [row.connected - row.received for row in heard if row.connected and row.received]
    return {
        "lead_ms": percentiles(painted),
        "painted_share": _share(lead >= 0 for lead in painted),
        "received_share": _share(lead >= 0 for lead in received),
    }


def _share(of: Iterable[bool]) -> float:
    known = list(of)
    return round(sum(known) / len(known), 3) if known else 0.0


def beside(received_ms: Mapping[str, float], relay_ms: Mapping[str, float]) -> dict[str, float]:
    """How many times the bare relay's time a pop takes."""
    return {
        name: round(received_ms[name] / relay_ms[name], 1) if relay_ms.get(name) else 0.0
        for name in ("p50", "p95", "p99")
    }


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target of the issue: what was wanted, what was seen."""

    target: str
    seen: str
    held: bool


def verdicts(runs: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    """The issue's targets: times by the median of the runs, counts by the worst run."""
    p99 = median(run["received_ms"]["p99"] for run in runs)
    p95 = median(run["painted_ms"]["p95"] for run in runs)
    found = [
        Verdict(f"received p99 < {RECEIVED_P99_MS:g} ms", f"{p99:g} ms", p99 < RECEIVED_P99_MS),
        Verdict(f"painted p95 < {PAINTED_P95_MS:g} ms", f"{p95:g} ms", p95 < PAINTED_P95_MS),
    ]
    for name, label in (
        ("calls_lost", "calls lost"),
        ("pops_lost", "pops lost"),
        ("double_assignments", "double assignments"),
    ):
        worst = max(int(run[name]) for run in runs)
        found.append(Verdict(f"{label} 0", str(worst), worst == 0))
    for name, least in (
        ("received_ms", RECEIVED_PER_10_MINUTES),
        ("painted_ms", PAINTED_PER_10_MINUTES),
    ):
        fewest = min(round(run[name]["n"] * 600 / run["seconds"]) for run in runs)
        label = name.removesuffix("_ms")
        found.append(Verdict(f"{label} >= {least:,} in 10 min", f"{fewest:,}", fewest >= least))
    return found


def table(runs: Sequence[Mapping[str, Any]]) -> str:
    """The runs side by side, as Markdown."""
    head = ["", *(f"run {number}" for number in range(1, len(runs) + 1)), "median"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for label, path in _LINES:
        values = [_reach(run, path) for run in runs]
        cells = [f"{value:g}" for value in (*values, median(values))]
        lines.append("| " + " | ".join([label, *cells]) + " |")
    return "\n".join(lines)


def _reach(run: Mapping[str, Any], path: str) -> float:
    found: Any = run
    for name in path.split("/"):
        found = found[name]
    return float(found)


_LINES = (
    ("answered calls/s", "answered_per_s"),
    ("received: n", "received_ms/n"),
    ("received p50, ms", "received_ms/p50"),
    ("received p95, ms", "received_ms/p95"),
    ("received p99, ms", "received_ms/p99"),
    ("received max, ms", "received_ms/max"),
    ("received at real pages p50, ms", "received_at_pages_ms/p50"),
    ("received at real pages p99, ms", "received_at_pages_ms/p99"),
    ("assigned to published p50, ms", "to_published_ms/p50"),
    ("assigned to published p99, ms", "to_published_ms/p99"),
    ("published to received p50, ms", "to_receipt_ms/p50"),
    ("published to received p99, ms", "to_receipt_ms/p99"),
    ("painted (real pages): n", "painted_ms/n"),
    ("painted p50, ms", "painted_ms/p50"),
    ("painted p95, ms", "painted_ms/p95"),
    ("painted p99, ms", "painted_ms/p99"),
    ("painted, clock not sure to 50 ms: n", "painted_ms/unsure"),
    ("bare relay p50, ms", "relay_ms/p50"),
    ("bare relay p95, ms", "relay_ms/p95"),
    ("bare relay p99, ms", "relay_ms/p99"),
    ("received / relay, p50", "beside_relay/p50"),
    ("received / relay, p99", "beside_relay/p99"),
    ("calls lost", "calls_lost"),
    ("pops lost", "pops_lost"),
    ("pops overtaken by the call's end", "pops_overtaken"),
    ("pops returned", "pops_returned"),
    ("double assignments", "double_assignments"),
    ("abandoned", "abandoned"),
    ("screen painted before the voice, share", "screen_first/painted_share"),
    ("screen received before the voice, share", "screen_first/received_share"),
    ("load average, mean", "load_mean"),
)
