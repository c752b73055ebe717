"""Keep until when an agent does not want to be reminded of an agreed call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "snooze_callbacks"
down_revision = "index_wrapped"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    column = sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True)
    op.add_column("callbacks", column)


def downgrade() -> None:
    op.drop_column("callbacks", "snoozed_until")
