"""Gathers what a screen pop is made of, in one round trip, and hands it to the pure `rules.compose`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from app.desk import store
from app.desk.pop import (
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
    Who,
)
from app.desk.rules import compose
from app.errors import NotFound
from app.people import service as people

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.db import ReadSession

__all__ = ["Occasion", "PopFacts", "Ringing", "Speaker", "compose", "gather", "speaker"]


async def gather(
    session: ReadSession, *, customer: UUID, loan: UUID | None, campaign: UUID, now: datetime
) -> PopFacts:
    """The facts of a call to `customer` about `loan` (None: the one longest overdue)."""
    organisation = await people.organisation(session)
    today = now.astimezone(ZoneInfo(organisation.timezone)).date()
    found = await store.read_pop(
        session, customer=customer, loan=loan, campaign=campaign, now=now, today=today
    )
    house, campaign_row = found["organisation"] or {}, found["campaign"] or {}
    return PopFacts(
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
        script=campaign_row.get("script") or {},
    )


async def speaker(session: ReadSession, user: UUID) -> Speaker:
    """Who will speak. Raises `NotFound`."""
    person = await people.find_person(session, user)
    if person is None:
        raise NotFound("There is no such user.")
    return Speaker(person.id, person.short_name, person.language)


def _as(shape: Any, value: Any) -> Any:
    """JSON of PostgreSQL as our own records; fields that we do not name are passed over."""
    return msgspec.convert(value, shape, strict=False)
