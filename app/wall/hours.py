"""The last sixty minutes of a campaign, minute by minute, and what of them is a figure. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

MINUTES: Final = 60
JUDGED_FROM: Final = 100  # live calls of an hour, from which on its abandonment is a figure


@dataclass(frozen=True, slots=True)
class Minute:
    """What a campaign's lines of one minute came to."""

    campaign_id: UUID
    at: datetime
    dialed: int
    answered: int
    abandoned: int


@dataclass(frozen=True, slots=True)
class Hour:
    """Sixty minutes of a campaign, oldest first; the last of them is the running one."""

    dialed: tuple[int, ...]
    answered: tuple[int, ...]
    abandoned: tuple[int, ...]

    @property
    def abandon_pct(self) -> float | None:
        """% of persons who answered; None below JUDGED_FROM of them (decision 21)."""
        live = sum(self.answered)
        return None if live < JUDGED_FROM else round(100 * sum(self.abandoned) / live, 2)


def hour_card(hour: Hour, now: datetime) -> dict[str, Any]:
    """The card `hour:{campaign}`: its sixty minutes, and the first of them in ms."""
    first = _minute(now) - timedelta(minutes=MINUTES - 1)
    return {"from": round(first.timestamp() * 1000), **asdict(hour)}


def hour_of(minutes: Iterable[Minute], now: datetime) -> Hour:
    """Sixty minutes up to now; a minute without lines counts nothing, an older one is left out."""
    last = _minute(now)
    series = [[0] * MINUTES for _ in range(3)]
    for minute in minutes:
        ago = (last - minute.at) // timedelta(minutes=1)
        if 0 <= ago < MINUTES:
            counted = (minute.dialed, minute.answered, minute.abandoned)
            for values, value in zip(series, counted, strict=True):
                values[MINUTES - 1 - ago] = value
    return Hour(*(tuple(values) for values in series))


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)
