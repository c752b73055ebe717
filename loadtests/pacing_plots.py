"""One scenario as an SVG: occupancy, abandonment and lines over the day, each policy named at its line.

Light and dark follow the reader's preference. Lines differ in dash as well as in colour; the colours keep
their order of lightness for readers who do not tell red from green.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from loadtests.pacing_referee.contest import CLAIRVOYANT, PREFIX, PROGRESSIVE, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadtests.pacing_referee.scenario import Scenario

    Point = tuple[float, float]  # second of the day, value

WIDTH, LEFT, RIGHT, TOP = 960, 62, 168, 92
PANEL, GAP, FOOT = 150, 50, 56
PLOT = WIDTH - LEFT - RIGHT
LABEL_GAP = 15.0
MERGED_STEPS = 3
"""Steps of the trace that make one point of occupancy and of lines: 15 minutes."""

FEWEST_LIVE = 150
"""People offered (all seeds together) before a share of abandoned ones is drawn."""

HOUR_SECONDS = 3600.0
DRAWN = {  # policies that are drawn beside the judged one, and the class of their line
    PREFIX + "tuned-ratio-idle": "ratio",
    PREFIX + "call-impact": "impact",
    PREFIX + "statistical": "statistical",
    PREFIX + "vicidial-avail-only": "vicidial",
    PROGRESSIVE: "progressive",
    CLAIRVOYANT: "clairvoyant",
}

STYLE = """
svg { --paper: #ffffff; --ink: #141a18; --quiet: #5a6562; --grid: #e4e8e6; --agents: #eef1ef;
  --limit: #a3201c; --ours: #14564d; --ratio: #b05a00; --impact: #2f5fc4;
  --statistical: #5d6ea8; --vicidial: #93357a;
  --progressive: #5a6562; --clairvoyant: #8b9591; }
@media (prefers-color-scheme: dark) { svg { --paper: #1a1f1e; --ink: #eceeec; --quiet: #a3ada9;
  --grid: #2d3533; --agents: #242b29; --limit: #ff9a90; --ours: #7fd6c6; --ratio: #f0a35c; --impact: #8fb8ff;
  --statistical: #a8b2d6; --vicidial: #e59aca; --progressive: #98a29e; --clairvoyant: #77837f; } }
text { font: 12px Inter, "Segoe UI", "Noto Sans", system-ui, sans-serif; fill: var(--quiet); }
.name { font-size: 17px; font-weight: 650; fill: var(--ink); }
.what { font-size: 13px; font-weight: 600; fill: var(--ink); }
.grid { stroke: var(--grid); }
.curve { fill: none; stroke-width: 1.7; stroke-linejoin: round; }
.ours { stroke-width: 3; }
text.ours { font-weight: 700; stroke: none; }
.curve.statistical { stroke-dasharray: 7 3; }
.curve.vicidial { stroke-dasharray: 2 3; }
.curve.progressive { stroke-dasharray: 12 4; }
.curve.clairvoyant { stroke-width: 1.2; }
.limit { stroke: var(--limit); stroke-dasharray: 5 4; }
text.limit { fill: var(--limit); stroke: none; }
.agents { fill: var(--agents); }
""" + "".join(
    f".curve.{name} {{ stroke: var(--{name}); }} text.{name} {{ fill: var(--{name}); }}\n"
    for name in ("ours", *DRAWN.values())
)


@dataclass(frozen=True)
class Curve:
    """One policy's line in a panel."""

    label: str
    kind: str  # class of the line
    points: Sequence[Point]


@dataclass(frozen=True)
class Panel:
    """One quantity over the day; ``top`` is where it stands on the page."""

    title: str
    top: float
    low: float
    high: float
    day_s: float

    def x(self, second: float) -> float:
        """Where an instant of the day stands."""
        return LEFT + PLOT * second / self.day_s

    def y(self, value: float) -> float:
        """Where a value stands; the clip of the panel cuts what is beyond."""
        return self.top + PANEL * (self.high - value) / (self.high - self.low)

    def path(self, points: Sequence[Point]) -> str:
        """The line through the points."""
        return "M" + "L".join(f"{self.x(at):.1f} {self.y(value):.1f}" for at, value in points)


def draw(scenario: Scenario, days: Sequence[Row], judged: str) -> str:
    """The plot of one scenario: means of its days for the policy ``judged`` and those beside it."""
    by_policy: dict[str, list[Row]] = {}
    for day in days:
        by_policy.setdefault(day["policy"], []).append(day)
    shown = {judged: "ours", **DRAWN}
    played = {name: (kind, by_policy[name]) for name, kind in shown.items() if name in by_policy}
    seeds = sorted({day["seed"] for day in days})
    parts = [
        _occupancy(scenario, played),
        _abandonment(scenario, played),
        _lines(scenario, played),
    ]
    height = TOP + 3 * PANEL + 2 * GAP + FOOT
    which = (
        f"Means of {len(seeds)} days, seeds {seeds[0]} to {seeds[-1]}."
        if seeds[1:]
        else f"Day {seeds[0]} alone."
    )
    said = f"{escape(scenario.description)}; limit {100 * scenario.abandon_limit:g} %. {which}"
    title = f"{scenario.name}: occupancy, abandonment and lines over the day"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            f"<title>{title}</title>",
            f"<style>{STYLE}</style>",
            f'<rect width="{WIDTH}" height="{height}" style="fill: var(--paper)"/>',
            f'<text class="name" x="{LEFT}" y="30">{scenario.name}</text>',
            f'<text x="{LEFT}" y="50">{said}</text>',
            *parts,
            f'<text x="{LEFT + PLOT / 2}" y="{height - 14}" text-anchor="middle">hours of the campaign day</text>',
            "</svg>\n",
        ]
    )


Played = dict[str, tuple[str, list[Row]]]


def _label(policy: str) -> str:
    return policy.removeprefix(PREFIX).replace("tuned-ratio-idle", "tuned ratio").replace("-", " ")


def _curves(played: Played, points: Callable[[list[Row]], list[Point]]) -> list[Curve]:
    return [Curve(_label(name), kind, points(days)) for name, (kind, days) in played.items()]


def _occupancy(scenario: Scenario, played: Played) -> str:
    curves = _curves(played, _occupied_pct)
    least = min((value for curve in curves for _, value in curve.points), default=0.0)
    low = max(0.0, min(40.0, 20.0 * (least // 20)))
    panel = Panel("Occupancy, % of logged-in time", TOP, low, 100.0, scenario.duration_s)
    return _panel(panel, curves, _steps(low, 100.0))


def _abandonment(scenario: Scenario, played: Played) -> str:
    limit = 100 * scenario.abandon_limit
    counted = {name: of for name, of in played.items() if any(day["abandoned"] for day in of[1])}
    nobody = ", ".join(_label(name) for name in played if name not in counted)
    title = "Abandoned so far today, % of people who answered" + (
        f" ({nobody}: nobody)" if nobody else ""
    )
    panel = Panel(title, TOP + PANEL + GAP, 0.0, 2 * limit, scenario.duration_s)
    y = panel.y(limit)
    line = (
        f'<path class="limit" d="M{LEFT} {y:.1f}h{PLOT}"/>'
        f'<text class="limit" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">limit {limit:g}</text>'
    )
    ticks = [limit * part / 3 for part in (0, 1, 2, 4, 5, 6)]
    return _panel(panel, _curves(counted, _abandoned_pct), ticks, under=line)


def _lines(scenario: Scenario, played: Played) -> str:
    curves = _curves(played, _lines_in_use)
    agents = _logged_in(next(iter(played.values()))[1])
    high = max(value for curve in curves for _, value in curve.points)
    ticks = _steps(0.0, 1.05 * max(high, *(value for _, value in agents)))
    panel = Panel(
        "Lines in use, conversations included (shaded: agents there)",
        TOP + 2 * (PANEL + GAP),
        0.0,
        ticks[-1],
        scenario.duration_s,
    )
    floor = f"L{panel.x(agents[-1][0]):.1f} {panel.y(0):.1f}L{panel.x(agents[0][0]):.1f} {panel.y(0):.1f}Z"
    return _panel(
        panel, curves, ticks, under=f'<path class="agents" d="{panel.path(agents)}{floor}"/>'
    )


def _panel(panel: Panel, curves: Sequence[Curve], ticks: Sequence[float], under: str = "") -> str:
    """Title, grid, lines and their names."""
    clip = f"clip{panel.top}"
    parts = [
        f'<clipPath id="{clip}"><rect x="{LEFT}" y="{panel.top - 2}" width="{PLOT}" height="{PANEL + 4}"/>',
        "</clipPath>",
        f'<text class="what" x="{LEFT}" y="{panel.top - 12}">{panel.title}</text>',
        under,
    ]
    for tick in ticks:
        y = panel.y(tick)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}h{PLOT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:.3g}</text>')
    for hour in range(int(panel.day_s // HOUR_SECONDS) + 1):
        x = panel.x(hour * HOUR_SECONDS)
        parts.append(
            f'<text x="{x:.1f}" y="{panel.top + PANEL + 17}" text-anchor="middle">{hour}</text>'
        )
    drawn = [curve for curve in reversed(curves) if curve.points]
    parts += [
        f'<path class="curve {curve.kind}" clip-path="url(#{clip})" d="{panel.path(curve.points)}"/>'
        for curve in drawn
    ]
    parts += _names(panel, drawn)
    return "\n".join(filter(None, parts))


def _names(panel: Panel, curves: Sequence[Curve]) -> list[str]:
    """Each line's name beside its end, pushed apart where they would cover each other."""
    bottom = panel.top + PANEL
    ends = sorted(
        (min(max(panel.y(curve.points[-1][1]), panel.top), bottom), at)
        for at, curve in enumerate(curves)
    )
    places = [y for y, _ in ends]
    for _ in range(len(places) * 8):  # relax: neighbours that are too close move apart by halves
        for at, (above, below) in enumerate(pairwise(places)):
            short = LABEL_GAP - (below - above)
            if short > 0:
                places[at] -= short / 2
                places[at + 1] += short / 2
    return [
        f'<text class="{curves[at].kind}" x="{LEFT + PLOT + 8}" y="{y + 4:.1f}">{curves[at].label}</text>'
        for y, (_, at) in zip(places, ends, strict=True)
    ]


def _steps(low: float, high: float) -> list[float]:
    """Round ticks from ``low`` to at least ``high``, four to six of them."""
    span = high - low
    for step in (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000):
        if span / step <= 5:  # noqa: PLR2004 - intervals in a panel
            break
    count = -int(-span // step)
    return [low + step * at for at in range(count + 1)]


def _summed(days: Sequence[Row], name: str, merged: int) -> list[float]:
    """A quantity of the trace summed over the days, ``merged`` steps at a time."""
    by_step = [sum(values) for values in zip(*(day["trace"][name] for day in days), strict=True)]
    return [sum(by_step[at : at + merged]) for at in range(0, len(by_step), merged)]


def _centres(days: Sequence[Row], count: int) -> list[float]:
    step_s = days[0]["trace"]["step_s"] * MERGED_STEPS
    return [step_s * (at + 0.5) for at in range(count)]


def _occupied_pct(days: list[Row]) -> list[Point]:
    there, occupied = (_summed(days, name, MERGED_STEPS) for name in ("logged_in_s", "occupied_s"))
    points = zip(_centres(days, len(there)), there, occupied, strict=True)
    return [(at, 100 * busy / total) for at, total, busy in points if total]


def _lines_in_use(days: list[Row]) -> list[Point]:
    return _mean(days, _summed(days, "lines", MERGED_STEPS))


def _logged_in(days: list[Row]) -> list[Point]:
    """Agents there, on average."""
    step_s = days[0]["trace"]["step_s"]
    return _mean(days, [seconds / step_s for seconds in _summed(days, "logged_in_s", MERGED_STEPS)])


def _mean(days: list[Row], sums: list[float]) -> list[Point]:
    """Per step and day; the last point may stand for fewer steps than the others."""
    steps = len(days[0]["trace"]["lines"])
    sizes = [min(MERGED_STEPS, steps - at) for at in range(0, steps, MERGED_STEPS)]
    points = zip(_centres(days, len(sums)), sums, sizes, strict=True)
    return [(at, total / (size * len(days))) for at, total, size in points]


def _abandoned_pct(days: list[Row]) -> list[Point]:
    """Share abandoned from the start of the day to the end of each step."""
    step_s = days[0]["trace"]["step_s"]
    live, lost = (accumulate(_summed(days, name, 1)) for name in ("live", "abandoned"))
    return [
        (step_s * at, 100 * gone / offered)
        for at, (offered, gone) in enumerate(zip(live, lost, strict=True), start=1)
        if offered >= FEWEST_LIVE
    ]
