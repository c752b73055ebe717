"""Every SQL statement about loans, cases and holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, or_, select, text, update

from app.accounts.models import Case, Hold, Loan

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession

CASE_NUMBERS = 0x0CA5E  # advisory lock: case numbers are given out by one transaction at a time


@dataclass(frozen=True, slots=True)
class Account:
    """A loan as read in one row. Amounts in minor units of `currency`; open while `closed_at` is None."""

    id: UUID
    account_no: str
    customer_id: UUID
    product: str
    currency: str
    principal_minor: int
    outstanding_minor: int
    overdue_minor: int
    due_minor: int
    next_due_on: date | None
    oldest_unpaid_due_on: date | None
    bucket_before: str | None
    status: str
    opened_on: date | None
    closed_at: datetime | None
    close_reason: str | None
    import_digest: str | None
    version: int


@dataclass(frozen=True, slots=True)
class OpenCase:
    """The collection of one customer's debts."""

    id: UUID
    case_no: str
    customer_id: UUID
    status: str
    stage: str
    opened_at: datetime
    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class Held:
    """Why a customer is not dialled. `until` None means until it is released."""

    id: UUID
    customer_id: UUID
    loan_id: UUID | None
    kind: str
    until: datetime | None
    source: str
    action_id: UUID | None
    placed_at: datetime


def _account(row: Loan) -> Account:
    return Account(**{name: getattr(row, name) for name in Account.__dataclass_fields__})


def _held(row: Hold) -> Held:
    return Held(**{name: getattr(row, name) for name in Held.__dataclass_fields__})


def _case(row: Case) -> OpenCase:
    return OpenCase(**{name: getattr(row, name) for name in OpenCase.__dataclass_fields__})


async def find(session: ReadSession, loan_id: UUID) -> Account | None:
    """One loan, or None."""
    row = await session.get(Loan, loan_id)
    return None if row is None else _account(row)


async def lock(session: WriteSession, loan_id: UUID) -> Account | None:
    """One loan, its row held until the transaction ends."""
    row = await session.get(Loan, loan_id, with_for_update=True, populate_existing=True)
    return None if row is None else _account(row)


async def loans_of(
    session: ReadSession, customer_id: UUID, *, with_closed: bool = False
) -> list[Account]:
    """A customer's loans, the longest overdue first, then the largest."""
    query = select(Loan).where(Loan.customer_id == customer_id)
    if not with_closed:
        query = query.where(Loan.closed_at.is_(None))
    rows = await session.scalars(
        query.order_by(
            Loan.oldest_unpaid_due_on.asc().nulls_last(), Loan.outstanding_minor.desc(), Loan.id
        )
    )
    return [_account(row) for row in rows]


async def by_account_no(session: ReadSession, numbers: Collection[str]) -> dict[str, Account]:
    """Loans by their number, without holding them."""
    rows = await session.scalars(select(Loan).where(Loan.account_no.in_(numbers)))
    return {row.account_no: _account(row) for row in rows}


async def digests(
    session: ReadSession, numbers: Collection[str]
) -> dict[str, tuple[str | None, bool]]:
    """For each known loan: the digest of the row that last wrote it, and whether it is open."""
    rows = await session.execute(
        select(Loan.account_no, Loan.import_digest, Loan.closed_at.is_(None)).where(
            Loan.account_no.in_(numbers)
        )
    )
    return {number: (digest, is_open) for number, digest, is_open in rows}


async def lock_by_account_no(session: WriteSession, numbers: Collection[str]) -> dict[str, Account]:
    """Loans by their number, rows held in one order so that two writers never cross."""
    rows = await session.scalars(
        select(Loan).where(Loan.account_no.in_(numbers)).order_by(Loan.id).with_for_update()
    )
    return {row.account_no: _account(row) for row in rows}


async def add_loans(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many loans."""
    if rows:
        await session.execute(insert(Loan), list(rows))


async def change_loans(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write columns of many loans; each row names its `id`, and all rows name the same columns."""
    if rows:
        await session.execute(update(Loan), list(rows))


async def open_numbers(session: ReadSession, after: str, limit: int) -> list[tuple[str, UUID]]:
    """Open loans in the order of their number, from beyond `after`."""
    rows = await session.execute(
        select(Loan.account_no, Loan.id)
        .where(Loan.closed_at.is_(None), Loan.account_no > after)
        .order_by(Loan.account_no)
        .limit(limit)
    )
    return [(number, loan_id) for number, loan_id in rows]


async def count_open(session: ReadSession) -> int:
    """How many loans are open."""
    return int(
        await session.scalar(select(func.count()).select_from(Loan).where(Loan.closed_at.is_(None)))
        or 0
    )


async def worst_days(
    session: ReadSession, customer_ids: Collection[UUID], today: date
) -> dict[UUID, tuple[int, bool]]:
    """Per customer: days past due of the worst open loan (0: nothing overdue), and whether any is owed."""
    rows = await session.execute(
        select(
            Loan.customer_id,
            func.coalesce(
                func.max(today - Loan.oldest_unpaid_due_on).filter(Loan.overdue_minor > 0), 0
            ),
            func.bool_or(Loan.outstanding_minor > 0),
        )
        .where(Loan.customer_id.in_(customer_ids), Loan.closed_at.is_(None))
        .group_by(Loan.customer_id)
    )
    found = {customer: (max(0, int(days)), bool(owed)) for customer, days, owed in rows}
    return {customer: found.get(customer, (0, False)) for customer in customer_ids}


async def open_cases(session: ReadSession, customer_ids: Collection[UUID]) -> dict[UUID, OpenCase]:
    """The open case of each customer who has one."""
    rows = await session.scalars(
        select(Case).where(Case.customer_id.in_(customer_ids), Case.closed_at.is_(None))
    )
    return {row.customer_id: _case(row) for row in rows}


async def last_case_number(session: WriteSession, prefix: str) -> int:
    """The highest number given out under a prefix; holds the numbers until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(CASE_NUMBERS)))
    highest = await session.scalar(
        select(func.max(Case.case_no)).where(Case.case_no.startswith(prefix, autoescape=True))
    )
    return int(highest.removeprefix(prefix)) if highest else 0


async def add_cases(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many cases."""
    if rows:
        await session.execute(insert(Case), list(rows))


async def close_cases(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Close many cases; each row names `id`, `closed_at`, `close_reason`."""
    if rows:
        await session.execute(update(Case), [{**row, "status": "CLOSED"} for row in rows])


async def add_hold(session: WriteSession, row: Mapping[str, Any]) -> None:
    """Insert a hold."""
    await session.execute(insert(Hold), [dict(row)])


async def open_holds(
    session: ReadSession, customer_ids: Collection[UUID], now: datetime
) -> list[Held]:
    """Holds in force at `now`, the oldest first."""
    rows = await session.scalars(
        select(Hold)
        .where(
            Hold.customer_id.in_(customer_ids),
            Hold.released_at.is_(None),
            or_(Hold.until.is_(None), Hold.until > now),
        )
        .order_by(Hold.placed_at, Hold.id)
    )
    return [_held(row) for row in rows]


async def release_holds(
    session: WriteSession,
    where: Mapping[str, Any],
    reason: str,
    now: datetime,
) -> list[Held]:
    """Release open holds whose columns equal `where`; returns them."""
    query = update(Hold).where(Hold.released_at.is_(None))
    for name, value in where.items():
        query = query.where(getattr(Hold, name) == value)
    rows = await session.scalars(
        query.values(released_at=now, release_reason=reason)
        .returning(Hold)
        .execution_options(synchronize_session=False)
    )
    return [_held(row) for row in rows]


async def reopen_holds(session: WriteSession, hold_ids: Collection[UUID]) -> None:
    """Put released holds back in force."""
    await session.execute(
        text("UPDATE holds SET released_at = NULL, release_reason = NULL WHERE id = ANY(:ids)"),
        {"ids": list(hold_ids)},
    )


async def erase(
    session: WriteSession, customer_id: UUID, word: str
) -> tuple[list[UUID], list[UUID], list[UUID]]:
    """Take the numbers off loans and cases; amounts stay. Returns the ids of loans, cases and holds."""
    loans = await session.scalars(
        update(Loan)
        .where(Loan.customer_id == customer_id)
        .values(account_no=func.concat(word, Loan.id), import_digest=None, version=Loan.version + 1)
        .returning(Loan.id)
    )
    cases = await session.scalars(
        update(Case)
        .where(Case.customer_id == customer_id)
        .values(case_no=func.concat(word, Case.id), version=Case.version + 1)
        .returning(Case.id)
    )
    holds = await session.scalars(select(Hold.id).where(Hold.customer_id == customer_id))
    return list(loans), list(cases), list(holds)
