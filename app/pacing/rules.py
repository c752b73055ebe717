"""What a second of pacing is, and what a minute of seconds comes to. Pure.

The dialer writes a page each second (`dialer.core.recount` says which names it has); whoever asks why reads
it here under the same names. Instants are epoch milliseconds, spans seconds, unless a name says otherwise.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

KEPT_DAYS: Final = 30
MINUTE: Final = timedelta(minutes=1)
MINUTE_MS: Final = 60_000
SECOND_MS: Final = 1_000
TALK, WRAP = 1, 2  # first value of a row of `seats`


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
        return int(self.page["pace"]["lines"])


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


def minute_of(pages: Sequence[Mapping[str, Any]]) -> Minute:
    """The figures of a minute from its seconds; at least one."""
    last, n = pages[-1], len(pages)
    seats = [list(page["seats"].values()) for page in pages]
    agents = sum(len(each) for each in seats)
    busy = sum(1 for each in seats for seat in each if seat[0] in {TALK, WRAP})
    return Minute(
        mode=last["mode"],
        lines=round(sum(len(page["lines"]) for page in pages) / n, 2),
        agents=round(agents / n, 2),
        free=round((agents - busy) / n, 2),
        busy=round(busy / n, 2),
        opened=sum(page["pace"]["lines"] for page in pages),
        dialed=last["dialed"],
        answered=last["answered"],
        abandoned=last["abandoned"],
        target_pct=last["limits"]["abandon_target_pct"],
        limit_pct=last["limits"]["abandon_limit_pct"],
        because=dict(Counter(page["pace"]["because"] for page in pages)),
    )


def figures(minute: Minute) -> dict[str, Any]:
    """A minute as plain JSON values; `Minute(**figures)` reads it back."""
    return asdict(minute)


def minute_begins(at: datetime) -> datetime:
    """The beginning of the minute that an instant lies in."""
    return at.astimezone(UTC).replace(second=0, microsecond=0)
