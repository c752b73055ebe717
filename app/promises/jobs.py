"""Judgement of promises, by the clock: what was paid in the window decides, and the window's end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.people import service as people
from app.promises import service

if TYPE_CHECKING:
    from uuid import UUID

    from app.clock import Clock
    from app.db import Database

PAGE: Final = 500
DEFAULT_ZONE: Final = "Asia/Ho_Chi_Minh"


async def judge_due(database: Database, clock: Clock) -> int:
    """Judge what can be judged now; returns how many promises ended. One transaction per page of loans."""
    async with database.reading() as session:
        house = await people.find_organisation(session)
    zone = house.timezone if house is not None else DEFAULT_ZONE
    ended = 0
    after: UUID | None = None
    while True:
        async with database.writing() as session:
            loans = await service.loans_with_promises(session, after, PAGE)
            if not loans:
                return ended
            ended += await service.judge(session, loans, zone, clock)
        after = loans[-1]
