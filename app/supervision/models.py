"""Tables of requests and messages between agents and those who lead them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class FloorRequest(Base):
    """An agent asks for help, or for a break that needs approval; one open of each kind."""

    __tablename__ = "floor_requests"
    __table_args__ = (
        Index(
            "uq_floor_requests_open",
            "agent_id",
            "kind",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]  # word of rules.Kind
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    team_id: Mapped[UUID | None]
    call_id: Mapped[UUID | None]
    reason: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    asked_at: Mapped[datetime]
    escalated_at: Mapped[datetime | None]
    taken_by: Mapped[UUID | None]
    taken_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    result: Mapped[str | None]  # word of rules.Result


class CoachMessage(Base):
    """A short text to an agent at his desk, and when he saw it."""

    __tablename__ = "coach_messages"
    __table_args__ = (Index("ix_coach_messages_agent", "agent_id", "sent_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str]
    sent_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


class AnnouncementRow(Base):
    """A text to every agent, or to those of a team, for as long as it is shown; in both languages."""

    __tablename__ = "announcements"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("teams.id"))
    text_vi: Mapped[str]
    text_en: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class AnnouncementReading(Base):
    """An agent has confirmed that he read an announcement."""

    __tablename__ = "announcement_readings"

    announcement_id: Mapped[UUID] = mapped_column(ForeignKey("announcements.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    read_at: Mapped[datetime]
