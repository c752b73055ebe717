"""The figures of bench-sockets: same-round ratios to the floor, what was to be reached, tables. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Figures = dict[str, float]
Rounds = list[dict[str, Figures]]  # for each round, each peer's figures by name

FLOOR, OURS, TWO = "floor", "ours", "ours, two hubs"


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several rounds, with the least and the most."""

    middle: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{_short(self.middle)} ({_short(self.least)}-{_short(self.most)})"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure of one peer that is to be reached: as a ratio to the floor of the same round, or as it is.

    `stretch` is what would be better still.
    """

    said: str
    peer: str
    figure: str
    bound: float
    stretch: float | None = None
    is_ratio: bool = False
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a goal; `seen` is None when it was not measured."""

    goal: Goal
    seen: Spread | None

    @property
    def met(self) -> bool:
        """Whether the median is within the bound."""
        return self.seen is not None and self._within(self.goal.bound)

    def __str__(self) -> str:
        goal = self.goal
        if self.seen is None:
            return f"not measured: {goal.said}"
        how = "met" if self.met else "**not met**"
        if self.met and goal.stretch is not None and self._within(goal.stretch):
            how = "met, and the stretch too"
        way, of = (">=" if goal.at_least else "<="), (" of the floor" if goal.is_ratio else "")
        more = "" if goal.stretch is None else f", stretch {goal.stretch:g}"
        return f"{how}: {goal.said} {self.seen}{of}; to reach {way} {goal.bound:g}{more}"

    def _within(self, bound: float) -> bool:
        if self.seen is None:
            return False
        return self.seen.middle >= bound if self.goal.at_least else self.seen.middle <= bound


GOALS = (
    Goal("targeted at 200/s, p50", OURS, "t200_p50_ms", 1.7, 1.4, is_ratio=True),
    Goal("targeted at 1,000/s, p50", OURS, "t1000_p50_ms", 1.8, 1.5, is_ratio=True),
    Goal("lost at 1,000/s", OURS, "t1000_lost", 0),
    Goal("misrouted or twice at 1,000/s", OURS, "t1000_wrong", 0),
    Goal("fan-out to all, a second", OURS, "ball_per_s", 0.85, 0.9, is_ratio=True, at_least=True),
    Goal("CPU s for 100,000 targeted beyond idle", OURS, "t1000_cpu_net_s_per_100k", 6.5, 5.0),
    Goal("storm without jitter, two hubs, all back and right, s", TWO, "storm_s", 1.5, 0.8),
    Goal("storm as shipped, two hubs, s", TWO, "storm_shipped_s", 5.0),
    Goal("not back or not right after the storms", TWO, "storms_missing", 0),
    Goal("resumed of 500", OURS, "resumed", 500, at_least=True),
    Goal("share that the healthy lose beside a slow reader", OURS, "slow_lost_share", 0),
    Goal("KiB a socket", OURS, "kib_per_socket_after", 40),
    Goal("longest pause for garbage, ms", OURS, "longest_pause_ms", 10),
)

ROWS = (
    ("targeted 50/s p50, ms", "t50_p50_ms"),
    ("targeted 200/s p50, ms", "t200_p50_ms"),
    ("targeted 200/s p95, ms", "t200_p95_ms"),
    ("targeted 1,000/s p50, ms", "t1000_p50_ms"),
    ("targeted 1,000/s p95, ms", "t1000_p95_ms"),
    ("targeted 1,000/s p99, ms", "t1000_p99_ms"),
    ("reached of 1,000/s", "t1000_per_s"),
    ("lost at 1,000/s", "t1000_lost"),
    ("misrouted or twice", "t1000_wrong"),
    ("CPU s per 100,000 targeted, with idle", "t1000_cpu_s_per_100k"),
    ("CPU s per 100,000 targeted, beyond idle", "t1000_cpu_net_s_per_100k"),
    ("engine's CPU s per 100,000", "t1000_engine_s_per_100k"),
    ("broadcast to 200, deliveries/s", "b200_per_s"),
    ("broadcast to all, deliveries/s", "ball_per_s"),
    ("broadcast to all, last one p50, ms", "ball_last_p50_ms"),
    ("CPU s per 100,000 broadcast", "ball_cpu_s_per_100k"),
    ("connect CPU ms a socket", "connect_cpu_ms"),
    ("KiB a socket, connected", "kib_per_socket"),
    ("KiB a socket, after load", "kib_per_socket_after"),
    ("CPU ms a second, idle", "idle_cpu_ms_per_s"),
    ("storm, all back, s", "storm_s"),
    ("storm CPU s", "storm_cpu_s"),
    ("storm as shipped, all back, s", "storm_shipped_s"),
    ("not back after the storms", "storms_missing"),
    ("longest pause for garbage, ms", "longest_pause_ms"),
    ("resumed of 500", "resumed"),
    ("share lost beside a slow reader", "slow_lost_share"),
    ("growth beside a slow reader, MiB", "slow_growth_mib"),
)

RATIOS = (
    ("targeted 50/s p50", "t50_p50_ms"),
    ("targeted 200/s p50", "t200_p50_ms"),
    ("targeted 1,000/s p50", "t1000_p50_ms"),
    ("CPU per targeted", "t1000_cpu_net_s_per_100k"),
    ("broadcast to 200, deliveries/s", "b200_per_s"),
    ("broadcast to all, deliveries/s", "ball_per_s"),
    ("CPU per broadcast delivery", "ball_cpu_s_per_100k"),
)


def derived(found: Figures) -> Figures:
    """The figures with those that follow from them: cost beyond idle, and both storms' losses."""
    rate = found.get("t1000_per_s")
    if rate:
        idle = found["idle_cpu_ms_per_s"] / 1000 / rate * 1e5
        found["t1000_cpu_net_s_per_100k"] = max(0.0, found["t1000_cpu_s_per_100k"] - idle)
    if "storm_missing" in found:
        found["storms_missing"] = found["storm_missing"] + found["storm_shipped_missing"]
    return found


def spread(values: Sequence[float]) -> Spread | None:
    """Median, least and most; None for nothing."""
    return Spread(median(values), min(values), max(values)) if values else None


def plain(rounds: Rounds, peer: str, figure: str) -> Spread | None:
    """One peer's figure over the rounds that have it."""
    return spread([each[peer][figure] for each in rounds if figure in each.get(peer, {})])


def ratio(rounds: Rounds, peer: str, figure: str) -> Spread | None:
    """One peer's figure through the floor's of the same round."""
    found = []
    for each in rounds:
        of, floor = each.get(peer, {}).get(figure), each.get(FLOOR, {}).get(figure)
        if of is not None and floor:
            found.append(of / floor)
    return spread(found)


def verdicts(rounds: Rounds) -> list[Verdict]:
    """Every goal with what was seen."""
    return [
        Verdict(goal, (ratio if goal.is_ratio else plain)(rounds, goal.peer, goal.figure))
        for goal in GOALS
    ]


def table(rounds: Rounds, absent: Mapping[str, str]) -> str:
    """Medians of every peer, then the ratios to the floor with their range, as Markdown."""
    peers = list(dict.fromkeys(name for each in rounds for name in each))
    head = f"| median of {len(rounds)} rounds | {' | '.join(peers)} |"
    lines = [head, "|---" * (len(peers) + 1) + "|"]
    for said, figure in ROWS:
        cells = [plain(rounds, peer, figure) for peer in peers]
        lines.append(f"| {said} | {' | '.join(_cell(cell) for cell in cells)} |")
    others = [peer for peer in peers if peer != FLOOR]
    lines += ["", f"| to the floor of the same round | {' | '.join(others)} |"]
    lines.append("|---" * (len(others) + 1) + "|")
    for said, figure in RATIOS:
        spreads = [ratio(rounds, peer, figure) for peer in others]
        cells_ = " | ".join("" if cell is None else str(cell) for cell in spreads)
        lines.append(f"| {said} | {cells_} |")
    lines += ["", *(f"Not measured here: {name}, {why}" for name, why in absent.items())]
    return "\n".join(lines)


def _cell(found: Spread | None) -> str:
    return "" if found is None else _short(found.middle)


def _short(value: float) -> str:
    """Three digits that matter."""
    if value >= 100:  # noqa: PLR2004 -- whole numbers from here on
        return f"{value:,.0f}"
    return f"{value:.3g}"
