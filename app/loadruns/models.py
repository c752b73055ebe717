"""Load tests that were asked for, what each saw, and the files that it left."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class LoadRun(Base):
    """One load test. `beat_at` is when the process that leads it was heard last."""

    __tablename__ = "load_runs"
    __table_args__ = (
        CheckConstraint("state IN ('WAITING','RUNNING','DONE','FAILED','CANCELLED')", name="state"),
        Index("ix_load_runs_asked_at", "asked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    asked: Mapped[dict[str, Any]]  # a `rules.Wanted`
    state: Mapped[str] = mapped_column(server_default="WAITING")
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    live: Mapped[dict[str, Any] | None]  # what `loadtests/crowd/live.py` wrote last
    outcome: Mapped[dict[str, Any] | None]  # figures and verdicts, once it is over
    held: Mapped[bool | None]  # whether every limit was
    fault: Mapped[str | None]  # why there is no outcome


class LoadRunFile(Base):
    """One file of a run, as Locust wrote it."""

    __tablename__ = "load_run_files"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("load_runs.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]
