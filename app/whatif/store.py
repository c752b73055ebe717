"""Every SQL statement of what-if: the day's rows, read in one pass, and the questions with their answers.

It names tables of the slices below, in SQL only: a day joins what several of them wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, or_, select, text, update

from app.whatif.models import WhatIf
from app.whatif.reading import CallRow, ChangeRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession

_CALLS = text(
    """
    SELECT coalesce(dialing_at, created_at), ringing_at, answered_at, waiting_at, connected_at, ended_at,
        wrapped_at, agent_id, answered_by_human, abandoned, cause, attempt_no
    FROM calls
    WHERE campaign_id = :campaign AND created_at >= :start AND created_at < :until
        AND dialing_at IS NOT NULL
    ORDER BY 1
    LIMIT :most
    """
)
# Who belongs to the campaign, and whoever had one of its calls that day; the change before the day tells
# what he was when it began.
_CHANGES = text(
    """
    WITH crew AS (
        SELECT a.user_id AS id FROM campaign_agents a WHERE a.campaign_id = :campaign
        UNION
        SELECT u.id FROM users u JOIN campaign_teams t ON t.team_id = u.team_id
        WHERE t.campaign_id = :campaign
        UNION
        SELECT c.agent_id FROM calls c
        WHERE c.campaign_id = :campaign AND c.created_at >= :start AND c.created_at < :until
            AND c.agent_id IS NOT NULL
    )
    SELECT s.agent_id, s.at, s.status, s.state, s.link, s.mode, s.campaign_id
    FROM agent_state_changes s JOIN crew ON crew.id = s.agent_id
    WHERE s.at >= :before AND s.at < :until
    ORDER BY s.agent_id, s.at, s.id
    """
)
_DAYS = text(
    """
    SELECT d.day::date FROM generate_series(CAST(:first AS date), CAST(:last AS date), '1 day') AS d(day)
    WHERE EXISTS (
        SELECT 1 FROM attempts a
        WHERE a.campaign_id = :campaign AND a.business_on = d.day::date AND a.allowed
            AND a.at >= d.day - interval '1 day' AND a.at < d.day + interval '2 days'
    )
    ORDER BY 1 DESC
    """
)
_CHANGED = text(
    """
    SELECT at, before, after FROM audit_events
    WHERE entity = 'campaign' AND entity_id = :campaign AND verb = 'changed' AND at >= :since
    ORDER BY at DESC, id DESC
    """
)
_OPEN = ("WAITING", "RUNNING")


async def list_calls(
    session: ReadSession, campaign: UUID, start: datetime, until: datetime, most: int
) -> list[CallRow]:
    """The calls that a campaign placed in [start, until), in the order of dialling; at most so many."""
    rows = await session.execute(
        _CALLS, {"campaign": campaign, "start": start, "until": until, "most": most}
    )
    return [CallRow(*row) for row in rows]


async def list_changes(
    session: ReadSession, campaign: UUID, before: datetime, start: datetime, until: datetime
) -> list[ChangeRow]:
    """What the campaign's agents did from `before` the day on, one agent after the other."""
    values = {"campaign": campaign, "before": before, "start": start, "until": until}
    return [ChangeRow(*row) for row in await session.execute(_CHANGES, values)]


async def list_days(session: ReadSession, campaign: UUID, first: date, last: date) -> list[date]:
    """Days on which the campaign dialled, the latest first."""
    rows = await session.execute(_DAYS, {"campaign": campaign, "first": first, "last": last})
    return [row[0] for row in rows]


async def list_changed(
    session: ReadSession, campaign: UUID, since: datetime
) -> list[tuple[datetime, dict[str, Any], dict[str, Any]]]:
    """What was changed of a campaign since then (when, before, after), the latest first."""
    rows = await session.execute(_CHANGED, {"campaign": str(campaign), "since": since})
    return [(row.at, row.before or {}, row.after or {}) for row in rows]


# --- questions -------------------------------------------------------------------


async def add(session: WriteSession, row: Mapping[str, Any]) -> None:
    """Write a new question."""
    await session.execute(insert(WhatIf).values(**row))


async def find(session: ReadSession, identifier: UUID) -> WhatIf | None:
    """A question by its id."""
    found: WhatIf | None = await session.get(WhatIf, identifier, populate_existing=True)
    return found


async def find_open(session: ReadSession, campaign: UUID) -> WhatIf | None:
    """The campaign's question that has no answer yet."""
    found: WhatIf | None = await session.scalar(
        select(WhatIf).where(WhatIf.campaign_id == campaign, WhatIf.state.in_(_OPEN))
    )
    return found


async def count_open(session: ReadSession) -> int:
    """Questions that have no answer yet, of all campaigns."""
    found = await session.scalar(
        select(func.count()).select_from(WhatIf).where(WhatIf.state.in_(_OPEN))
    )
    return int(found or 0)


async def list_latest(session: ReadSession, campaign: UUID, most: int) -> Sequence[WhatIf]:
    """The campaign's latest questions, the newest first."""
    found = await session.scalars(
        select(WhatIf)
        .where(WhatIf.campaign_id == campaign)
        .order_by(WhatIf.asked_at.desc(), WhatIf.id.desc())
        .limit(most)
    )
    return found.all()


async def take(session: WriteSession, now: datetime, silent_since: datetime) -> WhatIf | None:
    """The oldest question that nobody answers, now taken; None while another one is being answered."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('what_ifs'))"))
    heard = WhatIf.beat_at >= silent_since
    if await session.scalar(select(WhatIf.id).where(WhatIf.state == "RUNNING", heard).limit(1)):
        return None
    found: WhatIf | None = await session.scalar(
        select(WhatIf).where(WhatIf.state.in_(_OPEN)).order_by(WhatIf.asked_at).limit(1)
    )
    if found is not None:
        values = {"state": "RUNNING", "begun_at": now, "beat_at": now, "days_done": 0}
        await change(session, found.id, values)
    return found


async def change(
    session: WriteSession, identifier: UUID, values: Mapping[str, Any], *, state: str | None = None
) -> bool:
    """Change columns of a question that has no answer yet, or is in this state; whether it was."""
    asked = WhatIf.state.in_(_OPEN) if state is None else WhatIf.state == state
    done = await session.execute(
        update(WhatIf).where(WhatIf.id == identifier, asked).values(**values).returning(WhatIf.id)
    )
    return done.first() is not None


async def forget(session: WriteSession, campaign: UUID, most: int) -> None:
    """Keep the campaign's latest so many questions."""
    kept = (
        select(WhatIf.id)
        .where(WhatIf.campaign_id == campaign)
        .order_by(WhatIf.asked_at.desc())
        .limit(most)
    )
    await session.execute(
        delete(WhatIf).where(
            WhatIf.campaign_id == campaign, WhatIf.id.not_in(kept), or_(~WhatIf.state.in_(_OPEN))
        )
    )
