"""How late a debt is: days past due, buckets, State Bank groups, stages; and why a case is held. Pure.

Holds are rows of this slice, written by whoever knows and read by compliance (decision 16).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class HoldKind(StrEnum):
    """Why a customer is kept from being called."""

    PROMISE_RUNNING = "PROMISE_RUNNING"
    DISPUTE_HOLD = "DISPUTE_HOLD"
    TRACE = "TRACE"
    LEGAL = "LEGAL"
    PROOF_CHECK = "PROOF_CHECK"  # says it is paid; payments look
    SETTLEMENT = "SETTLEMENT"  # money is on its way
    HARDSHIP_REVIEW = "HARDSHIP_REVIEW"
    REFERRAL = "REFERRAL"  # another department answers first
    DOCUMENTS = "DOCUMENTS"
    DECEASED = "DECEASED"
    COOLDOWN = "COOLDOWN"  # an abandoned call, or a day of rest


class Product(StrEnum):
    """What was lent."""

    MORTGAGE = "MORTGAGE"
    AUTO = "AUTO"
    PERSONAL = "PERSONAL"
    CREDIT_CARD = "CREDIT_CARD"
    UTILITY = "UTILITY"
    OTHER = "OTHER"


PRODUCT_LABELS: Final[dict[Product, tuple[str, str]]] = {
    Product.MORTGAGE: ("Vay mua nhà", "Mortgage"),
    Product.AUTO: ("Vay mua xe", "Auto loan"),
    Product.PERSONAL: ("Vay tiêu dùng", "Personal loan"),
    Product.CREDIT_CARD: ("Thẻ tín dụng", "Credit card"),
    Product.UTILITY: ("Hóa đơn dịch vụ", "Utility bill"),
    Product.OTHER: ("Khoản vay", "Loan"),
}
"""Vietnamese and English, in this order."""


class LoanStatus(StrEnum):
    """Where a loan stands with the bank."""

    CURRENT = "CURRENT"
    OVERDUE = "OVERDUE"
    TRACE = "TRACE"
    LEGAL = "LEGAL"
    THIRD_PARTY = "THIRD_PARTY"
    CLOSED = "CLOSED"
    WRITTEN_OFF = "WRITTEN_OFF"


class Stage(StrEnum):
    """The stage of treatment that a bucket belongs to; CURRENT for a debt that is not late."""

    CURRENT = "CURRENT"
    EARLY = "EARLY"
    MID = "MID"
    LATE = "LATE"
    LEGAL = "LEGAL"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A band of days past due, both ends included; `last` is None for the open one."""

    code: str
    first: int
    last: int | None
    sbv_group: int
    stage: Stage


BUCKETS: Final = (
    Bucket("B0", 0, 0, 1, Stage.CURRENT),
    Bucket("B1", 1, 9, 1, Stage.EARLY),
    Bucket("B2", 10, 30, 2, Stage.EARLY),
    Bucket("B3", 31, 60, 2, Stage.MID),
    Bucket("B4", 61, 90, 2, Stage.MID),
    Bucket("B5", 91, 180, 3, Stage.LATE),
    Bucket("B6", 181, 360, 4, Stage.LATE),
    Bucket("B7", 361, None, 5, Stage.LEGAL),
)
"""Edges fit both 30-day buckets and the groups of Circular 31/2024 (quantitative part only)."""

_BY_CODE: Final = {bucket.code: bucket for bucket in BUCKETS}


def days_past_due(oldest_unpaid_due_on: date | None, business_on: date) -> int:
    """Whole days since the oldest unpaid due date; 0 when nothing is unpaid or not yet due."""
    if oldest_unpaid_due_on is None:
        return 0
    return max(0, (business_on - oldest_unpaid_due_on).days)


def bucket_of(dpd: int) -> Bucket:
    """The bucket of a number of days past due; a negative number is a ValueError."""
    if dpd < 0:
        raise ValueError(f"days past due are never negative, not even {dpd}")
    return next(bucket for bucket in reversed(BUCKETS) if dpd >= bucket.first)


def bucket_named(code: str) -> Bucket | None:
    """The bucket with this code, `B0` to `B7`; None for another word."""
    return _BY_CODE.get(code)


def due_dates_of(bucket: Bucket, business_on: date) -> tuple[date | None, date]:
    """The oldest unpaid due dates, first and last included, that lie in a bucket on a day.

    The first is None for the open bucket. B0 has no such dates but that day itself.
    """
    earliest = None if bucket.last is None else business_on - timedelta(days=bucket.last)
    return earliest, business_on - timedelta(days=bucket.first)


def sbv_group(dpd: int) -> int:
    """The State Bank's debt group 1 to 5 by days past due (Circular 31/2024)."""
    return bucket_of(dpd).sbv_group


def stage_of(dpd: int, *, referred: bool = False) -> Stage:
    """The stage of treatment; a case referred to law is LEGAL whatever its age."""
    return Stage.LEGAL if referred else bucket_of(dpd).stage


def has_worsened(before: str | None, now: str) -> bool:
    """Whether a loan has rolled into a later bucket; False when the earlier one is unknown."""
    if before not in _BY_CODE or now not in _BY_CODE:
        return False
    return _BY_CODE[now].first > _BY_CODE[before].first


@dataclass(frozen=True, slots=True)
class Arrears:
    """One loan's age on a business day."""

    dpd: int
    bucket: str
    sbv_group: int
    stage: Stage


def age(oldest_unpaid_due_on: date | None, business_on: date, *, referred: bool = False) -> Arrears:
    """Age a loan: days, bucket, group and stage together."""
    dpd = days_past_due(oldest_unpaid_due_on, business_on)
    bucket = bucket_of(dpd)
    return Arrears(dpd, bucket.code, bucket.sbv_group, stage_of(dpd, referred=referred))


def product_label(product: str, language: str) -> str:
    """A product in words, `vi` or `en`; an unknown product is shown as a loan."""
    known = Product(product) if product in set(Product) else Product.OTHER
    vietnamese, english = PRODUCT_LABELS[known]
    return vietnamese if language == "vi" else english


def tail_of(account_no: str) -> str:
    """The last four characters of an account number: all that is said or shown of it on a call."""
    return account_no[-4:]


def check_amounts(outstanding_minor: int, overdue_minor: int, due_minor: int) -> str | None:
    """What is wrong with a loan's amounts (minor units), in words; None when they agree.

    Invariant 9 of domain section 11.
    """
    if min(outstanding_minor, overdue_minor, due_minor) < 0:
        return "an amount is below zero"
    if overdue_minor > outstanding_minor:
        return "more is overdue than is owed"
    return None
