"""What was done on a case, the tree it was named by, what was agreed for later, and drafts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Action(Base):
    """One interaction. Append-only: a correction is a new row that supersedes. Partitioned by month."""

    __tablename__ = "actions"
    __table_args__ = (
        Index("ix_actions_customer", "customer_id", "at"),
        Index("ix_actions_call", "call_id"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]  # None: the number was known to nobody
    case_id: Mapped[UUID | None]
    loan_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(server_default="CALL")
    direction: Mapped[str] = mapped_column(server_default="OUT")
    user_id: Mapped[UUID | None]  # None: the system
    phone_id: Mapped[UUID | None]
    call_id: Mapped[UUID | None]
    campaign_id: Mapped[UUID | None]
    leaf: Mapped[str]
    tree_version: Mapped[int]
    rpc: Mapped[bool] = mapped_column(server_default="false")
    note: Mapped[str] = mapped_column(server_default="")
    details: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    ticked: Mapped[list[Any]] = mapped_column(server_default="[]")  # [{"code","at"}]
    effects: Mapped[list[Any]] = mapped_column(
        server_default="[]"
    )  # what it did, for the correction
    source_mode: Mapped[str] = mapped_column(server_default="AUTO")
    supersedes_id: Mapped[UUID | None]
    superseded: Mapped[bool] = mapped_column(server_default="false")
    script_version: Mapped[int | None]  # of the book that was on the screen


class DispositionTree(Base):
    """A published version of the three-layer tree. Reports join on (leaf, version)."""

    __tablename__ = "disposition_trees"

    version: Mapped[int] = mapped_column(primary_key=True)
    nodes: Mapped[list[Any]]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID | None]


class Callback(Base):
    """A call that was agreed for a time."""

    __tablename__ = "callbacks"
    __table_args__ = (
        Index("ix_callbacks_due", "at", postgresql_where=text("state = 'SCHEDULED'")),
        Index("ix_callbacks_user", "user_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(index=True)
    user_id: Mapped[UUID | None]
    team_id: Mapped[UUID | None]
    campaign_id: Mapped[UUID | None]
    phone_id: Mapped[UUID | None]
    at: Mapped[datetime]
    window_minutes: Mapped[int] = mapped_column(server_default="15")
    reason: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str] = mapped_column(server_default="SCHEDULED")
    action_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]  # when its agent put away that it was missed
    snoozed_until: Mapped[datetime | None]  # its agent is not reminded before
