"""Keep what a campaign's calls have taught: counts by age, hour, group of tries and part of a call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "curves"
down_revision = "paces"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    counts = [
        sa.Column(name, sa.ARRAY(sa.BigInteger()), nullable=False)
        for name in ("ages", "hits", "others", "cut")
    ]
    op.create_table(
        "pacing_curves",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("began", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        *counts,
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_pacing_curves_campaign_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "campaign_id", "began", "tries", "stage", name=op.f("pk_pacing_curves")
        ),
    )


def downgrade() -> None:
    op.drop_table("pacing_curves")
