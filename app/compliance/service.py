"""Gathers the facts and asks the rules: may this customer be contacted now, on this number?

The same question is asked when leads are chosen and again at the moment of dialling, there inside the
transaction that holds the customer's lock. The verdict is never switched off; profiles are data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from app.accounts.rules import HoldKind
from app.compliance import store
from app.compliance.profiles import OWN_POLICY, Profile, Rule, profile_named, stricter
from app.compliance.rules import (
    Consent,
    ContactFacts,
    Held,
    Purpose,
    Starter,
    Verdict,
    daily_cap,
    free_from,
    judge,
    may_contact,
)
from app.customers.rules import Verification
from app.customers.service import THIRD_PARTIES
from app.history.dispositions import LAYER_2, LEAVES
from app.people.service import organisation
from app.values.period import LocalWindow, business_date, next_day, window_of
from app.values.phone import zones_of
from app.values.text import search_key

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.compliance.store import Known
    from app.db import ReadSession

__all__ = ["Answer", "Derived", "Limits", "Question", "Verdict", "ask", "derive", "law_of"]

LOAN_HOLDS: Final = {
    "LEGAL": HoldKind.LEGAL,
    "THIRD_PARTY": HoldKind.LEGAL,
    "TRACE": HoldKind.TRACE,
}
"""Statuses of a loan that keep its owner from being dialled about it."""

_NOT_HIM: Final = {layer.code for layer in LAYER_2 if layer.parent == "NOT_CONTACTED"}
STRANGERS: Final = tuple(leaf.code for leaf in LEAVES if leaf.parent in _NOT_HIM | {"THIRD_PARTY"})
"""Outcomes of connected calls that were no conversation with the customer. Not among them: who hung up
before it was known who he was, and who could not be understood; those may have been he."""
WORKPLACES: Final = frozenset({"noi lam viec", "co quan", "cong ty", "work", "workplace", "office"})
"""How the customer's wish not to be called at work is written down, as a search key."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a campaign adds to the law; it can only tighten it.

    `profile` names a further legal profile, that of its customers' country; empty for none.
    """

    profile: str = ""
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

    `today` is the customer's business day, which ends at `day_ends`; `cap` the most contacts on it by
    `cap_source`, None for no limit.
    """

    verdict: Verdict
    today: date
    contacts_today: int
    cap: int | None
    cap_source: str
    day_ends: datetime


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
        strangers=STRANGERS,
        now=now,
    )
    if known is None:
        utc = ZoneInfo("UTC")
        ends = next_day(now, utc)
        return Answer(_gone(Rule.DNC), business_date(now, utc), 0, None, OWN_POLICY, ends)
    profile = law_of(known.legal_profile, question.limits.profile)
    facts = facts_of(known, question)
    zone = ZoneInfo(facts.zone)
    today = business_date(now, zone)
    cap = daily_cap(profile, question.limits.cap_per_day)
    full = judge(Rule.DAILY_CAP, replace(facts, attempts_on={today: cap or 0}), now, profile)
    return Answer(
        verdict=_left(known) or may_contact(facts, now, profile),
        today=today,
        contacts_today=facts.attempts_on.get(today, 0),
        cap=cap,
        cap_source=full.source,
        day_ends=next_day(now, zone),
    )


@dataclass(frozen=True, slots=True)
class Derived:
    """A verdict that nobody asked for at the time: worked out afterwards from what was known then.

    `free_from`: when every rule would have allowed if nothing else had happened; None for never.
    """

    verdict: Verdict
    free_from: datetime | None


async def derive(
    session: ReadSession, question: Question, loan_id: UUID, at: datetime
) -> Derived | None:
    """What the verdict would have been at an instant; None when there is no such customer.

    Contacts, calls, holds and marks are taken as they were then; loans, labels, zones, preferences and
    the limits of the question as they are now.
    """
    known = await store.find_known_then(
        session,
        customer_id=question.customer_id,
        phone_id=question.phone_id,
        loan_id=loan_id,
        strangers=STRANGERS,
        at=at,
    )
    if known is None:
        return None
    if (left := _left(known)) is not None:
        return Derived(left, None)
    profile = law_of(known.legal_profile, question.limits.profile)
    facts = facts_of(known, question)
    return Derived(may_contact(facts, at, profile), free_from(facts, at, profile))


async def profile_in_force(session: ReadSession, added: str = "") -> Profile:
    """The organisation's legal profile, with a campaign's. Raises NotFound before it is set up."""
    return law_of((await organisation(session)).legal_profile, added)


def law_of(organisations: str, added: str = "") -> Profile:
    """The profile of the organisation, and one that a campaign adds; KeyError for a name that is none."""
    law = profile_named(organisations)
    return stricter(law, profile_named(added)) if added else law


def facts_of(known: Known, question: Question) -> ContactFacts:
    limits = question.limits
    told = known.preference or {}
    avoided = [str(each) for each in told.get("avoid") or ()]
    zones = zones_of(known.number)
    return ContactFacts(
        zone=known.zone,
        other_zones=tuple(zone for zone in zones if zone != known.zone),
        starter=question.starter,
        purpose=question.purpose,
        do_not_contact=known.do_not_contact,
        consent=_CONSENT[known.consent],
        verification=Verification(known.verification or Verification.INVALID),
        dialable=bool(known.dialable),
        liable=known.label not in THIRD_PARTIES,
        locked=known.locked,
        holds=_holds(known),
        attempts_on=dict(zip(known.counted_on, known.counts, strict=True)),
        debt_calls_on=dict(zip(known.debt_called_on, known.debt_calls, strict=True)),
        avoided=tuple(window for each in avoided if (window := window_of(each)) is not None),
        avoided_place=known.label == "WORK" and any(search_key(a) in WORKPLACES for a in avoided),
        agreed=known.agreed,
        last_attempt_at=known.last_attempt_at,
        last_abandoned_at=known.last_abandoned_at,
        last_conversation_at=known.last_conversation_at,
        holidays=frozenset(date.fromisoformat(day) for day in known.holidays),
        windows=limits.windows,
        cap_per_day=limits.cap_per_day,
        cap_per_week=limits.cap_per_week,
        min_gap_minutes=limits.min_gap_minutes,
    )


_CONSENT: Final = {True: Consent.GIVEN, False: Consent.WITHDRAWN, None: Consent.UNKNOWN}


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
