"""What an outcome says of how the customer is to be treated: noted, and taken back when it was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.accounts import service as accounts
from app.accounts.rules import HoldKind
from app.care import rules
from app.care import service as care
from app.care.rules import StatusType
from app.customers import service as customers
from app.customers.rules import read_avoided
from app.desk.bars import Standing, barred
from app.errors import Invalid, Refused
from app.history import effects
from app.history.effects import Need

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.db import ReadSession, WriteSession
    from app.history.tree import Leaf

HOSTILITY: Final = "hostility"  # the source of a hold
CaringEffect = effects.FlagHardship | effects.OpenDispute | effects.SetStatus | effects.NoteWishes


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of whom: the form's `fields`, by whom and when. `zone` is the business's place."""

    customer: UUID
    loan: UUID | None
    fields: Mapping[str, str]
    origin: care.Origin
    zone: str

    def said(self, *needs: Need) -> str:
        """The first of these fields that says something, else nothing."""
        return next((text for need in needs if (text := self.fields.get(need, "").strip())), "")


async def carry(session: WriteSession, effect: CaringEffect, told: Told) -> dict[str, Any] | None:
    """Do one effect; returns the record by which `take_back` undoes it, None when nothing changed."""
    match effect:
        case effects.FlagHardship():
            before = (await customers.find(session, told.customer)).hardship
            reason = told.said(Need.REASON, Need.TERMS)
            flagged = await care.flag_hardship(session, told.customer, reason, told.origin)
            return {"hardship": str(flagged), "flag": before}
        case effects.OpenDispute():
            opened = await care.open_dispute(
                session,
                told.customer,
                kind=told.said(Need.DISPUTE_KIND),
                text=told.said(Need.TEXT),
                loan_id=told.loan,
                origin=told.origin,
            )
            return {"dispute": str(opened)}
        case effects.NoteWishes():
            before = await care.note_wishes(session, told.customer, _wishes(told), told.origin)
            return {"before": before}
        case effects.SetStatus():
            return await _note_manner(session, effect.type, told)


async def take_back(session: WriteSession, record: Mapping[str, Any], origin: care.Origin) -> None:
    """Undo what one record of `carry` tells of; its hold and what stood before are the caller's to undo."""
    if "status" in record:
        await care.unnote_status(session, UUID(record["status"]), origin)
    if "hardship" in record:
        await care.unflag_hardship(session, UUID(record["hardship"]), record["flag"], origin)
    if "dispute" in record:
        await care.take_dispute_back(session, UUID(record["dispute"]), origin)


async def acted_on(session: WriteSession, record: Mapping[str, Any]) -> str | None:
    """The name of an effect that somebody has acted upon since, so that it stands; None for none."""
    if "dispute" in record and await care.is_taken_up(session, UUID(record["dispute"])):
        return effects.OpenDispute.__name__
    if "hardship" in record and await care.is_reviewed(session, UUID(record["hardship"])):
        return effects.FlagHardship.__name__
    return None


async def refuse_barred(
    session: ReadSession, leaf: Leaf, customer: UUID | None, loan: UUID | None
) -> None:
    """Raise `Refused` with the reason when the way a customer is to be treated rules an outcome out."""
    if customer is None:
        return
    person = await customers.find(session, customer)
    contested = await care.undecided(session, customer)
    standing = Standing(
        disputed=any(each.loan_id in (None, loan) for each in contested),
        hardship=bool(person.hardship),
        special=person.special_handling,
    )
    bar = barred(leaf.code, standing)
    if bar is not None:
        raise Refused(f"{bar.why[1]}.", code=f"BARRED_{bar.code}", field="leaf", rule=bar.code)


async def _note_manner(
    session: WriteSession, usual: StatusType, told: Told
) -> dict[str, Any] | None:
    """What the agent says of the manner counts more than what the outcome usually tells of it.

    After hostility the customer is left alone for some days.
    """
    said = told.said(Need.MANNER)
    if said and said not in rules.MANNERS:
        known = ", ".join(sorted(rules.MANNERS))
        raise Invalid(f"Say how the customer was: {known}.", code="MANNER", field=Need.MANNER)
    status = StatusType(said) if said else usual
    noted = await care.note_status(session, told.customer, status, told.origin)
    record: dict[str, Any] = {"status": str(noted)} if noted else {}
    if status is StatusType.HOSTILE:
        hold = await accounts.place_hold(
            session,
            told.customer,
            kind=HoldKind.COOLDOWN,
            source=HOSTILITY,
            clock=told.origin.clock,
            until=_rested(told),
            action_id=told.origin.action_id,
        )
        record["hold"] = str(hold)
    return record or None


def _rested(told: Told) -> datetime:
    """The morning after the days of rest."""
    day = told.origin.today + timedelta(days=rules.REST_DAYS + 1)
    return datetime.combine(day, time(), ZoneInfo(told.zone))


def _wishes(told: Told) -> dict[str, Any]:
    """When to call and what to avoid. Raises `Invalid` for something that nobody could keep to."""
    words = [word for word in told.said(Need.AVOID).split(",") if word.strip()]
    avoid = [read for word in words if (read := read_avoided(word)) is not None]
    if len(avoid) < len(words):
        raise Invalid(
            "Write hours such as 8-12, a part of the day, or work; several with commas.",
            code="WISHES_AVOID",
            field=Need.AVOID,
        )
    wishes: dict[str, Any] = {"band": told.said(Need.TIME_BAND)}
    return {**wishes, "avoid": avoid} if avoid else wishes
