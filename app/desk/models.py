"""What an agent has typed about a call and not finished yet; and who practises."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Draft(Base):
    """One per call. `body` is what the page typed, with the chosen outcome under `outcome`.

    `version` counts writes; `writer` is the page that wrote last, empty for a program without a name.
    """

    __tablename__ = "drafts"

    call_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(index=True)
    body: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(server_default="1")
    writer: Mapped[str] = mapped_column(server_default="")
    updated_at: Mapped[datetime]


class Training(Base):
    """Somebody whose desk is in training, since when and by whose word; the row goes when it ends."""

    __tablename__ = "trainings"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    since: Mapped[datetime]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
