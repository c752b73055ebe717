"""The last sixty minutes of a campaign (ux.md 6.2; decision 21)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app.wall import hours
from tests.support.clock import START


def test_sixty_minutes_end_with_the_running_one() -> None:
    now = START.replace(second=30)
    minutes = [
        hours.Minute(UUID(int=1), START.replace(second=0) - timedelta(minutes=ago), 9, 5, 1)
        for ago in (0, 59, 60)
    ]
    hour = hours.hour_of(minutes, now)
    assert (len(hour.answered), sum(hour.answered), hour.answered[0], hour.answered[-1]) == (
        60,
        10,
        5,
        5,
    )
    assert hour.abandon_pct is None
    assert hours.hour_card(hour, now)["from"] % 60_000 == 0


def test_abandonment_of_the_hour_is_a_figure_from_a_hundred_live_calls_on() -> None:
    few = hours.Minute(UUID(int=1), START.replace(second=0), 120, 99, 9)
    enough = hours.Minute(UUID(int=1), START.replace(second=0), 120, 100, 3)
    assert hours.hour_of([few], START).abandon_pct is None
    assert hours.hour_of([enough], START).abandon_pct == 3.0
