"""Every SQL statement about money received."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from app.payments.models import Payment

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class Received:
    """One payment on one loan. `paid_at` is the instant it counts from; `paid_on` the day it is shown by."""

    id: UUID
    customer_id: UUID
    loan_id: UUID
    amount_minor: int
    currency: str
    paid_on: date
    paid_at: datetime
    method: str
    status: str
    source: str
    reference: str


def _received(row: Payment) -> Received:
    return Received(**{name: getattr(row, name) for name in Received.__dataclass_fields__})


async def by_reference(session: ReadSession, references: Collection[str]) -> dict[str, Received]:
    """Payments by their reference."""
    rows = await session.scalars(select(Payment).where(Payment.reference.in_(references)))
    return {row.reference: _received(row) for row in rows}


async def add(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many payments."""
    if rows:
        await session.execute(insert(Payment), list(rows))


async def change(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write columns of many payments; each row names its `id`."""
    if rows:
        await session.execute(update(Payment), list(rows))


async def last_of(session: ReadSession, customer_id: UUID, limit: int) -> list[Received]:
    """A customer's posted payments, the latest first."""
    rows = await session.scalars(
        select(Payment)
        .where(Payment.customer_id == customer_id, Payment.status == "POSTED")
        .order_by(Payment.paid_at.desc(), Payment.id.desc())
        .limit(limit)
    )
    return [_received(row) for row in rows]


async def posted_on(
    session: ReadSession, loan_ids: Collection[UUID], since: datetime
) -> list[Received]:
    """Payments posted on these loans from an instant on, the oldest first."""
    rows = await session.scalars(
        select(Payment)
        .where(Payment.loan_id.in_(loan_ids), Payment.status == "POSTED", Payment.paid_at >= since)
        .order_by(Payment.paid_at, Payment.id)
    )
    return [_received(row) for row in rows]


async def erase(session: WriteSession, customer_id: UUID, word: str) -> list[UUID]:
    """Take the references off a customer's payments; returns their ids."""
    erased = await session.scalars(
        update(Payment)
        .where(Payment.customer_id == customer_id)
        .values(reference=func.concat(word, Payment.id))
        .returning(Payment.id)
    )
    return list(erased)
