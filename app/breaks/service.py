"""Break reasons as the bank keeps them: offered, limited, changed by who may, never deleted once used."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from app import outbox
from app.audit import service as audit
from app.breaks import rules, store
from app.breaks.rules import Break
from app.breaks.store import Reason
from app.calls import service as calls
from app.errors import Invalid, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from uuid import UUID

    from app.audit.service import Actor
    from app.db import ReadSession, WriteSession

__all__ = ["Break", "Reason"]

FAULT_TOLD: Final = "break.fault_told"  # somebody went on a break because something does not work
OVERRAN: Final = "break.overran"  # a break has lasted longer than its limit, or 5 min longer still


def fill(session: WriteSession, known: Collection[str] = ()) -> None:
    """The reasons of a new organisation, without those that are `known`."""
    for position, terms in enumerate(rules.BREAKS):
        if terms.code not in known:
            store.add(session, terms, position)


async def list_all(session: ReadSession) -> list[Reason]:
    """Every reason, in the order of the list."""
    return await store.list_all(session)


async def find(session: ReadSession, code: str) -> Reason:
    """The reason with this code, offered or not. Raises `NotFound`."""
    found = await store.find(session, code)
    if found is None:
        raise NotFound("There is no such break reason.", code="BREAK_UNKNOWN")
    return found


async def list_offered(session: ReadSession) -> list[Break]:
    """The reasons that an agent may give, in their order."""
    return [reason.terms for reason in await store.list_all(session) if reason.active]


async def menu(session: ReadSession, language: str) -> list[dict[str, Any]]:
    """The reasons that are offered, as a page's menu has them."""
    return [
        {
            "code": terms.code,
            "label": terms.label_en if language == "en" else terms.label_vi,
            "max_seconds": terms.max_seconds,
            "needs_approval": terms.needs_approval,
        }
        for terms in await list_offered(session)
    ]


async def find_offered(session: ReadSession, code: str) -> Break:
    """The reason that an agent gives. Raises `Invalid` for one that is not in his list."""
    found = await store.find(session, code)
    if found is None or not found.active:
        raise Invalid("Choose a reason for the break.", code="BREAK_REASON", field="reason")
    return found.terms


async def limits_ms(session: ReadSession) -> dict[str, int]:
    """How long each break may last, by code; those without a limit are left out."""
    known = [reason.terms for reason in await store.list_all(session)]
    return {each.code: each.max_seconds * 1000 for each in known if each.max_seconds is not None}


def limit_ms(terms: Break) -> int | None:
    """How long this break may last; None: as long as it takes."""
    return None if terms.max_seconds is None else terms.max_seconds * 1000


async def create(session: WriteSession, terms: Break, actor: Actor, now: datetime) -> None:
    """Add a reason at the end of the list. Raises `Invalid` by field, `Refused` for a code in use."""
    _check(terms)
    if await store.find(session, terms.code) is not None:
        raise Refused("There is a reason with this code.", code="BREAK_CODE_TAKEN", field="code")
    await _room_for_one_more(session)
    store.add(session, terms, await store.last_position(session) + 1)
    _trace(session, actor, "created", terms.code, now, after=asdict(terms))


async def change(
    session: WriteSession, code: str, values: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """Change a reason's terms or whether it is offered; its code stays. Raises `NotFound`, `Invalid`.

    Who is on such a break keeps the limit with which it began.
    """
    known = await find(session, code)
    before = {**asdict(known.terms), "active": known.active, "position": known.position}
    changed = {name: value for name, value in values.items() if before[name] != value}
    terms = {name: value for name, value in changed.items() if name not in {"active", "position"}}
    _check(replace(known.terms, **terms))
    if changed.get("active") is False and code in rules.BUILT_IN:
        raise Refused("The server itself uses this reason.", code="BREAK_BUILT_IN", field="active")
    if changed.get("active") is True:
        await _room_for_one_more(session)
    if changed:
        await store.change(session, code, changed)
        old = {name: before[name] for name in changed}
        _trace(session, actor, "changed", code, now, before=old, after=changed)


async def remove(session: WriteSession, code: str, actor: Actor, now: datetime) -> None:
    """Delete a reason that nobody ever gave. Raises `NotFound`, `Refused` for one that is in the books."""
    known = await find(session, code)
    if code in rules.BUILT_IN or await calls.reason_given(session, code):
        raise Refused(
            "This reason is in the books: stop offering it instead.",
            code="BREAK_USED",
            field="code",
        )
    await store.remove(session, code)
    _trace(session, actor, "deleted", code, now, before=asdict(known.terms))


async def tell_fault(session: WriteSession, agent: UUID, terms: Break, now: datetime) -> None:
    """Tell, as a fact, that an agent stops because something does not work; nothing for other reasons."""
    if terms.alerts:
        body = {"agent": str(agent), "reason": terms.code}
        await outbox.tell_once(session, FAULT_TOLD, body, now)


async def tell_overrun(
    session: WriteSession, *, agent: UUID, reason: str, limit_ms: int, overrun: str, at: datetime
) -> None:
    """Tell, as a fact, that a break runs over (`overrun` OVER) or far over (FAR_OVER) its limit."""
    body = {"agent": str(agent), "reason": reason, "limit_ms": limit_ms, "overrun": overrun}
    await outbox.tell_once(session, OVERRAN, body, at)


def _check(terms: Break) -> None:
    for field, sentence in rules.faults(terms).items():
        raise Invalid(sentence, code=f"BREAK_{field.upper()}", field=field)


async def _room_for_one_more(session: ReadSession) -> None:
    offered = [reason for reason in await store.list_all(session) if reason.active]
    if len(offered) >= rules.MOST_ACTIVE:
        raise Refused(
            f"At most {rules.MOST_ACTIVE} reasons are offered: stop offering one first.",
            code="BREAK_TOO_MANY",
            field="active",
        )


def _trace(
    session: WriteSession,
    actor: Actor,
    verb: str,
    code: str,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    audit.record(
        session,
        actor,
        verb=verb,
        entity="break_reason",
        entity_id=code,
        now=now,
        before=before,
        after=after,
    )
