"""Add targets: what a day should bring, by organisation, team or agent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "add_targets"
down_revision = "version_drafts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "targets",
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reach", "subject_id", "metric", name=op.f("pk_targets")),
    )


def downgrade() -> None:
    op.drop_table("targets")
