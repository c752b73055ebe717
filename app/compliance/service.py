"""Gathers the facts and asks the rules: may this customer be contacted now, on this number?

The same question is asked when leads are chosen and again at the moment of dialling, there inside the
transaction that holds the customer's lock. The verdict is never switched off; profiles are data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from app.accounts.rules import HoldKind
from app.compliance import store
from app.compliance.profiles import OWN_POLICY, Profile, Rule, profile_named
from app.compliance.rules import (
    ContactFacts,
    Held,
    Purpose,
    Starter,
    Verdict,
    daily_cap,
    may_contact,
)
from app.customers.rules import Verification
from app.customers.service import THIRD_PARTIES
from app.people.service import organisation
from app.values.period import LocalWindow, business_date

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.compliance.store import Known
    from app.db import ReadSession

__all__ = ["Answer", "Limits", "Question", "Verdict", "ask", "profile_in_force"]

LOAN_HOLDS: Final = {
    "LEGAL": HoldKind.LEGAL,
    "THIRD_PARTY": HoldKind.LEGAL,
    "TRACE": HoldKind.TRACE,
}
"""Statuses of a loan that keep its owner from being dialled about it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a campaign adds to the law; it can only tighten it."""

    windows: tuple[LocalWindow, ...] = ()
    cap_per_day: int | None = None
    cap_per_week: int | None = None
    min_gap_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Whom, on which number, about which loan, and who asks. `call_id` is the asker's own lock."""

    customer_id: UUID
    phone_id: UUID
    loan_id: UUID | None = None
    limits: Limits = Limits()
    starter: Starter = Starter.DIALER
    purpose: Purpose = Purpose.DEBT
    call_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, and what else the asker needs of the same facts.

    `today` is the customer's business day; `cap` the most contacts on it, None for no limit.
    """

    verdict: Verdict
    today: date
    contacts_today: int
    cap: int | None


async def ask(session: ReadSession, question: Question, now: datetime) -> Answer:
    """Judge with the facts of this moment; one statement.

    A customer, loan or number that is not there any more may not be contacted.
    """
    known = await store.find_known(
        session,
        customer_id=question.customer_id,
        phone_id=question.phone_id,
        loan_id=question.loan_id,
        call_id=question.call_id,
        now=now,
    )
    if known is None:
        return Answer(_gone(Rule.DNC), business_date(now, ZoneInfo("UTC")), 0, None)
    profile, facts = profile_named(known.legal_profile), _facts(known, question)
    today = business_date(now, ZoneInfo(facts.zone))
    verdict = _left(known) or may_contact(facts, now, profile)
    return Answer(
        verdict,
        today,
        facts.attempts_on.get(today, 0),
        daily_cap(profile, question.limits.cap_per_day),
    )


async def profile_in_force(session: ReadSession) -> Profile:
    """The legal profile of the organisation. Raises NotFound before it is set up."""
    return profile_named((await organisation(session)).legal_profile)


def _facts(known: Known, question: Question) -> ContactFacts:
    limits = question.limits
    return ContactFacts(
        zone=known.zone,
        starter=question.starter,
        purpose=question.purpose,
        do_not_contact=known.do_not_contact,
        verification=Verification(known.verification or Verification.INVALID),
        dialable=bool(known.dialable),
        liable=known.label not in THIRD_PARTIES,
        locked=known.locked,
        holds=_holds(known),
        attempts_on=dict(zip(known.counted_on, known.counts, strict=True)),
        last_attempt_at=known.last_attempt_at,
        last_abandoned_at=known.last_abandoned_at,
        last_conversation_at=known.last_conversation_at,
        holidays=frozenset(date.fromisoformat(day) for day in known.holidays),
        windows=limits.windows,
        cap_per_day=limits.cap_per_day,
        cap_per_week=limits.cap_per_week,
        min_gap_minutes=limits.min_gap_minutes,
    )


def _holds(known: Known) -> tuple[Held, ...]:
    held = tuple(
        Held(HoldKind(kind), until)
        for kind, until in zip(known.hold_kinds, known.hold_ends, strict=True)
    )
    chosen = LOAN_HOLDS.get(known.loan_status or "")
    return (*held, Held(chosen)) if chosen is not None else held


def _left(known: Known) -> Verdict | None:
    """The debt was paid or closed, or the customer left: there is nothing to call about."""
    if known.loan_closed or known.customer_status != "ACTIVE":
        return _gone(Rule.DNC)
    return None


def _gone(rule: Rule) -> Verdict:
    return Verdict(allowed=False, rule=rule, source=OWN_POLICY)
