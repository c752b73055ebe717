"""Whether and how many lines each campaign asks for."""

from __future__ import annotations

from math import inf

import pytest

from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.call import Call, CallState, Cause
from dialer.core.campaign import CampaignState, Mode, Tally, Window
from dialer.core.dialing import view_of
from dialer.core.pacing import Because
from dialer.core.sharing import flies, look
from dialer.core.view import Doing
from tests.support.dialer import CAMPAIGN, HOUR, START, Desk, a_floor, a_line, only, uid


class TestPace:
    """How many lines each campaign asks for."""

    def test_one_line_for_each_free_agent(self) -> None:
        assert a_floor(3).tell(e.Tick()) == [o.Dial(CAMPAIGN, 3)]

    def test_lines_asked_for_are_not_asked_for_again(self) -> None:
        desk = a_floor(3)
        desk.tell(e.Tick())
        assert desk.tell(e.Tick(), 250) == []
        assert desk.floor.in_flight()[CAMPAIGN] == 3

    def test_what_could_not_be_opened_is_asked_for_again(self) -> None:
        desk = a_floor(3)
        desk.tell(e.Tick())
        desk.tell(e.DialDone(CAMPAIGN, 3, 0, {"DAILY_CAP": 3}, dry=False))
        assert desk.tell(e.Tick(), 250) == [o.Dial(CAMPAIGN, 3)]
        assert desk.floor.room.efforts[CAMPAIGN].refused == {"DAILY_CAP": 3}

    def test_a_dry_list_is_left_alone_for_a_while(self) -> None:
        desk = a_floor()
        desk.tell(e.Tick())
        desk.tell(e.DialDone(CAMPAIGN, 1, 0, {}, dry=True))
        assert desk.tell(e.Tick(), 250) == []
        assert desk.floor.room.efforts[CAMPAIGN].pace.because is Because.LIST_DRY
        assert desk.tell(e.Tick(), 15_000) == [o.Dial(CAMPAIGN, 1)]

    @pytest.mark.req("S0c-009")
    @pytest.mark.parametrize("mode", [Mode.RATIO, Mode.PREDICTIVE])
    @pytest.mark.parametrize(("abandoned", "held"), [(150, False), (151, True)])
    def test_thirty_days_beyond_the_limit_leave_one_line_for_each_free_agent(
        self, mode: Mode, abandoned: int, *, held: bool
    ) -> None:
        """Today nobody was abandoned, so the day's own budget is whole."""
        desk = Desk()
        desk.open_campaign(
            mode=mode, before=Tally(9_000, 4_800, abandoned), today=Tally(1_000, 200, 0)
        )
        for number in range(12):
            desk.seat(0xA1 + number)
        desk.tell(e.Tick(), 1_000)
        effort = desk.floor.room.efforts[CAMPAIGN]
        assert (effort.limits.abandon_limit_pct == 0.0) is held
        assert desk.floor.in_flight()[CAMPAIGN] >= 12
        if held:
            assert desk.floor.in_flight()[CAMPAIGN] == 12
            assert effort.pace.because is Because.ABANDONMENT
            card = desk.floor.campaign_cards(desk.now)[CAMPAIGN]
            assert (card["state"], card["abandon_limit_pct"]) == ("THROTTLED", 3.0)

    @pytest.mark.req("S0c-009")
    def test_a_morning_that_is_behind_leaves_the_day_its_budget(self) -> None:
        """Pacing brings back within the day what today alone has overdrawn; no brake wastes the day."""
        desk = Desk()
        desk.open_campaign(
            mode=Mode.PREDICTIVE, before=Tally(9_000, 4_800, 90), today=Tally(100, 20, 60)
        )
        assert desk.floor.room.efforts[CAMPAIGN].limits.abandon_limit_pct == 3.0

    def test_an_agent_of_two_campaigns_counts_for_one(self) -> None:
        desk = Desk()
        desk.open_campaign(0xC1)
        desk.open_campaign(0xC2, priority=5)
        desk.seat(0xA1, uid(0xC1), uid(0xC2))
        assert desk.tell(e.Tick()) == [o.Dial(uid(0xC2), 1)]

    def test_an_agent_spoken_for_by_a_line_is_not_dialled_for_by_another_campaign(self) -> None:
        desk = Desk()
        desk.open_campaign(0xC1)
        desk.seat(0xA1, uid(0xC1), uid(0xC2))
        desk.tell(e.Tick())
        desk.open_campaign(0xC2, priority=5)
        assert desk.tell(e.Tick(), 250) == []

    def test_a_campaign_that_may_not_dial_keeps_nobody(self) -> None:
        desk = Desk()
        desk.open_campaign(0xC1)
        desk.open_campaign(0xC2, priority=5, state=CampaignState.PAUSED)
        desk.seat(0xA1, uid(0xC1), uid(0xC2))
        assert desk.tell(e.Tick()) == [o.Dial(uid(0xC1), 1)]

    def test_a_late_inbox_opens_nothing(self) -> None:
        desk = a_floor()
        assert only(desk.tell(e.Tick(late_ms=3_001)), o.Dial) == []
        assert desk.floor.room.efforts[CAMPAIGN].pace.because is Because.STALE
        assert only(desk.tell(e.Tick(late_ms=3_000)), o.Dial) == [o.Dial(CAMPAIGN, 1)]

    def test_predictive_counts_agents_about_to_finish(self) -> None:
        desk = a_floor(6, mode=Mode.PREDICTIVE)
        effort = desk.floor.room.efforts[CAMPAIGN]
        for number in range(4):
            desk.connect(number + 1, 0xA1 + number)
        desk.tell(e.Tick(), 250)
        talking = effort.pace.lines
        assert talking >= 2
        effort.pending = 0
        for number in range(4):
            desk.hang_up(number + 1)
        desk.tell(e.Tick(), 1_000)
        assert effort.pace.because in {Because.CHANCE, Because.CEILING}
        assert effort.pace.lines > talking

    def test_pacing_hears_what_happened_once(self) -> None:
        desk = a_floor(2, mode=Mode.PREDICTIVE)
        room = desk.floor.room
        effort = room.efforts[CAMPAIGN]
        desk.connect(1)
        desk.ring(2)
        desk.now += 20_000
        desk.hang_up(2, "CARRIER", Cause.NO_ANSWER)
        desk.hang_up(1)
        desk.tell(e.OutcomeSaved(uid(0xA1), uid(1), "PTP"), 5_000)
        desk.tell(e.AgentAway(uid(0xA1), "SHORT"))
        desk.tell(e.FinishAsked(uid(0xA1), uid(1)))
        desk.tell(e.AgentAway(uid(0xA2), "SHORT"))
        view = view_of(room, effort, look(room)[CAMPAIGN], desk.now)
        assert [(x.ring_s, x.check_s) for x in view.lives] == [(3.0, 0.0)]
        assert [(x.setup_s, x.ring_s, x.check_s) for x in view.ended] == [(0.0, 20.0, None)]
        assert [(x.talk_s, x.wrap_s, x.stays) for x in view.handled] == [(20.0, 5.0, False)]
        assert view.walked == 1
        again = view_of(room, effort, look(room)[CAMPAIGN], desk.now)
        assert (again.lives, again.ended, again.handled, again.walked) == ([], [], [], 0)

    def test_pacing_hears_of_machines_of_tries_and_of_who_hung_up_waiting(self) -> None:
        desk = a_floor(1, mode=Mode.PREDICTIVE)
        room = desk.floor.room
        effort = room.efforts[CAMPAIGN]
        desk.connect(1)
        desk.hang_up(1)
        desk.tell(e.OutcomeSaved(uid(0xA1), uid(1), "MACHINE_NO_MESSAGE"), 5_000)
        desk.tell(e.FinishAsked(uid(0xA1), uid(1)))
        assert [x.person for x in effort.news.handled] == [False]
        desk.tell(e.AgentAway(uid(0xA1), "SHORT"))
        desk.answer(2, attempt_no=2)  # nobody is there
        desk.hang_up(2)
        desk.answer(3, attempt_no=5)
        desk.tell(e.Tick(), 2_000)  # past the limit
        desk.hang_up(3)
        desk.ring(4, attempt_no=5)
        view = view_of(room, effort, look(room)[CAMPAIGN], desk.now)
        assert (view.abandoned, view.hung_up) == (2, 1)
        assert view.coming == (0, 1, 2, 2)
        assert [line.segment for line in view.lines] == [2]

    def test_of_many_campaigns_few_decide_for_the_first_time_at_once(self) -> None:
        desk = Desk()
        for number in range(50):
            desk.open_campaign(0xC00 + number, mode=Mode.PREDICTIVE)
        efforts = desk.floor.room.efforts.values()
        decided = []
        for _ in range(3):
            desk.tell(e.Tick(), 250)
            decided.append(sum(effort.decided_at > 0 for effort in efforts))
        assert decided == [20, 40, 50]

    def test_who_asked_for_a_break_will_not_be_free(self) -> None:
        desk = a_floor(2, mode=Mode.PREDICTIVE)
        room = desk.floor.room
        desk.connect(1)
        desk.tell(e.AgentAway(uid(0xA1), "SHORT"))
        desk.tell(e.Tick())
        view = view_of(room, room.efforts[CAMPAIGN], look(room)[CAMPAIGN], desk.now)
        assert sorted((s.doing, s.leaves_in_s) for s in view.seats) == [
            (Doing.IDLE, inf),
            (Doing.TALK, 0.0),
        ]

    def test_an_agent_being_reserved_is_not_about_to_be_free(self) -> None:
        desk = a_floor(2, mode=Mode.PREDICTIVE)
        desk.answer()
        desk.tell(e.Tick())
        view = view_of(
            desk.floor.room,
            desk.floor.room.efforts[CAMPAIGN],
            look(desk.floor.room)[CAMPAIGN],
            desk.now,
        )
        assert sorted(s.doing for s in view.seats) == [Doing.IDLE, Doing.TALK]

    def test_who_waits_is_told_why_nobody_is_dialled_for_him(self) -> None:
        desk = a_floor(windows=(Window(START, START + 1_000),))
        desk.tell(e.Tick())
        assert desk.agent().hindrance is None
        (told, *_) = desk.tell(e.Tick(), 1_000)
        assert isinstance(told, o.Publish)
        assert told.value is not None
        assert told.value["hindrance"] == "WINDOW_CLOSED"
        assert desk.tell(e.Tick(), 1_000) == [], "said once"

    def test_of_campaigns_that_do_not_dial_one_that_runs_is_named(self) -> None:
        desk = a_floor(windows=(Window(START, START + 1),))
        desk.open_campaign(0xC0, state=CampaignState.PAUSED, priority=9)
        desk.seat(0xA2, uid(0xC0), CAMPAIGN)
        desk.tell(e.Tick(), 1_000)
        assert desk.agent(0xA2).hindrance == "WINDOW_CLOSED"

    def test_who_does_not_wait_and_who_has_no_campaign_is_told_nothing(self) -> None:
        desk = a_floor(windows=(Window(START, START + 1),))
        desk.seat(0xA2, ready=False)
        desk.seat(0xA3, uid(0xC9))
        desk.tell(e.Tick(), 1_000)
        assert desk.agent(0xA2).hindrance is None
        assert desk.agent(0xA3).hindrance is None

    def test_nothing_is_dialled_outside_the_window(self) -> None:
        desk = a_floor(windows=(Window(START - HOUR, START + 1_000),))
        assert desk.tell(e.Tick(), 999) == [o.Dial(CAMPAIGN, 1)]
        desk.floor.room.efforts[CAMPAIGN].pending = 0
        assert only(desk.tell(e.Tick(), 1), o.Dial) == []
        assert desk.floor.room.efforts[CAMPAIGN].pace.because is Because.WINDOW_CLOSED


def test_lines_are_counted_until_an_agent_has_them() -> None:
    assert flies(Call(a_line(1), CallState.AMD))
    assert not flies(Call(a_line(1), CallState.RESERVED))
    assert not flies(Call(a_line(1), CallState.RINGING, hanging_up=Cause.CANCELLED))


def test_calls_and_agents_of_campaigns_that_are_gone_count_nowhere() -> None:
    desk = a_floor()
    desk.ring()
    desk.seat(0xA2, uid(0xC9))
    desk.seat(0xA3, CAMPAIGN, ready=False)
    shares = look(desk.floor.room)
    assert [a.id for a in shares[CAMPAIGN].crew] == [uid(0xA1)]
    desk.floor.room.efforts.clear()
    assert look(desk.floor.room) == {}
