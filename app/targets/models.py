"""The table of targets."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class TargetRow(Base):
    """A target of a day. `subject_id` is a team or a user, the nil id for the organisation."""

    __tablename__ = "targets"

    reach: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
    set_by: Mapped[UUID | None]
    set_at: Mapped[datetime]
