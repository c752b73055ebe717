"""An answer as a page shows it: a sentence, a table, three charts of the day and their text. Pure.

A chart's drawing is 1,000 wide and 100 high; its words stand beside it, so that the browser may stretch it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from app.whatif.rules import ASKABLE, BIN_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.whatif.rules import Answer, Band, Course, DaySettings, Step

Say = Callable[..., str]
"""`say(key, **fields)` in one language."""
WIDE, HIGH = 1000.0, 100.0
DASH: Final = "–"
PERCENT: Final = 100.0


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the day."""

    code: str
    happened: str
    again: str
    asked: str
    band: str  # of what was asked: where 90 % of the days lie


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure over the day. Paths are empty where there is nothing to draw."""

    code: str
    top: str
    happened: str
    asked: str
    band: str
    limit_y: float | None  # of the law's or campaign's limit, where it lies within


@dataclass(frozen=True, slots=True)
class Minutes:
    """Five minutes in words: what happened beside what if."""

    at: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that a page shows of one answer."""

    headline: str
    error: str
    reliable: bool
    rows: tuple[Row, ...]
    charts: tuple[Chart, ...]
    minutes: tuple[Minutes, ...]
    hours: tuple[tuple[float, str], ...]  # share of the width, and the hour that stands there


_FIGURES: Final = (
    ("occupancy", PERCENT, 1, " %"),
    ("abandoned", PERCENT, 2, " %"),
    ("wait_s", 1.0, 1, " s"),
    ("lines", 1.0, 1, ""),
    ("connected", 1.0, 0, ""),
)
_DRAWN: Final = (
    ("occupancy", PERCENT, 0, " %"),
    ("wait_s", 1.0, 0, " s"),
    ("so_far", PERCENT, 1, " %"),
)


class Drawer:
    """Draws answers in one language and zone."""

    def __init__(self, say: Say, language: str, zone: str) -> None:
        self._say = say
        self._comma = language == "vi"
        self._zone = ZoneInfo(zone)

    def draw(self, answer: Answer, own: DaySettings, asked: DaySettings) -> Drawing:
        """Everything of one answer."""
        limit = asked.abandon_limit_pct / PERCENT
        return Drawing(
            headline=self._headline(answer, own, asked),
            error=self._say(
                "what_if.error",
                occupancy=self._signed(PERCENT * answer.occupancy_error, 1),
                abandoned=self._signed(PERCENT * answer.abandoned_error, 2),
                persons=self.number(answer.persons, 0),
            ),
            reliable=answer.reliable,
            rows=tuple(self._rows(answer)),
            charts=tuple(self._charts(answer, limit)),
            minutes=tuple(self._minutes(answer)),
            hours=tuple(self._hours(answer)),
        )

    def number(self, value: float, digits: int = 1) -> str:
        """A number as the language writes it."""
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self._comma else text

    def changed(self, own: DaySettings, asked: DaySettings) -> str:
        """What was asked for, beside what was set: `target 1 % instead of 3 %`."""
        parts = [
            self._say(
                f"what_if.changed_{name}",
                old=self._setting(getattr(own, name)),
                new=self._setting(getattr(asked, name)),
            )
            for name in ASKABLE
            if getattr(own, name) != getattr(asked, name)
        ]
        return ", ".join(parts) or self._say("what_if.changed_nothing")

    def _setting(self, value: str | float) -> str:
        if isinstance(value, str):
            return self._say(f"campaigns.mode_{value}")
        return f"{value:g}".replace(".", ",") if self._comma else f"{value:g}"

    def _signed(self, value: float, digits: int) -> str:
        return ("+" if value >= 0 else "−") + self.number(abs(value), digits)

    def _headline(self, answer: Answer, own: DaySettings, asked: DaySettings) -> str:
        if answer.asked is None:
            return self._say("what_if.unreliable")
        before, after = answer.again, answer.asked
        told = self._say(
            "what_if.headline",
            changed=self.changed(own, asked),
            before=self._figure(before.occupancy, PERCENT, 1, " %"),
            after=self._figure(after.occupancy, PERCENT, 1, " %"),
            band=self._band(after.occupancy, PERCENT, 1),
            abandoned=self._figure(after.abandoned, PERCENT, 2, " %"),
        )
        return told[:1].upper() + told[1:]

    def _rows(self, answer: Answer) -> Iterator[Row]:
        for code, scale, digits, unit in _FIGURES:
            asked = None if answer.asked is None else getattr(answer.asked, code)
            yield Row(
                code,
                self._figure(getattr(answer.happened, code), scale, digits, unit),
                self._figure(getattr(answer.again, code), scale, digits, unit),
                self._figure(asked, scale, digits, unit),
                self._band(asked, scale, digits),
            )

    def _figure(self, band: Band | None, scale: float, digits: int, unit: str) -> str:
        if band is None or band.pooled is None:
            return DASH
        return f"{self.number(scale * band.pooled, digits)}{unit}"

    def _band(self, band: Band | None, scale: float, digits: int) -> str:
        if band is None or band.low is None or band.high is None:
            return ""
        return (
            f"{self.number(scale * band.low, digits)}{DASH}{self.number(scale * band.high, digits)}"
        )

    # --- over the day ---

    def _charts(self, answer: Answer, limit: float) -> Iterator[Chart]:
        shown = answer.asked or answer.again
        for code, scale, digits, unit in _DRAWN:
            happened, bands = _bands(answer.happened, code), _bands(shown, code)
            top = (
                1.0
                if code == "occupancy"
                else _top([*happened, *bands], limit if code == "so_far" else 0.0)
            )
            within = code == "so_far" and limit <= top
            yield Chart(
                code,
                f"{self.number(scale * top, digits)}{unit}",
                _line([band.pooled for band in happened], top),
                _line([band.pooled for band in bands], top),
                _area(bands, top),
                HIGH * (1 - limit / top) if within else None,
            )

    def _minutes(self, answer: Answer) -> Iterator[Minutes]:
        shown = answer.asked or answer.again
        for at, (was, would) in enumerate(zip(answer.happened.steps, shown.steps, strict=True)):
            yield Minutes(
                self._clock(answer, at * BIN_S),
                tuple(
                    (
                        self._figure(getattr(was, code), scale, digits + 1, unit),
                        self._figure(getattr(would, code), scale, digits + 1, unit),
                    )
                    for code, scale, digits, unit in _DRAWN
                ),
            )

    def _clock(self, answer: Answer, after_s: float) -> str:
        at = datetime.fromtimestamp(answer.begins_ms / 1000 + after_s, UTC)
        return f"{at.astimezone(self._zone):%H:%M}"

    def _hours(self, answer: Answer) -> Iterator[tuple[float, str]]:
        """Full hours, as many as fit."""
        begins = datetime.fromtimestamp(answer.begins_ms / 1000, UTC).astimezone(self._zone)
        length_s = len(answer.happened.steps) * BIN_S
        every = max(1, ceil(length_s / 3600 / 8))
        hour = begins.replace(minute=0, second=0, microsecond=0)
        for _ in range(25):
            hour += timedelta(hours=every)
            share = (hour - begins).total_seconds() / length_s
            if share >= 1.0:
                return
            yield PERCENT * share, f"{hour:%H:%M}"


def _bands(course: Course, code: str) -> list[Band]:
    steps: Sequence[Step] = course.steps
    return [getattr(step, code) for step in steps]


def _top(bands: Sequence[Band], least: float) -> float:
    """A round figure that holds what is drawn."""
    most = max((high for band in bands for high in (band.high, band.pooled) if high), default=0.0)
    most = max(most, 1.2 * least, 1e-3)
    power = 1e-4
    while True:
        for step in (1.0, 1.5, 2.0, 3.0, 5.0, 7.5):
            if step * power >= most:
                return step * power
        power *= 10


def _x(at: int, count: int) -> float:
    return WIDE * (at + 0.5) / count


def _y(value: float, top: float) -> float:
    return HIGH * (1.0 - min(1.0, max(0.0, value / top)))


def _line(values: Sequence[float | None], top: float) -> str:
    """A path through the middles of the steps, broken where nothing was seen."""
    parts, drawing = [], False
    for at, value in enumerate(values):
        if value is None:
            drawing = False
            continue
        parts.append(f"{'L' if drawing else 'M'}{_x(at, len(values)):.1f} {_y(value, top):.1f}")
        drawing = True
    return "".join(parts)


def _area(bands: Sequence[Band], top: float) -> str:
    """The band as a shape: along its upper edge and back along the lower."""
    told = [
        (at, band.low, band.high)
        for at, band in enumerate(bands)
        if band.low is not None and band.high is not None
    ]
    if not told:
        return ""
    upper = [f"{_x(at, len(bands)):.1f} {_y(high, top):.1f}" for at, _, high in told]
    lower = [f"{_x(at, len(bands)):.1f} {_y(low, top):.1f}" for at, low, _ in reversed(told)]
    return f"M{'L'.join([*upper, *lower])}Z"
