"""A year of dialing, simulated: invented customers, the product's own decisions, an independent judge.

Each try asks `may_contact`, rings the number that `in_order` puts first, and comes again when `next_try`
says. What happens on the line is drawn from a seed. Each dial is judged by `law_oracle`. No database and no
clock: a year for ten thousand customers is a matter of a minute.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from app.accounts.rules import HoldKind
from app.calls.rules import Cause
from app.campaigns.numbers import Number, in_order
from app.campaigns.retries import RETRY, Retry, Tried, next_try
from app.compliance.rules import Consent, ContactFacts, Held, may_contact
from app.customers.rules import Verification, band_hour
from app.values.period import LocalWindow
from app.values.phone import zones_of
from loadtests.law_oracle import LAWS, Dial, Law, Life, violations

if TYPE_CHECKING:
    from random import Random

    from app.compliance.profiles import Profile

_Drawn = TypeVar("_Drawn")

YEAR: Final = 2026
STARTS: Final = datetime(YEAR, 1, 1, tzinfo=UTC)
ENDS: Final = datetime(YEAR + 1, 1, 1, tzinfo=UTC)
HOLIDAYS: Final = frozenset(
    date(YEAR, month, day)
    for month, day in ((1, 1), (2, 16), (2, 17), (2, 18), (4, 30), (5, 1), (7, 4), (9, 2), (12, 25))
)
PLACES: Final = (
    ("Asia/Ho_Chi_Minh", "+84912"),
    ("America/New_York", "+1212"),
    ("America/Los_Angeles", "+1213"),
    ("America/Phoenix", "+1602"),
    ("America/New_York", "+1850"),  # an area code with two zones
    ("America/New_York", "+1602"),  # a number that moved with its owner
    ("Europe/London", "+4420"),
    ("Australia/Lord_Howe", "+6126"),  # its clock moves by half an hour
)
CAUSES: Final = (
    (Cause.COMPLETED, 36), (Cause.NO_ANSWER, 34), (Cause.MACHINE, 9), (Cause.BUSY, 8),
    (Cause.UNREACHABLE, 6), (Cause.REJECTED, 3), (Cause.ABANDONED, 2), (Cause.CARRIER_ERROR, 1),
    (Cause.INVALID_NUMBER, 1),
)  # fmt: skip
SILENT: Final = ((Cause.COMPLETED, 4), (Cause.NO_ANSWER, 94), (Cause.ABANDONED, 2))
"""How those are reached who are tried without patience: too often, and in vain."""
OUTCOMES: Final = (
    ("PTP_SCHEDULED", 24), ("REFUSED", 22), ("HUNG_UP_BEFORE_ID", 18), ("CALLBACK_SCHEDULED", 12),
    ("THIRD_PARTY_MESSAGE", 8), ("CALLBACK_BAND", 6), ("PAID_PROOF", 5), ("DISPUTE_OPENED", 3),
    ("WRONG_NUMBER_INVALID", 1), ("STOP", 1),
)  # fmt: skip
STRANGERS: Final = frozenset({"THIRD_PARTY_MESSAGE", "WRONG_NUMBER_INVALID"})
HELD_DAYS: Final = {
    "PTP_SCHEDULED": (HoldKind.PROMISE_RUNNING, 6),
    "PAID_PROOF": (HoldKind.PROOF_CHECK, 2),
    "DISPUTE_OPENED": (HoldKind.DISPUTE_HOLD, 14),
}
WORDS: Final[tuple[tuple[tuple[bool | None, ...], int], ...]] = (
    ((True,), 76), ((), 8), ((None, True), 5), ((True, False), 5), ((True, False, True), 3),
    ((False,), 3),
)  # fmt: skip
"""What was said about being called: first before the year, then at some times in it; None is silence."""
IMPATIENT: Final = (Retry(10 * 60, 10_000), *[Retry(3 * 3600, 10_000)] * 4)
"""For one customer in fifty: as if a campaign had no patience at all, so that every limit is met."""


@dataclass(slots=True)
class Customer:
    """One invented customer: the facts as the product sees them, and the life that the judge sees."""

    zone: str
    numbers: list[Number]
    life: Life
    impatient: bool
    third_party: bool
    attempts: int = 0
    holds: list[tuple[Held, datetime]] = field(default_factory=list)
    agreed: tuple[datetime, datetime] | None = None  # from when, and until when it counts

    def is_agreed(self, at: datetime) -> bool:
        """Whether he asked to be called by now, within the last seven days."""
        return self.agreed is not None and self.agreed[0] <= at < self.agreed[1]


@dataclass(slots=True)
class Tally:
    """What a year came to. `broken` counts violations by name: it has to stay empty."""

    profile: str
    dials: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    @property
    def asked(self) -> int:
        """How many verdicts were given."""
        return self.dials + self.refusals.total()


def a_customer(chance: Random, place: int) -> Customer:
    """One of the places in turn; two loans, one or two numbers, sometimes a relative's or a wish."""
    zone, prefix = PLACES[place % len(PLACES)]
    numbers = [
        Number(
            UUID(int=chance.getrandbits(128)),
            f"{prefix}{chance.randrange(10**7):07d}",
            is_primary=first,
        )
        for first in (True, False)[: chance.choice((1, 2, 2))]
    ]
    avoided = ((12 * 60, 14 * 60),) if chance.random() < 0.1 else ()  # noqa: PLR2004 - one in ten
    return Customer(
        zone=zone,
        numbers=numbers,
        life=Life(zone, HOLIDAYS, avoided, words=_words(chance)),
        impatient=chance.random() < 0.02,  # noqa: PLR2004 - one in fifty
        third_party=chance.random() < 0.02,  # noqa: PLR2004 - a relative's number under a wrong label
    )


def _words(chance: Random) -> tuple[tuple[datetime, bool], ...]:
    words = _draw(chance, WORDS)
    later = sorted(STARTS + timedelta(minutes=chance.randrange(365 * 1440)) for _ in words[1:])
    said = zip([STARTS - timedelta(days=30), *later], words, strict=False)
    return tuple((at, word) for at, word in said if word is not None)


def simulate(profile: Profile, customers: int, chance: Random, ends: datetime = ENDS) -> Tally:
    """A year for so many customers under one profile."""
    year = _Year(profile, chance, [a_customer(chance, place) for place in range(customers)])
    return year.run(ends)


class _Year:
    def __init__(self, profile: Profile, chance: Random, customers: list[Customer]) -> None:
        self.profile, self.chance, self.customers = profile, chance, customers
        self.law: Law = LAWS[profile.name]
        self.tally = Tally(profile.name)
        self.due = [
            (STARTS + timedelta(minutes=chance.randrange(30 * 1440)), place)
            for place in range(len(customers))
        ]
        heapq.heapify(self.due)

    def run(self, ends: datetime) -> Tally:
        """Every try in the order of time."""
        while self.due and self.due[0][0] < ends:
            at, place = self.due[0]
            again = self._try(self.customers[place], at)
            if again is None:
                heapq.heappop(self.due)
            else:
                heapq.heapreplace(self.due, (again, place))
        return self.tally

    def _try(self, customer: Customer, at: datetime) -> datetime | None:
        """One try; when the next is, None for never."""
        customer.life.forget(at - timedelta(days=9))
        hour = at.astimezone(ZoneInfo(customer.zone)).hour
        usable = in_order(customer.numbers, band_hour(hour))
        if not usable:
            return None
        number = usable[0]
        loan = customer.attempts % 2
        zones = zones_of(number.number)
        verdict = may_contact(_facts(customer, number, zones, loan, at), at, self.profile)
        if not verdict.allowed:
            self.tally.refusals[str(verdict.rule)] += 1
            return verdict.until or at + timedelta(days=30)
        dial = Dial(
            at, loan, zones,
            owes=not customer.third_party, agreed=customer.is_agreed(at),
            usable=number.verification is Verification.UNVERIFIED,
        )  # fmt: skip
        self.tally.dials += 1
        for name in violations(customer.life, dial, self.law):
            self.tally.broken[name] += 1
        customer.life.dials.append(dial)
        return self._outcome(customer, number, loan, at)

    def _outcome(
        self, customer: Customer, number: Number, loan: int, at: datetime
    ) -> datetime | None:
        customer.attempts += 1
        result: str = _draw(self.chance, SILENT if customer.impatient else CAUSES)
        ends = at + timedelta(seconds=self.chance.randrange(15, 45))
        if result == Cause.ABANDONED:
            customer.life.abandoned.append(ends)
        if result == Cause.INVALID_NUMBER:
            _mark(customer, number, Verification.INVALID)
        if result == Cause.COMPLETED:
            ends = at + timedelta(seconds=self.chance.randrange(40, 400))
            result = self._talk(customer, number, loan, ends)
        customer.life.in_call_until = ends
        rule = RETRY.get(result, RETRY[Cause.COMPLETED])
        if customer.impatient:
            rule = self.chance.choice(IMPATIENT)
        band = 18 if result == "CALLBACK_BAND" else None
        zone = ZoneInfo(customer.zone)
        again = next_try(rule, Tried(ends, customer.attempts, zone, band))
        if again is None:
            customer.attempts = customer.attempts % 2  # another month, the other loan
            again = ends + timedelta(days=self.chance.randrange(2, 30))
        return again

    def _talk(self, customer: Customer, number: Number, loan: int, at: datetime) -> str:
        outcome = _draw(self.chance, OUTCOMES)
        if outcome not in STRANGERS:
            customer.life.talks.append((at, loan))
        if outcome == "STOP":
            customer.life.forbidden_from = at
        if outcome == "WRONG_NUMBER_INVALID":
            _mark(customer, number, Verification.WRONG_PARTY)
        if outcome == "CALLBACK_SCHEDULED":
            wanted = at + timedelta(hours=self.chance.randrange(1, 72))
            customer.agreed = (wanted, at + timedelta(days=7))
        if outcome in HELD_DAYS:
            kind, days = HELD_DAYS[outcome]
            until = at + timedelta(days=days)
            customer.holds = [(Held(kind, until), until)]
            customer.life.holds.append((at, until))
        return outcome


def _facts(
    customer: Customer, number: Number, zones: tuple[str, ...], loan: int, at: datetime
) -> ContactFacts:
    """As `compliance.service` gathers them, from the same happenings."""
    life, home = customer.life, ZoneInfo(customer.zone)
    days = [(dial.at.astimezone(home).date(), dial.loan) for dial in life.dials]
    spoken = [when for when, about in life.talks if about == loan]
    return ContactFacts(
        zone=customer.zone,
        other_zones=tuple(zone for zone in zones if zone != customer.zone),
        do_not_contact=life.forbidden_from is not None,
        consent=_consent(life, at),
        verification=number.verification,
        liable=not customer.third_party,
        holds=tuple(hold for hold, until in customer.holds if until > at),
        attempts_on=Counter(day for day, _ in days),
        debt_calls_on=Counter(day for day, about in days if about == loan),
        avoided=tuple(LocalWindow(*span) for span in life.avoided),
        agreed=customer.is_agreed(at),
        last_attempt_at=life.dials[-1].at if life.dials else None,
        last_abandoned_at=max(life.abandoned, default=None),
        last_conversation_at=max(spoken, default=None),
        holidays=life.holidays,
    )


def _consent(life: Life, at: datetime) -> Consent:
    """The last word that was said by then."""
    consent = Consent.UNKNOWN
    for when, yes in life.words:
        if when <= at:
            consent = Consent.GIVEN if yes else Consent.WITHDRAWN
    return consent


def _mark(customer: Customer, number: Number, mark: Verification) -> None:
    customer.numbers = [
        Number(each.id, each.number, is_primary=each.is_primary, verification=mark)
        if each.id == number.id
        else each
        for each in customer.numbers
    ]


def _draw(chance: Random, table: tuple[tuple[_Drawn, int], ...]) -> _Drawn:
    things, weights = zip(*table, strict=True)
    drawn: _Drawn = chance.choices(things, weights)[0]
    return drawn
