"""Books that were published, and changes that are not published yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class ScriptBook(Base):
    """One published version, whole; never changed. Actions name the version that was on the screen."""

    __tablename__ = "script_books"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pieces: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(server_default="")
    published_at: Mapped[datetime]
    published_by: Mapped[UUID | None]  # None: what the product came with


class ScriptChange(Base):
    """A piece as it shall be from the next version on; `body` is empty for one that shall go."""

    __tablename__ = "script_changes"

    sort: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any] | None]
    revision: Mapped[int] = mapped_column(server_default="1")  # of two editors the second is told
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID]
