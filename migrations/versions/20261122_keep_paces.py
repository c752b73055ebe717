"""Keep what pacing saw and decided each second: a block a campaign and minute, in a partition a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "paces"
down_revision = "care"
branch_labels = None
depends_on = None

DAYS_BACK, DAYS = 1, 9

# A day of which the default partition holds rows already stays there: no part could be cut out of it.
ENSURE_DAYS = """
CREATE FUNCTION ensure_days(parent text, instant text, first date, days int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    made int := 0;
    day date := first;
    part text;
    held boolean;
BEGIN
    FOR i IN 1..days LOOP
        part := parent || '_p' || to_char(day, 'YYYYMMDD');
        IF to_regclass(part) IS NULL THEN
            EXECUTE format(
                'SELECT EXISTS (SELECT FROM %I WHERE %I >= %L AND %I < %L)',
                parent || '_pdefault', instant, day::text || ' 00:00+00', instant, (day + 1)::text || ' 00:00+00'
            ) INTO held;
            IF NOT held THEN
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                    part, parent, day::text || ' 00:00+00', (day + 1)::text || ' 00:00+00'
                );
                made := made + 1;
            END IF;
        END IF;
        day := day + 1;
    END LOOP;
    RETURN made;
END $$
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "pace_minutes",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.SmallInteger(), nullable=False),
        sa.Column("figures", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("block", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "at", "fence", name=op.f("pk_pace_minutes")),
        postgresql_partition_by="RANGE (at)",
    )
    # It is compressed already: not tried again by the database.
    op.execute("ALTER TABLE pace_minutes ALTER COLUMN block SET STORAGE EXTERNAL")
    op.execute("CREATE TABLE pace_minutes_pdefault PARTITION OF pace_minutes DEFAULT")
    op.execute(ENSURE_DAYS)
    op.execute(
        f"SELECT ensure_days('pace_minutes', 'at', (now() - interval '{DAYS_BACK} days')::date, {DAYS})"
    )


def downgrade() -> None:
    op.drop_table("pace_minutes")
    op.execute("DROP FUNCTION ensure_days(text, text, date, int)")
