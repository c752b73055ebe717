"""Keep what a break is made of, the mode of an agent, and what agents and those who lead them tell each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "breaks"
down_revision = "move_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for name, default in (
        ("paid", "true"),
        ("productive", "false"),
        ("needs_approval", "false"),
        ("alerts", "false"),
    ):
        column = sa.Column(name, sa.Boolean(), server_default=default, nullable=False)
        op.add_column("break_reasons", column)
    op.execute("UPDATE break_reasons SET paid = false WHERE code = 'LUNCH'")
    op.execute("UPDATE break_reasons SET alerts = true WHERE code = 'TECH'")
    op.execute(
        "UPDATE break_reasons SET productive = true"
        " WHERE code IN ('COACHING', 'TRAINING', 'MEETING', 'BACK_OFFICE')"
    )
    mode = sa.Column("mode", sa.Text(), server_default="AUTO", nullable=False)
    op.add_column("agent_state_changes", mode)
    op.create_table(
        "floor_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["users.id"], name=op.f("fk_floor_requests_agent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_requests")),
    )
    op.create_index(
        "uq_floor_requests_open",
        "floor_requests",
        ["agent_id", "kind"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "coach_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["users.id"], name=op.f("fk_coach_messages_agent_id")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_coach_messages_author_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coach_messages")),
    )
    op.create_index("ix_coach_messages_agent", "coach_messages", ["agent_id", "sent_at"])


def downgrade() -> None:
    op.drop_table("coach_messages")
    op.drop_table("floor_requests")
    op.drop_column("agent_state_changes", "mode")
    for name in ("alerts", "needs_approval", "productive", "paid"):
        op.drop_column("break_reasons", name)
