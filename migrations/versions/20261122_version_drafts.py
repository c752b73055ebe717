"""Version drafts: how often one was written, and by which page last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "version_drafts"
down_revision = "retention"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column(
        "drafts", sa.Column("version", sa.BigInteger(), server_default="1", nullable=False)
    )
    op.add_column("drafts", sa.Column("writer", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("drafts", "writer")
    op.drop_column("drafts", "version")
