"""Tables of how a customer is to be treated. Each row says who noted it, in which call, and when it ended.

The customer's own row keeps what holds now (`cooperation`, `hardship`, `preference`), so that whoever
chooses whom to call reads one table; the history is here.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class CustomerStatus(Base):
    """How a customer behaved from `since` on; the open row (`until` None) is how they behave now.

    `replaces_id` is the row it ended. One noted by mistake has `until` = `since`: it never held.
    """

    __tablename__ = "customer_statuses"
    __table_args__ = (
        Index(
            "uq_customer_statuses_open",
            "customer_id",
            unique=True,
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    type: Mapped[str]  # app.care.rules.StatusType
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    source: Mapped[str]  # app.care.rules.Source
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    call_id: Mapped[UUID | None]
    action_id: Mapped[UUID | None]
    replaces_id: Mapped[UUID | None]


class Hardship(Base):
    """A time in which a customer cannot pay as agreed. Open while `ended_at` is None; looked at on `review_on`."""

    __tablename__ = "hardships"
    __table_args__ = (
        CheckConstraint(
            "decision IS NULL OR decision IN ('ENDED', 'REPLACED', 'CORRECTED')", name="decision"
        ),
        Index(
            "uq_hardships_open",
            "customer_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_hardships_review", "review_on", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    since: Mapped[date]
    reason: Mapped[str]
    review_on: Mapped[date]
    noted_at: Mapped[datetime]
    source: Mapped[str]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    call_id: Mapped[UUID | None]
    action_id: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    decision: Mapped[str | None]
    comment: Mapped[str] = mapped_column(server_default="")


class Dispute(Base):
    """What a customer contests, until somebody decides. `loan_id` None: all that is owed."""

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('AMOUNT', 'NOT_MINE', 'ALREADY_PAID', 'SERVICE', 'FRAUD')", name="kind"
        ),
        CheckConstraint(
            "status IN ('OPEN', 'IN_REVIEW', 'UPHELD', 'REJECTED', 'WITHDRAWN', 'CORRECTED')",
            name="status",
        ),
        CheckConstraint(
            "(resolved_at IS NULL) = (status IN ('OPEN', 'IN_REVIEW'))",
            name="resolved_when_decided",
        ),
        Index("ix_disputes_open", "due_on", postgresql_where=text("resolved_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    loan_id: Mapped[UUID | None] = mapped_column(ForeignKey("loans.id"))
    kind: Mapped[str]
    text: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="OPEN")
    opened_at: Mapped[datetime]
    due_on: Mapped[date]  # the day by which the customer has an answer
    source: Mapped[str]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    call_id: Mapped[UUID | None]
    action_id: Mapped[UUID | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    resolution: Mapped[str] = mapped_column(server_default="")
