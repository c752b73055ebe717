"""An independent judge of dials: the law written a second time, by counting, from the log of what happened.

It shares nothing with `app.compliance`: limits are numbers here, days are counted one by one, and the only
question is whether a dial that was made was lawful. Used by the bench and by the property tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    Span = tuple[int, int]  # minutes of a day


@dataclass(frozen=True, slots=True)
class Law:
    """What one profile forbids, in plain numbers; None and 0 forbid nothing."""

    opens: int  # minute of the day
    closes: int
    per_day: int | None
    per_debt_in_seven_days: int | None
    days_off_after_conversation: int
    gap_minutes: int
    hours_after_abandonment: int
    wants_yes: bool = False  # 47 CFR 64.1200(a)(1): a dialer calls with prior express consent only
    protects: bool = True  # holidays, those who do not owe, times that the customer named


LAWS: Final = {
    "VN": Law(7 * 60, 21 * 60, 3, None, 0, 15, 72),
    "US": Law(8 * 60, 21 * 60, 3, 7, 7, 15, 72, wants_yes=True),
    "UK": Law(8 * 60, 21 * 60, 3, None, 0, 15, 72),
    "NONE": Law(0, 24 * 60, None, None, 0, 0, 0, protects=False),
}


@dataclass(frozen=True, slots=True)
class Dial:
    """A call that was placed: where it may have rung, about which loan, on what sort of number."""

    at: datetime
    loan: int
    zones: tuple[str, ...]
    owes: bool = True
    usable: bool = True  # not marked invalid, wrong or forbidden when it was dialled
    agreed: bool = False  # the customer had asked for it within the last seven days


@dataclass(slots=True)
class Life:
    """What happened to one customer so far. Dials older than nine days are forgotten."""

    home: str
    holidays: frozenset[date] = frozenset()
    avoided: tuple[Span, ...] = ()
    forbidden_from: datetime | None = None
    words: tuple[tuple[datetime, bool], ...] = ()  # yes or no to being called, in the order of time
    dials: list[Dial] = field(default_factory=list)
    talks: list[tuple[datetime, int]] = field(
        default_factory=list
    )  # with the customer, about a loan
    abandoned: list[datetime] = field(default_factory=list)
    holds: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    in_call_until: datetime | None = None

    def forget(self, before: datetime) -> None:
        """Drop what no law looks back to."""
        self.dials = [dial for dial in self.dials if dial.at >= before]
        self.talks = [talk for talk in self.talks if talk[0] >= before]
        self.abandoned = [at for at in self.abandoned if at >= before]
        self.holds = [hold for hold in self.holds if hold[1] is None or hold[1] >= before]


def violations(life: Life, dial: Dial, law: Law) -> list[str]:
    """What a dial breaks, by name; the dial is not in `life.dials` yet."""
    return [name for name, broken in _checks(life, dial, law) if broken]


def _checks(life: Life, dial: Dial, law: Law) -> Iterator[tuple[str, bool]]:
    home = ZoneInfo(life.home)
    today = dial.at.astimezone(home).date()
    walls = [dial.at.astimezone(ZoneInfo(zone)) for zone in {life.home, *dial.zones}]
    minutes = [wall.hour * 60 + wall.minute for wall in walls]
    yield "forbidden", life.forbidden_from is not None and dial.at >= life.forbidden_from
    said = [yes for at, yes in life.words if at <= dial.at]
    yield "against a no", said[-1:] == [False]
    yield "without a yes", law.wants_yes and not said
    yield "unusable number", not dial.usable
    yield "third party", law.protects and not dial.owes
    yield "hold", any(a <= dial.at and (b is None or dial.at < b) for a, b in life.holds)
    yield "holiday", law.protects and today in life.holidays
    yield "hours", any(not law.opens <= minute < law.closes for minute in minutes)
    named = law.protects and not dial.agreed
    yield "named times", named and any(a <= m < b for a, b in life.avoided for m in minutes)
    yield "two calls", life.in_call_until is not None and dial.at < life.in_call_until
    yield from _counts(life, dial, law, home)
    rest = timedelta(hours=law.hours_after_abandonment)
    yield "abandoned", any(dial.at < at + rest for at in life.abandoned)
    gap = timedelta(minutes=law.gap_minutes)
    yield "gap", any(dial.at < before.at + gap for before in life.dials)


def _counts(life: Life, dial: Dial, law: Law, home: ZoneInfo) -> Iterator[tuple[str, bool]]:
    today = dial.at.astimezone(home).date()
    days = [before.at.astimezone(home).date() for before in life.dials]
    yield "day", law.per_day is not None and days.count(today) + 1 > law.per_day
    if dial.agreed:
        return
    week = {today - timedelta(days=back) for back in range(7)}
    about = [before.loan for before, on in zip(life.dials, days, strict=True) if on in week]
    most = law.per_debt_in_seven_days
    yield "seven in seven", most is not None and about.count(dial.loan) + 1 > most
    off = {today - timedelta(days=back) for back in range(law.days_off_after_conversation)}
    spoken = [at.astimezone(home).date() for at, loan in life.talks if loan == dial.loan]
    yield "conversation", any(on in off for on in spoken)
