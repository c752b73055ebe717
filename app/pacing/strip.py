"""The last hour of a campaign as a strip: four little charts over the same sixty minutes. Pure.

Charts are drawn in units of a minute across and of one whole up, so that a page may stretch them as it likes;
a minute of which nothing was kept is a gap, never a line drawn over it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import ceil
from typing import Final

from app.pacing.rules import MINUTE, Minute, minute_begins

MINUTES: Final = 60
HEIGHT: Final = 100  # of a chart, in its own units; 0 is above
TICK_MINUTES: Final = 10
_ROOM: Final = 4 / 3  # of the limit, that the chart of abandonment shows above nothing

TONES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("RATIO", "PROGRESSIVE", "CHANCE", "AGENTS", "AGENTLESS", "COLD_START"), "steady"
    ),
    **dict.fromkeys(("WARMING_UP", "FEW_AGENTS", "CEILING", "LINES", "CALLS_PER_SECOND"), "bound"),
    **dict.fromkeys(("BUDGET", "ABANDONMENT"), "budget"),
    **dict.fromkeys(("STALE", "CARRIER_LOST"), "fault"),
}
"""How a reason is coloured; those that are not named mean that nothing is to be dialled."""
IDLE: Final = "idle"


@dataclass(frozen=True, slots=True)
class Band:
    """Minutes in a row that were bound by one reason. `x` and `width` in minutes."""

    x: int
    width: int
    code: str
    tone: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Strip:
    """The hour. Paths are of SVG; `most` is the top of the chart of lines, `top_pct` that of abandonment."""

    begins: datetime
    lines: str
    free: str
    most: int
    occupancy: str
    abandoned: str
    top_pct: float
    target_y: float
    limit_y: float
    bands: tuple[Band, ...]
    ticks: tuple[tuple[int, datetime], ...]
    rows: tuple[tuple[datetime, Minute], ...]  # newest first

    @property
    def latest(self) -> Minute | None:
        """The newest minute that was kept."""
        return self.rows[0][1] if self.rows else None


def strip_of(minutes: Mapping[datetime, Minute], now: datetime) -> Strip:
    """The sixty minutes before the running one."""
    ends = minute_begins(now)
    begins = ends - MINUTES * MINUTE
    hour = [minutes.get(begins + n * MINUTE) for n in range(MINUTES)]
    known = [minute for minute in hour if minute is not None]
    most = ceil(max((max(m.lines, m.free) for m in known), default=0)) or 1
    limit = max((m.limit_pct for m in known), default=3.0)
    top = max(_ROOM * limit, *(m.abandoned_pct or 0.0 for m in known), 0.0)
    last = known[-1] if known else None
    return Strip(
        begins=begins,
        lines=_path(hour, lambda m: m.lines / most),
        free=_path(hour, lambda m: m.free / most),
        most=most,
        occupancy=_path(hour, lambda m: _share(m.occupancy_pct, 100.0)),
        abandoned=_path(hour, lambda m: _share(m.abandoned_pct, top)),
        top_pct=top,
        target_y=_y((last.target_pct if last else 0.0) / top),
        limit_y=_y((last.limit_pct if last else limit) / top),
        bands=tuple(_bands(hour, begins)),
        ticks=tuple((n, begins + n * MINUTE) for n in range(0, MINUTES, TICK_MINUTES)),
        rows=tuple(sorted(((at, m) for at, m in minutes.items() if begins <= at < ends), reverse=True, key=_at)),
    )  # fmt: skip


def _at(row: tuple[datetime, Minute]) -> datetime:
    return row[0]


def _share(value: float | None, whole: float) -> float | None:
    return None if value is None else value / whole


def _y(share: float) -> float:
    return round(HEIGHT * (1 - share), 1)


def _path(hour: Sequence[Minute | None], value: Callable[[Minute], float | None]) -> str:
    """Steps: each minute is level; a minute without a value lifts the pen."""
    parts, down = [], False
    for x, minute in enumerate(hour):
        share = None if minute is None else value(minute)
        if share is None:
            down = False
            continue
        y = _y(share)
        parts.append(f"{'V' if down else f'M{x} '}{y:g}H{x + 1}")
        down = True
    return "".join(parts)


def _bands(hour: Sequence[Minute | None], begins: datetime) -> list[Band]:
    found, x = [], 0
    for code, run in groupby(hour, key=lambda m: None if m is None else m.reason):
        width = len(list(run))
        if code:
            band = Band(
                x,
                width,
                code,
                TONES.get(code, IDLE),
                begins + x * MINUTE,
                begins + (x + width) * MINUTE,
            )
            found.append(band)
        x += width
    return found
