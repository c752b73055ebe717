"""Add the matrix of roles as data, and what a user is besides: branch, skills, languages, accommodations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "roles_matrix"
down_revision = "20261122"
branch_labels = None
depends_on = None

WORDS = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "role_permissions",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("role", "permission", name=op.f("pk_role_permissions")),
    )
    op.add_column(
        "organisations",
        sa.Column("rights_version", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.add_column("users", sa.Column("branch", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("skills", WORDS, server_default="{}", nullable=False))
    op.add_column("users", sa.Column("languages", WORDS, server_default="{}", nullable=False))
    for name in ("sound_off", "shortcuts_off"):
        op.add_column(
            "users", sa.Column(name, sa.Boolean(), server_default="false", nullable=False)
        )


def downgrade() -> None:
    for name in ("shortcuts_off", "sound_off", "languages", "skills", "branch"):
        op.drop_column("users", name)
    op.drop_column("organisations", "rights_version")
    op.drop_table("role_permissions")
