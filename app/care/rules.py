"""How a customer is to be treated, as words and small decisions. Pure.

What of it changes the outcomes that an agent may choose stands in `app.desk.bars`; what keeps a dialer
from calling are holds of `app.accounts` and wishes in `app.customers.rules`.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class StatusType(StrEnum):
    """How a customer behaves (domain section 3); `app.customers.rules.COOPERATION` gives the level."""

    COOPERATIVE = "COOPERATIVE"
    PROMISE_KEEPER = "PROMISE_KEEPER"
    WILLING_NEEDS_TIME = "WILLING_NEEDS_TIME"
    AVOIDING = "AVOIDING"
    HOSTILE = "HOSTILE"
    UNREACHABLE = "UNREACHABLE"
    HARDSHIP = "HARDSHIP"
    DISPUTING = "DISPUTING"
    NEW = "NEW"


MANNERS: Final = frozenset(
    {
        StatusType.COOPERATIVE,
        StatusType.WILLING_NEEDS_TIME,
        StatusType.AVOIDING,
        StatusType.HOSTILE,
    }
)
"""What an agent may say of a customer that he has just spoken to."""


class Source(StrEnum):
    """Where something noted of a customer comes from."""

    OUTCOME = "OUTCOME"  # an agent chose it as the outcome of a call
    LEAD = "LEAD"  # somebody of the care page
    IMPORT = "IMPORT"  # the bank's own file
    SYSTEM = "SYSTEM"


class DisputeKind(StrEnum):
    """What is contested."""

    AMOUNT = "AMOUNT"
    NOT_MINE = "NOT_MINE"
    ALREADY_PAID = "ALREADY_PAID"
    SERVICE = "SERVICE"
    FRAUD = "FRAUD"


class DisputeStatus(StrEnum):
    """Where a dispute stands. CORRECTED: opened by mistake, and taken back within minutes."""

    OPEN = "OPEN"
    IN_REVIEW = "IN_REVIEW"
    UPHELD = "UPHELD"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    CORRECTED = "CORRECTED"


UNDECIDED: Final = frozenset({DisputeStatus.OPEN, DisputeStatus.IN_REVIEW})
DECIDED: Final = frozenset({DisputeStatus.UPHELD, DisputeStatus.REJECTED, DisputeStatus.WITHDRAWN})

_NEXT: Final = {
    DisputeStatus.OPEN: DECIDED | {DisputeStatus.IN_REVIEW, DisputeStatus.CORRECTED},
    DisputeStatus.IN_REVIEW: DECIDED,
}

ANSWER_DAYS: Final = 10
"""Days within which a dispute is answered (service level of domain section 2.3)."""

REVIEW_DAYS: Final = 5
"""Days within which a hardship is looked at first; the dialer waits as long."""

REVIEW_DAYS_MAX: Final = 90
"""A hardship is looked at once a quarter at the least."""

REST_DAYS: Final = 2
"""Days of rest after a call that ended in hostility (own policy, VNBA Code: improper frequency)."""


def may_become(now: str, wanted: str) -> bool:
    """Whether a dispute may go from one status to another."""
    return now in set(DisputeStatus) and wanted in _NEXT.get(DisputeStatus(now), frozenset())


def answer_due(opened_on: date) -> date:
    """The day by which the customer has an answer."""
    return opened_on + timedelta(days=ANSWER_DAYS)


def first_review(noted_on: date) -> date:
    """The day on which a hardship is looked at first."""
    return noted_on + timedelta(days=REVIEW_DAYS)


def check_review_day(day: date, today: date) -> str | None:
    """What is wrong with a day of review, in words; None when it will do."""
    if day <= today:
        return "Choose a day after today."
    if day > today + timedelta(days=REVIEW_DAYS_MAX):
        return f"Choose a day within {REVIEW_DAYS_MAX} days."
    return None
