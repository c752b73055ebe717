"""Money received, as far as it is known from the portfolio file. Posting comes with the payment pages."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Payment(Base):
    """One payment on one loan. `reference` makes the same import row load once."""

    __tablename__ = "payments"
    __table_args__ = (
        Index("ix_payments_customer", "customer_id", "paid_on"),
        Index("ix_payments_paid_at", "paid_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loans.id"), index=True)
    amount_minor: Mapped[int]
    currency: Mapped[str]
    paid_on: Mapped[date]
    paid_at: Mapped[datetime]
    method: Mapped[str] = mapped_column(server_default="BANK_TRANSFER")
    status: Mapped[str] = mapped_column(server_default="POSTED")
    source: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
