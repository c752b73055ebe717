"""The one statement that gathers what a verdict rests on.

It names tables of the slices below, in SQL only: a verdict is asked in the transaction that dials, and
five front doors would be five round trips while the customer's lock is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from app.db import ReadSession


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of one customer, one of his numbers and one of his loans, at one moment."""

    zone: str
    legal_profile: str
    holidays: tuple[str, ...]  # ISO dates
    customer_status: str
    do_not_contact: bool
    verification: str | None  # None: the number is not this customer's any more
    dialable: bool | None
    label: str | None
    loan_status: str | None
    loan_closed: bool
    locked: bool
    hold_kinds: tuple[str, ...]
    hold_ends: tuple[datetime | None, ...]
    counted_on: tuple[date, ...]
    counts: tuple[int, ...]
    last_attempt_at: datetime | None
    last_abandoned_at: datetime | None
    last_conversation_at: datetime | None


# Counts are looked at for eight days, calls for as long as any profile's rest: partitions of other
# months are not opened.
_KNOWN = text(
    """
    SELECT
        c.timezone, o.legal_profile, o.holidays, c.status, c.do_not_contact,
        p.verification, p.dialable, p.label,
        l.status, l.closed_at IS NOT NULL OR (l.id IS NULL AND CAST(:loan AS uuid) IS NOT NULL),
        EXISTS (
            SELECT 1 FROM customer_locks k
            WHERE k.customer_id = c.id AND k.call_id IS DISTINCT FROM CAST(:call AS uuid)
        ),
        h.kinds, h.ends, n.days, n.counts, n.last_at, a.abandoned_at, a.connected_at
    FROM customers c
    CROSS JOIN organisations o
    LEFT JOIN phones p ON p.id = :phone AND p.customer_id = c.id
    LEFT JOIN loans l ON l.id = CAST(:loan AS uuid) AND l.customer_id = c.id
    LEFT JOIN LATERAL (
        SELECT array_agg(kind ORDER BY id) AS kinds, array_agg(until ORDER BY id) AS ends
        FROM holds
        WHERE customer_id = c.id AND released_at IS NULL AND (until IS NULL OR until > :now)
    ) h ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(business_on ORDER BY business_on) AS days,
               array_agg(attempts ORDER BY business_on) AS counts, max(last_at) AS last_at
        FROM contact_counts
        WHERE customer_id = c.id AND business_on > CAST(:now AS timestamptz)::date - 9
    ) n ON true
    LEFT JOIN LATERAL (
        SELECT max(ended_at) FILTER (WHERE abandoned) AS abandoned_at,
               max(connected_at) AS connected_at
        FROM calls
        WHERE customer_id = c.id AND created_at >= CAST(:now AS timestamptz) - interval '9 days'
    ) a ON true
    WHERE c.id = :customer
    """
)


async def find_known(
    session: ReadSession,
    *,
    customer_id: UUID,
    phone_id: UUID,
    loan_id: UUID | None,
    call_id: UUID | None,
    now: datetime,
) -> Known | None:
    """What is known; None when there is no such customer. A lock of `call_id` itself does not count."""
    row = (
        await session.execute(
            _KNOWN,
            {
                "customer": customer_id,
                "phone": phone_id,
                "loan": loan_id,
                "call": call_id,
                "now": now,
            },
        )
    ).first()
    if row is None:
        return None
    columns: list[Any] = [tuple(value) if isinstance(value, list) else value for value in row]
    for place in (11, 12, 13, 14):  # aggregates over nothing are NULL
        columns[place] = columns[place] or ()
    return Known(*columns)
