"""A portfolio invented for tests, at a standing time and by one agent."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from app.portfolio.invented import Stage
from app.portfolio.pasts import Inventor

if TYPE_CHECKING:
    from app.portfolio.invented import Invented

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
AGENT = UUID(int=7)


def invent(count: int = 1_500, seed: int = 1) -> Invented:
    inventor = Inventor(random.Random(seed), Stage(NOW, ZONE, [AGENT]))
    for index in range(1, count + 1):
        inventor.whole_customer(index)
    return inventor.made
