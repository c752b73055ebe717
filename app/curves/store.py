"""The SQL of curves: counted from the written calls, hour by hour, in one statement.

Like the wall, it reads the calls' own table: every instant of a call stands in its row. An hour is counted
anew as a whole, so that counting it again changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text

from app.curves.models import CurveRow
from app.curves.rules import Count, Stage
from app.values.tries import FROM

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession

_COUNT = text(f"""
INSERT INTO pacing_curves (campaign_id, began, tries, stage, ages, hits, others, cut)
SELECT campaign_id, began, tries, stage, array_agg(age ORDER BY age), array_agg(hits ORDER BY age),
       array_agg(others ORDER BY age), array_agg(cut ORDER BY age)
FROM (
    SELECT c.campaign_id, c.began, c.tries, part.stage,
           least(3600, floor(extract(epoch FROM part.until - part.since)))::bigint AS age,
           count(*) FILTER (WHERE part.hit AND NOT part.cut) AS hits,
           count(*) FILTER (WHERE NOT part.hit AND NOT part.cut) AS others,
           count(*) FILTER (WHERE part.cut) AS cut
    FROM (
        SELECT campaign_id, date_trunc('hour', created_at) AS began,
               (attempt_no >= {FROM[1]})::int + (attempt_no >= {FROM[2]})::int AS tries,
               dialing_at, coalesce(ringing_at, answered_at) AS rang_at, answered_at, waiting_at,
               connected_at, ended_at, wrapped_at, answered_by_human AS person,
               cause = 'CANCELLED' AS taken_back, cause IN ('CARRIER_ERROR', 'AGENT_LOST') AS lost
        FROM calls
        WHERE created_at >= :since AND created_at < :until AND campaign_id IS NOT NULL
          AND dialing_at IS NOT NULL AND ended_at IS NOT NULL
    ) c
    CROSS JOIN LATERAL (VALUES
        ('SETUP', dialing_at, coalesce(rang_at, ended_at), rang_at IS NOT NULL,
                  taken_back AND rang_at IS NULL),
        ('RING', rang_at, coalesce(answered_at, ended_at), person AND answered_at IS NOT NULL,
                 taken_back AND answered_at IS NULL),
        ('ANSWER', CASE WHEN answered_at IS NOT NULL THEN dialing_at END, answered_at, person, false),
        ('CHECK', answered_at, coalesce(waiting_at, ended_at), person, false),
        ('TALK', connected_at, ended_at, true, lost),
        ('WRAP', CASE WHEN connected_at IS NOT NULL THEN ended_at END, wrapped_at, true, false)
    ) AS part (stage, since, until, hit, cut)
    WHERE part.since IS NOT NULL AND part.until >= part.since
    GROUP BY 1, 2, 3, 4, 5
) counted
GROUP BY 1, 2, 3, 4
ON CONFLICT (campaign_id, began, tries, stage) DO UPDATE
SET ages = excluded.ages, hits = excluded.hits, others = excluded.others, cut = excluded.cut
""")  # noqa: S608 - numbers of values/tries.py


async def count_hours(session: WriteSession, since: datetime, until: datetime) -> None:
    """Count the calls dialled in [since, until), whole hours, of every campaign."""
    await session.execute(_COUNT, {"since": since, "until": until})


async def latest(session: ReadSession) -> datetime | None:
    """The last hour that was counted; None before the first."""
    found: datetime | None = await session.scalar(select(func.max(CurveRow.began)))
    return found


async def list_counts(
    session: ReadSession, campaign: UUID, since: datetime, zone: str
) -> list[Count]:
    """The counts of a campaign since an instant, summed over days, by the local hour of a place."""
    place = ZoneInfo(zone)
    rows = await session.scalars(
        select(CurveRow).where(CurveRow.campaign_id == campaign, CurveRow.began >= since)
    )
    sums: dict[tuple[int, int, Stage, int], list[int]] = {}
    for row in rows:
        hour, stage = row.began.astimezone(place).hour, Stage(row.stage)
        for age, *counted in zip(row.ages, row.hits, row.others, row.cut, strict=True):
            known = sums.setdefault((hour, row.tries, stage, age), [0, 0, 0])
            for at, more in enumerate(counted):
                known[at] += more
    return [Count(*key, *counted) for key, counted in sorted(sums.items())]
