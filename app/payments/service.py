"""Money received, as far as a portfolio file tells of it. Posting at a desk comes with the payment pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from app import outbox
from app.audit import service as audit
from app.payments import store
from app.payments.store import Received
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date
    from uuid import UUID

    from app.audit.service import Actor
    from app.clock import Clock
    from app.db import ReadSession, WriteSession

__all__ = ["Received"]

TOLD: Final = (
    "payments.told"  # money came for these customers, or what was known of it was put right
)


@dataclass(frozen=True, slots=True)
class Listing:
    """A payment as a portfolio file tells of it. `reference` makes the same payment load once."""

    customer_id: UUID
    loan_id: UUID
    amount_minor: int
    currency: str
    paid_on: date
    method: str
    reference: str


class Outcome(StrEnum):
    """What `write_listings` did with a payment."""

    CREATED = "CREATED"
    CORRECTED = "CORRECTED"
    SAME = "SAME"


def reference_of(account_no: str, told: str, paid_on: date, amount_minor: int) -> str:
    """What an imported payment is known by: its own number on that loan, or else day and amount."""
    return f"{account_no}/{told}" if told else f"{account_no}/{paid_on.isoformat()}/{amount_minor}"


def counts_from(paid_on: date, zone: str, now: datetime) -> datetime:
    """The instant from which a payment known by its day counts: the end of that day, at most now.

    A promise made earlier on that day sees it, and so does one whose window ends with that day.
    """
    end = datetime.combine(paid_on + timedelta(days=1), time.min, ZoneInfo(zone))
    return min(end - timedelta(microseconds=1), now)


async def last_payments(session: ReadSession, customer_id: UUID, limit: int = 3) -> list[Received]:
    """A customer's last posted payments, the latest first."""
    return await store.last_of(session, customer_id, limit)


async def posted_since(
    session: ReadSession, loan_ids: Collection[UUID], since: datetime
) -> list[Received]:
    """Payments posted on these loans from an instant on, the oldest first: what promises are judged by."""
    return await store.posted_on(session, loan_ids, since)


async def write_listings(
    session: WriteSession, listings: Iterable[Listing], zone: str, actor: Actor, clock: Clock
) -> dict[str, Outcome]:
    """Record imported payments by reference: new ones are posted, told differently they are corrected.

    The core system is the authority on payments that came from it, so a correction is taken over and
    audited. The caller has refused references that stand for another loan.
    """
    wanted = {listing.reference: listing for listing in listings}
    known = await store.by_reference(session, wanted)
    outcomes: dict[str, Outcome] = {}
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    now = clock.now()
    for reference, listing in wanted.items():
        told = _told(listing, zone, now)
        before = known.get(reference)
        if before is None:
            fresh.append(_new_row(listing, told, clock))
            outcomes[reference] = Outcome.CREATED
            continue
        row = _correction(before, told)
        outcomes[reference] = Outcome.CORRECTED if row else Outcome.SAME
        if row:
            changed.append({"id": before.id, **told})
            _trace(session, actor, before, row, now)
    await store.add(session, fresh)
    await store.change(session, changed)
    await _tell(session, wanted, outcomes, now)
    return outcomes


async def _tell(
    session: WriteSession,
    listings: Mapping[str, Listing],
    outcomes: Mapping[str, Outcome],
    now: datetime,
) -> None:
    """Whose money came, or was put right: whoever shows it reads again."""
    news = (each for name, each in listings.items() if outcomes[name] is not Outcome.SAME)
    customers = sorted({str(each.customer_id) for each in news})
    if customers:
        await outbox.tell_once(session, TOLD, {"customers": customers}, now)


def _told(listing: Listing, zone: str, now: datetime) -> dict[str, Any]:
    return {
        "amount_minor": listing.amount_minor,
        "paid_on": listing.paid_on,
        "paid_at": counts_from(listing.paid_on, zone, now),
        "method": listing.method,
    }


def _new_row(listing: Listing, told: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    return {
        **told,
        "id": new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES)),
        "customer_id": listing.customer_id,
        "loan_id": listing.loan_id,
        "currency": listing.currency,
        "source": "import",
        "reference": listing.reference,
    }


def _correction(before: Received, told: Mapping[str, Any]) -> dict[str, Any]:
    """What the file tells differently; the instant follows from the day and is not compared."""
    compared = ("amount_minor", "paid_on", "method")
    return {name: told[name] for name in compared if getattr(before, name) != told[name]}


def _trace(
    session: WriteSession, actor: Actor, before: Received, after: Mapping[str, Any], now: datetime
) -> None:
    audit.record(
        session,
        actor,
        verb="corrected",
        entity="payment",
        entity_id=before.id,
        now=now,
        before={name: _plain(getattr(before, name)) for name in after},
        after={name: _plain(value) for name, value in after.items()},
    )


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


async def erase(session: WriteSession, customer_id: UUID, word: str) -> list[UUID]:
    """Put `word` and an id in the place of each reference of a customer's payments; sums stay."""
    return await store.erase(session, customer_id, word)
