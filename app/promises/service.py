"""Promises to pay: taken over from a portfolio file. Terms are copied from their type when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from app.accounts import service as accounts
from app.accounts.rules import HoldKind
from app.promises import store
from app.promises.store import Pledge
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

    from app.clock import Clock
    from app.db import ReadSession, WriteSession

__all__ = ["Pledge"]

GRACE_DAYS: Final = 1
THRESHOLD_PCT: Final = 100
TOLERANCE_MINOR: Final = {"VND": 10_000, "USD": 100, "EUR": 100, "GBP": 100, "JPY": 100}


def window_end(due_on: date, grace_days: int, zone: str) -> datetime:
    """The first instant at which a payment is too late: the end of the last day of grace."""
    return datetime.combine(due_on + timedelta(days=grace_days + 1), time.min, ZoneInfo(zone))


# --- a portfolio's promises ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listing:
    """A promise as a portfolio file tells of it. `made_on` None: at this moment."""

    customer_id: UUID
    loan_id: UUID
    amount_minor: int
    currency: str
    due_on: date
    made_on: date | None
    method: str | None
    reference: str


class Outcome(StrEnum):
    """What `write_listings` did with a promise."""

    CREATED = "CREATED"
    LEFT = "LEFT"  # it is known and stays as it is, whatever the file says of it now


def reference_of(account_no: str, told: str, due_on: date, amount_minor: int) -> str:
    """What an imported promise is known by: its own number on that loan, or else due date and amount."""
    return f"{account_no}/{told}" if told else f"{account_no}/{due_on.isoformat()}/{amount_minor}"


async def by_reference(session: ReadSession, references: Iterable[str]) -> dict[str, Pledge]:
    """Known promises by their reference."""
    found = await store.known(session, list(references), [])
    return {pledge.reference: pledge for pledge in found if pledge.reference}


async def write_listings(
    session: WriteSession, listings: Iterable[Listing], zone: str, clock: Clock
) -> dict[str, Outcome]:
    """Take over imported promises that are not known yet, by reference or by loan, day and amount.

    A known promise is never touched: one in progress belongs to the floor, a judged one is history.
    One whose window is still open keeps its customer from being dialled until the window ends.
    """
    wanted = {listing.reference: listing for listing in listings}
    keys = {_key(listing) for listing in wanted.values()}
    known = await store.known(session, list(wanted), keys) if wanted else []
    references = {pledge.reference for pledge in known}
    told = {(pledge.loan_id, pledge.due_on, pledge.amount_minor) for pledge in known}
    fresh = [
        listing
        for reference, listing in wanted.items()
        if reference not in references and _key(listing) not in told
    ]
    rows = [_new_row(listing, zone, clock) for listing in fresh]
    await store.add(session, rows)
    for listing in fresh:
        await _hold(session, listing, zone, clock)
    created = {listing.reference for listing in fresh}
    return {
        reference: Outcome.CREATED if reference in created else Outcome.LEFT for reference in wanted
    }


async def _hold(session: WriteSession, listing: Listing, zone: str, clock: Clock) -> None:
    until = window_end(listing.due_on, GRACE_DAYS, zone)
    if until > clock.now():
        await accounts.place_hold(
            session,
            listing.customer_id,
            kind=HoldKind.PROMISE_RUNNING,
            source="import",
            clock=clock,
            until=until,
            loan_id=listing.loan_id,
        )


def _key(listing: Listing) -> tuple[UUID, date, int]:
    return listing.loan_id, listing.due_on, listing.amount_minor


def _new_row(listing: Listing, zone: str, clock: Clock) -> dict[str, Any]:
    made = listing.made_on
    created_at = clock.now() if made is None else datetime.combine(made, time.min, ZoneInfo(zone))
    return {
        "id": new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES)),
        "customer_id": listing.customer_id,
        "loan_id": listing.loan_id,
        "amount_minor": listing.amount_minor,
        "currency": listing.currency,
        "due_on": listing.due_on,
        "method": listing.method,
        "grace_days": GRACE_DAYS,
        "threshold_pct": THRESHOLD_PCT,
        "tolerance_minor": TOLERANCE_MINOR.get(listing.currency, 0),
        "created_at": created_at,
        "reference": listing.reference,
    }
