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
from app.care.rules import UNDECIDED, StatusType
from app.customers.rules import (
    Behaviour,
    Reliability,
    Risk,
    RiskClass,
    RiskFacts,
    assess_risk,
    reliability,
)
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
    `disputes` waits for a decision, `disputes_past` were decided within two years; `disputed` tells
    whether the loan of the call is contested. `status` is how the customer behaves, None for unknown.
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
    disputes_past: int = 0
    disputed: bool = False
    hardship: bool = False
    status: str | None = None
    risk: Risk | None = None
    behaviour: Behaviour | None = None
    reliability: Reliability | None = None
    last_method: str | None = None


def see(facts: PopFacts) -> Picture:
    """Look at everything once. Promises, payments and actions come newest first."""
    loan = facts.loans[0] if facts.loans else None
    arrears = age(loan.oldest_unpaid_due_on, facts.today) if loan else None
    broken = [p for p in facts.promises if p.state in _BROKEN_STATES]
    recent = [p for p in broken if facts.today - p.due_on <= _BROKEN_WINDOW]
    undecided = [d for d in facts.disputes if d.status in UNDECIDED]
    status = facts.status.type if facts.status else facts.who and facts.who.cooperation
    behaviour = _behaviour(facts, loan) if facts.who else None
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
        # A hold that a file or an older release placed stands for a dispute that nobody wrote down.
        disputes=len(undecided) or sum(hold.kind == HoldKind.DISPUTE_HOLD for hold in facts.holds),
        disputes_past=len(facts.disputes) - len(undecided),
        disputed=any(loan is None or d.loan_id in {None, loan.id} for d in undecided),
        hardship=bool(facts.hardship or (facts.who and facts.who.hardship)),
        status=status or None,
        risk=_risk(facts, arrears, len(recent), hostile=status == StatusType.HOSTILE),
        behaviour=behaviour,
        reliability=reliability(behaviour) if behaviour else None,
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


_CLASSES: Final = tuple(RiskClass)


def _risk(
    facts: PopFacts, arrears: Arrears | None, broken_60d: int, *, hostile: bool
) -> Risk | None:
    """What today's facts make of the risk; the stored class stands when it is the graver one."""
    if facts.who is None:
        return None
    seen = assess_risk(
        RiskFacts(
            dpd=arrears.dpd if arrears else 0,
            broken_60d=broken_60d,
            broken_ever=broken_60d,
            hostile=hostile,
        )
    )
    stored = next((c for c in _CLASSES if c == facts.who.risk_class), RiskClass.LOW)
    if _CLASSES.index(stored) <= _CLASSES.index(seen.risk_class):
        return seen
    return Risk(stored, (*seen.reasons, "STORED"))


def _behaviour(facts: PopFacts, loan: Owed | None) -> Behaviour:
    """Over twelve months, from promises and payments; schedules of installments are not known here.

    The share paid is what came in against what came in and is still overdue, in the loan's currency.
    """
    since = facts.today - _YEAR
    states = [p.state for p in facts.promises if p.due_on >= since]
    posted = [p for p in facts.payments if p.status == "POSTED"]
    currency = loan.currency if loan else facts.currency
    paid = sum(p.amount_minor for p in posted if p.paid_on >= since and p.currency == currency)
    overdue = sum(o.overdue_minor for o in facts.loans if o.currency == currency)
    return Behaviour(
        kept=states.count("KEPT"),
        partly=states.count("PARTLY_KEPT"),
        broken=states.count("BROKEN"),
        paid_share=Fraction(paid, paid + overdue) if paid + overdue else None,
        days_since_payment=(facts.today - posted[0].paid_on).days if posted else None,
    )
