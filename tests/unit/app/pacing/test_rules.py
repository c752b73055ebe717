"""A minute in figures."""

from __future__ import annotations

import json
from typing import Any

from app.pacing.rules import Minute, Summing, figures
from tests.support.paces import a_page


def summed(*pages: dict[str, Any]) -> Minute:
    summing = Summing()
    for page in pages:
        summing.add(page)
    return summing.minute()


def test_a_minute_is_the_mean_of_its_seconds_and_the_day_at_its_end() -> None:
    minute = summed(
        a_page(idle=2, busy=8, lines=6, pace={"lines": 2, "because": "AGENTS"}, later=1),
        a_page(idle=0, busy=10, lines=4, because="CHANCE", answered=100, abandoned=2),
        a_page(idle=1, busy=9, lines=1, asked=1, because="CHANCE", answered=101, abandoned=3),
    )
    assert (minute.agents, minute.free, minute.busy) == (10.0, 1.0, 9.0)
    assert (minute.lines, minute.opened) == (4.0, 3)
    assert (minute.answered, minute.abandoned) == (101, 3)
    assert (minute.target_pct, minute.limit_pct) == (2.0, 3.0)
    assert dict(minute.because) == {"AGENTS": 1, "CHANCE": 2}
    assert minute.reason == "CHANCE"
    assert minute.occupancy_pct == 90.0
    assert minute.abandoned_pct == 300 / 101
    assert Minute(**json.loads(json.dumps(figures(minute)))) == minute


def test_a_floor_without_agents_or_answers_has_no_shares() -> None:
    minute = summed(a_page(idle=0, because="NO_AGENTS"))
    assert minute.occupancy_pct is None
    assert minute.abandoned_pct is None
