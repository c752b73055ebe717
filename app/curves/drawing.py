"""Curves as a page draws them: paths on a field of fixed size, and the same in words and numbers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from app.curves.rules import Answered, Count, Stage, Survival, by_hour, by_tries, survival

WIDE, HIGH = 1000.0, 100.0  # of every drawing
BAR: Final = 0.6  # of an hour's place that its bar takes
STEP_PCT: Final = 10  # the scale of shares ends at a multiple of this
SHOWN_OVER: Final = 0.98  # a survival curve is drawn until so large a share is over
DRAWN: Final = (Stage.RING, Stage.TALK, Stage.WRAP)
TOLD: Final = (Stage.SETUP, Stage.RING, Stage.CHECK, Stage.TALK, Stage.WRAP)


@dataclass(frozen=True, slots=True)
class Shared:
    """How often people answered, in words: the group, dials, people, the share and its 95 % interval."""

    key: int
    dials: str
    people: str
    share: str
    interval: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour's bar and the line of its interval; all on the field."""

    x: float
    y: float
    wide: float
    high: float
    middle: float
    low_y: float
    high_y: float
    label_pct: float  # where its hour stands, of the field's width


@dataclass(frozen=True, slots=True)
class Drawn:
    """One part of a call as a falling line; ends at `until` seconds."""

    stage: str
    path: str
    until: str
    seen: str


@dataclass(frozen=True, slots=True)
class Told:
    """One part of a call in words: how many were seen, when half were over, when nine of ten."""

    stage: str
    seen: str
    half: str
    most: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole page."""

    top_pct: int
    hours: tuple[tuple[Bar, Shared], ...]
    tries: tuple[Shared, ...]
    lines: tuple[Drawn, ...]
    parts: tuple[Told, ...]


def sheet_of(counts: Sequence[Count], *, comma: bool) -> Sheet:
    """A campaign's counts as a page. `comma`: the language writes decimals with one, thousands with a point."""
    hours = by_hour(counts)
    bounds = [each.interval[1] for each in hours.values() if each.interval]
    top_pct = STEP_PCT * max(1, ceil(100 * max(bounds, default=0.0) / STEP_PCT))
    place = WIDE / max(1, len(hours))
    bars = [_bar(at * place, place, found, top_pct) for at, found in enumerate(hours.values())]
    told = [_shared(hour, found, comma=comma) for hour, found in hours.items()]
    curves = {stage: survival(counts, stage) for stage in TOLD}
    return Sheet(
        top_pct=top_pct,
        hours=tuple(zip(bars, told, strict=True)),
        tries=tuple(_shared(key, each, comma=comma) for key, each in by_tries(counts).items()),
        lines=tuple(_drawn(stage, curves[stage], comma=comma) for stage in DRAWN),
        parts=tuple(_told(stage, curve, comma=comma) for stage, curve in curves.items()),
    )


def _bar(x: float, place: float, found: Answered, top_pct: int) -> Bar:
    low, high = found.interval or (0.0, 0.0)
    y, wide = _y(found.share or 0.0, top_pct), BAR * place
    middle = x + place / 2
    return Bar(
        x=round(middle - wide / 2, 1),
        y=y,
        wide=round(wide, 1),
        high=round(HIGH - y, 1),
        middle=round(middle, 1),
        low_y=_y(low, top_pct),
        high_y=_y(high, top_pct),
        label_pct=round(100 * middle / WIDE, 2),
    )


def _y(share: float, top_pct: int) -> float:
    return round(HIGH * (1 - 100 * share / top_pct), 1)


def _shared(key: int, found: Answered, *, comma: bool) -> Shared:
    low, high = found.interval or (0.0, 0.0)
    share = found.share
    return Shared(
        key=key,
        dials=number(found.dialled, comma=comma),
        people=number(found.people, comma=comma),
        share="–" if share is None else f"{100 * share:.0f} %",
        interval="–" if share is None else f"{100 * low:.0f}–{100 * high:.0f} %",
    )


def _drawn(stage: Stage, curve: Survival, *, comma: bool) -> Drawn:
    """Steps down from all to `SHOWN_OVER`; an empty path when nothing was seen."""
    until = curve.reached_by(SHOWN_OVER) or (curve.steps[-1].age_s if curve.steps else 0)
    ends = max(1, until)
    path = "M0 0" if curve.steps else ""
    for step in curve.steps:
        if step.age_s > ends:
            break
        path += f"H{WIDE * step.age_s / ends:.0f}V{HIGH * (1 - step.share):.1f}"
    seen = number(curve.seen, comma=comma)
    return Drawn(stage.value, path, number(ends, comma=comma), seen)


def _told(stage: Stage, curve: Survival, *, comma: bool) -> Told:
    def age(share: float) -> str:
        found = curve.reached_by(share)
        return "–" if found is None else f"{number(found, comma=comma)} s"

    return Told(stage.value, number(curve.seen, comma=comma), age(0.5), age(0.9))


def number(value: int, *, comma: bool) -> str:
    """A whole number as the language writes it."""
    return f"{value:,}".replace(",", "." if comma else ",")
