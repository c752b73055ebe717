"""The money of a demonstration: some of those who promise today pay within minutes. Nowhere else.

Without it a demonstration's wall never sees money, and no promise of the day is ever kept. It comes by the
road of every payment that another system tells of; an organisation that is real never has any of it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from app.audit.service import SYSTEM
from app.payments import service as payments
from app.people import service as people
from app.promises import service as promises

if TYPE_CHECKING:
    from app.clock import Clock
    from app.db import WriteSession

SLOWLY: Final = timedelta(minutes=2)  # from the promise to the money
PAID: Final = 40  # of a hundred
_PROMISED = text(
    """
    SELECT p.id, p.customer_id, p.loan_id, p.amount_minor, p.currency
    FROM promises p, organisations o
    WHERE o.demo AND p.state = 'OPEN' AND p.action_id IS NOT NULL
        AND p.created_at BETWEEN CAST(:now AS timestamptz) - interval '1 hour' AND :before
        AND NOT EXISTS (SELECT FROM payments y WHERE y.reference = 'DEMO-' || p.id)
    ORDER BY p.created_at LIMIT 100
    """
)


async def bring_in(session: WriteSession, clock: Clock) -> int:
    """Record the payments that are due now; returns how many. Always none in a real organisation."""
    organisation = await people.find_organisation(session)
    if organisation is None or not organisation.demo:
        return 0
    now, zone = clock.now(), organisation.timezone
    rows = await session.execute(_PROMISED, {"now": now, "before": now - SLOWLY})
    paid = [row for row in rows if row.id.int % 100 < PAID]
    listings = [
        payments.Listing(
            row.customer_id, row.loan_id, row.amount_minor, row.currency,
            clock.today(zone), "BANK_TRANSFER", f"DEMO-{row.id}",
        )
        for row in paid
    ]  # fmt: skip
    await payments.write_listings(session, listings, zone, SYSTEM, clock)
    await promises.judge(session, {row.loan_id for row in paid}, zone, clock)
    return len(paid)
