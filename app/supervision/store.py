"""Every SQL statement about requests and messages. Names of people are joined here, as the pop joins them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert

from app.supervision.models import (
    AnnouncementReading,
    AnnouncementRow,
    CoachMessage,
    FloorRequest,
)
from app.supervision.rules import Kind, Message, Request, Result

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import RowMapping

    from app.db import ReadSession, WriteSession

_REQUESTS = """
SELECT r.*, a.full_name AS agent, t.short_name AS taker, c.short_name AS closer
FROM floor_requests r JOIN users a ON a.id = r.agent_id
LEFT JOIN users t ON t.id = r.taken_by LEFT JOIN users c ON c.id = r.closed_by
"""
_ONE = text(_REQUESTS + "WHERE r.id = :id")
_LOCKED = text(_REQUESTS + "WHERE r.id = :id FOR UPDATE OF r")
_OPEN = text(
    _REQUESTS
    + "WHERE r.agent_id = :agent AND r.kind = :kind AND r.closed_at IS NULL FOR UPDATE OF r"
)
_OVERDUE = text(
    _REQUESTS
    + "WHERE r.closed_at IS NULL AND r.taken_at IS NULL AND r.escalated_at IS NULL"
    + " AND r.asked_at <= :before ORDER BY r.asked_at FOR UPDATE OF r SKIP LOCKED"
)
_MESSAGE = text("""
SELECT m.*, a.full_name AS agent, a.team_id, b.short_name AS author
FROM coach_messages m JOIN users a ON a.id = m.agent_id JOIN users b ON b.id = m.author_id
WHERE m.id = :id
""")


def _request(row: RowMapping) -> Request:
    return Request(
        id=row["id"],
        kind=Kind(row["kind"]),
        agent_id=row["agent_id"],
        agent=row["agent"],
        team_id=row["team_id"],
        reason=row["reason"],
        note=row["note"],
        asked_at=row["asked_at"],
        escalated_at=row["escalated_at"],
        taker=row["taker"],
        taken_at=row["taken_at"],
        closer=row["closer"],
        closed_at=row["closed_at"],
        result=None if row["result"] is None else Result(row["result"]),
    )


async def find_request(session: ReadSession, request_id: UUID) -> Request | None:
    """A request with its names."""
    row = (await session.execute(_ONE, {"id": request_id})).mappings().first()
    return None if row is None else _request(row)


async def lock_request(session: WriteSession, request_id: UUID) -> Request | None:
    """The same, held until the transaction ends, so that it is taken and closed once."""
    row = (await session.execute(_LOCKED, {"id": request_id})).mappings().first()
    return None if row is None else _request(row)


async def lock_open(session: WriteSession, agent: UUID, kind: Kind) -> Request | None:
    """The agent's open request of this kind, held."""
    values = {"agent": agent, "kind": kind.value}
    row = (await session.execute(_OPEN, values)).mappings().first()
    return None if row is None else _request(row)


async def lock_overdue(session: WriteSession, before: datetime) -> list[Request]:
    """Requests of before an instant that nobody took and that have not escalated, held."""
    rows = (await session.execute(_OVERDUE, {"before": before})).mappings()
    return [_request(row) for row in rows]


async def add_request(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a request. An open one of the same agent and kind makes it an IntegrityError."""
    session.add(FloorRequest(**row))
    await session.flush()


async def change_request(session: WriteSession, request_id: UUID, **values: Any) -> None:
    """Change columns of a request."""
    await session.execute(
        update(FloorRequest).where(FloorRequest.id == request_id).values(**values)
    )


async def add_message(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a message."""
    session.add(CoachMessage(**row))
    await session.flush()


async def find_message(session: ReadSession, message_id: UUID) -> Message | None:
    """A message with its names."""
    row = (await session.execute(_MESSAGE, {"id": message_id})).mappings().first()
    if row is None:
        return None
    return Message(
        id=row["id"],
        agent_id=row["agent_id"],
        agent=row["agent"],
        team_id=row["team_id"],
        author_id=row["author_id"],
        author=row["author"],
        text=row["text"],
        sent_at=row["sent_at"],
        seen_at=row["seen_at"],
    )


async def mark_seen(session: WriteSession, message_id: UUID, at: datetime) -> None:
    """Note when a message was seen; the first time counts."""
    await session.execute(
        update(CoachMessage)
        .where(CoachMessage.id == message_id, CoachMessage.seen_at.is_(None))
        .values(seen_at=at)
    )


async def erase(session: WriteSession, calls: Sequence[UUID]) -> list[UUID]:
    """Take the notes off requests that were made in these calls; returns their ids."""
    erased = await session.scalars(
        update(FloorRequest)
        .where(FloorRequest.call_id.in_(calls))
        .values(note="")
        .returning(FloorRequest.id)
    )
    return list(erased)


@dataclass(frozen=True, slots=True)
class Announcement:
    """An announcement with the names of its author and of its team (None: everybody)."""

    id: UUID
    team_id: UUID | None
    team: str | None
    text_vi: str
    text_en: str
    starts_at: datetime
    ends_at: datetime
    author: str


_ANNOUNCEMENTS = """
SELECT a.id, a.team_id, t.name AS team, a.text_vi, a.text_en, a.starts_at, a.ends_at,
       u.short_name AS author
FROM announcements a JOIN users u ON u.id = a.author_id LEFT JOIN teams t ON t.id = a.team_id
"""
_ONE_ANNOUNCEMENT = text(_ANNOUNCEMENTS + "WHERE a.id = :id")
_SHOWN = text(
    _ANNOUNCEMENTS + "WHERE a.starts_at <= :now AND a.ends_at > :now ORDER BY a.starts_at, a.id"
)
_WRITTEN = text(
    _ANNOUNCEMENTS + "WHERE a.ends_at > :since ORDER BY a.starts_at DESC, a.id DESC LIMIT 200"
)
_REACHED = text("""
SELECT a.id,
    (SELECT count(*) FROM announcement_readings r WHERE r.announcement_id = a.id) AS readers,
    (SELECT count(*) FROM users w WHERE w.active AND w.roles && ARRAY['AGENT', 'SENIOR_AGENT']
     AND (a.team_id IS NULL OR w.team_id = a.team_id)) AS audience
FROM announcements a WHERE a.ends_at > :since
""")
_READERS = text("""
SELECT a.id, w.id AS reader FROM announcements a
JOIN users w ON a.team_id IS NULL OR a.team_id = w.team_id
WHERE a.id = ANY(:shown) AND w.id = ANY(:users) AND NOT EXISTS (
    SELECT FROM announcement_readings r WHERE r.announcement_id = a.id AND r.user_id = w.id)
""")


async def add_announcement(session: WriteSession, row: dict[str, Any]) -> None:
    """Write an announcement."""
    session.add(AnnouncementRow(**row))
    await session.flush()


async def find_announcement(session: ReadSession, announcement: UUID) -> Announcement | None:
    """An announcement, shown or not."""
    row = (await session.execute(_ONE_ANNOUNCEMENT, {"id": announcement})).first()
    return None if row is None else Announcement(*row)


async def end_announcement(session: WriteSession, announcement: UUID, at: datetime) -> None:
    """Let it end at an instant."""
    await session.execute(
        update(AnnouncementRow).where(AnnouncementRow.id == announcement).values(ends_at=at)
    )


async def note_reading(session: WriteSession, announcement: UUID, user: UUID, at: datetime) -> bool:
    """Note that somebody read it; False when he had."""
    row = insert(AnnouncementReading).values(announcement_id=announcement, user_id=user, read_at=at)
    noted = row.on_conflict_do_nothing().returning(AnnouncementReading.user_id)
    return await session.scalar(noted) is not None


async def list_announcements(
    session: ReadSession, since: datetime
) -> list[tuple[Announcement, int, int]]:
    """Those that end after an instant, with how many confirmed and how many they are for."""
    reached = await session.execute(_REACHED, {"since": since})
    counts = {row.id: (row.readers, row.audience) for row in reached}
    found = [Announcement(*row) for row in await session.execute(_WRITTEN, {"since": since})]
    return [(each, *counts[each.id]) for each in found]


async def unread_announcements(
    session: ReadSession, users: Sequence[UUID], now: datetime
) -> dict[UUID, list[Announcement]]:
    """What is shown now and not confirmed, by reader, the oldest first."""
    shown = [Announcement(*row) for row in await session.execute(_SHOWN, {"now": now})]
    if not shown:
        return {}
    values = {"shown": [each.id for each in shown], "users": list(users)}
    waiting = {(row.id, row.reader) for row in await session.execute(_READERS, values)}
    return {user: [each for each in shown if (each.id, user) in waiting] for user in users}
