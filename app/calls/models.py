"""The written record of calls: one call row, its attempt, the customer's lock, the day's count."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Call(Base):
    """One call and its moments. Partitioned by month of `created_at`, which its id carries too."""

    __tablename__ = "calls"
    __table_args__ = (
        Index("ix_calls_customer", "customer_id", "created_at"),
        Index("ix_calls_campaign", "campaign_id", "created_at"),
        Index("ix_calls_agent", "agent_id", "created_at"),
        Index("ix_calls_wrapped", "wrapped_at"),
        Index(
            "ix_calls_unwrapped",
            "created_at",
            postgresql_where=text("wrapped_at IS NULL AND connected_at IS NOT NULL"),
        ),
        Index("ix_calls_live", "campaign_id", postgresql_where=text("ended_at IS NULL")),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(server_default="OUT")
    customer_id: Mapped[UUID | None]
    loan_id: Mapped[UUID | None]
    phone_id: Mapped[UUID | None]
    number: Mapped[str]
    campaign_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    agent_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(server_default="CREATED")
    attempt_no: Mapped[int] = mapped_column(server_default="1")
    fence: Mapped[int] = mapped_column(server_default="0")
    dialing_at: Mapped[datetime | None]
    ringing_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    waiting_at: Mapped[datetime | None]
    assigned_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    painted_at: Mapped[datetime | None]
    painted_error_ms: Mapped[int | None]
    connected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    wrapped_at: Mapped[datetime | None]
    held_ms: Mapped[int] = mapped_column(server_default="0")
    hangup_by: Mapped[str | None]
    cause: Mapped[str | None]
    machine: Mapped[bool] = mapped_column(server_default="false")
    answered_by_human: Mapped[bool] = mapped_column(server_default="false")
    abandoned: Mapped[bool] = mapped_column(server_default="false")
    leaf: Mapped[str | None]  # the outcome as corrected last
    pops_unacknowledged: Mapped[int] = mapped_column(server_default="0")
    message: Mapped[str | None]  # what was played to whom nobody could take
    verdict: Mapped[str | None]  # detection's own words: HUMAN, NOTSURE or MACHINE, and why
    judged_at: Mapped[datetime | None]  # when detection said so
    carrier_ref: Mapped[str | None]


class Attempt(Base):
    """Every try to reach a customer, and every refused one with its rule. Partitioned by month."""

    __tablename__ = "attempts"
    __table_args__ = (
        Index("ix_attempts_customer", "customer_id", "at"),
        Index("ix_attempts_campaign_day", "campaign_id", "business_on"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    business_on: Mapped[date]
    customer_id: Mapped[UUID]
    phone_id: Mapped[UUID | None]
    channel: Mapped[str] = mapped_column(server_default="CALL")
    campaign_id: Mapped[UUID | None]
    call_id: Mapped[UUID | None]
    fence: Mapped[int] = mapped_column(server_default="0")
    allowed: Mapped[bool]
    rule: Mapped[str | None]  # of the refusal
    source: Mapped[str | None]
    until: Mapped[datetime | None]
    counts_to_cap: Mapped[bool] = mapped_column(server_default="true")
    result: Mapped[str | None]


class ContactCount(Base):
    """How often a customer was tried on a business day, over all channels and campaigns."""

    __tablename__ = "contact_counts"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    business_on: Mapped[date] = mapped_column(primary_key=True)
    attempts: Mapped[int] = mapped_column(server_default="0")
    last_at: Mapped[datetime]


class CustomerLock(Base):
    """Held while a call to the customer lives, over all campaigns. Fenced by the dialer's lease."""

    __tablename__ = "customer_locks"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(index=True)
    campaign_id: Mapped[UUID | None]
    fence: Mapped[int]
    since: Mapped[datetime]


class AgentStateChange(Base):
    """What an agent chose and was seen doing, contiguous. Partitioned by month."""

    __tablename__ = "agent_state_changes"
    __table_args__ = (
        Index("ix_agent_state_changes_agent", "agent_id", "at"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID]
    status: Mapped[str]
    state: Mapped[str]
    link: Mapped[str] = mapped_column(server_default="UP")
    reason: Mapped[str | None]
    call_id: Mapped[UUID | None]
    campaign_id: Mapped[UUID | None]
    deadline_at: Mapped[datetime | None]  # end of wrap-up
    extends_left: Mapped[int] = mapped_column(server_default="0")
    cause: Mapped[str] = mapped_column(server_default="AGENT")
    mode: Mapped[str] = mapped_column(server_default="AUTO")
