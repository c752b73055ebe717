"""The SQL of targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.targets.models import TargetRow
from app.targets.rules import Metric, Reach, Target

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession


async def list_targets(session: ReadSession) -> list[Target]:
    """Every target that somebody set."""
    rows = await session.scalars(select(TargetRow).order_by(TargetRow.reach, TargetRow.metric))
    return [Target(Reach(row.reach), row.subject_id, Metric(row.metric), row.value) for row in rows]


async def find_value(session: ReadSession, target: Target) -> int | None:
    """The value that is set for the same figure and subject; None without one."""
    key = (target.reach.value, target.subject, target.metric.value)
    row = await session.get(TargetRow, key)
    return row.value if row else None


async def put(session: WriteSession, target: Target, *, by: UUID | None, now: datetime) -> None:
    """Set a target, replacing the one that was there."""
    values = {"value": target.value, "set_by": by, "set_at": now}
    key = {
        "reach": target.reach.value,
        "subject_id": target.subject,
        "metric": target.metric.value,
    }
    statement = insert(TargetRow).values(**key, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
