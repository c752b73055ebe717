"""Every SQL statement about sessions in calls. Like the wall, it reads other slices' tables in one each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert

from app.monitor.models import CoachingNote, MonitorSession
from app.monitor.rules import Flag, LiveCall

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class Session:
    """One mode of one person in a call, with his name."""

    by: str
    mode: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Left:
    """A session that nobody ended."""

    by: UUID
    call: UUID
    agent: UUID
    mode: str
    since: datetime
    visible: bool


_LIVE = text("""
SELECT c.id, c.agent_id, u.created_at AS hired_at, CAST(:today AS date) - l.oldest_unpaid_due_on AS dpd,
    EXISTS (SELECT FROM disputes d WHERE d.customer_id = c.customer_id AND d.resolved_at IS NULL) AS dispute,
    EXISTS (SELECT FROM hardships h WHERE h.customer_id = c.customer_id AND h.ended_at IS NULL) AS hardship,
    EXISTS (SELECT FROM actions a WHERE a.customer_id = c.customer_id AND a.leaf = 'COMPLAINT_LOGGED'
        AND NOT a.superseded) AS complaint,
    (SELECT max(n.noted_at) FROM coaching_notes n
        WHERE n.agent_id = c.agent_id AND n.score_pct IS NOT NULL) AS scored_at
FROM calls c JOIN users u ON u.id = c.agent_id LEFT JOIN loans l ON l.id = c.loan_id
WHERE c.ended_at IS NULL AND c.connected_at IS NOT NULL AND c.created_at >= :since
    AND (CAST(:team AS uuid) IS NULL OR u.team_id = :team)
""")
_CALL = text("""
SELECT c.agent_id, c.dialing_at, c.ringing_at, c.answered_at, c.assigned_at, c.painted_at, c.connected_at,
    c.ended_at, c.wrapped_at, c.cause, c.held_ms, c.leaf, p.name AS campaign
FROM calls c LEFT JOIN campaigns p ON p.id = c.campaign_id
WHERE c.id = :call
""")
_SESSIONS = text("""
SELECT u.full_name, s.mode, s.started_at, s.ended_at
FROM monitor_sessions s JOIN users u ON u.id = s.supervisor_id
WHERE s.call_id = :call ORDER BY s.started_at, s.id
""")
_DRAFT = text("SELECT body FROM drafts WHERE call_id = :call AND user_id = :agent")
_OPEN = text("""
SELECT supervisor_id, call_id, agent_id, mode, started_at, visible_to_agent
FROM monitor_sessions WHERE ended_at IS NULL ORDER BY started_at FOR UPDATE
""")
_NOTES = text("""
SELECT n.id, u.full_name, n.call_id, n.noted_at, n.text, n.score_pct, n.follow_up_on
FROM coaching_notes n JOIN users u ON u.id = n.author_id
WHERE n.agent_id = :agent ORDER BY n.noted_at DESC, n.id DESC LIMIT 20
""")
_LEADS = text("""
WITH heard AS (
    SELECT supervisor_id AS id, count(DISTINCT call_id) AS calls,
        sum(extract(epoch FROM coalesce(ended_at, :now) - started_at))::int AS seconds
    FROM monitor_sessions WHERE started_at >= :since GROUP BY 1
), written AS (
    SELECT author_id AS id, count(*) AS messages FROM coach_messages WHERE sent_at >= :since GROUP BY 1
), noted AS (
    SELECT author_id AS id, count(*) AS notes, count(score_pct) AS scores
    FROM coaching_notes WHERE noted_at >= :since GROUP BY 1
)
SELECT u.id, u.full_name, t.name AS team, coalesce(h.calls, 0) AS calls, coalesce(h.seconds, 0) AS seconds,
    coalesce(w.messages, 0) AS messages, coalesce(n.notes, 0) AS notes, coalesce(n.scores, 0) AS scores
FROM users u LEFT JOIN teams t ON t.id = u.team_id
LEFT JOIN heard h ON h.id = u.id LEFT JOIN written w ON w.id = u.id LEFT JOIN noted n ON n.id = u.id
WHERE u.active AND (CAST(:only AS uuid) IS NULL OR u.id = :only)
    AND (u.roles && ARRAY['TEAM_LEAD'] OR u.id = :who OR h.id IS NOT NULL)
ORDER BY u.full_name, u.id LIMIT 500
""")
_SHOWN = text("SELECT listening_shown FROM organisations")


async def begin(session: WriteSession, row: dict[str, Any]) -> bool:
    """Write a session that begins; False when it was written before."""
    written = insert(MonitorSession).values(**row).on_conflict_do_nothing()
    return await session.scalar(written.returning(MonitorSession.id)) is not None


async def end(
    session: WriteSession,
    *,
    by: UUID,
    call: UUID,
    since: datetime,
    at: datetime,
    why: str | None,
) -> bool:
    """End a session; False when it was ended before."""
    found = await session.scalar(
        update(MonitorSession)
        .where(
            MonitorSession.supervisor_id == by,
            MonitorSession.call_id == call,
            MonitorSession.started_at == since,
            MonitorSession.ended_at.is_(None),
        )
        .values(ended_at=at, reason=why)
        .returning(MonitorSession.id)
    )
    return found is not None


async def lock_open(session: WriteSession) -> list[Left]:
    """Sessions that are not ended, held."""
    return [Left(*row) for row in await session.execute(_OPEN)]


async def live_calls(
    session: ReadSession, *, team: UUID | None, since: datetime, today: date
) -> list[LiveCall]:
    """Calls since an instant in which an agent (None: of any team) speaks."""
    values = {"team": team, "since": since, "today": today}
    return [
        LiveCall(
            call=row.id,
            agent=row.agent_id,
            dpd=None if row.dpd is None else max(0, row.dpd),
            flags=tuple(flag for flag in Flag if getattr(row, flag.lower())),
            hired_at=row.hired_at,
            scored_at=row.scored_at,
        )
        for row in await session.execute(_LIVE, values)
    ]


async def find_call(session: ReadSession, call: UUID) -> dict[str, Any] | None:
    """The moments of a call, and whose it is."""
    row = (await session.execute(_CALL, {"call": call})).mappings().first()
    return None if row is None else dict(row)


async def sessions_of(session: ReadSession, call: UUID) -> list[Session]:
    """Who was in this call, and how, the earliest first."""
    return [Session(*row) for row in await session.execute(_SESSIONS, {"call": call})]


async def read_draft(session: ReadSession, call: UUID, agent: UUID) -> dict[str, Any]:
    """What the agent has typed so far; empty for nothing."""
    body = await session.scalar(_DRAFT, {"call": call, "agent": agent})
    return body or {}


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody noted of an agent's work, with his name."""

    id: UUID
    by: str
    call: UUID | None
    noted_at: datetime
    text: str
    score_pct: int | None
    follow_up_on: date | None


@dataclass(frozen=True, slots=True)
class Led:
    """What somebody who leads has done since an instant: calls he was in and for how long, words, scores."""

    id: UUID
    name: str
    team: str | None
    calls: int
    seconds: int
    messages: int
    notes: int
    scores: int


async def leads(
    session: ReadSession, *, who: UUID, only: UUID | None, since: datetime, now: datetime
) -> list[Led]:
    """Everybody who leads, `who` among them; `only` one of them where others are not his to see."""
    values = {"who": who, "only": only, "since": since, "now": now}
    return [Led(*row) for row in await session.execute(_LEADS, values)]


async def add_note(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a note."""
    session.add(CoachingNote(**row))
    await session.flush()


async def notes_of(session: ReadSession, agent: UUID) -> list[Note]:
    """The latest notes of an agent's work, the newest first."""
    return [Note(*row) for row in await session.execute(_NOTES, {"agent": agent})]


async def erase(session: WriteSession, calls: Sequence[UUID]) -> list[UUID]:
    """Take the text off notes of these calls; returns their ids."""
    erased = await session.scalars(
        update(CoachingNote)
        .where(CoachingNote.call_id.in_(calls))
        .values(text="")
        .returning(CoachingNote.id)
    )
    return list(erased)


async def listening_shown(session: ReadSession) -> bool:
    """Whether an agent is told that he is listened to; True before there is an organisation."""
    shown = await session.scalar(_SHOWN)
    return shown is None or bool(shown)


async def show_listening(session: WriteSession, *, on: bool) -> None:
    """Change that."""
    await session.execute(text("UPDATE organisations SET listening_shown = :on"), {"on": on})
