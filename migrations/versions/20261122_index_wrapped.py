"""Index calls by when they were wrapped up, and those that are not: the wall asks every few seconds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "index_wrapped"
down_revision = "announcements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_index("ix_calls_wrapped", "calls", ["wrapped_at"])
    op.create_index(
        "ix_calls_unwrapped",
        "calls",
        ["created_at"],
        postgresql_where=sa.text("wrapped_at IS NULL AND connected_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_calls_unwrapped", table_name="calls")
    op.drop_index("ix_calls_wrapped", table_name="calls")
