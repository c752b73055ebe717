"""Tables of what is owed: loans, cases, and the holds that keep a customer from being called."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Loan(Base):
    """One account. DPD is not stored: it is the business date minus `oldest_unpaid_due_on`."""

    __tablename__ = "loans"
    __table_args__ = (
        CheckConstraint(
            "outstanding_minor >= 0 AND overdue_minor >= 0 AND due_minor >= 0", name="not_negative"
        ),
        CheckConstraint("overdue_minor <= outstanding_minor", name="overdue_within_outstanding"),
        Index(
            "ix_loans_open_unpaid",
            "oldest_unpaid_due_on",
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_no: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    product: Mapped[str]
    currency: Mapped[str]
    principal_minor: Mapped[int] = mapped_column(server_default="0")
    outstanding_minor: Mapped[int]
    overdue_minor: Mapped[int] = mapped_column(server_default="0")
    due_minor: Mapped[int] = mapped_column(server_default="0")  # asked for today
    next_due_on: Mapped[date | None]
    oldest_unpaid_due_on: Mapped[date | None]
    bucket_before: Mapped[str | None]  # at the last turn of the month
    status: Mapped[str] = mapped_column(server_default="CURRENT")
    opened_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]
    import_digest: Mapped[str | None]  # of the row that last wrote it
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class Case(Base):
    """The collection of one customer's debts: at most one open case each."""

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "uq_cases_open", "customer_id", unique=True, postgresql_where=text("closed_at IS NULL")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_no: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    status: Mapped[str] = mapped_column(server_default="OPEN")
    stage: Mapped[str] = mapped_column(server_default="EARLY")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]
    owner_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(server_default="1")


class Hold(Base):
    """Why a customer is not to be dialled, and until when. Open while `released_at` is None."""

    __tablename__ = "holds"
    __table_args__ = (
        Index("ix_holds_open", "customer_id", postgresql_where=text("released_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    loan_id: Mapped[UUID | None] = mapped_column(ForeignKey("loans.id"))
    kind: Mapped[
        str
    ]  # PROMISE_RUNNING, DISPUTE_HOLD, TRACE, LEGAL, PROOF_CHECK, COOLDOWN, DECEASED...
    until: Mapped[datetime | None]  # None: until it is released
    source: Mapped[str]  # what made it, in words: "promise", "disposition", "import"
    action_id: Mapped[UUID | None]
    placed_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    release_reason: Mapped[str | None]
