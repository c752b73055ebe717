"""Promises to pay. Terms are copied from their type, so that a later change judges no old promise."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Promise(Base):
    """OPEN until judged: KEPT, PARTLY_KEPT, BROKEN, RESCHEDULED or CANCELLED."""

    __tablename__ = "promises"
    __table_args__ = (
        CheckConstraint(
            "state IN ('OPEN','KEPT','PARTLY_KEPT','BROKEN','RESCHEDULED','CANCELLED')",
            name="state",
        ),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_promises_customer", "customer_id", "due_on"),
        Index("ix_promises_open", "due_on", postgresql_where=text("state = 'OPEN'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loans.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    due_on: Mapped[date]
    method: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default="OPEN")
    grace_days: Mapped[int] = mapped_column(server_default="1")
    threshold_pct: Mapped[int] = mapped_column(server_default="100")
    tolerance_minor: Mapped[int] = mapped_column(server_default="0")
    paid_in_window_minor: Mapped[int] = mapped_column(server_default="0")
    paid_late_minor: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    action_id: Mapped[UUID | None] = mapped_column(index=True)
    judged_at: Mapped[datetime | None]
    supersedes_id: Mapped[UUID | None]
    cancel_reason: Mapped[str | None]
    reference: Mapped[str | None] = mapped_column(unique=True)  # of an imported promise
    version: Mapped[int] = mapped_column(server_default="1")
