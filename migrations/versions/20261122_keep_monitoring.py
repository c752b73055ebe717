"""Keep who was in which call and how, what is noted of agents' work, and the policy on telling them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "monitoring"
down_revision = "keep_verdicts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column(
        "organisations",
        sa.Column("listening_shown", sa.Boolean(), server_default="true", nullable=False),
    )
    op.create_table(
        "monitor_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visible_to_agent", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["supervisor_id"], ["users.id"], name=op.f("fk_monitor_sessions_supervisor_id")
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["users.id"], name=op.f("fk_monitor_sessions_agent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitor_sessions")),
    )
    op.create_index(
        "uq_monitor_sessions_open",
        "monitor_sessions",
        ["supervisor_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_monitor_sessions_started",
        "monitor_sessions",
        ["supervisor_id", "call_id", "started_at"],
        unique=True,
    )
    op.create_index("ix_monitor_sessions_call", "monitor_sessions", ["call_id"])
    op.create_index("ix_monitor_sessions_agent", "monitor_sessions", ["agent_id", "started_at"])
    op.create_table(
        "coaching_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("scorecard", postgresql.JSONB(), nullable=True),
        sa.Column("score_pct", sa.BigInteger(), nullable=True),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["users.id"], name=op.f("fk_coaching_notes_agent_id")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_coaching_notes_author_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coaching_notes")),
    )
    op.create_index("ix_coaching_notes_agent", "coaching_notes", ["agent_id", "noted_at"])
    op.create_index("ix_coaching_notes_call", "coaching_notes", ["call_id"])


def downgrade() -> None:
    op.drop_table("coaching_notes")
    op.drop_table("monitor_sessions")
    op.drop_column("organisations", "listening_shown")
