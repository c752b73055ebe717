"""Every SQL statement about shifts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.roster.models import ShiftRow
from app.roster.rules import Shift
from app.values.period import Period

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date
    from uuid import UUID

    from app.db import ReadSession, WriteSession

Place = tuple["UUID", "date"]
"""Whose shift, on which day."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A shift as it is stored."""

    shift: Shift
    version: int


def _planned(row: ShiftRow) -> Planned:
    breaks = tuple(Period(*map(datetime.fromisoformat, each)) for each in row.breaks)
    return Planned(Shift(Period(row.starts_at, row.ends_at), breaks), row.version)


async def find(session: ReadSession, place: Place) -> Planned | None:
    """One shift; None when that day is off."""
    row = await session.get(ShiftRow, place)
    return None if row is None else _planned(row)


async def list_days(
    session: ReadSession, users: Collection[UUID], days: Collection[date]
) -> dict[Place, Planned]:
    """The shifts of these users on these days."""
    wanted = select(ShiftRow).where(ShiftRow.user_id.in_(users), ShiftRow.day.in_(days))
    return {(row.user_id, row.day): _planned(row) for row in await session.scalars(wanted)}


async def list_between(
    session: ReadSession, begins: datetime, ends: datetime
) -> list[tuple[UUID, Shift]]:
    """Shifts of everybody that begin before `ends` and end after `begins`, in the order of time."""
    wanted = (
        select(ShiftRow)
        .where(ShiftRow.ends_at > begins, ShiftRow.starts_at < ends)
        .order_by(ShiftRow.starts_at, ShiftRow.user_id)
    )
    return [(row.user_id, _planned(row).shift) for row in await session.scalars(wanted)]


async def put(session: WriteSession, shifts: Mapping[Place, Shift]) -> None:
    """Write these, each in the place of what was there; its version grows."""
    if not shifts:
        return
    statement = insert(ShiftRow)
    kept = {name: statement.excluded[name] for name in ("starts_at", "ends_at", "breaks")}
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "day"], set_={**kept, "version": ShiftRow.version + 1}
        ),
        [_row(place, shift) for place, shift in shifts.items()],
    )


def _row(place: Place, shift: Shift) -> dict[str, Any]:
    user, day = place
    return {
        "user_id": user,
        "day": day,
        "starts_at": shift.period.start,
        "ends_at": shift.period.end,
        "breaks": [[each.start.isoformat(), each.end.isoformat()] for each in shift.breaks],
    }


async def remove(session: WriteSession, places: Iterable[Place]) -> None:
    """Take these shifts away."""
    gone = list(places)
    if gone:
        where = tuple_(ShiftRow.user_id, ShiftRow.day).in_(gone)
        await session.execute(delete(ShiftRow).where(where))
