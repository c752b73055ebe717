"""The figures of wall and floor."""

from dataclasses import replace

import pytest

from dialer.core import events as e
from dialer.core.campaign import CampaignState, Tally, Window
from dialer.core.effort import Pops
from dialer.core.figures import agent_counts, observed_state, pop_figures
from dialer.core.pacing import Because, Pace
from dialer.core.standing import Status
from tests.support.dialer import CAMPAIGN, HOUR, LEADER, START, Desk, uid


def a_floor() -> Desk:
    desk = Desk()
    desk.open_campaign(today=Tally(100, 50, 1, 4))
    for number in range(5):
        desk.seat(0xA1 + number)
        desk.now += 1
    return desk


def test_a_campaigns_card() -> None:
    desk = a_floor()
    desk.connect(1, 0xA1)
    desk.ring(2)
    desk.tell(e.Answered(uid(2), desk.now))
    card = desk.floor.campaign_cards(desk.now)[CAMPAIGN]
    assert card["dialed"] == 102
    assert card["answered"] == 52
    assert card["abandon_pct"] == pytest.approx(1.92)
    assert card["answer_rate"] == 1.0
    assert card["window_until"] == START + HOUR
    assert card["agents"]["in_call"] == 2
    assert card["agents"]["total"] == 5
    assert card["stopped"] is False


@pytest.mark.req("S0c-009")
def test_the_window_that_the_law_judges_by_is_told_with_today_in_it() -> None:
    desk = Desk()
    desk.open_campaign(today=Tally(100, 50, 1, 4), before=Tally(9_000, 4_950, 99))
    card = desk.floor.campaign_cards(desk.now)[CAMPAIGN]
    assert card["abandon_pct"] == 2.0
    assert (card["abandon_window_pct"], card["abandon_window_days"]) == (2.0, 30)


def test_a_campaign_outside_its_window_and_stopped() -> None:
    desk = a_floor()
    desk.open_campaign(windows=(Window(START - HOUR, START),))
    desk.tell(e.DialingStopAsked(None, LEADER, "drill"))
    card = desk.floor.campaign_cards(desk.now)[CAMPAIGN]
    assert card["window_until"] is None
    assert card["stopped"] is True
    assert desk.floor.floor_card(desk.now)["dialing_stopped"] is True


@pytest.mark.parametrize(
    ("state", "because", "observed"),
    [
        (CampaignState.PAUSED, Because.WINDOW_CLOSED, CampaignState.PAUSED),
        (CampaignState.RUNNING, Because.WINDOW_CLOSED, CampaignState.WINDOW_CLOSED),
        (CampaignState.RUNNING, Because.ABANDONMENT, CampaignState.THROTTLED),
        (CampaignState.RUNNING, Because.STALE, CampaignState.THROTTLED),
        (CampaignState.RUNNING, Because.RATIO, CampaignState.RUNNING),
    ],
)
def test_what_holds_a_campaign_up_is_its_state(
    state: CampaignState, because: Because, observed: CampaignState
) -> None:
    effort = a_floor().floor.room.efforts[CAMPAIGN]
    effort.campaign = replace(effort.campaign, state=state)
    effort.pace = Pace(0, because)
    assert observed_state(effort) is observed


def test_agents_are_counted_once_each() -> None:
    desk = a_floor()
    desk.connect(1, 0xA1)
    desk.connect(2, 0xA2)
    desk.hang_up(2)
    desk.tell(e.AgentAway(uid(0xA3), "LUNCH"))
    desk.tell(e.LinkDown(uid(0xA4)))
    desk.seat(0xA6).status = Status.OFFLINE
    assert agent_counts(desk.floor.room.agents.values()) == {
        "ready": 1,
        "in_call": 1,
        "wrap_up": 1,
        "paused": 1,
        "lost": 1,
        "total": 5,
    }


def test_people_waiting_are_shown() -> None:
    desk = Desk()
    desk.open_campaign()
    desk.answer()
    assert desk.floor.campaign_cards(desk.now)[CAMPAIGN]["waiting"] == 1
    assert desk.floor.floor_card(desk.now)["waiting"] == 1


def test_percentiles_are_by_nearest_rank() -> None:
    pops = Pops()
    for ms in range(1, 101):
        pops.painted(ms, 1)
    assert pop_figures([pops]) == {"p50": 50, "p95": 95, "p99": 99, "n": 100, "late": 0}


def test_percentiles_of_nothing_are_none() -> None:
    assert pop_figures([Pops()]) == {"p50": None, "p95": None, "p99": None, "n": 0, "late": 0}


def test_a_day_without_answers_has_no_share() -> None:
    desk = Desk()
    desk.open_campaign()
    card = desk.floor.campaign_cards(desk.now)[CAMPAIGN]
    assert card["abandon_pct"] is None
    assert card["answer_rate"] is None
    assert card["ratio"] == 0
