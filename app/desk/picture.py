"""What the facts of a call come to: the one loan, its age, what stands in the foreground. Pure.

Words are made of it elsewhere; here nothing is said in any language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from app.accounts.rules import Arrears, HoldKind, age, has_worsened
from app.customers.rules import Behaviour, Reliability, reliability
from app.desk.pop import Did, Owed, Paid, Pledged, PopFacts
from app.values.money import Money

_YEAR: Final = timedelta(days=365)
_BROKEN_NEAR: Final = timedelta(days=7)
_BROKEN_WINDOW: Final = timedelta(days=60)
_COMPLAINT_NEAR: Final = timedelta(days=30)
_BROKEN_STATES: Final = frozenset({"BROKEN", "PARTLY_KEPT"})
_SETTLING: Final = frozenset({"PENDING", "IN_SETTLEMENT", "PROCESSING"})


@dataclass(frozen=True, slots=True)
class Picture:
    """The call in a nutshell; None where there is nothing of the kind.

    `asked` is what is asked for today: the amount due, else overdue, else all that is owed.
    `broken` is the latest promise that fell due within 7 days and was not kept; `broken_60d` counts.
    `attempts_week` counts this call too. `rolled_from` is the earlier bucket of a loan that worsened.
    """

    loan: Owed | None = None
    arrears: Arrears | None = None
    asked: Money | None = None
    broken: Pledged | None = None
    broken_60d: int = 0
    due_today: Pledged | None = None
    running: Pledged | None = None
    settling: Paid | None = None
    complaint: Did | None = None
    rolled_from: str | None = None
    attempts_week: int = 1
    disputes: int = 0
    hardship: bool = False
    reliability: Reliability | None = None
    last_method: str | None = None


def see(facts: PopFacts) -> Picture:
    """Look at everything once. Promises, payments and actions come newest first."""
    loan = facts.loans[0] if facts.loans else None
    arrears = age(loan.oldest_unpaid_due_on, facts.today) if loan else None
    broken = [p for p in facts.promises if p.state in _BROKEN_STATES]
    recent = [p for p in broken if facts.today - p.due_on <= _BROKEN_WINDOW]
    return Picture(
        loan=loan,
        arrears=arrears,
        asked=_asked(loan) if loan else None,
        broken=next((p for p in recent if facts.today - p.due_on <= _BROKEN_NEAR), None),
        broken_60d=len(recent),
        due_today=_open_on(facts.promises, facts.today),
        running=next((p for p in reversed(facts.promises) if p.state == "OPEN"), None),
        settling=next((p for p in facts.payments if p.status in _SETTLING), None),
        complaint=_complaint(facts),
        rolled_from=_rolled(loan, arrears),
        attempts_week=1 + _calls_this_week(facts),
        disputes=sum(1 for hold in facts.holds if hold.kind == HoldKind.DISPUTE_HOLD),
        hardship=bool(facts.who and facts.who.hardship),
        reliability=_reliability(facts, loan) if facts.who else None,
        last_method=next((p.method for p in facts.payments), None),
    )


def _asked(loan: Owed) -> Money:
    minor = loan.due_minor or loan.overdue_minor or loan.outstanding_minor
    return Money(min(minor, loan.outstanding_minor), loan.currency)


def _open_on(promises: Sequence[Pledged], day: date) -> Pledged | None:
    return next((p for p in promises if p.state == "OPEN" and p.due_on == day), None)


def _rolled(loan: Owed | None, arrears: Arrears | None) -> str | None:
    if loan is None or arrears is None or not has_worsened(loan.bucket_before, arrears.bucket):
        return None
    return loan.bucket_before


def _complaint(facts: PopFacts) -> Did | None:
    since = facts.now - _COMPLAINT_NEAR
    return next((a for a in facts.actions if a.leaf == "COMPLAINT_LOGGED" and a.at >= since), None)


def _calls_this_week(facts: PopFacts) -> int:
    monday = facts.today - timedelta(days=facts.today.weekday())
    zone = ZoneInfo(facts.zone)
    return sum(
        1 for a in facts.actions if a.kind == "CALL" and a.at.astimezone(zone).date() >= monday
    )


def _reliability(facts: PopFacts, loan: Owed | None) -> Reliability:
    """Over twelve months, from promises and payments; schedules of installments are not known here.

    The share paid is what came in against what came in and is still overdue, in the loan's currency.
    """
    since = facts.today - _YEAR
    states = [p.state for p in facts.promises if p.due_on >= since]
    posted = [p for p in facts.payments if p.status == "POSTED"]
    currency = loan.currency if loan else facts.currency
    paid = sum(p.amount_minor for p in posted if p.paid_on >= since and p.currency == currency)
    overdue = sum(o.overdue_minor for o in facts.loans if o.currency == currency)
    return reliability(
        Behaviour(
            kept=states.count("KEPT"),
            partly=states.count("PARTLY_KEPT"),
            broken=states.count("BROKEN"),
            paid_share=Fraction(paid, paid + overdue) if paid + overdue else None,
            days_since_payment=(facts.today - posted[0].paid_on).days if posted else None,
        )
    )
