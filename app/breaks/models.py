"""The table of break reasons."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class BreakReason(Base):
    """Why an agent is away, and for how long at the most. See `rules.Break`."""

    __tablename__ = "break_reasons"

    code: Mapped[str] = mapped_column(primary_key=True)
    label_vi: Mapped[str]
    label_en: Mapped[str]
    max_seconds: Mapped[int | None]
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(server_default="true")
    paid: Mapped[bool] = mapped_column(server_default="true")
    productive: Mapped[bool] = mapped_column(server_default="false")
    needs_approval: Mapped[bool] = mapped_column(server_default="false")
    alerts: Mapped[bool] = mapped_column(server_default="false")
