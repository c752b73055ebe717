"""What was asked of a recorded day, and the answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class WhatIf(Base):
    """One question. `beat_at` is when the process that answers was heard last."""

    __tablename__ = "what_ifs"
    __table_args__ = (
        CheckConstraint("state IN ('WAITING','RUNNING','DONE','FAILED','CANCELLED')", name="state"),
        Index("ix_what_ifs_campaign", "campaign_id", "asked_at"),
        Index(
            "uq_what_ifs_open",
            "campaign_id",
            unique=True,
            postgresql_where=text("state IN ('WAITING','RUNNING')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.id"))
    business_on: Mapped[date]
    asked: Mapped[dict[str, Any]]
    seeds: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="WAITING")
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    days_done: Mapped[int] = mapped_column(server_default="0")
    days_of: Mapped[int] = mapped_column(server_default="0")
    fault: Mapped[str | None]
    own: Mapped[dict[str, Any] | None]  # the settings that the day had; always set
    answer: Mapped[dict[str, Any] | None]
