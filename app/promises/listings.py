"""Promises that a portfolio file tells of: taken over once, never touched again by a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from app.accounts import service as accounts
from app.accounts.rules import HoldKind
from app.promises import store
from app.promises.rules import DEFAULT_TERMS, Terms, window_end
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

    from app.clock import Clock
    from app.db import WriteSession

TOLERANCE_MINOR: Final = {"VND": 10_000, "USD": 100, "EUR": 100, "GBP": 100, "JPY": 100}


def terms_in(currency: str) -> Terms:
    """The terms of a promise in a currency: what may be missing is an amount, so it differs."""
    return replace(DEFAULT_TERMS, tolerance_minor=TOLERANCE_MINOR.get(currency, 0))


def copied_terms(currency: str) -> dict[str, int]:
    """The columns of a promise that keep the terms it was made under."""
    terms = terms_in(currency)
    return {
        "grace_days": terms.grace_days,
        "threshold_pct": terms.threshold_pct,
        "tolerance_minor": terms.tolerance_minor,
    }


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
    until = window_end(listing.due_on, terms_in(listing.currency).grace_days, ZoneInfo(zone))
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
        **copied_terms(listing.currency),
        "created_at": created_at,
        "reference": listing.reference,
    }
