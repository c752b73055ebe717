"""Tables of alerts, and of the numbers that an organisation has set for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class AlertRow(Base):
    """One alert; a key has one that is not CLEARED. What cleared long ago is forgotten."""

    __tablename__ = "alerts"
    __table_args__ = (
        CheckConstraint("severity IN ('INFO','WARN','CRIT')", name="severity"),
        CheckConstraint("state IN ('ACTIVE','ACKED','SHELVED','CLEARED')", name="state"),
        Index("uq_alerts_open", "key", unique=True, postgresql_where=text("state <> 'CLEARED'")),
        Index("ix_alerts_cleared_at", "cleared_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    severity: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    subject_name: Mapped[str]
    team_id: Mapped[UUID | None]
    campaign_id: Mapped[UUID | None]
    value: Mapped[float] = mapped_column(Float(53))
    detail: Mapped[dict[str, Any]]
    state: Mapped[str]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    read_at: Mapped[datetime]
    count: Mapped[int]
    calm_since: Mapped[datetime | None]
    acked_by: Mapped[UUID | None]
    acked_name: Mapped[str | None]
    acked_at: Mapped[datetime | None]
    shelved_until: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
    version: Mapped[int]


class AlertNumbers(Base):
    """Numbers of a threshold, set in place of its default."""

    __tablename__ = "alert_numbers"

    name: Mapped[str] = mapped_column(primary_key=True)
    numbers: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(server_default="1")
