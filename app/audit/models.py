"""The append-only trail and the chain that is laid over it afterwards, one per day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class AuditEvent(Base):
    """Who did what, before and after, and why. Partitioned by month."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_entity", "entity", "entity_id", "at"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    actor_id: Mapped[UUID | None]  # None: the system itself
    role: Mapped[str | None]
    address: Mapped[str | None]
    verb: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    reason: Mapped[str | None]
    salt: Mapped[str]  # of the personal part's digest: erased with the person
    chained: Mapped[bool] = mapped_column(server_default="false", index=True)


class AuditLink(Base):
    """One link of a day's chain: the digest of the row before, this row, and its salted part."""

    __tablename__ = "audit_links"

    day: Mapped[date] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    event_at: Mapped[datetime]
    personal_digest: Mapped[str]
    digest: Mapped[str]
