"""A shift as people write it, in a file or in the form: a day, two times of the wall, and breaks between.

Knows nothing of who it is for. What cannot be read is refused with its reason in both languages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from app.errors import Invalid
from app.portfolio.service import (
    DateOrder,
    Fault,
    Reason,
    UnreadableError,
    fold,
    read_date,
    reason,
)
from app.roster.rules import MOST_BREAKS, Shift
from app.values.period import Period
from app.values.sheet import unguard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

HEADERS: Final = {
    "agent": ("agent", "username", "user", "user name", "nhan vien", "ten dang nhap"),
    "day": ("day", "date", "ngay"),
    "starts": ("starts", "start", "from", "bat dau", "vao ca", "tu"),
    "ends": ("ends", "end", "to", "ket thuc", "het ca", "den"),
    "breaks": ("breaks", "break", "nghi", "nghi giua ca", "gio nghi"),
}
NEEDED: Final = ("agent", "day", "starts", "ends")
_CLOCK: Final = re.compile(r"(\d{1,2})(?:[:h.](\d{2}))?(?::00)?h?", re.ASCII)
_SPAN: Final = re.compile(r"\s*([\d:h.]+)\s*[-–]\s*([\d:h.]+)\s*")
_MIDNIGHT: Final = 24
_HOUR: Final = 60  # minutes
MOST_SEEN: Final = 20  # characters of what was written that a refusal repeats


@dataclass(frozen=True, slots=True)
class Times:
    """A shift as it is typed: `08:00`, `17:00`, `12:00-13:00; 15:00-15:15`."""

    starts: str
    ends: str
    breaks: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a file: whose day, and the shift; None: that day is off."""

    agent: str
    day: date
    shift: Shift | None


class Layout:
    """Where each column stands. Raises Invalid when a needed one is missing, or one stands twice."""

    def __init__(self, header: Sequence[str]) -> None:
        names = {alias: name for name, aliases in HEADERS.items() for alias in aliases}
        found = [names.get(fold(unguard(cell))) for cell in header]
        self._places = {name: place for place, name in enumerate(found) if name is not None}
        self.ignored = [
            cell for cell, name in zip(header, found, strict=True) if name is None and cell.strip()
        ]
        twice = [name for name in self._places if found.count(name) > 1]
        missing = [name for name in NEEDED if name not in self._places]
        if missing or twice:
            raise Invalid(
                f"columns that stand twice: {', '.join(twice)}"
                if twice
                else f"columns are missing: {', '.join(missing)}; the first line names them",
                code="ROSTER_COLUMNS",
            )

    def cell(self, cells: Sequence[str], name: str) -> str:
        """The text of a column; empty where the file has none."""
        place = self._places.get(name)
        return "" if place is None else unguard(cells[place].strip()).strip()


class UnplannableError(ValueError):
    """What was written is no shift: the field (of `HEADERS`) at fault, and why."""

    def __init__(self, field: str, why: Reason) -> None:
        super().__init__(why.sentence("en"))
        self.field = field
        self.reason = why


def read_row(
    layout: Layout, cells: Sequence[str], order: DateOrder, zone: ZoneInfo
) -> Entry | Fault:
    """A row, or the first thing that is wrong with it."""
    agent = layout.cell(cells, "agent")
    if not agent:
        return Fault("agent", reason("REQUIRED"))
    try:
        day = _day(layout.cell(cells, "day"), order)
        times = Times(*(layout.cell(cells, name) for name in ("starts", "ends", "breaks")))
        return Entry(agent, day, read_shift(day, times, zone))
    except UnplannableError as wrong:
        return Fault(wrong.field, wrong.reason)


def _day(text: str, order: DateOrder) -> date:
    try:
        return read_date(text, order)
    except UnreadableError as wrong:
        raise UnplannableError("day", wrong.reason) from None


def read_shift(day: date, times: Times, zone: ZoneInfo) -> Shift | None:
    """The shift of a day on the wall of `zone`; None when neither start nor end is written: that day is off.

    Raises UnplannableError.
    """
    if not (times.starts or times.ends):
        if times.breaks:
            raise UnplannableError("starts", reason("REQUIRED"))
        return None
    starts, ends = (
        _instant(day, text, field, zone)
        for field, text in (("starts", times.starts), ("ends", times.ends))
    )
    if ends <= starts:
        raise UnplannableError("ends", reason("SHIFT_ORDER"))
    whole = Period(starts, ends)
    return Shift(whole, _breaks(day, times.breaks, whole, zone))


def _breaks(day: date, text: str, whole: Period, zone: ZoneInfo) -> tuple[Period, ...]:
    written = [part for part in re.split(r"[;,]", text) if part.strip()]
    if len(written) > MOST_BREAKS:
        raise UnplannableError("breaks", reason("BREAKS_MANY", most=MOST_BREAKS))
    found = sorted((_break(day, part, zone) for part in written), key=_start)
    for each in found:
        if each.start < whole.start or each.end > whole.end:
            raise UnplannableError("breaks", reason("BREAK_OUTSIDE"))
    if any(later.start <= earlier.end for earlier, later in pairwise(found)):
        raise UnplannableError("breaks", reason("BREAKS_TOUCH"))
    return tuple(found)


def _break(day: date, text: str, zone: ZoneInfo) -> Period:
    span = _SPAN.fullmatch(text)
    if span is None:
        raise UnplannableError("breaks", reason("BREAK_SPAN", seen=text.strip()[:MOST_SEEN]))
    starts, ends = (_instant(day, part, "breaks", zone) for part in span.groups())
    if ends <= starts:
        raise UnplannableError("breaks", reason("BREAK_SPAN", seen=text.strip()[:MOST_SEEN]))
    return Period(starts, ends)


def _start(period: Period) -> datetime:
    return period.start


def _instant(day: date, text: str, field: str, zone: ZoneInfo) -> datetime:
    """`08:00`, `8h30` or `24:00` of a day as an instant."""
    found = _CLOCK.fullmatch(text.strip())
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (_MIDNIGHT, 1)
    if (hour, minute) == (_MIDNIGHT, 0):
        return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    if hour >= _MIDNIGHT or minute >= _HOUR:
        raise UnplannableError(field, reason("CLOCK", seen=text[:MOST_SEEN]))
    return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
