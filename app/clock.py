"""The one file that reads the time and draws randomness.

Business time is real time plus the organisation's offset, so that a demonstration can stand at ten in
the morning. Everything else is handed a `Clock`, an instant or random bytes. Its settable twin is in
`tests/support`.
"""

from __future__ import annotations

import random
import secrets
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


class Clock:
    """Business time: real time plus `offset_ms` (0 means real time)."""

    def __init__(self, offset_ms: int = 0) -> None:
        self.offset_ms = offset_ms

    def now(self) -> datetime:
        """The business instant, aware, in UTC."""
        return datetime.now(UTC) + timedelta(milliseconds=self.offset_ms)

    def now_ms(self) -> int:
        """The business instant in epoch milliseconds: what frames and the dialer's core speak."""
        return time.time_ns() // 1_000_000 + self.offset_ms

    def today(self, zone: str) -> date:
        """The business date at a place (an IANA zone name)."""
        return self.now().astimezone(ZoneInfo(zone)).date()

    def monotonic(self) -> float:
        """Seconds that never run backwards, for measuring durations."""
        return time.monotonic()

    def token_bytes(self, count: int) -> bytes:
        """Unguessable bytes: for ids, session tokens and nonces."""
        return secrets.token_bytes(count)

    def random(self, seed: int | str | None = None) -> random.Random:
        """A generator of its own: seeded when the caller wants the same again."""
        return random.Random(seed)
