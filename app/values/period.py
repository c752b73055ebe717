"""Time as people keep it: half-open periods, business days, and daily windows in local time.

Every instant is aware; every zone is given. Windows are judged by the clock on the wall of the
person called, so a day of 23 or 25 hours is as right as any other.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

DAY_MINUTES: Final = 24 * 60
EVERY_DAY: Final = frozenset(range(1, 8))
_SATURDAY: Final = 6
_SPAN: Final = re.compile(
    r"(\d{1,2})(?::([0-5]\d))?h?\s*[-–]\s*(\d{1,2})(?::([0-5]\d))?\s?h?", re.ASCII
)
_EVERYWHERE_AHEAD: Final = timedelta(days=60)
_LOOK_AHEAD: Final = timedelta(days=400)  # a window that opens on no day of a year never opens


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to but not including `end`, both aware. An empty one has start = end."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a period needs instants with a time zone")
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end

    @property
    def duration(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start

    def overlaps(self, other: "Period") -> bool:
        """Whether some instant belongs to both."""
        return max(self.start, other.start) < min(self.end, other.end)

    def within(self, other: "Period") -> "Period | None":
        """The part that lies in `other`; None when there is none."""
        if not self.overlaps(other):
            return None
        return Period(max(self.start, other.start), min(self.end, other.end))


@dataclass(frozen=True, slots=True)
class LocalWindow:
    """Minutes of a local day, `from_minute` up to but not including `to_minute` (0 to 1440).

    `weekdays` are ISO numbers, Monday is 1.
    """

    from_minute: int
    to_minute: int
    weekdays: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        if not 0 <= self.from_minute < self.to_minute <= DAY_MINUTES:
            raise ValueError("a window opens before it closes, both on one day")
        if not self.weekdays or not self.weekdays <= EVERY_DAY:
            raise ValueError("a window needs weekdays, 1 (Monday) to 7 (Sunday)")

    def contains(self, wall: datetime) -> bool:
        """Whether the clock on the wall (a local datetime) lies in the window."""
        minute = wall.hour * 60 + wall.minute
        return wall.isoweekday() in self.weekdays and self.from_minute <= minute < self.to_minute

    def inside(self, other: "LocalWindow") -> bool:
        """Whether this window is nowhere wider than `other`."""
        return (
            self.weekdays <= other.weekdays
            and other.from_minute <= self.from_minute
            and self.to_minute <= other.to_minute
        )


WHOLE_DAY: Final = LocalWindow(0, DAY_MINUTES)


def clock_text(minute: int) -> str:
    """`07:00` for 420; midnight at the end of a day is `24:00`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def is_open(
    windows: Sequence[LocalWindow],
    at: datetime,
    zone: tzinfo,
    closed_on: Collection[date] = frozenset(),
) -> bool:
    """Whether any window is open at the instant `at`, on the wall of `zone`."""
    return _open_on_wall(windows, at.astimezone(zone), closed_on)


def next_open(
    windows: Sequence[LocalWindow],
    at: datetime,
    zone: tzinfo,
    closed_on: Collection[date] = frozenset(),
) -> datetime | None:
    """The first instant, `at` itself included, when a window is open; None within 400 days."""
    return _first(windows, at, zone, closed_on, wanted=True)


def next_close(
    windows: Sequence[LocalWindow],
    at: datetime,
    zone: tzinfo,
    closed_on: Collection[date] = frozenset(),
) -> datetime | None:
    """The first instant, `at` itself included, when no window is open; None within 400 days."""
    return _first(windows, at, zone, closed_on, wanted=False)


def next_open_everywhere(
    windows: Sequence[LocalWindow], at: datetime, zones: Sequence[tzinfo]
) -> datetime | None:
    """The first instant, `at` included, when a window is open on every wall; None within 60 days.

    Before the latest of the zones' next openings no instant will do, so each step skips nothing.
    """
    until, found = at + _EVERYWHERE_AHEAD, at
    while found < until:
        opens = [next_open(windows, found, zone) for zone in zones]
        known = [instant for instant in opens if instant is not None]
        if len(known) < len(opens):
            return None
        latest = max(known)
        if latest == found:
            return found.astimezone(UTC)
        found = latest
    return None


def without(
    windows: Sequence[LocalWindow], avoided: Sequence[LocalWindow]
) -> tuple[LocalWindow, ...]:
    """What is left of windows when others are cut out of them, weekday by weekday."""
    if not avoided:
        return tuple(windows)
    days_of: dict[tuple[int, int], set[int]] = {}
    for window in windows:
        for day in window.weekdays:
            holes = sorted((a.from_minute, a.to_minute) for a in avoided if day in a.weekdays)
            opens = window.from_minute
            for start, end in [*holes, (window.to_minute, window.to_minute)]:
                if opens < min(start, window.to_minute):
                    piece = (opens, min(start, window.to_minute))
                    days_of.setdefault(piece, set()).add(day)
                opens = max(opens, end)
    return tuple(LocalWindow(*piece, frozenset(days)) for piece, days in sorted(days_of.items()))


def window_of(text: str) -> LocalWindow | None:
    """`12:00-14:00`, `12-14` or `18–20h` as a daily window; None when it is none."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, to_hour, to_minute = (int(part or 0) for part in found.groups())
    try:
        return LocalWindow(hour * 60 + minute, to_hour * 60 + to_minute)
    except ValueError:
        return None


def next_day(at: datetime, zone: tzinfo) -> datetime:
    """The first instant of the next local day (where midnight is skipped, the minute after it)."""
    return day_start(business_date(at, zone) + timedelta(days=1), zone)


def day_start(day: date, zone: tzinfo) -> datetime:
    """The first instant of a local day, in UTC (the first midnight, or the end of its gap)."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def business_date(at: datetime, zone: tzinfo) -> date:
    """The date on the wall of `zone`."""
    return at.astimezone(zone).date()


def is_working_day(day: date, holidays: Collection[date] = frozenset()) -> bool:
    """Monday to Friday and no holiday."""
    return day.isoweekday() < _SATURDAY and day not in holidays


def add_working_days(day: date, count: int, holidays: Collection[date] = frozenset()) -> date:
    """The `count`-th working day after `day`; 0 gives `day` itself or the next working day."""
    found = day
    for _ in range(count):
        found = _roll(found + timedelta(days=1), holidays)
    return _roll(found, holidays)


def _roll(day: date, holidays: Collection[date]) -> date:
    while not is_working_day(day, holidays):
        day += timedelta(days=1)
    return day


def _open_on_wall(
    windows: Sequence[LocalWindow], wall: datetime, closed_on: Collection[date]
) -> bool:
    return wall.date() not in closed_on and any(window.contains(wall) for window in windows)


def _first(
    windows: Sequence[LocalWindow],
    at: datetime,
    zone: tzinfo,
    closed_on: Collection[date],
    *,
    wanted: bool,
) -> datetime | None:
    """Walk stretches of one UTC offset; inside a stretch the wall clock is plain arithmetic."""
    for start, end, offset in _stretches(at.astimezone(UTC), zone):
        wall_start = start.replace(tzinfo=None) + offset
        wall_end = end.replace(tzinfo=None) + offset
        for wall in _edges(windows, wall_start):
            if wall >= wall_end:
                break
            if _open_on_wall(windows, wall, closed_on) is wanted:
                return (wall - offset).replace(tzinfo=UTC)
    return None


def _edges(windows: Sequence[LocalWindow], wall: datetime) -> Iterator[datetime]:
    """The wall instant itself, then each later midnight and window edge, for two days."""
    yield wall
    minutes = sorted({0, *(w.from_minute for w in windows), *(w.to_minute for w in windows)})
    midnight = datetime.combine(wall.date(), time())
    for day in range(2):
        for minute in minutes:
            edge = midnight + timedelta(days=day, minutes=minute)
            if edge > wall:
                yield edge


def _stretches(at: datetime, zone: tzinfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Half-open stretches of at most a day, each with one offset, for as far as we look ahead."""
    start = at
    while start < at + _LOOK_AHEAD:
        offset = _offset(start, zone)
        end = start + timedelta(days=1)
        if _offset(end, zone) != offset:
            end = _change(start, end, zone)
        yield start, end, offset
        start = end


def _change(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """The instant (to the second) between `low` and `high` at which the offset changes."""
    before = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if _offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
