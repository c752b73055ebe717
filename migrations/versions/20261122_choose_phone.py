"""Choose a phone: whether a person speaks by a telephone on the desk and not by the page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "choose_phone"
down_revision = "keep_load_runs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column(
        "users", sa.Column("desk_phone", sa.Boolean(), server_default="false", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("users", "desk_phone")
