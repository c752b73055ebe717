"""The one statement that gathers what a verdict rests on.

It names tables of the slices below, in SQL only: a verdict is asked in the transaction that dials, and
five front doors would be five round trips while the customer's lock is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
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
    number: str | None
    preference: dict[str, Any] | None
    agreed: bool
    consent: bool | None  # None: he never said
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
    debt_called_on: tuple[date, ...]
    debt_calls: tuple[int, ...]


# Counts are looked at for eight days, calls for as long as any profile's rest: partitions of other
# months are not opened.
_KNOWN = text(
    """
    SELECT
        c.timezone, o.legal_profile, o.holidays, c.status, c.do_not_contact,
        p.verification, p.dialable, p.label, p.number, c.preference,
        EXISTS (
            SELECT 1 FROM callbacks b
            WHERE b.customer_id = c.id AND b.state IN ('SCHEDULED', 'DUE') AND b.at <= :now
                AND b.created_at > CAST(:now AS timestamptz) - interval '7 days'
        ),
        y.given, l.status, l.closed_at IS NOT NULL OR (l.id IS NULL AND CAST(:loan AS uuid) IS NOT NULL),
        EXISTS (
            SELECT 1 FROM customer_locks k
            WHERE k.customer_id = c.id AND k.call_id IS DISTINCT FROM CAST(:call AS uuid)
        ),
        h.kinds, h.ends, n.days, n.counts, n.last_at, a.abandoned_at, a.spoken_at, d.days, d.counts
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
        SELECT max(ended_at) FILTER (WHERE abandoned AND connected_at IS NULL) AS abandoned_at,
               max(connected_at) FILTER (
                   WHERE (loan_id IS NULL OR loan_id IS NOT DISTINCT FROM l.id)
                       AND coalesce(leaf, '') <> ALL(:strangers)
               ) AS spoken_at
        FROM calls
        WHERE customer_id = c.id AND created_at >= CAST(:now AS timestamptz) - interval '9 days'
    ) a ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(day ORDER BY day) AS days, array_agg(placed ORDER BY day) AS counts
        FROM (
            SELECT (created_at AT TIME ZONE c.timezone)::date AS day, count(*)::int AS placed
            FROM calls
            WHERE customer_id = c.id AND direction = 'OUT' AND loan_id IS NOT DISTINCT FROM l.id
                AND created_at >= CAST(:now AS timestamptz) - interval '9 days'
                AND id IS DISTINCT FROM CAST(:call AS uuid)
            GROUP BY 1
        ) placed
    ) d ON true
    LEFT JOIN LATERAL (
        SELECT given FROM consents
        WHERE customer_id = c.id AND channel = 'CALL' AND aim = 'DEBT' AND at <= :now
        ORDER BY at DESC, id DESC LIMIT 1
    ) y ON true
    WHERE c.id = :customer
    """
).bindparams(bindparam("strangers", type_=ARRAY(TEXT)))


# As it was at an earlier instant: contacts from the attempts themselves, holds from when they were placed
# and released, marks from what the trail says they were before their next change. Loans, labels, zones and
# preferences are as they are now.
_KNOWN_THEN = text(
    """
    SELECT
        c.timezone, o.legal_profile, o.holidays,
        coalesce(s.was, c.status), coalesce(m.was::boolean, c.do_not_contact),
        coalesce(v.was, p.verification), p.dialable, p.label, p.number, c.preference,
        EXISTS (
            SELECT 1 FROM callbacks b
            WHERE b.customer_id = c.id AND b.state <> 'CANCELLED' AND b.at <= :now
                AND b.created_at BETWEEN CAST(:now AS timestamptz) - interval '7 days' AND :now
        ),
        y.given, l.status, (l.closed_at IS NOT NULL AND l.closed_at <= :now) OR l.id IS NULL,
        EXISTS (
            SELECT 1 FROM calls k
            WHERE k.customer_id = c.id AND k.created_at <= :now
                AND k.created_at > CAST(:now AS timestamptz) - interval '1 day'
                AND (k.ended_at IS NULL OR k.ended_at > :now)
        ),
        h.kinds, h.ends, n.days, n.counts, n.last_at, a.abandoned_at, a.spoken_at, d.days, d.counts
    FROM customers c
    CROSS JOIN organisations o
    LEFT JOIN phones p ON p.id = :phone AND p.customer_id = c.id
    LEFT JOIN loans l ON l.id = CAST(:loan AS uuid) AND l.customer_id = c.id
    LEFT JOIN LATERAL (
        SELECT before->>'status' AS was FROM audit_events
        WHERE entity = 'customer' AND entity_id = c.id::text AND at > :now
            AND jsonb_exists(before, 'status')
        ORDER BY at LIMIT 1
    ) s ON true
    LEFT JOIN LATERAL (
        SELECT before->>'do_not_contact' AS was FROM audit_events
        WHERE entity = 'customer' AND entity_id = c.id::text AND at > :now
            AND jsonb_exists(before, 'do_not_contact')
        ORDER BY at LIMIT 1
    ) m ON true
    LEFT JOIN LATERAL (
        SELECT before->>'verification' AS was FROM audit_events
        WHERE entity = 'phone' AND entity_id = p.id::text AND at > :now
            AND jsonb_exists(before, 'verification')
        ORDER BY at LIMIT 1
    ) v ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(kind ORDER BY id) AS kinds, array_agg(until ORDER BY id) AS ends
        FROM holds
        WHERE customer_id = c.id AND placed_at <= :now
            AND (released_at IS NULL OR released_at > :now) AND (until IS NULL OR until > :now)
    ) h ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(day ORDER BY day) AS days, array_agg(made ORDER BY day) AS counts,
               max(last_at) AS last_at
        FROM (
            SELECT business_on AS day, count(*)::int AS made, max(at) AS last_at
            FROM attempts
            WHERE customer_id = c.id AND allowed AND counts_to_cap AND at <= :now
                AND at > CAST(:now AS timestamptz) - interval '9 days'
            GROUP BY 1
        ) made
    ) n ON true
    LEFT JOIN LATERAL (
        SELECT max(ended_at) FILTER (
                   WHERE abandoned AND connected_at IS NULL AND ended_at <= :now
               ) AS abandoned_at,
               max(connected_at) FILTER (
                   WHERE connected_at <= :now AND (loan_id IS NULL OR loan_id = l.id)
                       AND coalesce(leaf, '') <> ALL(:strangers)
               ) AS spoken_at
        FROM calls
        WHERE customer_id = c.id AND created_at <= :now
            AND created_at >= CAST(:now AS timestamptz) - interval '9 days'
    ) a ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(day ORDER BY day) AS days, array_agg(placed ORDER BY day) AS counts
        FROM (
            SELECT (created_at AT TIME ZONE c.timezone)::date AS day, count(*)::int AS placed
            FROM calls
            WHERE customer_id = c.id AND direction = 'OUT' AND loan_id = l.id AND created_at <= :now
                AND created_at >= CAST(:now AS timestamptz) - interval '9 days'
            GROUP BY 1
        ) placed
    ) d ON true
    LEFT JOIN LATERAL (
        SELECT given FROM consents
        WHERE customer_id = c.id AND channel = 'CALL' AND aim = 'DEBT' AND at <= :now
        ORDER BY at DESC, id DESC LIMIT 1
    ) y ON true
    WHERE c.id = :customer
    """
).bindparams(bindparam("strangers", type_=ARRAY(TEXT)))


async def find_known_then(
    session: ReadSession,
    *,
    customer_id: UUID,
    phone_id: UUID,
    loan_id: UUID,
    strangers: Collection[str],
    at: datetime,
) -> Known | None:
    """What was known at an instant, as far as it is kept; None when there is no such customer."""
    values = {
        "customer": customer_id,
        "phone": phone_id,
        "loan": loan_id,
        "strangers": list(strangers),
        "now": at,
    }
    row = (await session.execute(_KNOWN_THEN, values)).first()
    return None if row is None else _known(row)


async def find_known(
    session: ReadSession,
    *,
    customer_id: UUID,
    phone_id: UUID,
    loan_id: UUID | None,
    call_id: UUID | None,
    strangers: Collection[str],
    now: datetime,
) -> Known | None:
    """What is known; None when there is no such customer. A lock of `call_id` itself does not count.

    `strangers`: outcomes that say that somebody else was spoken to, or nobody.
    """
    row = (
        await session.execute(
            _KNOWN,
            {
                "customer": customer_id,
                "phone": phone_id,
                "loan": loan_id,
                "call": call_id,
                "strangers": list(strangers),
                "now": now,
            },
        )
    ).first()
    return None if row is None else _known(row)


def _known(row: Sequence[Any]) -> Known:
    columns = [tuple(value) if isinstance(value, list) else value for value in row]
    known: dict[str, Any] = dict(zip(_COLUMNS, columns, strict=True))
    return Known(**known | {name: known[name] or () for name in _ARRAYS})


_COLUMNS: Final = tuple(Known.__dataclass_fields__)
_ARRAYS: Final = (  # aggregates over nothing are NULL
    "hold_kinds", "hold_ends", "counted_on", "counts", "debt_called_on", "debt_calls",
)  # fmt: skip
