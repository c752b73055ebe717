"""The settable twin of `app.clock.Clock`: it stands still until it is moved, and its chance is seeded."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.clock import Clock

# A Monday morning, ten past ten in Ho Chi Minh City.
START = datetime(2026, 11, 23, 3, 10, tzinfo=UTC)


class SetClock(Clock):
    """A clock for tests. `advance` moves business and monotonic time alike."""

    def __init__(self, start: datetime = START, seed: int = 1) -> None:
        super().__init__(0)
        self._now = start
        self._monotonic = 1000.0
        self._seed = seed
        self._chance = random.Random(seed)

    def set(self, instant: datetime) -> None:
        """Stand at this instant; monotonic time does not move."""
        self._now = instant

    def advance(self, *, seconds: float = 0, ms: int = 0) -> None:
        """Move forward."""
        step = timedelta(seconds=seconds, milliseconds=ms)
        self._now += step
        self._monotonic += step.total_seconds()

    def now(self) -> datetime:
        return self._now

    def now_ms(self) -> int:
        return (self._now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    def today(self, zone: str) -> date:
        return self._now.astimezone(ZoneInfo(zone)).date()

    def monotonic(self) -> float:
        return self._monotonic

    def token_bytes(self, count: int) -> bytes:
        return self._chance.randbytes(count)

    def random(self, seed: int | str | None = None) -> random.Random:
        return random.Random(self._seed if seed is None else seed)
