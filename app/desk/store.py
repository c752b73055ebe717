"""The SQL of the agent's table: one statement that gathers a whole screen pop, and drafts.

The pop reads tables of other slices, in one round trip while the phone rings (decision 9): the one place
where the front doors would cost the three seconds that the screen exists to save.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, cast, delete, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from app.desk.models import Draft

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession

STUCK: Final = "stuck"  # in a draft's body: why its outcome waits for a person

POP = text("""
SELECT json_build_object(
  'customer', (SELECT to_json(c) FROM customers c WHERE c.id = :customer),
  'loans', (SELECT coalesce(json_agg(l ORDER BY (l.id = :loan) DESC, l.oldest_unpaid_due_on), '[]')
    FROM (SELECT * FROM loans WHERE customer_id = :customer AND closed_at IS NULL
          ORDER BY (id = :loan) DESC, oldest_unpaid_due_on LIMIT 12) l),
  'phones', (SELECT coalesce(json_agg(p ORDER BY p.is_primary DESC, p.rpc_180d DESC), '[]')
    FROM phones p WHERE p.customer_id = :customer),
  'promises', (SELECT coalesce(json_agg(p ORDER BY p.due_on DESC), '[]')
    FROM (SELECT * FROM promises WHERE customer_id = :customer
          AND state NOT IN ('CANCELLED') ORDER BY due_on DESC LIMIT 30) p),
  'payments', (SELECT coalesce(json_agg(p ORDER BY p.paid_at DESC), '[]')
    FROM (SELECT amount_minor, currency, paid_on, paid_at, method, loan_id, status FROM payments
          WHERE customer_id = :customer AND paid_on > CAST(:today AS date) - 400
          ORDER BY paid_at DESC LIMIT 24) p),
  'holds', (SELECT coalesce(json_agg(h ORDER BY h.placed_at), '[]')
    FROM holds h WHERE h.customer_id = :customer AND h.released_at IS NULL),
  'actions', (SELECT coalesce(json_agg(a ORDER BY a.at DESC), '[]')
    FROM (SELECT a.at, a.kind, a.leaf, a.note, a.rpc, u.short_name AS by
          FROM actions a LEFT JOIN users u ON u.id = a.user_id
          WHERE a.customer_id = :customer AND NOT a.superseded
          AND a.at > CAST(:now AS timestamptz) - interval '180 days'
          ORDER BY a.at DESC LIMIT 12) a),
  'campaign', (SELECT json_build_object('id', id, 'name', name, 'script', script, 'settings', settings)
    FROM campaigns WHERE id = :campaign),
  'organisation', (SELECT json_build_object('name', name, 'timezone', timezone, 'holidays', holidays,
      'legal_profile', legal_profile, 'currency', base_currency) FROM organisations LIMIT 1),
  'scripts', (SELECT max(version) FROM script_books)
)
""").bindparams(
    bindparam("customer"),
    bindparam("loan"),
    bindparam("campaign"),
    bindparam("today"),
    bindparam("now"),
)


async def read_pop(
    session: ReadSession,
    *,
    customer: UUID,
    loan: UUID | None,
    campaign: UUID,
    now: datetime,
    today: date,
) -> dict[str, Any]:
    """Everything a pop is made of, as plain JSON values; `customer` is None when nobody is known."""
    result = await session.scalar(
        POP, {"customer": customer, "loan": loan, "campaign": campaign, "now": now, "today": today}
    )
    facts: dict[str, Any] = json.loads(result) if isinstance(result, str) else result
    return facts


async def read_draft(session: ReadSession, call: UUID) -> Draft | None:
    """What was typed about a call and not finished yet."""
    return await session.scalar(select(Draft).where(Draft.call_id == call))


async def write_draft(
    session: WriteSession, *, call: UUID, user: UUID, body: dict[str, Any], now: datetime
) -> None:
    """Keep `body` as the draft of this call, replacing what was there."""
    statement = insert(Draft).values(call_id=call, user_id=user, body=body, updated_at=now)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[Draft.call_id], set_={"body": body, "updated_at": now, "user_id": user}
        )
    )


async def lock_draft(session: WriteSession, call: UUID) -> Draft | None:
    """The draft, held until the transaction ends, so that one call is finished once."""
    return await session.scalar(select(Draft).where(Draft.call_id == call).with_for_update())


async def drop_draft(session: WriteSession, call: UUID) -> None:
    """Forget a draft that has become an action."""
    await session.execute(delete(Draft).where(Draft.call_id == call))


async def mark_stuck(session: WriteSession, call: UUID, reason: str) -> None:
    """Mark a draft whose outcome cannot be recorded: `left_over` passes it over from now on."""
    marked = Draft.body.op("||")(cast({STUCK: reason}, JSONB))
    await session.execute(update(Draft).where(Draft.call_id == call).values(body=marked))


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A call whose agent went on while the outcome was a draft."""

    call: UUID
    user: UUID


LEFT_OVER = text("""
SELECT d.call_id, d.user_id FROM drafts d
JOIN calls c ON c.id = d.call_id AND c.created_at > CAST(:now AS timestamptz) - interval '14 days'
WHERE d.body ? 'outcome' AND NOT d.body ? 'stuck' AND c.ended_at IS NOT NULL
AND (c.wrapped_at IS NOT NULL OR c.ended_at < CAST(:now AS timestamptz) - interval '30 minutes')
ORDER BY c.ended_at LIMIT :most
""")


async def left_over(session: ReadSession, now: datetime, most: int) -> list[LeftOver]:
    """Calls whose wrap-up has ended with the outcome chosen and not yet recorded, oldest first."""
    rows = await session.execute(LEFT_OVER, {"now": now, "most": most})
    return [LeftOver(call, user) for call, user in rows]


async def erase(session: WriteSession, calls: Sequence[UUID]) -> None:
    """Forget what was typed about these calls."""
    await session.execute(delete(Draft).where(Draft.call_id.in_(calls)))
