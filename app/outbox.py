"""Facts: what has happened, written in the transaction in which it happened and told afterwards.

A slice records a fact; the worker relays it, in the order of recording, to whoever listens. A listener
gets each fact at least once and knows it by its id. Facts of one row come in their order, because their
writers held that row's lock; between unrelated rows a fact committed late comes late.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from app.db import Database, ReadSession, WriteSession

RELAY_LOCK: Final = 0x0FAC7  # advisory lock: one relay at a time, or the order would be lost
BATCH: Final = 100


class OutboxFact(Base):
    """One fact. `relayed_at` is empty until every listener has taken it."""

    __tablename__ = "outbox_facts"
    __table_args__ = (
        Index("ix_outbox_facts_waiting", "position", postgresql_where=text("relayed_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    kind: Mapped[str]
    body: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    relayed_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Fact:
    """What a listener is told. `kind` is past tense (`promise.broken`); `body` holds ids, no names."""

    id: UUID
    kind: str
    body: Mapping[str, Any]
    recorded_at: datetime


if TYPE_CHECKING:
    Listener = Callable[[WriteSession, Fact], Awaitable[None]]


def record(session: WriteSession, fact: Fact) -> None:
    """Write a fact into the caller's transaction: it is told if, and only if, that commits."""
    session.add(
        OutboxFact(id=fact.id, kind=fact.kind, body=dict(fact.body), recorded_at=fact.recorded_at)
    )


async def tell_once(
    session: WriteSession, kind: str, body: Mapping[str, Any], at: datetime
) -> None:
    """Write a fact whose id is made of what it says: told again, by a batch repeated, it is the same."""
    said = f"{kind}|{sorted(body.items())}|{at.isoformat()}"
    chance = hashlib.blake2b(said.encode(), digest_size=RANDOM_BYTES).digest()
    row = {"id": new_id(int(at.timestamp() * 1000), chance), "kind": kind, "body": dict(body)}
    await session.execute(
        insert(OutboxFact)
        .values(**row, recorded_at=at)
        .on_conflict_do_nothing(index_elements=[OutboxFact.id])
    )


async def waiting(session: ReadSession) -> tuple[int, datetime | None]:
    """How many facts nobody has been told yet, and when the oldest of them was recorded."""
    found = await session.execute(
        select(func.count(), func.min(OutboxFact.recorded_at)).where(
            OutboxFact.relayed_at.is_(None)
        )
    )
    count, oldest = found.one()
    return int(count), oldest


async def relay(
    database: Database, listeners: Mapping[str, Sequence[Listener]], now: datetime
) -> int:
    """Tell the waiting facts, oldest first, and say how many were told.

    One transaction per fact holds what its listeners write and its mark, so that a listener's rows and
    the mark come together or not at all. A listener that raises stops the relay at that fact: what comes
    after it waits, because order is the promise. Another process relaying means 0.
    """
    told = 0
    while told < BATCH:
        async with database.writing() as session:
            if not await _alone(session):
                return told
            row = await _next(session)
            if row is None:
                return told
            for listener in listeners.get(row.kind, ()):
                await listener(session, Fact(row.id, row.kind, row.body, row.recorded_at))
            await session.execute(
                update(OutboxFact).where(OutboxFact.id == row.id).values(relayed_at=now)
            )
        told += 1
    return told


async def _alone(session: WriteSession) -> bool:
    mine = await session.scalar(select(func.pg_try_advisory_xact_lock(RELAY_LOCK)))
    return bool(mine)


async def _next(session: WriteSession) -> OutboxFact | None:
    found: OutboxFact | None = await session.scalar(
        select(OutboxFact)
        .where(OutboxFact.relayed_at.is_(None))
        .order_by(OutboxFact.position)
        .limit(1)
    )
    return found
