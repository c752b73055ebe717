"""Outcomes that make no sense with this customer, and why. Pure.

The page shows them disabled with the reason; the server asks the same question and refuses.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from app.desk.words import Pair

PROMISES: Final = frozenset({"PTP_SCHEDULED", "PTP_PARTIAL", "PTP_PLAN"})
REFUSALS: Final = frozenset({"REFUSED", "REFUSED_ESCALATED", "REFUSED_LEGAL"})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a customer is to be treated. `disputed`: the loan of this call is contested."""

    disputed: bool = False
    hardship: bool = False
    special: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """Why some outcomes are out of the question."""

    code: str
    leaves: frozenset[str]
    why: Pair


_DISPUTED: Final = Bar(
    "DISPUTED",
    PROMISES | REFUSALS,
    (
        "Khoản này đang tranh chấp: không đòi tiền nên không ghi hứa trả hay từ chối",
        "This debt is disputed: nothing is asked for, so there is no promise and no refusal to note",
    ),
)
_ALREADY_OPEN: Final = Bar(
    "DISPUTE_OPEN",
    frozenset({"DISPUTE_OPENED"}),
    (
        "Tranh chấp đã được mở: ghi thêm vào ghi chú, hoặc chuyển cấp trên",
        "A dispute is open already: add to the note, or escalate it",
    ),
)
_STRAINED: Final = Bar(
    "HARDSHIP",
    frozenset({"REFUSED_LEGAL"}),
    (
        "Khách đang gặp khó khăn: chưa đề xuất pháp lý khi chưa xem xét xong",
        "The customer is in hardship: no legal referral before the review has ended",
    ),
)
_VULNERABLE: Final = Bar(
    "VULNERABLE",
    frozenset({"REFUSED_LEGAL"}),
    (
        "Khách dễ bị tổn thương: chuyển cấp trên, không tự đề xuất pháp lý",
        "A vulnerable customer: escalate instead of proposing a legal referral",
    ),
)


def in_the_way(standing: Standing) -> tuple[Bar, ...]:
    """Every bar that this customer puts up, the gravest first."""
    tests = (
        (_DISPUTED, standing.disputed),
        (_ALREADY_OPEN, standing.disputed),
        (_STRAINED, standing.hardship),
        (_VULNERABLE, "VULNERABLE" in standing.special),
    )
    return tuple(bar for bar, met in tests if met)


def barred(leaf: str, standing: Standing) -> Bar | None:
    """The first reason against an outcome; None when it may be chosen."""
    return next((bar for bar in in_the_way(standing) if leaf in bar.leaves), None)
