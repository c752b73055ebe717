"""A shift: when somebody is to be at work, and when away from it. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.values.period import Period

WEEK_DAYS: Final = 7
MOST_BREAKS: Final = 8
GOING_HOME: Final = timedelta(minutes=30)
"""After a shift's end: whoever is still there goes when his call is over. Later he stays for reasons of his
own, and the roster knows nothing of him."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From `period.start` to `period.end`; breaks in their order, inside it, none touching another."""

    period: Period
    breaks: tuple[Period, ...] = ()

    def absences(self) -> tuple[Period, ...]:
        """When he is not to be counted on: his breaks, and the time of going home."""
        home = Period(self.period.end, self.period.end + GOING_HOME)
        return (*self.breaks, home)


def week_of(day: date) -> tuple[date, ...]:
    """The seven days, Monday first, of the week that holds `day`."""
    monday = day - timedelta(days=day.weekday())
    return tuple(monday + timedelta(days=n) for n in range(WEEK_DAYS))


def span_text(period: Period, zone: ZoneInfo) -> str:
    """`08:00-17:00` on the wall of `zone`; an end at midnight is `24:00`."""
    starts, ends = period.start.astimezone(zone), period.end.astimezone(zone)
    return f"{starts:%H:%M}-{_end_text(starts, ends)}"


def _end_text(starts: datetime, ends: datetime) -> str:
    return "24:00" if ends.date() > starts.date() else f"{ends:%H:%M}"


def breaks_text(shift: Shift, zone: ZoneInfo) -> str:
    """`12:00-13:00; 15:00-15:15`, as a file and the form write it."""
    return "; ".join(span_text(each, zone) for each in shift.breaks)
