"""Planned absences from the shifts that supervisors keep (`app.roster`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.roster import service as roster
from dialer.core.roster import Absence
from dialer.fence_postgres import in_ms, instant, reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from app.db import Database


class PostgresRoster:
    """Fulfils `dialer.roster.Roster`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def absences(self, now_ms: int) -> Mapping[UUID, Sequence[Absence]]:
        """See `Roster.absences`."""
        async with reading(self._database) as session:
            found = await roster.absences(session, instant(now_ms))
        return {
            user: [Absence(in_ms(each.start), in_ms(each.end)) for each in periods]
            for user, periods in found.items()
        }
