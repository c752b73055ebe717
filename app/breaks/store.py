"""Every SQL statement about break reasons."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from app.breaks.models import BreakReason
from app.breaks.rules import Break

if TYPE_CHECKING:
    from app.db import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason as it is stored: its terms, whether it is offered, and its place in the list."""

    terms: Break
    active: bool
    position: int


def _reason(row: BreakReason) -> Reason:
    terms = Break(
        code=row.code,
        label_vi=row.label_vi,
        label_en=row.label_en,
        max_seconds=row.max_seconds,
        paid=row.paid,
        productive=row.productive,
        needs_approval=row.needs_approval,
        alerts=row.alerts,
    )
    return Reason(terms, row.active, row.position)


async def list_all(session: ReadSession) -> list[Reason]:
    """Every reason, in the order of the list."""
    rows = await session.scalars(select(BreakReason).order_by(BreakReason.position))
    return [_reason(row) for row in rows]


async def find(session: ReadSession, code: str) -> Reason | None:
    """The reason with this code, offered or not."""
    row = await session.get(BreakReason, code)
    return None if row is None else _reason(row)


async def last_position(session: ReadSession) -> int:
    """The place of the last reason; -1 without any."""
    found = await session.scalar(select(func.max(BreakReason.position)))
    return -1 if found is None else int(found)


def add(session: WriteSession, terms: Break, position: int) -> None:
    """Put a new reason into the session."""
    session.add(BreakReason(**asdict(terms), position=position, active=True))


async def change(session: WriteSession, code: str, values: dict[str, Any]) -> None:
    """Change columns of a reason."""
    await session.execute(update(BreakReason).where(BreakReason.code == code).values(**values))


async def remove(session: WriteSession, code: str) -> None:
    """Delete a reason that nobody ever gave."""
    await session.execute(delete(BreakReason).where(BreakReason.code == code))
