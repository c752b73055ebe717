"""Keep what detection took the called party for, and when it said so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "keep_verdicts"
down_revision = "plan_shifts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("calls", sa.Column("verdict", sa.Text(), nullable=True))
    op.add_column("calls", sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("calls", "judged_at")
    op.drop_column("calls", "verdict")
