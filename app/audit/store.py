"""Every SQL statement of the trail: rows added, rows not yet chained, links of a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, null, select, update
from sqlalchemy.orm import aliased

from app.audit.models import AuditEvent, AuditLink

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from typing import Any

    from app.db import ReadSession, WriteSession

CHAIN_LOCK = 0x0A0D17  # advisory lock: one process lays links at a time


def add_event(session: WriteSession, values: dict[str, Any]) -> None:
    """Add a row. Its id and the salt of its personal part are drawn by the database."""
    salt = func.replace(
        func.concat(func.gen_random_uuid(), func.gen_random_uuid()),
        "-",
        "",
    )
    session.add(AuditEvent(id=func.gen_random_uuid(), salt=salt, **values))


async def hold_chain(session: WriteSession) -> bool:
    """Whether this transaction may lay links: only one at a time may."""
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(CHAIN_LOCK))))


async def list_unchained(session: ReadSession, limit: int) -> list[AuditEvent]:
    """The oldest rows that no chain holds yet."""
    rows = await session.scalars(
        select(AuditEvent)
        .where(AuditEvent.chained.is_(False))
        .order_by(AuditEvent.at, AuditEvent.id)
        .limit(limit)
    )
    return list(rows)


async def find_head(session: ReadSession, day: date) -> AuditLink | None:
    """The last link of a day's chain."""
    found: AuditLink | None = await session.scalar(
        select(AuditLink).where(AuditLink.day == day).order_by(AuditLink.position.desc()).limit(1)
    )
    return found


def add_links(session: WriteSession, links: Sequence[AuditLink]) -> None:
    """Add links; their rows are marked by `mark_chained`."""
    session.add_all(links)


async def mark_chained(session: WriteSession, events: Sequence[AuditEvent]) -> None:
    """Mark rows as held by a chain."""
    await session.execute(
        update(AuditEvent)
        .where(
            AuditEvent.id.in_([event.id for event in events]),
            AuditEvent.at >= min(event.at for event in events),
            AuditEvent.at <= max(event.at for event in events),
        )
        .values(chained=True)
        .execution_options(synchronize_session=False)
    )


async def list_days(session: ReadSession) -> list[date]:
    """The days that have a chain, in order."""
    return list(await session.scalars(select(AuditLink.day).distinct().order_by(AuditLink.day)))


async def list_links(
    session: ReadSession, day: date, after: int, limit: int
) -> list[tuple[AuditLink, AuditEvent | None]]:
    """Links of a day beyond a position, each with its row; None where the row is gone."""
    rows = await session.execute(
        select(AuditLink, AuditEvent)
        .outerjoin(
            AuditEvent,
            (AuditEvent.id == AuditLink.event_id) & (AuditEvent.at == AuditLink.event_at),
        )
        .where(AuditLink.day == day, AuditLink.position > after)
        .order_by(AuditLink.position)
        .limit(limit)
    )
    return [(link, event) for link, event in rows]


async def count_unlinked(session: ReadSession) -> int:
    """Rows that say they are chained but stand in no chain: somebody removed their link."""
    link = aliased(AuditLink)
    counted = await session.scalar(
        select(func.count())
        .select_from(AuditEvent)
        .outerjoin(link, (link.event_id == AuditEvent.id) & (link.event_at == AuditEvent.at))
        .where(AuditEvent.chained, link.event_id.is_(None))
    )
    return int(counted or 0)


async def list_for(session: ReadSession, entity: str, entity_id: str) -> list[AuditEvent]:
    """The trail of one thing, oldest first."""
    rows = await session.scalars(
        select(AuditEvent)
        .where(AuditEvent.entity == entity, AuditEvent.entity_id == entity_id)
        .order_by(AuditEvent.at, AuditEvent.id)
    )
    return list(rows)


async def erase_personal(session: WriteSession, entity: str, ids: Sequence[str]) -> int:
    """Remove the personal part of the trail of these things, and its salt; returns of how many rows.

    The links stay whole without them.
    """
    erased = await session.scalars(
        update(AuditEvent)
        .where(AuditEvent.entity == entity, AuditEvent.entity_id.in_(ids))
        .values(
            before=null(), after=null(), reason=None, address=None, salt=""
        )  # JSON has a null too
        .returning(AuditEvent.id)
    )
    return len(erased.all())
