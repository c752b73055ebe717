"""Forgets what was kept long enough: whole months of what grows by calls, rows of the rest.

Each month and each batch is a transaction of its own, with the trail's word on it; what cannot be had at
once (a table in use) is left to the next round. Nothing goes that the legal profile wants kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import DBAPIError

from app.audit import service as audit
from app.errors import Invalid
from app.people import service as people
from app.retention import store
from app.retention.rules import DAILY, KINDS, MOST_DAYS, PARTITIONED, Kind, Term, least_of, term_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from app.audit.service import Actor
    from app.db import Database, ReadSession, WriteSession
    from app.retention.store import Part

__all__ = ["DAILY", "PARTITIONED", "Forgotten", "forget", "keep", "terms"]

BATCH: Final = 5_000
LOCKED: Final = frozenset({"55P03"})  # lock_not_available
AUDIT: Final = "audit"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went, or would go: `what` is the partition, or the table that rows go from.

    `kept`: why it stays all the same, else None.
    """

    kind: str
    what: str
    rows: int
    kept: str | None = None


async def terms(session: ReadSession) -> list[Term]:
    """How long each kind is kept by now."""
    organisation = await people.find_organisation(session)
    profile = organisation.legal_profile if organisation else "NONE"
    chosen = await store.set_days(session)
    return [term_of(kind, profile, chosen.get(kind.name)) for kind in KINDS.values()]


async def keep(session: WriteSession, name: str, days: int, actor: Actor, now: datetime) -> None:
    """Set how long a kind is kept. Audited. Raises Invalid for an unknown kind and for too short a time."""
    kind = KINDS.get(name)
    if kind is None:
        raise Invalid(f"There is no kind {name!r}; there are: {', '.join(KINDS)}.", field="kind")
    organisation = await people.organisation(session)
    least = least_of(kind, organisation.legal_profile)
    if not least.days <= days <= MOST_DAYS:
        raise Invalid(
            f"{name} are kept for {least.days} to {MOST_DAYS} days ({least.source}).", field="days"
        )
    before = (await store.set_days(session)).get(name, kind.keep_days)
    await store.write_term(session, name, days, now, actor.id)
    audit.record(
        session, actor, verb="changed", entity="retention", entity_id=name, now=now,
        before={"keep_days": before}, after={"keep_days": days},
    )  # fmt: skip


async def forget(
    database: Database, now: datetime, actor: Actor, *, dry_run: bool = False
) -> AsyncIterator[Forgotten]:
    """Let go of all that was kept long enough; `dry_run` only tells what would go."""
    async with database.reading() as session:
        held = await terms(session)
    for term in held:
        if term.kind.parted:
            async for gone in _parts(database, term, now, actor, dry_run=dry_run):
                yield gone
        if term.kind.name != AUDIT:  # the trail's rows go by the month or not at all
            async for gone in _rows(database, term, now, dry_run=dry_run):
                yield gone


async def _parts(
    database: Database, term: Term, now: datetime, actor: Actor, *, dry_run: bool
) -> AsyncIterator[Forgotten]:
    async with database.reading() as session:
        old = [
            part
            for part in await store.parts(session, term.kind)
            if part.ends_at <= term.before(now)
        ]
    for part in old:
        if dry_run:
            async with database.reading() as session:
                yield await _look(session, term, part, now)
            continue
        try:
            async with database.writing() as writing:
                if await store.hold(writing):
                    yield await _drop(writing, term, part, now, actor)
        except DBAPIError as fault:
            if getattr(fault.orig, "sqlstate", "") not in LOCKED:
                raise
            yield Forgotten(
                term.kind.name, part.name, 0, "the table is in use: the next round takes it"
            )


async def _look(session: ReadSession, term: Term, part: Part, now: datetime) -> Forgotten:
    """What a part holds, and whether it may go."""
    rows = await store.count_part(session, part)
    kept = None
    if term.least.while_worked and term.kind.of_customer:
        worked = await store.is_worked(session, part, term.before(now))
        kept = f"its customers were worked since ({term.least.source})" if worked else None
    return Forgotten(term.kind.name, part.name, rows, kept)


async def _drop(
    session: WriteSession, term: Term, part: Part, now: datetime, actor: Actor
) -> Forgotten:
    looked = await _look(session, term, part, now)
    if looked.kept is not None:
        return looked
    told: dict[str, Any] = {**part.called, "rows": looked.rows}
    if term.kind.name == AUDIT:
        told["last_digest"] = await store.drop_links(session, part)
    await store.drop_part(session, part)
    audit.record(
        session, actor, verb="forgot", entity="retention", entity_id=term.kind.name, now=now, after=told
    )  # fmt: skip
    return looked


async def _rows(
    database: Database, term: Term, now: datetime, *, dry_run: bool
) -> AsyncIterator[Forgotten]:
    before, gone = term.before(now), 0
    if dry_run:
        async with database.reading() as session:
            gone = await store.count_rows(session, term.kind, before)
    else:
        gone = await _drop_rows(database, term.kind, before)
    if gone:
        yield Forgotten(term.kind.name, term.kind.table, gone)


async def _drop_rows(database: Database, kind: Kind, before: datetime) -> int:
    gone, dropped = 0, BATCH
    while dropped == BATCH:
        async with database.writing() as session:
            if not await store.hold(session):
                return gone
            dropped = await store.drop_rows(session, kind, before, BATCH)
        gone += dropped
    return gone
