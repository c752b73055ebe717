"""Lessons from the curves that the worker counts (`app.curves`)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from app.curves import service as curves
from app.people import service as people
from dialer.core.lessons import Lesson
from dialer.fence_postgres import instant, reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.db import Database

NEAR_HOURS = 1  # people answer alike within so many hours of the day
ENOUGH_DIALS = 200  # about this hour; with fewer the whole day counts


class PostgresLessons:
    """Fulfils `dialer.lessons.Lessons`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, campaign: UUID, now_ms: int) -> Sequence[Lesson]:
        """See `Lessons.of`. How long agents take does not follow the hour: that is of the whole day."""
        now = instant(now_ms)
        async with reading(self._database) as session:
            counts = await curves.list_counts(session, campaign, now)
            zone = (await people.organisation(session)).timezone
        hour = now.astimezone(ZoneInfo(zone)).hour
        near = [c for c in counts if min((c.hour - hour) % 24, (hour - c.hour) % 24) <= NEAR_HOURS]
        if curves.answered(near).dialled < ENOUGH_DIALS:
            near = counts
        desk = {curves.Stage.TALK, curves.Stage.WRAP}
        taken = [c for c in near if c.stage not in desk] + [c for c in counts if c.stage in desk]
        return [Lesson(c.tries, c.stage.value, c.age_s, c.hits, c.others, c.cut) for c in taken]
