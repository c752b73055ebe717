"""Every SQL statement about the written record of calls. A call's row is found by id and month.

Calls and attempts are partitioned by time; `created_at` is the instant in the call's id, so that each
statement names it and the database looks into one month only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, and_, cast, exists, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from app.calls.models import AgentStateChange, Attempt, Call, ContactCount, CustomerLock

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class Ended:
    """What is known of a call at its end."""

    call_id: UUID
    created_at: datetime
    customer_id: UUID | None
    loan_id: UUID | None
    phone_id: UUID | None
    connected_at: datetime | None
    leaf: str | None  # the outcome, when it was saved during the call


@dataclass(frozen=True, slots=True)
class Tally:
    """What one campaign did on one business day."""

    dialed: int
    answered: int
    abandoned: int


async def lock_customer(session: WriteSession, lock: Mapping[str, Any]) -> bool:
    """Take the customer for one call over all campaigns; False while another call has him.

    Waits for a transaction that is about to take or free the same customer.
    """
    taken = await session.execute(
        insert(CustomerLock)
        .values(**lock)
        .on_conflict_do_nothing(index_elements=[CustomerLock.customer_id])
        .returning(CustomerLock.customer_id)
    )
    return taken.first() is not None


async def count_contact(
    session: WriteSession, customer_id: UUID, day: date, cap: int | None, now: datetime
) -> int | None:
    """Count one more contact today and return the new sum; None when `cap` is reached already."""
    statement = insert(ContactCount).values(
        customer_id=customer_id, business_on=day, attempts=1, last_at=now
    )
    below = ContactCount.attempts < cap if cap is not None else None
    counted = await session.execute(
        statement.on_conflict_do_update(
            index_elements=[ContactCount.customer_id, ContactCount.business_on],
            set_={
                "attempts": ContactCount.attempts + 1,
                "last_at": func.greatest(ContactCount.last_at, statement.excluded.last_at),
            },
            where=below,
        ).returning(ContactCount.attempts)
    )
    found: int | None = counted.scalar_one_or_none()
    return found


async def add_call(session: WriteSession, row: Mapping[str, Any]) -> None:
    """Write a new call."""
    await session.execute(insert(Call).values(**row))


async def add_attempt(session: WriteSession, row: Mapping[str, Any]) -> None:
    """Write a try to reach a customer, or a refused one."""
    await session.execute(insert(Attempt).values(**row))


async def end_call(
    session: WriteSession, call_id: UUID, created_at: datetime, values: Mapping[str, Any]
) -> Ended | None:
    """Write the end once; None when it was written before, or there is no such call."""
    row = (
        await session.execute(
            update(Call)
            .where(Call.id == call_id, Call.created_at == created_at, Call.ended_at.is_(None))
            .values(**values)
            .returning(
                Call.id,
                Call.created_at,
                Call.customer_id,
                Call.loan_id,
                Call.phone_id,
                Call.connected_at,
                Call.leaf,
            )
        )
    ).first()
    return Ended(*row) if row else None


async def find_call(session: ReadSession, call_id: UUID, created_at: datetime) -> Call | None:
    """One call by id and the instant in it."""
    found: Call | None = await session.scalar(
        select(Call).where(Call.id == call_id, Call.created_at == created_at)
    )
    return found


async def list_live(session: ReadSession, since: datetime) -> Sequence[Call]:
    """Calls that have not ended, oldest first: created since then, or still holding their customer."""
    locking = select(CustomerLock.call_id).where(CustomerLock.call_id == Call.id).exists()
    found = await session.scalars(
        select(Call)
        .where(Call.ended_at.is_(None), or_(Call.created_at >= since, locking))
        .order_by(Call.created_at, Call.id)
    )
    return found.all()


async def find_unplaced(
    session: ReadSession, lead_id: UUID, created_at: datetime, fence: int
) -> UUID | None:
    """The call that was opened for a lead at an instant under a number, and went no further."""
    found: UUID | None = await session.scalar(
        select(Call.id).where(
            Call.created_at == created_at,
            Call.lead_id == lead_id,
            Call.fence == fence,
            Call.state == "CREATED",
            Call.ended_at.is_(None),
        )
    )
    return found


async def contacts_on(
    session: ReadSession, customer_ids: Sequence[UUID], day: date
) -> dict[UUID, int]:
    """Contacts counted on a business day; customers without any are left out."""
    rows = await session.execute(
        select(ContactCount.customer_id, ContactCount.attempts).where(
            ContactCount.customer_id.in_(customer_ids), ContactCount.business_on == day
        )
    )
    return {row.customer_id: row.attempts for row in rows}


async def tally(
    session: ReadSession, campaign_ids: Sequence[UUID], start: datetime, end: datetime
) -> dict[UUID, Tally]:
    """Calls created in [start, end), by campaign; campaigns without any are left out."""
    rows = await session.execute(
        select(
            Call.campaign_id,
            func.count(),
            func.coalesce(func.sum(cast(Call.answered_by_human, Integer)), 0),
            func.coalesce(func.sum(cast(Call.abandoned, Integer)), 0),
        )
        .where(Call.campaign_id.in_(campaign_ids), Call.created_at >= start, Call.created_at < end)
        .group_by(Call.campaign_id)
    )
    return {
        campaign: Tally(dialed, int(answered), int(abandoned))
        for campaign, dialed, answered, abandoned in rows
        if campaign is not None
    }


async def refusals(session: ReadSession, campaign_id: UUID, day: date) -> dict[str, int]:
    """Refused attempts of a campaign on a business day, by rule."""
    rows = await session.execute(
        select(Attempt.rule, func.count())
        .where(
            Attempt.campaign_id == campaign_id,
            Attempt.business_on == day,
            Attempt.allowed.is_(False),
        )
        .group_by(Attempt.rule)
    )
    return {rule or "": count for rule, count in rows}


_LATEST_STATES = text(
    """
    SELECT DISTINCT ON (agent_id)
        agent_id, status, reason, state, at, call_id, campaign_id, deadline_at, extends_left, mode
    FROM agent_state_changes
    WHERE at >= :since
    ORDER BY agent_id, at DESC, id DESC
    """
)
# A change of link or of the deadline is a row too: a state began with the first row of its run.
_BEGAN = text(
    """
    SELECT agent_id,
        max(at) FILTER (WHERE status IS DISTINCT FROM old_status) AS status_since,
        max(at) FILTER (WHERE state IS DISTINCT FROM old_state
            OR call_id IS DISTINCT FROM old_call) AS state_since
    FROM (
        SELECT agent_id, at, status, state, call_id, lag(status) OVER run AS old_status,
            lag(state) OVER run AS old_state, lag(call_id) OVER run AS old_call
        FROM agent_state_changes WHERE at >= :since
        WINDOW run AS (PARTITION BY agent_id ORDER BY at, id)
    ) seen
    GROUP BY agent_id
    """
)


@dataclass(frozen=True, slots=True)
class AgentNow:
    """What an agent was seen doing last."""

    agent_id: UUID
    status: str
    reason: str | None
    status_since: datetime
    state: str
    state_since: datetime
    call_id: UUID | None
    campaign_id: UUID | None
    deadline_at: datetime | None
    extends_left: int
    mode: str


async def agents_now(session: ReadSession, since: datetime) -> list[AgentNow]:
    """The last state change of each agent who is not OFFLINE, looking back to `since`."""
    rows = await session.execute(_LATEST_STATES, {"since": since})
    began = {row.agent_id: row for row in await session.execute(_BEGAN, {"since": since})}
    return [
        AgentNow(
            agent_id=row.agent_id,
            status=row.status,
            reason=row.reason,
            status_since=began[row.agent_id].status_since,
            state=row.state,
            state_since=began[row.agent_id].state_since,
            call_id=row.call_id,
            campaign_id=row.campaign_id,
            deadline_at=row.deadline_at,
            extends_left=row.extends_left,
            mode=row.mode,
        )
        for row in rows
        if row.status != "OFFLINE"
    ]


async def reason_given(session: ReadSession, reason: str) -> bool:
    """Whether any agent was ever away for this reason."""
    given = exists().where(AgentStateChange.reason == reason, AgentStateChange.status == "PAUSED")
    return bool(await session.scalar(select(given)))


async def at_desks(
    session: ReadSession, customer_ids: Collection[UUID], since: datetime
) -> list[UUID]:
    """Calls with these customers that an agent has or wraps up, of those created from `since` on."""
    found = await session.scalars(
        select(Call.id).where(
            Call.customer_id.in_(customer_ids),
            Call.created_at >= since,
            Call.agent_id.is_not(None),
            Call.wrapped_at.is_(None),
        )
    )
    return list(found)


_CONTACTS_OF_LIVE = text(
    """
    SELECT c.id, n.attempts
    FROM calls c
    JOIN attempts a ON a.customer_id = c.customer_id AND a.at = c.created_at AND a.call_id = c.id
    JOIN contact_counts n ON n.customer_id = c.customer_id AND n.business_on = a.business_on
    WHERE c.ended_at IS NULL AND c.created_at >= :since
    """
)


async def contacts_of_live(session: ReadSession, since: datetime) -> dict[UUID, int]:
    """How often the customer of each live call was contacted on its business day, by call."""
    rows = await session.execute(_CONTACTS_OF_LIVE, {"since": since})
    return {row.id: row.attempts for row in rows}


async def disposed(session: ReadSession, keys: Sequence[tuple[UUID, datetime]]) -> set[UUID]:
    """Which of these calls (id and instant) have an outcome."""
    found = await session.scalars(
        select(Call.id).where(
            tuple_(Call.id, Call.created_at).in_(list(keys)), Call.leaf.is_not(None)
        )
    )
    return set(found)


async def is_in_call(session: ReadSession, customer_id: UUID) -> bool:
    """Whether a call to this customer goes on, or is being opened."""
    locked = select(CustomerLock).where(CustomerLock.customer_id == customer_id)
    return bool(await session.scalar(select(locked.exists())))


async def erase(
    session: WriteSession, customer_id: UUID, numbers: Sequence[str]
) -> list[tuple[UUID, UUID | None]]:
    """Take the numbers off the calls of a customer, and off those to his numbers that named nobody.

    Returns each call of his with the agent who had it.
    """
    found = await session.execute(
        update(Call)
        .where(
            or_(
                Call.customer_id == customer_id,
                and_(Call.customer_id.is_(None), Call.number.in_(numbers)),
            )
        )
        .values(number="", carrier_ref=None)
        .returning(Call.id, Call.agent_id)
    )
    return [(row.id, row.agent_id) for row in found]
