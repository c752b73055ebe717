"""What a promise is held to, and how it is told: entry checks, required amount, labels, rates. Pure.

How money meets promises is in `judging.py` (domain section 6.1, points 2 to 6).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from fractions import Fraction
from typing import Final

from app.values.money import half_up


class PromiseState(StrEnum):
    """What became of a promise (domain section 5.4)."""

    OPEN = "OPEN"
    KEPT = "KEPT"
    PARTLY_KEPT = "PARTLY_KEPT"
    BROKEN = "BROKEN"
    RESCHEDULED = "RESCHEDULED"
    CANCELLED = "CANCELLED"


UNFULFILLED: Final = frozenset({PromiseState.BROKEN, PromiseState.PARTLY_KEPT})
SATURDAY: Final = 5
JUDGED: Final = UNFULFILLED | {PromiseState.KEPT}


@dataclass(frozen=True, slots=True)
class Terms:
    """The type of a promise: copied into it when it is made. Amounts in minor units."""

    grace_days: int = 1
    threshold_pct: int = 100
    tolerance_minor: int = 10_000
    max_days_ahead: int = 14
    max_reschedules: int = 1


DEFAULT_TERMS: Final = Terms()


def window_end(due_on: date, grace_days: int, zone: tzinfo) -> datetime:
    """The first instant that is too late: the midnight after the last day of grace, local time."""
    return datetime.combine(due_on + timedelta(days=grace_days + 1), time(), zone)


HEARD_AGAIN_DAYS: Final = 5


def hearing_end(ends: datetime, holidays: Collection[date] = frozenset()) -> datetime:
    """Until when a promise not kept is judged again by money of its window that was told later.

    `ends` is its window's end; that day is the first of five business days (decision record 14).
    """
    day, left = ends.date(), HEARD_AGAIN_DAYS
    while left:
        if day.weekday() < SATURDAY and day not in holidays:
            left -= 1
        day += timedelta(days=1)
    return datetime.combine(day, time(), ends.tzinfo)


def required_minor(amount_minor: int, terms: Terms = DEFAULT_TERMS) -> int:
    """What must come in for KEPT: the threshold's share, half up, less the tolerance; at least 1."""
    share = half_up(Fraction(amount_minor * terms.threshold_pct, 100))
    return max(1, share - terms.tolerance_minor)


# --- entry checks, point 10 ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """A promise before it is made. `already_minor` is promised on the loan and still runs."""

    amount_minor: int
    due_on: date
    outstanding_minor: int
    already_minor: int = 0


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong with an offer: its field, a code, the sentence in both languages.

    A `warning` does not stand in the way.
    """

    field: str
    code: str
    why_vi: str
    why_en: str
    warning: bool = False


def entry_objections(
    offer: Offer,
    today: date,
    terms: Terms = DEFAULT_TERMS,
    holidays: Collection[date] = frozenset(),
) -> tuple[Objection, ...]:
    """Everything against an offer, gravest first; only warnings, or nothing, means it may be made."""
    return (*_against_amount(offer), *_against_day(offer.due_on, today, terms, holidays))


def _against_amount(offer: Offer) -> list[Objection]:
    if offer.amount_minor <= 0:
        return [
            Objection(
                "amount_minor", "AMOUNT_ZERO", "số tiền phải lớn hơn 0", "more than 0 is promised"
            )
        ]
    if offer.amount_minor > offer.outstanding_minor:
        return [
            Objection("amount_minor", "ABOVE_OUTSTANDING", "nhiều hơn dư nợ", "more than is owed")
        ]
    if offer.amount_minor + offer.already_minor > offer.outstanding_minor:
        return [
            Objection(
                "amount_minor",
                "PROMISED_TWICE",
                "cộng với các lời hứa đang chạy thì nhiều hơn dư nợ",
                "together with the promises that run it is more than is owed",
            )
        ]
    return []


def _against_day(
    due_on: date, today: date, terms: Terms, holidays: Collection[date]
) -> list[Objection]:
    last = terms.max_days_ahead
    if due_on < today:
        return [Objection("due_on", "DUE_PAST", "ngày này đã qua", "the day is past")]
    if due_on > today + timedelta(days=last):
        return [
            Objection(
                "due_on", "DUE_TOO_FAR", f"xa nhất là {last} ngày", f"at most {last} days ahead"
            )
        ]
    if due_on in holidays:
        warning = "ngày lễ, ngân hàng có thể nhận tiền trễ", "a holiday: money may arrive late"
        return [Objection("due_on", "HOLIDAY", *warning, warning=True)]
    return []


# --- how it is told ----------------------------------------------------------------------


def shown_state(state: str, due_on: date, today: date, *, provisional: bool = False) -> str:
    """The state, or for an open promise UPCOMING, DUE_TODAY, IN_GRACE or PROVISIONALLY_KEPT."""
    if state != PromiseState.OPEN:
        return state
    if provisional:
        return "PROVISIONALLY_KEPT"
    if due_on == today:
        return "DUE_TODAY"
    return "UPCOMING" if due_on > today else "IN_GRACE"


@dataclass(frozen=True, slots=True)
class Judged:
    """One judged promise, for the rates."""

    state: str
    amount_minor: int
    paid_in_window_minor: int


@dataclass(frozen=True, slots=True)
class KeptRates:
    """Shares of promises and of money kept, None before the first; and what was not fulfilled."""

    promises: Fraction | None
    amount: Fraction | None
    unfulfilled: int
    unfulfilled_minor: int


def kept_rates(judged: Iterable[Judged]) -> KeptRates:
    """Points 8 and 9; promises that were moved, withdrawn or still run do not count.

    All amounts are of one currency.
    """
    counting = [one for one in judged if one.state in JUDGED]
    kept = sum(one.state == PromiseState.KEPT for one in counting)
    promised = sum(one.amount_minor for one in counting)
    paid = sum(one.paid_in_window_minor for one in counting)
    short = [one for one in counting if one.state in UNFULFILLED]
    return KeptRates(
        promises=Fraction(kept, len(counting)) if counting else None,
        amount=Fraction(paid, promised) if promised else None,
        unfulfilled=len(short),
        unfulfilled_minor=sum(one.amount_minor - one.paid_in_window_minor for one in short),
    )
