"""What is owed: loans, the case over a customer's loans, and the holds that keep them from being dialled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from app.accounts import store
from app.accounts.rules import HoldKind, LoanStatus, days_past_due, stage_of
from app.accounts.store import Account, Held, OpenCase
from app.audit import service as audit
from app.errors import Invalid, NotFound
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime
    from uuid import UUID

    from app.audit.service import Actor
    from app.clock import Clock
    from app.db import ReadSession, WriteSession

__all__ = ["Account", "Held", "OpenCase"]

_OF_THE_BANK: Final = frozenset({LoanStatus.CURRENT, LoanStatus.OVERDUE, LoanStatus.CLOSED})
"""Statuses that follow from the amounts; the others were chosen by somebody and stay."""


# --- loans ---------------------------------------------------------------------


async def find(session: ReadSession, loan_id: UUID) -> Account:
    """The loan. Raises NotFound."""
    loan = await store.find(session, loan_id)
    if loan is None:
        raise NotFound("there is no such loan")
    return loan


async def loans_of(
    session: ReadSession, customer_id: UUID, *, with_closed: bool = False
) -> list[Account]:
    """A customer's loans, the longest overdue first."""
    return await store.loans_of(session, customer_id, with_closed=with_closed)


async def lock_loan(session: WriteSession, loan_id: UUID) -> Account:
    """The loan, held until the transaction ends, so that sums over it are true. Raises NotFound."""
    loan = await store.lock(session, loan_id)
    if loan is None:
        raise NotFound("there is no such loan")
    return loan


# --- holds ---------------------------------------------------------------------


async def place_hold(  # noqa: PLR0913 - the columns of a hold, all but the first two by keyword
    session: WriteSession,
    customer_id: UUID,
    *,
    kind: str,
    source: str,
    clock: Clock,
    until: datetime | None = None,
    loan_id: UUID | None = None,
    action_id: UUID | None = None,
) -> UUID:
    """Keep a customer from being dialled until an instant (None: until released); returns the hold's id.

    `source` says in a word what made it ("promise", "disposition", "import"). Raises Invalid for a
    kind that compliance does not know.
    """
    if kind not in set(HoldKind):
        raise Invalid(f"{kind!r} is no kind of hold", field="kind")
    hold_id = new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES))
    await store.add_hold(
        session,
        {
            "id": hold_id,
            "customer_id": customer_id,
            "loan_id": loan_id,
            "kind": kind,
            "until": until,
            "source": source,
            "action_id": action_id,
            "placed_at": clock.now(),
        },
    )
    return hold_id


async def release_holds(  # noqa: PLR0913 - which holds, why and when
    session: WriteSession,
    *,
    reason: str,
    now: datetime,
    customer_id: UUID | None = None,
    kind: str | None = None,
    loan_id: UUID | None = None,
    action_id: UUID | None = None,
    hold_id: UUID | None = None,
) -> list[Held]:
    """Release the open holds that match everything given; returns them, none is no error.

    Raises ValueError when nothing narrows them down to a customer, a loan, an action or one hold.
    """
    named = {"customer_id": customer_id, "loan_id": loan_id, "action_id": action_id, "id": hold_id}
    where: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    if not where:
        raise ValueError("holds of everybody are not released together")
    if kind is not None:
        where["kind"] = kind
    return await store.release_holds(session, where, reason, now)


async def restore_holds(session: WriteSession, hold_ids: Collection[UUID]) -> None:
    """Put holds back in force that were released by mistake (the correction of an outcome)."""
    await store.reopen_holds(session, hold_ids)


async def open_holds(session: ReadSession, customer_id: UUID, now: datetime) -> list[Held]:
    """What keeps a customer from being dialled at this instant."""
    return await store.open_holds(session, [customer_id], now)


# --- cases ---------------------------------------------------------------------


async def find_case(session: ReadSession, customer_id: UUID) -> OpenCase | None:
    """The customer's open case, or None."""
    return (await store.open_cases(session, [customer_id])).get(customer_id)


@dataclass(frozen=True, slots=True)
class CaseTally:
    """How many cases were opened, and closed because nothing is overdue any more."""

    opened: int
    closed: int


async def settle_cases(
    session: WriteSession,
    customer_ids: Collection[UUID],
    today: date,
    actor: Actor,
    clock: Clock,
) -> CaseTally:
    """Open a case for each customer with something overdue, close it for each with nothing overdue.

    Promises, holds and calls of a closed case are left as they are.
    """
    days = await store.worst_days(session, customer_ids, today)
    cases = await store.open_cases(session, customer_ids)
    opening = [customer for customer, (dpd, _) in days.items() if dpd and customer not in cases]
    closing = [
        (case, days[customer][1]) for customer, case in cases.items() if not days[customer][0]
    ]
    now = clock.now()
    if opening:
        prefix = f"CASE-{today.year}-"
        last = await store.last_case_number(session, prefix)
        await store.add_cases(
            session,
            [
                {
                    "id": new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES)),
                    "case_no": f"{prefix}{last + position:07d}",
                    "customer_id": customer,
                    "stage": stage_of(days[customer][0]),
                    "opened_at": now,
                }
                for position, customer in enumerate(sorted(opening), start=1)
            ],
        )
    await store.close_cases(
        session,
        [
            {"id": case.id, "closed_at": now, "close_reason": "CURED" if owed else "PAID_OFF"}
            for case, owed in closing
        ],
    )
    for case, owed in closing:
        _trace(
            session, actor, "closed", "case", case.id, now,
            before={"status": case.status},
            after={"status": "CLOSED", "close_reason": "CURED" if owed else "PAID_OFF"},
        )  # fmt: skip
    return CaseTally(len(opening), len(closing))


# --- a portfolio's loans ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listing:
    """A loan as a portfolio file tells of it. `told` holds the columns that the file has, as in `Loan`.

    It names at least `product`, `currency` and `outstanding_minor`. `digest` is of the file's row.
    """

    account_no: str
    customer_id: UUID
    told: Mapping[str, Any]
    digest: str


class Outcome(StrEnum):
    """What `write_listings` did with a loan."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    REOPENED = "REOPENED"
    SAME = "SAME"


@dataclass(frozen=True, slots=True)
class Written:
    """One loan after `write_listings`. `cured`: it was overdue and is not any more."""

    id: UUID
    customer_id: UUID
    outcome: Outcome
    cured: bool


async def loaded_digests(session: ReadSession, account_numbers: Collection[str]) -> dict[str, str]:
    """For each open loan of these that a file wrote: the digest of the row that wrote it last."""
    found = await store.digests(session, account_numbers)
    return {number: digest for number, (digest, is_open) in found.items() if digest and is_open}


async def by_account_no(
    session: ReadSession, account_numbers: Collection[str]
) -> dict[str, Account]:
    """Loans, open or closed, by their number."""
    return await store.by_account_no(session, account_numbers)


async def write_listings(
    session: WriteSession,
    listings: Iterable[Listing],
    today: date,
    actor: Actor,
    clock: Clock,
) -> dict[str, Written]:
    """Create, update or reopen loans by their number. Changes are audited with before and after.

    The customer of a known loan is never changed: the caller has refused such rows.
    """
    wanted = {listing.account_no: listing for listing in listings}
    known = await store.lock_by_account_no(session, wanted)
    now = clock.now()
    written: dict[str, Written] = {}
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for number, listing in wanted.items():
        loan = known.get(number)
        if loan is None:
            row = _new_row(listing, today, clock)
            fresh.append(row)
            written[number] = Written(row["id"], listing.customer_id, Outcome.CREATED, cured=False)
        else:
            outcome, row = _changed_row(session, loan, listing, today, actor, now)
            changed.append(row)
            cured = bool(loan.overdue_minor) and not row["overdue_minor"]
            written[number] = Written(loan.id, loan.customer_id, outcome, cured=cured)
    await store.add_loans(session, fresh)
    await store.change_loans(session, changed)
    return written


_COLUMNS: Final = (
    "product", "currency", "principal_minor", "outstanding_minor", "overdue_minor", "due_minor",
    "next_due_on", "oldest_unpaid_due_on", "opened_on", "status", "closed_at", "close_reason",
)  # fmt: skip


def _new_row(listing: Listing, today: date, clock: Clock) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(_COLUMNS)
    empty |= {"principal_minor": 0, "overdue_minor": 0, "due_minor": 0, "status": "CURRENT"}
    row = _agreed({**empty, **listing.told}, today)
    return {
        **row,
        "id": new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES)),
        "account_no": listing.account_no,
        "customer_id": listing.customer_id,
        "import_digest": listing.digest,
        "updated_at": clock.now(),
    }


def _changed_row(
    session: WriteSession, loan: Account, listing: Listing, today: date, actor: Actor, now: datetime
) -> tuple[Outcome, dict[str, Any]]:
    was = {name: getattr(loan, name) for name in _COLUMNS}
    row = _agreed({**was, **listing.told, "closed_at": None, "close_reason": None}, today)
    before = {name: value for name, value in was.items() if row[name] != value}
    outcome = Outcome.SAME
    if before:
        outcome = Outcome.REOPENED if loan.closed_at else Outcome.UPDATED
        _trace(
            session, actor, "reopened" if loan.closed_at else "changed", "loan", loan.id, now,
            before=before, after={name: row[name] for name in before},
        )  # fmt: skip
    version = loan.version + 1 if before else loan.version
    return outcome, {
        **row, "id": loan.id, "import_digest": listing.digest, "version": version, "updated_at": now,
    }  # fmt: skip


def _agreed(row: dict[str, Any], today: date) -> dict[str, Any]:
    """The row with amounts that agree: overdue never above outstanding, status from the age."""
    row["overdue_minor"] = min(row["overdue_minor"], row["outstanding_minor"])
    if row["status"] in _OF_THE_BANK:
        late = row["overdue_minor"] and days_past_due(row["oldest_unpaid_due_on"], today)
        row["status"] = LoanStatus.OVERDUE if late else LoanStatus.CURRENT
    return row


async def open_numbers(session: ReadSession, after: str, limit: int) -> list[tuple[str, UUID]]:
    """Open loans (number, id) in the order of their number, from beyond `after`."""
    return await store.open_numbers(session, after, limit)


async def count_open(session: ReadSession) -> int:
    """How many loans are open."""
    return await store.count_open(session)


async def close_loans(
    session: WriteSession,
    account_numbers: Collection[str],
    reason: str,
    actor: Actor,
    now: datetime,
) -> list[Account]:
    """Close open loans (they are never deleted) and return them as they were. Audited one by one.

    The amounts stay as last known; the digest goes, so that the same row opens the loan again.
    """
    loans = await store.lock_by_account_no(session, account_numbers)
    closing = [loan for loan in loans.values() if loan.closed_at is None]
    after = {"status": LoanStatus.CLOSED, "close_reason": reason}
    await store.change_loans(
        session,
        [
            {
                **after,
                "id": loan.id,
                "closed_at": now,
                "import_digest": None,
                "updated_at": now,
                "version": loan.version + 1,
            }
            for loan in closing
        ],
    )
    for loan in closing:
        _trace(
            session, actor, "closed", "loan", loan.id, now,
            before={"status": loan.status, "close_reason": None}, after=after,
        )  # fmt: skip
    return closing


def _trace(  # noqa: PLR0913 - the columns of the trail
    session: WriteSession,
    actor: Actor,
    verb: str,
    entity: str,
    entity_id: UUID,
    now: datetime,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    audit.record(
        session,
        actor,
        verb=verb,
        entity=entity,
        entity_id=entity_id,
        now=now,
        before={name: _plain(value) for name, value in before.items()},
        after={name: _plain(value) for name, value in after.items()},
    )


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


async def erase(
    session: WriteSession, customer_id: UUID, word: str
) -> tuple[list[UUID], list[UUID], list[UUID]]:
    """Take a customer's account and case numbers away, `word` and an id in their place; sums stay.

    Returns the ids of his loans, cases and holds.
    """
    return await store.erase(session, customer_id, word)
