"""What an organisation has set; a kind without a row is kept by default."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class RetentionTerm(Base):
    """How many days one kind of record is kept."""

    __tablename__ = "retention_terms"

    kind: Mapped[str] = mapped_column(primary_key=True)
    keep_days: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID | None]  # None: by command
