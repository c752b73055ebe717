"""The demonstration's clock is set when it is made: a floor opens at half past nine whatever the hour is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from app.people import service as people
from app.portfolio.seed import ZONE, SeedOptions, seed_demo
from tests.support.clock import SetClock

if TYPE_CHECKING:
    from app.db import Database


async def test_business_time_is_a_working_morning_right_after(database: Database) -> None:
    midnight = SetClock(datetime(2026, 11, 21, 17, 0, tzinfo=UTC))  # Sunday, midnight in Vietnam
    seeded = await seed_demo(database, SeedOptions(customers=20, bots=1), midnight)
    async with database.reading() as session:
        house = await people.organisation(session)
    assert house.clock_offset_ms == seeded.offset_ms
    business = midnight.now() + timedelta(milliseconds=house.clock_offset_ms)
    assert business.astimezone(ZoneInfo(ZONE)).isoformat() == "2026-11-23T09:30:00+07:00"
