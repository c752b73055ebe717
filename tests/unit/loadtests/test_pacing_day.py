"""A simulated day through the dialer's own floor: the books balance, and the same seed is the same day."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from dialer.core.campaign import Campaign, CampaignState, Limits, Mode, Window
from dialer.fates import REALISTIC, draw_script
from loadtests.pacing_day import HIS_OWN_MS, Day, Outcome, Story, Worker

OPENS = 1_763_776_800_000  # 2025-11-22 09:00 in Ho Chi Minh City
MINUTE = 60_000
AGENTS = 6


class Crowd:
    """Customers as the product's realistic profile draws them."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = 0

    def answer(self, at_ms: int) -> Story:
        self._count += 1
        script = draw_script(REALISTIC, self._seed, str(self._count), f"+8450{self._count}", at_ms)
        return Story(replace(script, talk_ms=HIS_OWN_MS), script.talk_ms, 15_000)


def a_campaign(mode: Mode, minutes: int) -> Campaign:
    closes = OPENS + minutes * MINUTE
    return Campaign(
        id=UUID(int=0xC1),
        name="C",
        mode=mode,
        state=CampaignState.RUNNING,
        loaded_at_ms=OPENS,
        windows=(Window(OPENS, closes),),
        day_ends_at_ms=OPENS + 12 * 60 * MINUTE,
        limits=Limits(lines=100, ratio_ceiling=6.0),
        wrapup_s=600,
        amd=True,
    )


def a_day(mode: Mode = Mode.PROGRESSIVE, seed: int = 1, list_size: int | None = None) -> Outcome:
    crew = [Worker(((OPENS, True),)) for _ in range(AGENTS)]
    return Day(a_campaign(mode, 20), crew, Crowd(seed), list_size=list_size).run()


@pytest.mark.parametrize("mode", [Mode.PROGRESSIVE, Mode.RATIO, Mode.PREDICTIVE])
def test_agents_time_adds_up(mode: Mode) -> None:
    outcome = a_day(mode)
    assert outcome.spent.logged == AGENTS * 20 * MINUTE
    assert outcome.live > 20
    assert 0.2 < outcome.occupancy < 1


def test_one_line_per_free_agent_abandons_nobody() -> None:
    assert a_day().counted_abandoned == 0


def test_a_seed_is_one_day() -> None:
    first, again, other = a_day(), a_day(), a_day(seed=2)
    assert (first.dialled, first.live, first.spent) == (again.dialled, again.live, again.spent)
    assert first.spent != other.spent


def test_a_list_that_ends_is_dialled_to_its_end() -> None:
    assert a_day(list_size=30).dialled == 30


def test_an_agent_on_a_break_is_no_signed_in_time() -> None:
    roster = ((OPENS, True), (OPENS + 5 * MINUTE, False), (OPENS + 15 * MINUTE, True))
    crew = [Worker(roster), Worker(((OPENS, True),))]
    spent = Day(a_campaign(Mode.PROGRESSIVE, 20), crew, Crowd(3)).run().spent
    # A break that is asked for in a call begins after its wrap-up.
    assert 30 * MINUTE <= spent.logged < 40 * MINUTE


def test_the_law_closes_the_list_at_night() -> None:
    campaign = a_campaign(Mode.PROGRESSIVE, 20)
    night = OPENS + 13 * 60 * MINUTE
    campaign = replace(campaign, windows=(Window(night, night + 20 * MINUTE),))
    outcome = Day(campaign, [Worker(((night, True),))], Crowd(1), list_size=50).run()
    assert outcome.dialled == 0
