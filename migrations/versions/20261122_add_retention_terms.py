"""Add the terms of retention: how many days each kind of record is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "retention"
down_revision = "alerts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "retention_terms",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("keep_days", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_retention_terms")),
    )


def downgrade() -> None:
    op.drop_table("retention_terms")
