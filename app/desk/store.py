"""The SQL of the agent's table: one statement that gathers a whole screen pop, drafts, an own day.

The pop reads tables of other slices, in one round trip while the phone rings (decision 9): the one place
where the front doors would cost the three seconds that the screen exists to save.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, cast, delete, exists, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from app.desk.models import Draft, Training

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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
  'status', (SELECT json_build_object('type', s.type, 'since', s.since, 'source', s.source,
      'by', u.short_name) FROM customer_statuses s LEFT JOIN users u ON u.id = s.user_id
    WHERE s.customer_id = :customer AND s.until IS NULL),
  'hardship', (SELECT json_build_object('since', s.since, 'reason', s.reason,
      'review_on', s.review_on, 'noted_at', s.noted_at, 'source', s.source, 'by', u.short_name)
    FROM hardships s LEFT JOIN users u ON u.id = s.user_id
    WHERE s.customer_id = :customer AND s.ended_at IS NULL),
  'disputes', (SELECT coalesce(json_agg(d ORDER BY d.opened_at DESC), '[]')
    FROM (SELECT s.kind, s.status, s.opened_at, s.due_on, s.loan_id, u.short_name AS by
          FROM disputes s LEFT JOIN users u ON u.id = s.user_id
          WHERE s.customer_id = :customer AND s.status <> 'CORRECTED'
          AND (s.resolved_at IS NULL OR s.opened_at > CAST(:now AS timestamptz) - interval '24 months')
          ORDER BY s.opened_at DESC LIMIT 10) d),
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


async def hold_draft(session: WriteSession, call: UUID, user: UUID, now: datetime) -> Draft:
    """The draft of this call, locked until the transaction ends; made, with version 0, where none is."""
    made = insert(Draft).values(call_id=call, user_id=user, body={}, version=0, updated_at=now)
    await session.execute(made.on_conflict_do_nothing(index_elements=[Draft.call_id]))
    held = await session.scalars(
        select(Draft)
        .where(Draft.call_id == call)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return held.one()


async def write_draft(
    session: WriteSession,
    held: Draft,
    *,
    user: UUID,
    body: dict[str, Any],
    writer: str,
    now: datetime,
) -> None:
    """Write what stands now into a draft that is held."""
    held.user_id, held.body, held.writer, held.updated_at = user, body, writer, now
    held.version += 1
    await session.flush()


async def last_wrapped(session: ReadSession, user: UUID, since: datetime) -> UUID | None:
    """The last call that an agent was done with since an instant."""
    found: UUID | None = await session.scalar(_LAST_WRAPPED, {"user": user, "since": since})
    return found


_LAST_WRAPPED = text("""
SELECT id FROM calls
WHERE agent_id = :user AND created_at > CAST(:since AS timestamptz) - interval '4 hours'
  AND wrapped_at >= :since
ORDER BY wrapped_at DESC LIMIT 1
""")


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


async def begin_training(session: WriteSession, user: UUID, *, by: UUID, now: datetime) -> bool:
    """Note that a desk is in training; False when it was."""
    row = insert(Training).values(user_id=user, since=now, by_id=by)
    begun = row.on_conflict_do_nothing(index_elements=[Training.user_id])
    return await session.scalar(begun.returning(Training.user_id)) is not None


async def end_training(session: WriteSession, user: UUID) -> bool:
    """Note that it is not any more; False when it was not."""
    ended = delete(Training).where(Training.user_id == user).returning(Training.user_id)
    return await session.scalar(ended) is not None


async def is_training(session: ReadSession, user: UUID) -> bool:
    """Whether a desk is in training."""
    return bool(await session.scalar(select(exists().where(Training.user_id == user))))


@dataclass(frozen=True, slots=True)
class Seated:
    """An agent with an open sign-in, and whether his desk is in training."""

    user: UUID
    team: UUID | None
    training: bool = False


@dataclass(frozen=True, slots=True)
class Agreed:
    """A call that an agent agreed to, with what is needed to speak of the customer."""

    id: UUID
    user: UUID
    at: datetime
    window_minutes: int
    state: str
    kind: str
    salutation: str
    family: str
    middle: str
    given: str
    display: str
    language: str  # of the agent
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """An agent's day so far. None where there is nothing to measure yet; money in minor units by currency."""

    wrap_up_s: int | None
    occupancy_pct: int | None
    collected: Mapping[str, int]


NO_FIGURES: Final = Figures(None, None, {})


@dataclass(frozen=True, slots=True)
class Work:
    """Somebody whom an agent may call next; money in minor units, `dpd` days past due."""

    lead: UUID
    campaign: str
    name: str
    overdue_minor: int
    currency: str
    dpd: int
    at: datetime  # from when on
    tries: int
    last: str | None
    agreed: bool  # he agreed to this call himself
    called_at: datetime | None = None  # he called himself, a while ago: he may want to again


MOST_CALLED: Final = 3  # of those whom an agent called a while ago

_WORK = text("""
SELECT l.id, g.name AS campaign, c.display, o.overdue_minor, o.currency,
       coalesce(greatest(0, (CAST(:now AS timestamptz) AT TIME ZONE c.timezone)::date
           - o.oldest_unpaid_due_on), 0) AS dpd,
       l.next_at, l.attempts, l.last_result, coalesce(l.promised_to = :user, false) AS agreed,
       CAST(NULL AS timestamptz) AS called_at
FROM leads l JOIN campaigns g ON g.id = l.campaign_id JOIN customers c ON c.id = l.customer_id
JOIN loans o ON o.id = l.loan_id
WHERE l.campaign_id = ANY(:campaigns) AND l.state IN ('PENDING', 'RETRY')
  AND g.state = 'RUNNING' AND NOT g.stopped AND (l.promised_to IS NULL OR l.promised_to = :user)
  AND l.next_at <= CAST(:now AS timestamptz)
ORDER BY agreed DESC, l.priority, l.next_at, l.id LIMIT :most
""")
_CALLED = text("""
SELECT l.id, g.name AS campaign, c.display, o.overdue_minor, o.currency,
       coalesce(greatest(0, (CAST(:now AS timestamptz) AT TIME ZONE c.timezone)::date
           - o.oldest_unpaid_due_on), 0) AS dpd,
       l.next_at, l.attempts, l.last_result, false AS agreed, k.called_at
FROM (
    SELECT lead_id, max(dialing_at) AS called_at FROM calls
    WHERE agent_id = :user AND created_at > CAST(:now AS timestamptz) - interval '2 hours'
      AND ended_at IS NOT NULL AND lead_id IS NOT NULL
    GROUP BY lead_id
) k JOIN leads l ON l.id = k.lead_id
JOIN campaigns g ON g.id = l.campaign_id JOIN customers c ON c.id = l.customer_id
JOIN loans o ON o.id = l.loan_id
WHERE l.campaign_id = ANY(:campaigns) AND l.state = 'RETRY' AND g.state = 'RUNNING' AND NOT g.stopped
  AND l.next_at > CAST(:now AS timestamptz)
ORDER BY k.called_at DESC, l.id LIMIT :most
""")

_SEATED = text("""
SELECT u.id, u.team_id, EXISTS (SELECT FROM trainings t WHERE t.user_id = u.id) FROM users u
WHERE u.active AND u.roles && ARRAY['AGENT', 'SENIOR_AGENT', 'TEAM_LEAD']
  AND EXISTS (SELECT FROM sign_ins s WHERE s.user_id = u.id AND s.ended_at IS NULL)
""")

_AGREED = text("""
SELECT b.id, b.user_id, b.at, b.window_minutes, b.state, c.kind, c.salutation, c.family, c.middle,
       c.given, c.display, u.language, b.snoozed_until
FROM callbacks b JOIN customers c ON c.id = b.customer_id JOIN users u ON u.id = b.user_id
WHERE b.user_id = ANY(:users) AND b.at < :until AND (
    b.state IN ('SCHEDULED', 'DUE')
    OR b.state = 'MISSED' AND b.seen_at IS NULL
       AND greatest(b.at, b.snoozed_until) > CAST(:now AS timestamptz) - interval '2 hours')
ORDER BY b.at, b.id
""")

# Occupancy is (in call + wrap-up) ÷ (signed in − breaks), domain.md 6.8; a sign-in of yesterday counts
# from the first change of today.
_FIGURES = text("""
WITH wrapped AS (
    SELECT agent_id, avg(extract(epoch FROM wrapped_at - ended_at)) AS wrap_up_s
    FROM calls WHERE agent_id = ANY(:users) AND created_at >= :since AND connected_at IS NOT NULL
      AND wrapped_at >= ended_at
    GROUP BY agent_id
), lasted AS (
    SELECT agent_id, status, state, extract(epoch FROM
        coalesce(lead(at) OVER (PARTITION BY agent_id ORDER BY at, id), :now) - at) AS seconds
    FROM agent_state_changes WHERE agent_id = ANY(:users) AND at >= :since AND at <= :now
), spent AS (
    SELECT agent_id,
        sum(seconds) FILTER (WHERE state IN ('IN_CALL', 'HELD', 'WRAP_UP', 'WRAP_OVER')) AS busy,
        sum(seconds) FILTER (WHERE status <> 'OFFLINE' AND (status <> 'PAUSED' OR state <> 'IDLE')) AS here
    FROM lasted GROUP BY agent_id
)
SELECT u.id, round(w.wrap_up_s)::int AS wrap_up_s,
       round(100 * coalesce(s.busy, 0) / nullif(s.here, 0))::int AS occupancy_pct
FROM unnest(CAST(:users AS uuid[])) AS u(id)
LEFT JOIN wrapped w ON w.agent_id = u.id LEFT JOIN spent s ON s.agent_id = u.id
""")

# Money goes to who spoke last with the right person, in the seven days before it (domain.md 6.8).
_COLLECTED = text("""
SELECT a.user_id, p.currency, sum(p.amount_minor)::bigint AS minor
FROM payments p JOIN LATERAL (
    SELECT user_id FROM actions
    WHERE customer_id = p.customer_id AND rpc AND NOT superseded AND user_id IS NOT NULL
      AND at <= p.paid_at AND at > p.paid_at - interval '7 days'
    ORDER BY at DESC LIMIT 1
) a ON true
WHERE p.paid_at >= :since AND p.paid_at <= :now AND p.status = 'POSTED' AND a.user_id = ANY(:users)
GROUP BY a.user_id, p.currency
""")


async def seated(session: ReadSession) -> list[Seated]:
    """Everybody at a desk."""
    return [Seated(*row) for row in await session.execute(_SEATED)]


async def agreed(
    session: ReadSession, users: Sequence[UUID], *, now: datetime, until: datetime
) -> dict[UUID, list[Agreed]]:
    """Calls that these agents agreed to before `until`, and those just missed; soonest first."""
    found: dict[UUID, list[Agreed]] = {}
    values = {"users": list(users), "now": now, "until": until}
    for row in await session.execute(_AGREED, values):
        each = Agreed(*row)
        found.setdefault(each.user, []).append(each)
    return found


async def figures(
    session: ReadSession, users: Sequence[UUID], *, since: datetime, now: datetime
) -> dict[UUID, Figures]:
    """These agents' days since an instant."""
    values = {"users": list(users), "since": since, "now": now}
    collected: dict[UUID, dict[str, int]] = {}
    for row in await session.execute(_COLLECTED, values):
        collected.setdefault(row.user_id, {})[row.currency] = row.minor
    return {
        row.id: Figures(row.wrap_up_s, row.occupancy_pct, collected.get(row.id, {}))
        for row in await session.execute(_FIGURES, values)
    }


async def work(
    session: ReadSession, user: UUID, campaigns: Sequence[UUID], *, now: datetime, most: int
) -> list[Work]:
    """Whom an agent may call next in these campaigns, whom he promised to call before all others.

    At the end those whom he called himself in the last two hours and who are not due yet.
    """
    values = {"user": user, "campaigns": list(campaigns), "now": now}
    due = await session.execute(_WORK, {**values, "most": most})
    called = await session.execute(_CALLED, {**values, "most": MOST_CALLED})
    return [
        Work(
            lead=row.id,
            campaign=row.campaign,
            name=row.display,
            overdue_minor=row.overdue_minor,
            currency=row.currency,
            dpd=row.dpd,
            at=row.next_at,
            tries=row.attempts,
            last=row.last_result,
            agreed=row.agreed,
            called_at=row.called_at,
        )
        for row in (*due, *called)
    ]


async def campaign_of_lead(session: ReadSession, lead: UUID) -> UUID | None:
    """The campaign of a lead; None when there is none."""
    found: UUID | None = await session.scalar(
        text("SELECT campaign_id FROM leads WHERE id = :lead"), {"lead": lead}
    )
    return found
