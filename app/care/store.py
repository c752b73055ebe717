"""Every SQL statement about statuses, hardships and disputes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, text, update

from app.care.models import CustomerStatus, Dispute, Hardship

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class Stated:
    """How a customer behaves, since when, by whose word."""

    id: UUID
    customer_id: UUID
    type: str
    since: datetime
    until: datetime | None
    source: str
    user_id: UUID | None
    call_id: UUID | None
    action_id: UUID | None
    replaces_id: UUID | None


@dataclass(frozen=True, slots=True)
class Strained:
    """A time of hardship."""

    id: UUID
    customer_id: UUID
    since: date
    reason: str
    review_on: date
    noted_at: datetime
    source: str
    user_id: UUID | None
    call_id: UUID | None
    action_id: UUID | None
    ended_at: datetime | None
    decision: str | None


@dataclass(frozen=True, slots=True)
class Contested:
    """A dispute."""

    id: UUID
    customer_id: UUID
    loan_id: UUID | None
    kind: str
    text: str
    status: str
    opened_at: datetime
    due_on: date
    source: str
    user_id: UUID | None
    action_id: UUID | None
    resolved_at: datetime | None


def _stated(row: CustomerStatus) -> Stated:
    return Stated(**{name: getattr(row, name) for name in Stated.__dataclass_fields__})


def _strained(row: Hardship) -> Strained:
    return Strained(**{name: getattr(row, name) for name in Strained.__dataclass_fields__})


def _contested(row: Dispute) -> Contested:
    return Contested(**{name: getattr(row, name) for name in Contested.__dataclass_fields__})


# --- statuses --------------------------------------------------------------------------


async def open_status(session: ReadSession, customer_id: UUID) -> Stated | None:
    """How the customer behaves now; None when nothing was ever noted."""
    row = await session.scalar(
        select(CustomerStatus)
        .where(CustomerStatus.customer_id == customer_id, CustomerStatus.until.is_(None))
        .execution_options(populate_existing=True)
    )
    return None if row is None else _stated(row)


async def find_status(session: ReadSession, status_id: UUID) -> Stated | None:
    """One row of the history."""
    row = await session.get(CustomerStatus, status_id, populate_existing=True)
    return None if row is None else _stated(row)


async def statuses_of(session: ReadSession, customer_id: UUID) -> list[Stated]:
    """The history, newest first."""
    rows = await session.scalars(
        select(CustomerStatus)
        .where(CustomerStatus.customer_id == customer_id)
        .order_by(CustomerStatus.since.desc(), CustomerStatus.id.desc())
        .execution_options(populate_existing=True)
    )
    return [_stated(row) for row in rows]


async def add_status(session: WriteSession, row: Mapping[str, Any]) -> None:
    """Insert a status; the open one was ended before."""
    await session.execute(insert(CustomerStatus), [dict(row)])


async def set_status_end(session: WriteSession, status_id: UUID, until: datetime | None) -> None:
    """End a status, or put it back in force."""
    await session.execute(
        update(CustomerStatus).where(CustomerStatus.id == status_id).values(until=until)
    )


# --- hardships -------------------------------------------------------------------------


async def open_hardship(session: WriteSession, customer_id: UUID) -> Strained | None:
    """The customer's hardship that goes on, held until the transaction ends."""
    row = await session.scalar(
        select(Hardship)
        .where(Hardship.customer_id == customer_id, Hardship.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return None if row is None else _strained(row)


async def lock_hardship(session: WriteSession, hardship_id: UUID) -> Strained | None:
    """One hardship, held until the transaction ends."""
    row = await session.get(Hardship, hardship_id, with_for_update=True, populate_existing=True)
    return None if row is None else _strained(row)


async def add_hardship(session: WriteSession, row: Mapping[str, Any]) -> None:
    """Insert a hardship."""
    await session.execute(insert(Hardship), [dict(row)])


async def change_hardship(session: WriteSession, hardship_id: UUID, **values: Any) -> None:
    """Write columns of one hardship."""
    await session.execute(update(Hardship).where(Hardship.id == hardship_id).values(**values))


# --- disputes --------------------------------------------------------------------------


async def undecided(session: ReadSession, customer_id: UUID) -> list[Contested]:
    """The customer's disputes that nobody has decided, oldest first."""
    rows = await session.scalars(
        select(Dispute)
        .where(Dispute.customer_id == customer_id, Dispute.resolved_at.is_(None))
        .order_by(Dispute.opened_at, Dispute.id)
        .execution_options(populate_existing=True)
    )
    return [_contested(row) for row in rows]


async def lock_dispute(session: WriteSession, dispute_id: UUID) -> Contested | None:
    """One dispute, held until the transaction ends."""
    row = await session.get(Dispute, dispute_id, with_for_update=True, populate_existing=True)
    return None if row is None else _contested(row)


async def find_dispute(session: ReadSession, dispute_id: UUID) -> Contested | None:
    """One dispute."""
    row = await session.get(Dispute, dispute_id, populate_existing=True)
    return None if row is None else _contested(row)


async def add_dispute(session: WriteSession, row: Mapping[str, Any]) -> None:
    """Insert a dispute."""
    await session.execute(insert(Dispute), [dict(row)])


async def change_dispute(session: WriteSession, dispute_id: UUID, **values: Any) -> None:
    """Write columns of one dispute."""
    await session.execute(update(Dispute).where(Dispute.id == dispute_id).values(**values))


# --- the care page -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """A dispute or hardship that somebody must decide. `kind` of a hardship is empty."""

    id: UUID
    what: str  # DISPUTE or HARDSHIP
    customer_id: UUID
    cif: str
    name: str
    kind: str
    status: str
    text: str
    noted_at: datetime
    noted_by: str | None
    due_on: date


_WAITING = text("""
SELECT d.id, 'DISPUTE', d.customer_id, c.cif, c.display, d.kind, d.status, d.text, d.opened_at,
       u.short_name, d.due_on
FROM disputes d JOIN customers c ON c.id = d.customer_id LEFT JOIN users u ON u.id = d.user_id
WHERE d.resolved_at IS NULL
UNION ALL
SELECT h.id, 'HARDSHIP', h.customer_id, c.cif, c.display, '', 'OPEN', h.reason, h.noted_at,
       u.short_name, h.review_on
FROM hardships h JOIN customers c ON c.id = h.customer_id LEFT JOIN users u ON u.id = h.user_id
WHERE h.ended_at IS NULL
ORDER BY 11, 9 LIMIT :most
""")


async def waiting(session: ReadSession, most: int) -> list[Waiting]:
    """What waits for a decision, the most urgent first, at most so many."""
    rows = await session.execute(_WAITING, {"most": most})
    return [Waiting(*row) for row in rows]


async def erase(session: WriteSession, customer_id: UUID) -> tuple[list[UUID], list[UUID]]:
    """Take what people wrote out of a customer's hardships and disputes; returns their ids."""
    hardships = await session.scalars(
        update(Hardship)
        .where(Hardship.customer_id == customer_id)
        .values(reason="", comment="")
        .returning(Hardship.id)
    )
    disputes = await session.scalars(
        update(Dispute)
        .where(Dispute.customer_id == customer_id)
        .values(text="", resolution="")
        .returning(Dispute.id)
    )
    return list(hardships), list(disputes)
