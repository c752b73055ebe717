"""Gathers what a screen pop is made of, in one round trip, and hands it to the pure `rules.compose`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from app.desk import script, store
from app.desk.picture import see
from app.desk.pop import (
    Contested,
    Did,
    Held,
    Number,
    Occasion,
    Owed,
    Paid,
    Pledged,
    PopFacts,
    Ringing,
    Speaker,
    Stated,
    Strained,
    Who,
)
from app.desk.rules import compose
from app.errors import NotFound
from app.people import service as people
from app.scripts.service import Shelf

if TYPE_CHECKING:
    from datetime import datetime

    from app.calls.service import Call
    from app.db import ReadSession
    from app.scripts.fields import Situation

__all__ = ["Occasion", "PopFacts", "Ringing", "Shelf", "Speaker", "compose", "gather", "speaker"]


@dataclass(frozen=True, slots=True)
class Gathered:
    """One reading: the facts, the campaign's name, and the newest version of the scripts (None: none)."""

    facts: PopFacts
    campaign: str
    newest_book: int | None


async def gather(
    session: ReadSession,
    *,
    customer: UUID,
    loan: UUID | None,
    campaign: UUID,
    now: datetime,
    shelf: Shelf,
) -> PopFacts:
    """The facts of a call to `customer` about `loan` (None: the one longest overdue).

    With them comes the version of the scripts in force: `shelf` holds that book afterwards.
    """
    found = await read(session, customer=customer, loan=loan, campaign=campaign, now=now)
    await shelf.renew(session, found.newest_book)
    return found.facts


async def read(
    session: ReadSession, *, customer: UUID, loan: UUID | None, campaign: UUID, now: datetime
) -> Gathered:
    """Everything about a call, in one round trip."""
    organisation = await people.organisation(session)
    today = now.astimezone(ZoneInfo(organisation.timezone)).date()
    found = await store.read_pop(
        session, customer=customer, loan=loan, campaign=campaign, now=now, today=today
    )
    house, campaign_row = found["organisation"] or {}, found["campaign"] or {}
    facts = PopFacts(
        today=today,
        now=now,
        zone=house["timezone"],
        bank=house["name"],
        currency=house["currency"],
        legal_profile=house["legal_profile"],
        holidays=_as(frozenset[date], house["holidays"]),
        who=_as(Who, found["customer"]) if found["customer"] else None,
        loans=_as(tuple[Owed, ...], found["loans"]),
        numbers=_as(tuple[Number, ...], found["phones"]),
        promises=_as(tuple[Pledged, ...], found["promises"]),
        payments=_as(tuple[Paid, ...], found["payments"]),
        actions=_as(tuple[Did, ...], found["actions"]),
        holds=_as(tuple[Held, ...], found["holds"]),
        status=_as(Stated | None, found["status"]),
        hardship=_as(Strained | None, found["hardship"]),
        disputes=_as(tuple[Contested, ...], found["disputes"]),
        script=campaign_row.get("script") or {},
    )
    return Gathered(facts, campaign_row.get("name") or "", found["scripts"])


async def read_again(session: ReadSession, call: Call, now: datetime) -> Gathered:
    """Everything about a call that is at a desk already."""
    nobody = UUID(int=0)  # of a number that belongs to nobody that we know
    return await read(
        session,
        customer=call.customer_id or nobody,
        loan=call.loan_id,
        campaign=call.campaign_id or nobody,
        now=now,
    )


async def situation(session: ReadSession, call: Call, now: datetime) -> Situation:
    """The call as the rules of scripts ask about it."""
    found = await read_again(session, call, now)
    return script.situation(found.facts, see(found.facts), found.campaign)


async def speaker(session: ReadSession, user: UUID) -> Speaker:
    """Who will speak. Raises `NotFound`."""
    person = await people.find_person(session, user)
    if person is None:
        raise NotFound("There is no such user.")
    return Speaker(person.id, person.short_name, person.language)


def _as(shape: Any, value: Any) -> Any:
    """JSON of PostgreSQL as our own records; fields that we do not name are passed over."""
    return msgspec.convert(value, shape, strict=False)
