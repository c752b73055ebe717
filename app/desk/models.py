"""What an agent has typed about a call and not finished yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Draft(Base):
    """One per call. `body` is {"note", "outcome": {...} | None, ...} as the page sent it."""

    __tablename__ = "drafts"

    call_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(index=True)
    body: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
