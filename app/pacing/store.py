"""Every SQL statement of kept paces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.pacing.models import PaceMinute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy import Row

    from app.db import ReadSession, WriteSession

AT_ONCE = 60  # blocks read together: an hour


async def add(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write minutes; one that is there stays."""
    await session.execute(insert(PaceMinute).on_conflict_do_nothing(), list(rows))


async def blocks(
    session: ReadSession, campaign: UUID, begins: datetime, ends: datetime
) -> AsyncIterator[tuple[datetime, bytes]]:
    """Minutes that begin in a half-open span, oldest first; of one minute the older dialer's first."""
    found = await session.stream(
        select(PaceMinute.at, PaceMinute.block)
        .where(PaceMinute.campaign_id == campaign, PaceMinute.at >= begins, PaceMinute.at < ends)
        .order_by(PaceMinute.at, PaceMinute.fence)
        .execution_options(yield_per=AT_ONCE)
    )
    async for row in found:
        yield row.at, row.block


async def figures(
    session: ReadSession, campaign: UUID, begins: datetime, ends: datetime
) -> Sequence[Row[tuple[datetime, int, dict[str, Any]]]]:
    """Minutes in figures, oldest first; of one minute the fuller part last."""
    found = await session.execute(
        select(PaceMinute.at, PaceMinute.seconds, PaceMinute.figures)
        .where(PaceMinute.campaign_id == campaign, PaceMinute.at >= begins, PaceMinute.at < ends)
        .order_by(PaceMinute.at, PaceMinute.seconds)
    )
    return found.all()


async def days(session: ReadSession, campaign: UUID, zone: str) -> list[date]:
    """Days, on the wall of a zone, of which something was kept; the newest first."""
    day = func.date(func.timezone(zone, PaceMinute.at)).label("day")
    found = await session.scalars(
        select(day).where(PaceMinute.campaign_id == campaign).distinct().order_by(day.desc())
    )
    return list(found)


async def last(session: ReadSession, campaign: UUID) -> datetime | None:
    """The newest minute that was kept."""
    found: datetime | None = await session.scalar(
        select(PaceMinute.at)
        .where(PaceMinute.campaign_id == campaign)
        .order_by(PaceMinute.at.desc())
        .limit(1)
    )
    return found
