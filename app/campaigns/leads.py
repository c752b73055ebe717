"""Every SQL statement about leads: the snapshot of a campaign's members and the hopper that serves them.

States: PENDING -> RESERVED -> IN_FLIGHT -> RETRY | DONE; EXCLUDED from any of them but IN_FLIGHT. A
reservation is a word for a while, not a lock; the row lock lasts for one statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, case, func, insert, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from app.campaigns.models import Lead
from app.campaigns.numbers import Number
from app.customers import service as customers
from app.customers.rules import Verification

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import CollectionAggregate, Table

    from app.db import ReadSession, WriteSession

NO_NUMBER: Final = "NO_NUMBER"
WAITING: Final = ("PENDING", "RETRY")
AHEAD: Final = 2_000  # what an agreed call is ahead of by priority: everybody else (domain.md 6.4)
_BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Due:
    """A lead taken from the hopper. `numbers` are all of the customer's, `zone` is where he lives.

    `promised_to`: the agent who agreed to call now, if one did.
    """

    id: UUID
    campaign_id: UUID
    customer_id: UUID
    loan_id: UUID
    attempts: int
    promised_to: UUID | None
    zone: str
    language: str
    numbers: tuple[Number, ...]


# Which number is rung is decided by `numbers.py`; the verdict is asked again when it is dialled.
_TAKEN = """
    WITH due AS MATERIALIZED (
        SELECT id FROM leads
        WHERE campaign_id = :campaign AND state IN ('PENDING', 'RETRY') AND {which}
        FOR UPDATE SKIP LOCKED
    ), taken AS (
        UPDATE leads SET state = 'RESERVED', fence = :fence, reserved_until = :until
        FROM due WHERE leads.id = due.id
        RETURNING leads.id, campaign_id, customer_id, loan_id, attempts, priority, next_at, promised_to
    )
    SELECT t.id, t.campaign_id, t.customer_id, t.loan_id, t.attempts, t.promised_to, c.timezone, c.language,
        p.numbers
    FROM taken t
    JOIN customers c ON c.id = t.customer_id
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(
            id, number, is_primary, verification, dialable, label, attempts_180d, rpc_180d, bands
        )) AS numbers
        FROM phones WHERE customer_id = t.customer_id
    ) p ON true
    ORDER BY t.priority, t.next_at, t.id
    """
_RESERVE = text(_TAKEN.format(which="next_at <= :now ORDER BY priority, next_at, id LIMIT :count"))
_RESERVE_ONE = text(_TAKEN.format(which="id = :lead"))
_REVIVE = text(
    """
    UPDATE leads SET state = CASE WHEN attempts = 0 THEN 'PENDING' ELSE 'RETRY' END, reserved_until = NULL
    WHERE campaign_id = :campaign AND state = 'RESERVED' AND reserved_until <= :now
    RETURNING id
    """
)
_GIVE_BACK = text(
    """
    UPDATE leads SET state = CASE WHEN attempts = 0 THEN 'PENDING' ELSE 'RETRY' END, reserved_until = NULL
    WHERE id = ANY(:ids) AND state = 'RESERVED' AND fence = :fence
    """
)
_LEFT = text(
    """
    SELECT campaign_id, count(*) FROM leads
    WHERE campaign_id = ANY(:campaigns) AND state IN ('PENDING', 'RETRY') AND next_at < :before
    GROUP BY campaign_id
    """
)
_TRIED = text(
    """
    SELECT l.attempts, g.settings, c.timezone
    FROM leads l JOIN campaigns g ON g.id = l.campaign_id JOIN customers c ON c.id = l.customer_id
    WHERE l.id = :lead
    """
)
_COUNTS = text("SELECT state, count(*) FROM leads WHERE campaign_id = :campaign GROUP BY state")


async def members(session: ReadSession, campaign_id: UUID) -> set[UUID]:
    """The customers who are leads of a campaign already."""
    return set(
        await session.scalars(select(Lead.customer_id).where(Lead.campaign_id == campaign_id))
    )


async def add(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new leads."""
    connection = (
        await session.connection()
    )  # plain rows: the ORM's bulk road would be three times as long
    for start in range(0, len(rows), _BATCH):
        await connection.execute(insert(Lead), [dict(row) for row in rows[start : start + _BATCH]])


async def reserve(
    session: WriteSession,
    *,
    campaign_id: UUID,
    count: int,
    fence: int,
    now: datetime,
    until: datetime,
) -> list[Due]:
    """Take up to `count` due leads, best first, past those that another transaction holds."""
    rows = await session.execute(
        _RESERVE,
        {
            "campaign": campaign_id,
            "count": count,
            "fence": fence,
            "now": now,
            "until": until,
        },
    )
    return [_due(row) for row in rows]


async def reserve_one(
    session: WriteSession, *, campaign_id: UUID, lead_id: UUID, fence: int, until: datetime
) -> Due | None:
    """Take one lead by name, due or not; None when it is being called, kept, done or taken out."""
    told = {"campaign": campaign_id, "lead": lead_id, "fence": fence, "until": until}
    row = (await session.execute(_RESERVE_ONE, told)).first()
    return None if row is None else _due(row)


def _due(row: Any) -> Due:
    return Due(
        id=row.id,
        campaign_id=row.campaign_id,
        customer_id=row.customer_id,
        loan_id=row.loan_id,
        attempts=row.attempts,
        promised_to=row.promised_to,
        zone=row.timezone,
        language=row.language,
        numbers=tuple(_number(told) for told in row.numbers or ()),
    )


def number_of(known: customers.Number) -> Number:
    """A customer's number as the order of numbers sees it."""
    return _number(
        (known.id, known.number, known.is_primary, known.verification, known.dialable, known.label,
         known.attempts_180d, known.rpc_180d, known.bands)
    )  # fmt: skip


def _number(told: Sequence[Any]) -> Number:
    identifier, number, is_primary, verification, dialable, label, attempts, rpc, bands = told
    return Number(
        id=UUID(str(identifier)),
        number=number,
        is_primary=is_primary,
        verification=Verification(verification),
        dialable=dialable,
        liable=label not in customers.THIRD_PARTIES,
        attempts=attempts,
        rpc=rpc,
        bands={int(hour): (int(seen[0]), int(seen[1])) for hour, seen in bands.items()},
    )


async def revive(session: WriteSession, campaign_id: UUID, now: datetime) -> int:
    """Put back leads whose reservation lapsed; returns how many."""
    return len((await session.execute(_REVIVE, {"campaign": campaign_id, "now": now})).all())


async def give_back(session: WriteSession, lead_ids: Collection[UUID], fence: int) -> None:
    """Put reserved leads back untouched."""
    await session.execute(_GIVE_BACK, {"ids": list(lead_ids), "fence": fence})


async def readmit(
    session: WriteSession,
    campaign_id: UUID,
    customer_ids: Collection[UUID],
    reasons: Collection[str],
    now: datetime,
) -> int:
    """Put leads back that were excluded for one of these reasons; returns how many."""
    changed = await session.execute(
        update(Lead)
        .where(
            Lead.campaign_id == campaign_id,
            Lead.customer_id == _any_of(customer_ids),
            Lead.state == "EXCLUDED",
            Lead.exclude_reason.in_(list(reasons)),
        )
        .values(state="PENDING", exclude_reason=None, next_at=now)
        .returning(Lead.id)
    )
    return len(changed.all())


async def exclude(session: WriteSession, lead_ids: Collection[UUID], reason: str) -> None:
    """Take leads out of their campaign for good."""
    await session.execute(
        update(Lead)
        .where(Lead.id == _any_of(lead_ids))
        .values(state="EXCLUDED", exclude_reason=reason, reserved_until=None)
    )


async def exclude_customers(
    session: WriteSession, customer_ids: Collection[UUID], reason: str
) -> int:
    """Take customers out of every campaign; a call in progress is let finish. Returns how many leads."""
    changed = await session.execute(
        update(Lead)
        .where(
            Lead.customer_id == _any_of(customer_ids),
            Lead.state.in_(["PENDING", "RETRY", "RESERVED"]),
        )
        .values(state="EXCLUDED", exclude_reason=reason, reserved_until=None)
        .returning(Lead.id)
    )
    return len(changed.all())


async def exclude_loans(session: WriteSession, loan_ids: Collection[UUID], reason: str) -> int:
    """Take the leads about these loans out of their campaigns; returns how many."""
    changed = await session.execute(
        update(Lead)
        .where(Lead.loan_id == _any_of(loan_ids), Lead.state.in_(["PENDING", "RETRY", "RESERVED"]))
        .values(state="EXCLUDED", exclude_reason=reason, reserved_until=None)
        .returning(Lead.id)
    )
    return len(changed.all())


async def claim(session: WriteSession, lead_id: UUID, fence: int) -> Lead | None:
    """The reserved lead, held until the transaction ends; None when it is not ours any more."""
    found: Lead | None = await session.scalar(
        select(Lead)
        .where(Lead.id == lead_id, Lead.state == "RESERVED", Lead.fence == fence)
        .with_for_update()
    )
    return found


async def find(session: ReadSession, lead_id: UUID) -> Lead | None:
    """A lead by id."""
    found: Lead | None = await session.scalar(select(Lead).where(Lead.id == lead_id))
    return found


@dataclass(frozen=True, slots=True)
class TriedLead:
    """What decides when a lead comes up again: its tries, its campaign's settings, the customer's zone."""

    attempts: int
    settings: dict[str, Any]
    zone: str


async def find_tried(session: ReadSession, lead_id: UUID) -> TriedLead | None:
    """What decides when a lead comes up again; None when there is no such lead."""
    row = (await session.execute(_TRIED, {"lead": lead_id})).first()
    return None if row is None else TriedLead(*row)


async def fly(session: WriteSession, lead_id: UUID) -> None:
    """The lead is being called: one attempt more, and what was agreed is kept by it."""
    await session.execute(
        update(Lead)
        .where(Lead.id == lead_id)
        .values(state="IN_FLIGHT", attempts=Lead.attempts + 1, reserved_until=None, **_agreed(None))
    )


async def put_off(session: WriteSession, lead_id: UUID, until: datetime, result: str) -> None:
    """Try again from `until` on; the attempt was not made."""
    await session.execute(
        update(Lead)
        .where(Lead.id == lead_id)
        .values(state="RETRY", next_at=until, last_result=result, reserved_until=None)
    )


async def settle(
    session: WriteSession,
    lead_id: UUID,
    *,
    retry_at: datetime | None,
    result: str,
    only_from: Collection[str],
    promised_to: UUID | None = None,
) -> bool:
    """RETRY at an instant, or DONE; only from these states. False when it was in another.

    `promised_to`: the agent who agreed to that instant; then the lead goes before all others.
    """
    values: dict[str, Any] = {"state": "DONE", "last_result": result, "reserved_until": None}
    values |= _agreed(promised_to)
    if retry_at is not None:
        values |= {"state": "RETRY", "next_at": retry_at}
    settled = await session.execute(
        update(Lead)
        .where(Lead.id == lead_id, Lead.state.in_(list(only_from)))
        .values(**values)
        .returning(Lead.id)
    )
    return settled.first() is not None


async def land(session: WriteSession, landed: Sequence[tuple[UUID, datetime | None, str]]) -> None:
    """Settle leads whose calls ended: again at an instant, or done; whoever is not in flight stays as he is."""
    table = cast("Table", Lead.__table__)
    retry_at = bindparam("b_retry_at", type_=table.c.next_at.type)
    settled = (
        update(table)
        .where(table.c.id == bindparam("b_lead"), table.c.state == "IN_FLIGHT")
        .values(
            state=case((retry_at.is_not(None), "RETRY"), else_="DONE"),
            next_at=func.coalesce(retry_at, table.c.next_at),
            last_result=bindparam("b_result"),
            reserved_until=None,
            **_agreed(None),
        )
    )
    rows = [
        {"b_lead": lead, "b_retry_at": at, "b_result": str(cause)} for lead, at, cause in landed
    ]
    if rows:
        await session.execute(settled, rows)


async def call_back(
    session: WriteSession, campaign_id: UUID, customer_id: UUID, agent: UUID | None, now: datetime
) -> bool:
    """Let a customer's lead be due now because a call was agreed. False when it is called or excluded."""
    due = await session.execute(
        update(Lead)
        .where(
            Lead.campaign_id == campaign_id,
            Lead.customer_id == customer_id,
            Lead.state.in_(["PENDING", "RETRY", "DONE"]),
        )
        .values(
            state=case((Lead.attempts == 0, "PENDING"), else_="RETRY"),
            next_at=now,
            **_agreed(agent),
        )
        .returning(Lead.id)
    )
    return due.first() is not None


def _any_of(ids: Collection[UUID]) -> CollectionAggregate[Any]:
    """Any of these ids, in one parameter: a statement takes 32,767 of them, and a campaign has more leads."""
    return any_(literal(list(ids), ARRAY(Uuid())))


def _agreed(agent: UUID | None) -> dict[str, Any]:
    """An agreed call goes before all others, once; afterwards the lead has its own place again."""
    back = case((Lead.promised_to.is_not(None), AHEAD), else_=0)
    ahead = AHEAD if agent is not None else 0
    return {"promised_to": agent, "priority": Lead.priority + back - ahead}


async def left(
    session: ReadSession, campaign_ids: Sequence[UUID], before: datetime
) -> dict[UUID, int]:
    """Leads that come due before an instant, by campaign; campaigns without any are left out."""
    rows = await session.execute(_LEFT, {"campaigns": list(campaign_ids), "before": before})
    return {row[0]: row[1] for row in rows}


async def is_anybody_left(session: ReadSession, campaign_id: UUID) -> bool:
    """Whether somebody of a campaign is still to be called, or is being called."""
    states = ["PENDING", "RETRY", "RESERVED", "IN_FLIGHT"]
    found = await session.scalar(
        select(Lead.id).where(Lead.campaign_id == campaign_id, Lead.state.in_(states)).limit(1)
    )
    return found is not None


async def counts(session: ReadSession, campaign_id: UUID) -> dict[str, int]:
    """A campaign's leads by state."""
    rows = await session.execute(_COUNTS, {"campaign": campaign_id})
    return {row[0]: row[1] for row in rows}
