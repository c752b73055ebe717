"""Paces in PostgreSQL: `app.pacing` in fenced transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.pacing import service as pacing
from dialer.fence_postgres import fenced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.db import Database


class PostgresPaces:
    """Fulfils `dialer.paces.Paces`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, minutes: Sequence[pacing.Packed], fence: int) -> None:
        """See `Paces.keep`."""
        async with fenced(self._database, fence) as session:
            await pacing.keep(session, minutes)
