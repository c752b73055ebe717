"""Every SQL statement about requests and messages. Names of people are joined here, as the pop joins them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text, update

from app.supervision.models import CoachMessage, FloorRequest
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
