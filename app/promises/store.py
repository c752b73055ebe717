"""Every SQL statement about promises to pay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, or_, select, tuple_, update

from app.promises.models import Promise

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class Pledge:
    """A promise as read in one row. Amounts in minor units of `currency`."""

    id: UUID
    customer_id: UUID
    loan_id: UUID
    case_id: UUID | None
    amount_minor: int
    currency: str
    due_on: date
    method: str | None
    state: str
    grace_days: int
    threshold_pct: int
    tolerance_minor: int
    paid_in_window_minor: int
    paid_late_minor: int
    created_at: datetime
    created_by: UUID | None
    action_id: UUID | None
    judged_at: datetime | None
    supersedes_id: UUID | None
    cancel_reason: str | None
    reference: str | None
    version: int


def _pledge(row: Promise) -> Pledge:
    return Pledge(**{name: getattr(row, name) for name in Pledge.__dataclass_fields__})


async def find(session: ReadSession, promise_id: UUID) -> Pledge | None:
    """One promise, or None."""
    row = await session.get(Promise, promise_id)
    return None if row is None else _pledge(row)


async def lock(session: WriteSession, promise_id: UUID) -> Pledge | None:
    """One promise, its row held until the transaction ends."""
    row = await session.get(Promise, promise_id, with_for_update=True, populate_existing=True)
    return None if row is None else _pledge(row)


async def of_customer(session: ReadSession, customer_id: UUID, limit: int) -> list[Pledge]:
    """A customer's promises, the latest due date first."""
    rows = await session.scalars(
        select(Promise)
        .where(Promise.customer_id == customer_id)
        .order_by(Promise.due_on.desc(), Promise.id.desc())
        .limit(limit)
    )
    return [_pledge(row) for row in rows]


async def open_on(session: ReadSession, loan_ids: Collection[UUID]) -> list[Pledge]:
    """Open promises on these loans, the earliest due date first, then the earliest made."""
    rows = await session.scalars(
        select(Promise)
        .where(Promise.loan_id.in_(loan_ids), Promise.state == "OPEN")
        .order_by(Promise.due_on, Promise.created_at, Promise.id)
    )
    return [_pledge(row) for row in rows]


async def on_loans(session: ReadSession, loan_ids: Collection[UUID]) -> list[Pledge]:
    """All promises ever made on these loans that were not cancelled, the earliest due date first."""
    rows = await session.scalars(
        select(Promise)
        .where(Promise.loan_id.in_(loan_ids), Promise.state != "CANCELLED")
        .order_by(Promise.due_on, Promise.created_at, Promise.id)
    )
    return [_pledge(row) for row in rows]


async def open_loans(session: ReadSession, after: UUID | None, limit: int) -> list[UUID]:
    """Loans with an open promise, in the order of their ids, from beyond `after`."""
    query = select(Promise.loan_id).where(Promise.state == "OPEN")
    if after is not None:
        query = query.where(Promise.loan_id > after)
    rows = await session.scalars(query.distinct().order_by(Promise.loan_id).limit(limit))
    return list(rows)


async def open_total(session: ReadSession, loan_id: UUID) -> int:
    """The sum of open promises on a loan, in minor units of its currency."""
    total = await session.scalar(
        select(func.coalesce(func.sum(Promise.amount_minor), 0)).where(
            Promise.loan_id == loan_id, Promise.state == "OPEN"
        )
    )
    return int(total or 0)


async def known(
    session: ReadSession,
    references: Collection[str],
    keys: Collection[tuple[UUID, date, int]],
) -> list[Pledge]:
    """Promises with one of these references, or on one of these (loan, due date, amount)."""
    rows = await session.scalars(
        select(Promise).where(
            or_(
                Promise.reference.in_(references),
                tuple_(Promise.loan_id, Promise.due_on, Promise.amount_minor).in_(list(keys)),
            )
        )
    )
    return [_pledge(row) for row in rows]


async def add(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many promises."""
    if rows:
        await session.execute(insert(Promise), list(rows))


async def change(
    session: WriteSession, promise_id: UUID, state: str, values: Mapping[str, Any]
) -> bool:
    """Write a promise that is still in `state`; False when it has left it meanwhile."""
    changed = await session.scalar(
        update(Promise)
        .where(Promise.id == promise_id, Promise.state == state)
        .values(**values, version=Promise.version + 1)
        .returning(Promise.id)
        .execution_options(synchronize_session=False)
    )
    return changed is not None


async def erase(session: WriteSession, customer_id: UUID) -> list[UUID]:
    """Take the references off a customer's promises; returns their ids."""
    erased = await session.scalars(
        update(Promise)
        .where(Promise.customer_id == customer_id)
        .values(reference=None, version=Promise.version + 1)
        .returning(Promise.id)
    )
    return list(erased)
