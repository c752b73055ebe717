"""Tables of what to dial, when and how hard: campaigns, their leads, and the dialer's lease."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Campaign(Base):
    """What a supervisor set. `settings` holds pacing, windows, caps, retry and wrap-up as one document."""

    __tablename__ = "campaigns"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    mode: Mapped[str] = mapped_column(server_default="PROGRESSIVE")
    state: Mapped[str] = mapped_column(server_default="DRAFT")
    state_reason: Mapped[str | None]
    where_text: Mapped[str] = mapped_column(server_default="")
    where_tree: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    script: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    priority: Mapped[int] = mapped_column(server_default="0")
    stopped: Mapped[bool] = mapped_column(server_default="false")  # the stop key
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class CampaignTeam(Base):
    """Which teams take a campaign's calls."""

    __tablename__ = "campaign_teams"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"), primary_key=True)


class CampaignAgent(Base):
    """Single agents of a campaign, beside its teams."""

    __tablename__ = "campaign_agents"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)


class Lead(Base):
    """One customer's loan in one campaign. The hopper takes due ones with SKIP LOCKED."""

    __tablename__ = "leads"
    __table_args__ = (
        CheckConstraint(
            "state IN ('PENDING','RESERVED','IN_FLIGHT','RETRY','DONE','EXCLUDED')", name="state"
        ),
        Index("uq_leads_member", "campaign_id", "customer_id", unique=True),
        Index("ix_leads_customer", "customer_id"),
        Index(
            "ix_leads_due",
            "campaign_id",
            "priority",
            "next_at",
            postgresql_where=text("state IN ('PENDING','RETRY')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loans.id"))
    state: Mapped[str] = mapped_column(server_default="PENDING")
    priority: Mapped[int] = mapped_column(server_default="0")  # the lower the sooner
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default="0")
    last_result: Mapped[str | None]
    exclude_reason: Mapped[str | None]
    fence: Mapped[int] = mapped_column(server_default="0")  # of the dialer that reserved it
    reserved_until: Mapped[datetime | None]
    promised_to: Mapped[UUID | None]  # the agent who agreed to call back, while that is ahead


class DialerLease(Base):
    """Who leads a room of calls and all its campaigns. The fencing number only ever grows."""

    __tablename__ = "dialer_leases"

    room: Mapped[str] = mapped_column(primary_key=True)  # there is one: `floor`
    owner: Mapped[str]
    fence: Mapped[int]
    expires_at: Mapped[datetime]
