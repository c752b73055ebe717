"""Tables of stepping into calls: each time of one mode, and what those who lead note of an agent's work."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class MonitorSession(Base):
    """One mode of one person in one call, from when to when. A change of mode is a new row."""

    __tablename__ = "monitor_sessions"
    __table_args__ = (
        Index(
            "uq_monitor_sessions_open",
            "supervisor_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("uq_monitor_sessions_started", "supervisor_id", "call_id", "started_at", unique=True),
        Index("ix_monitor_sessions_call", "call_id"),
        Index("ix_monitor_sessions_agent", "agent_id", "started_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    supervisor_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    call_id: Mapped[UUID]
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    mode: Mapped[str]  # word of rules.Mode
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    visible_to_agent: Mapped[bool]
    reason: Mapped[str | None]  # why it ended: word of rules.End; None: another mode began


class CoachingNote(Base):
    """What somebody who leads noted of an agent's work, with a score of a call or without."""

    __tablename__ = "coaching_notes"
    __table_args__ = (
        Index("ix_coaching_notes_agent", "agent_id", "noted_at"),
        Index("ix_coaching_notes_call", "call_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    call_id: Mapped[UUID | None]
    noted_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(server_default="")
    scorecard: Mapped[
        list[Any] | None
    ]  # [{"criterion", "weight", "score"}]; None: no call was scored
    score_pct: Mapped[int | None]  # 0 to 100, by the weights
    follow_up_on: Mapped[date | None]
