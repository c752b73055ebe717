"""What a second of pacing is, and what a minute of seconds comes to. Pure.

The dialer writes a page each second (`dialer.core.recount` says which names it has); whoever asks why reads
it here under the same names.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.errors import Invalid

YEARS: Final = range(2000, 2100)
MINUTE: Final = timedelta(minutes=1)
MINUTE_MS: Final = 60_000
SECOND_MS: Final = 1_000
_BUSY: Final = frozenset({1, 2})  # first value of a row of `seats`: in a call, in wrap-up


@dataclass(frozen=True, slots=True)
class Second:
    """What was seen and decided in one second of one campaign. `page` is as the dialer wrote it."""

    at: datetime
    page: Mapping[str, Any]

    @property
    def because(self) -> str:
        """The binding reason, a word of the dialer's `Because`."""
        return str(self.page["pace"]["because"])

    @property
    def lines(self) -> int:
        """Lines that were opened in it."""
        return int(self.page["pace"]["lines"] + self.page["later"])


@dataclass(frozen=True, slots=True)
class Minute:
    """A minute of one campaign in figures: means over its seconds, and where the day stood at its end."""

    mode: str
    lines: float  # in flight
    agents: float  # who count
    free: float  # of them, idle
    busy: float  # of them, in a call or in wrap-up
    opened: int  # lines, in the whole minute
    dialed: int  # today
    answered: int  # today, by a person
    abandoned: int  # today, of those
    target_pct: float
    limit_pct: float
    because: Mapping[str, int] = field(default_factory=dict)  # seconds of each reason

    @property
    def occupancy_pct(self) -> float | None:
        """% of the agents' time that was call or wrap-up; None without agents."""
        return 100 * self.busy / self.agents if self.agents else None

    @property
    def abandoned_pct(self) -> float | None:
        """% of today's answered calls; None before the first."""
        return 100 * self.abandoned / self.answered if self.answered else None

    @property
    def reason(self) -> str:
        """What bound for most of the minute."""
        return max(self.because, key=lambda code: self.because[code], default="")


class Summing:
    """Adds up the seconds of a minute as they come."""

    def __init__(self) -> None:
        self._n = self._lines = self._agents = self._busy = self._opened = 0
        self._because: Counter[str] = Counter()
        self._last: Mapping[str, Any] = {}

    def add(self, page: Mapping[str, Any]) -> None:
        """One more second."""
        seats, pace = page["seats"].values(), page["pace"]
        self._n += 1
        self._lines += len(page["lines"]) + page["asked"]
        self._agents += len(seats)
        self._busy += sum(1 for seat in seats if seat[0] in _BUSY)
        self._opened += pace["lines"] + page["later"]
        self._because[pace["because"]] += 1
        self._last = page

    def minute(self) -> Minute:
        """The figures of what was added; at least one second."""
        n, last, limits = self._n, self._last, self._last["limits"]
        return Minute(
            mode=last["mode"],
            lines=round(self._lines / n, 2),
            agents=round(self._agents / n, 2),
            free=round((self._agents - self._busy) / n, 2),
            busy=round(self._busy / n, 2),
            opened=self._opened,
            dialed=last["dialed"],
            answered=last["answered"],
            abandoned=last["abandoned"],
            target_pct=limits["abandon_target_pct"],
            limit_pct=limits["abandon_limit_pct"],
            because=dict(self._because),
        )


def figures(minute: Minute) -> dict[str, Any]:
    """A minute as plain JSON values; `Minute(**figures)` reads it back."""
    return asdict(minute)


def read_instant(typed: str, now: datetime, zone: str) -> datetime:
    """`10:05:17` of today, or `2026-11-23T10:05:17`, on the wall of `zone`. Raises Invalid naming the form."""
    place = ZoneInfo(zone)
    try:
        if "T" in typed or " " in typed.strip():
            wall = datetime.fromisoformat(typed.strip())
        else:
            wall = datetime.combine(now.astimezone(place).date(), time.fromisoformat(typed.strip()))
    except ValueError:
        example = f"{now.astimezone(place):%Y-%m-%d}T10:05:17"
        raise Invalid(
            f"{typed!r} is no time: write 10:05:17 for today, or {example}.", field="at"
        ) from None
    if wall.year not in YEARS:
        raise Invalid(f"{typed!r} lies in no year that is kept here.", field="at")
    return wall if wall.tzinfo else wall.replace(tzinfo=place)


def minute_begins(at: datetime) -> datetime:
    """The beginning of the minute that an instant lies in."""
    return at.astimezone(UTC).replace(second=0, microsecond=0)
