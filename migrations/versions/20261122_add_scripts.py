"""Add scripts: published books, changes that wait, and the version that an action was spoken by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scripts"
down_revision = "roles_matrix"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "script_books",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("pieces", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_script_books")),
    )
    op.create_table(
        "script_changes",
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("sort", "code", name=op.f("pk_script_changes")),
    )
    op.add_column("actions", sa.Column("script_version", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("actions", "script_version")
    op.drop_table("script_changes")
    op.drop_table("script_books")
