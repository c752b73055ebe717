"""Answers "why was, or was not, this customer called?" for any customer and time; each look-up is audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from app.audit import service as audit
from app.calls.service import created_at
from app.campaigns.dialing import limits_of, number_to_ring
from app.campaigns.strategy import settings_from
from app.compliance import service as compliance
from app.customers import consents
from app.customers import service as customers
from app.errors import Invalid
from app.explain import store
from app.explain.rules import (
    MOMENT,
    Asked,
    Membership,
    Reason,
    Why,
    called,
    of_record,
    of_verdict,
)
from app.people import service as people
from app.values.phone import read_phone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.audit.service import Actor
    from app.compliance.service import Derived
    from app.customers.rules import Word
    from app.customers.service import Person
    from app.db import ReadSession, WriteSession
    from app.explain.store import Member

LOOK_BACK: Final = timedelta(days=35)  # refusals for good stand longer, and are told by the lead
LOOK_ON: Final = timedelta(days=1)
MOST_ASKED: Final = 200
MOST_FOUND: Final = 20
YEARS: Final = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer. `trail` holds what was asked around the instant, newest first.

    `free_from`: when a call would have been lawful if nothing else had happened; None where it was at the
    instant itself, where that was not worked out, and where it is never.
    """

    customer: Person
    at: datetime
    zone: str
    call: Asked | None
    reasons: tuple[Reason, ...]
    trail: tuple[Asked, ...]
    free_from: datetime | None
    consents: tuple[Word, ...] = ()  # the customer's own words, as they stood at the instant

    @property
    def first(self) -> Reason:
        """The answer in one sentence: the call, else the reason of the most urgent campaign."""
        return self.reasons[0]

    @property
    def derived(self) -> bool:
        """Whether any part of it was worked out afterwards."""
        return any(reason.derived for reason in self.reasons)


async def find_customers(session: ReadSession, typed: str) -> list[Person]:
    """Whom a customer number or a phone number names; several may share a phone. Raises Invalid."""
    typed = typed.strip()
    if not typed or not typed.isprintable():
        raise Invalid("Type a customer number or a phone number.", field="text")
    found = await customers.find_known(session, typed)
    if found is not None:
        return [found]
    home = (await people.organisation(session)).legal_profile
    number = read_phone(typed, home).e164 or typed
    return (await customers.find_by_number(session, number))[:MOST_FOUND]


def read_instant(typed: str, zone: str) -> datetime:
    """`2026-11-23T10:05` on the wall of `zone`. Raises Invalid naming the field and the form."""
    try:
        wall = datetime.fromisoformat(typed.strip())
    except ValueError:
        raise Invalid(f"{typed!r} is no time: write it as 2026-11-23T10:05.", field="at") from None
    if wall.year not in YEARS:
        raise Invalid(f"{typed!r} lies in no year that is kept here.", field="at")
    return wall if wall.tzinfo else wall.replace(tzinfo=ZoneInfo(zone))


async def explain(
    session: WriteSession,
    customer_id: UUID,
    at: datetime,
    actor: Actor,
    now: datetime,
    *,
    team: UUID | None = None,
) -> Explanation:
    """Why the customer was, or was not, called at an instant; who looked is noted. Raises NotFound.

    `team`: only its campaigns answer, calls of others are told without a name; None looks at all.
    """
    person = await customers.find(session, customer_id)
    zone = (await people.organisation(session)).timezone
    audit.record(
        session, actor, verb="explained", entity="customer", entity_id=customer_id, now=now,
        after={"at": at.isoformat()},
    )  # fmt: skip
    trail = await store.list_asked(
        session,
        customer_id,
        since=at - LOOK_BACK,
        until=at + LOOK_ON,
        now=now,
        team=team,
        most=MOST_ASKED,
    )
    call = called(trail, at)
    members = await store.list_memberships(session, customer_id, at, team)
    free_from: datetime | None = None
    reasons = [_called(call)] if call is not None else []
    for member in members:
        if created_at(member.lead_id) >= at + MOMENT:
            continue
        reason = of_record(_membership(member), trail, at)
        if reason is None:
            derived = await _derive(session, person, member, at)
            reason = of_verdict(member.campaign, derived.verdict if derived else None)
            free_from = free_from or (derived.free_from if derived else None)
        if call is None or reason.campaign != call.campaign:
            reasons.append(reason)
    return Explanation(
        customer=person,
        at=at,
        zone=zone,
        call=call,
        reasons=tuple(reasons) or (Reason(Why.NOT_MEMBER),),
        trail=_around(trail, at),
        free_from=None if free_from == at else free_from,
        consents=tuple(await consents.held_at(session, customer_id, at)),
    )


def _called(call: Asked) -> Reason:
    return Reason(
        Why.CALLED, call.campaign, at=call.at, until=call.ended_at, word=call.leaf or call.result,
        heard=call.heard,
    )  # fmt: skip


def _membership(member: Member) -> Membership:
    return Membership(
        campaign_id=member.campaign_id,
        campaign=member.campaign,
        since=created_at(member.lead_id),
        state=member.state,
        stopped=member.stopped,
        lead_state=member.lead_state,
        next_at=member.next_at,
        last_result=member.last_result,
        exclude_reason=member.exclude_reason,
    )


async def _derive(
    session: ReadSession, person: Person, member: Member, at: datetime
) -> Derived | None:
    phone = await number_to_ring(session, person.id, person.timezone, at)
    if phone is None:
        return None
    question = compliance.Question(
        customer_id=person.id,
        phone_id=phone,
        loan_id=member.loan_id,
        limits=limits_of(settings_from(member.settings)),
    )
    return await compliance.derive(session, question, member.loan_id, at)


SHOWN_BEFORE, SHOWN_AFTER = 20, 5


def _around(trail: Sequence[Asked], at: datetime) -> tuple[Asked, ...]:
    """The tries nearest to the instant, newest first."""
    after = [asked for asked in trail if asked.at >= at + MOMENT]
    before = [asked for asked in trail if asked.at < at + MOMENT]
    return (*after[-SHOWN_AFTER:], *before[:SHOWN_BEFORE])
