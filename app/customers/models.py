"""Tables of the person who owes: names, phones, marks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Customer(Base):
    """A person or an organisation. `search_key` is folded (no marks), `sort_key` leads with the given name."""

    __tablename__ = "customers"
    __table_args__ = (
        Index(
            "ix_customers_search_key",
            "search_key",
            postgresql_ops={"search_key": "text_pattern_ops"},
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cif: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(server_default="INDIVIDUAL")
    family: Mapped[str] = mapped_column(server_default="")
    middle: Mapped[str] = mapped_column(server_default="")
    given: Mapped[str] = mapped_column(server_default="")
    display: Mapped[str]
    salutation: Mapped[str] = mapped_column(server_default="NONE")
    search_key: Mapped[str]
    sort_key: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="vi")
    status: Mapped[str] = mapped_column(server_default="ACTIVE")
    segment: Mapped[str] = mapped_column(server_default="")
    province: Mapped[str] = mapped_column(server_default="")
    district: Mapped[str] = mapped_column(server_default="")
    timezone: Mapped[str] = mapped_column(server_default="Asia/Ho_Chi_Minh")
    born_on: Mapped[date | None]
    national_id: Mapped[str | None]
    tax_code: Mapped[str | None]
    special_handling: Mapped[list[str]] = mapped_column(server_default="{}")
    handling_instruction: Mapped[str] = mapped_column(server_default="")
    cooperation: Mapped[str | None]  # a CustomerStatusType of domain.md section 3
    preference: Mapped[dict[str, Any] | None]  # {"channel","band","language","avoid":[]}
    hardship: Mapped[dict[str, Any] | None]  # {"since","reason","review_on","source"}
    risk_class: Mapped[str] = mapped_column(server_default="LOW")
    do_not_contact: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class Phone(Base):
    """A number of a customer. INVALID, WRONG_PARTY and DO_NOT_CONTACT are never dialled."""

    __tablename__ = "phones"
    __table_args__ = (
        CheckConstraint(
            "verification IN ('UNVERIFIED','VERIFIED','INVALID','WRONG_PARTY','DO_NOT_CONTACT')",
            name="verification",
        ),
        Index("uq_phones_customer_number", "customer_id", "number", unique=True),
        Index(
            "uq_phones_primary",
            "customer_id",
            unique=True,
            postgresql_where=text("is_primary"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    number: Mapped[str] = mapped_column(
        index=True
    )  # E.164, or as received when it cannot be dialled
    raw: Mapped[str]
    label: Mapped[str] = mapped_column(server_default="MOBILE")
    is_primary: Mapped[bool] = mapped_column(server_default="false")
    verification: Mapped[str] = mapped_column(server_default="UNVERIFIED")
    verified_at: Mapped[datetime | None]
    dialable: Mapped[bool] = mapped_column(server_default="true")
    attempts_180d: Mapped[int] = mapped_column(server_default="0")
    rpc_180d: Mapped[int] = mapped_column(server_default="0")
    bands: Mapped[dict[str, Any]] = mapped_column(server_default="{}")  # {"7":[rpc,attempts],...}
    version: Mapped[int] = mapped_column(server_default="1")


class Consent(Base):
    """A customer's yes or no to a channel for an aim. Only added to: the latest one holds."""

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint("channel IN ('CALL','SMS','EMAIL')", name="channel"),
        CheckConstraint("aim IN ('DEBT','OFFERS')", name="aim"),
        Index("ix_consents_word", "customer_id", "channel", "aim", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    channel: Mapped[str]
    aim: Mapped[str]
    given: Mapped[bool]
    source: Mapped[str]  # how we know: the contract, a letter of a day
    at: Mapped[datetime]
    noted_by: Mapped[UUID | None]
