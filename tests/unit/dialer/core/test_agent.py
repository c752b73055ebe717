"""decisions.md 13 and 15, domain.md 5.1: status, state and link of an agent."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.core.agent import GRACE_MS, OFFLINE_AFTER_MS, Agent, Pending, WrapUp
from dialer.core.standing import AgentState, Choice, IllegalStep, Link, Overrun, Status, WorkMode
from tests.support.dialer import AGENT, CAMPAIGN, START, TEAM, uid

TERMS = WrapUp(wrapup_ms=20_000, extend_ms=30_000, max_extends=2)
CALL = uid(1)


def an_agent(**changes: Any) -> Agent:
    """Ready, idle, linked."""
    settings: dict[str, Any] = {
        "status": Status.READY,
        "link": Link.UP,
        "session": "s1",
        "since": START,
    }
    return Agent(AGENT, "An", TEAM, frozenset({CAMPAIGN}), **(settings | changes))


def agent_status(agent: Agent) -> tuple[Status, str | None]:
    return agent.status, agent.reason


def in_call(**changes: Any) -> Agent:
    agent = an_agent(**changes)
    agent.reserve(CALL, CAMPAIGN, START + 2_000, START)
    agent.join(TERMS, START)
    return agent


def wrapping(**changes: Any) -> Agent:
    agent = in_call(**changes)
    agent.end(START)
    return agent


DEEDS: dict[str, Any] = {
    "reserve": lambda a: a.reserve(CALL, CAMPAIGN, START + 1, START),
    "give_back": lambda a: a.give_back(START),
    "join": lambda a: a.join(TERMS, START),
    "hold": lambda a: a.hold(on=True, now=START),
    "resume": lambda a: a.hold(on=False, now=START),
    "end": lambda a: a.end(START),
    "finish": lambda a: a.finish(START),
    "extend": lambda a: a.extend(),
    "complete": lambda a: a.complete(START),
    "cancel": lambda a: a.cancel_pending(),
    "manual": lambda a: a.choose_mode(WorkMode.MANUAL, START),
    "auto": lambda a: a.choose_mode(WorkMode.AUTO, START),
    "sign in": lambda a: a.choose(Choice.SIGN_IN, None, START),
    "ready": lambda a: a.choose(Choice.READY, None, START),
    "go offline": lambda a: a.go_offline("LINK_LOST", START),
    "hear": lambda a: a.hear("s1", START),
    "lose": lambda a: a.lose("s0", START),
}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("state", list(AgentState))
@pytest.mark.parametrize("deed", list(DEEDS))
def test_a_refused_deed_changes_nothing(status: Status, state: AgentState, deed: str) -> None:
    for link in Link:
        agent = an_agent(status=status, state=state, link=link)
        before = repr(agent)
        try:
            DEEDS[deed](agent)
        except IllegalStep:
            assert repr(agent) == before


class TestStatus:
    """What the agent chooses."""

    def test_ready_needs_a_link(self) -> None:
        agent = an_agent(status=Status.NOT_READY, link=Link.LOST)
        with pytest.raises(IllegalStep, match="LINK_LOST"):
            agent.choose(Choice.READY, None, START)

    def test_a_pause_takes_effect_at_once_when_idle(self) -> None:
        agent = an_agent()
        agent.choose(Choice.PAUSE, "LUNCH", START + 5)
        assert (agent.status, agent.reason, agent.status_since) == (
            Status.PAUSED,
            "LUNCH",
            START + 5,
        )
        assert not agent.counts

    def test_a_pause_chosen_in_a_call_waits_for_the_end_of_wrap_up(self) -> None:
        agent = in_call()
        agent.choose(Choice.PAUSE, "SHORT", START)
        assert agent.status is Status.READY
        assert agent.pending == Pending(Status.PAUSED, "SHORT")
        agent.end(START + 1)
        agent.disposed = True
        agent.finish(START + 2)
        assert agent.pending is None
        assert agent_status(agent) == (Status.PAUSED, "SHORT")

    def test_ready_in_a_call_takes_a_pending_pause_back(self) -> None:
        agent = in_call()
        agent.choose(Choice.PAUSE, "SHORT", START)
        agent.choose(Choice.READY, None, START)
        assert agent.pending is None

    def test_a_pending_choice_can_be_cancelled_once(self) -> None:
        agent = in_call()
        agent.choose(Choice.SIGN_OUT, "LOGOUT", START)
        agent.cancel_pending()
        with pytest.raises(IllegalStep, match="NOTHING_PENDING"):
            agent.cancel_pending()

    def test_forced_out_at_once_when_idle(self) -> None:
        agent = an_agent()
        agent.force_out(START)
        assert (agent.status, agent.reason) == (Status.OFFLINE, "FORCED")

    def test_forced_out_after_the_call_when_engaged(self) -> None:
        agent = in_call()
        agent.force_out(START)
        assert agent.status is Status.READY
        assert agent.pending == Pending(Status.OFFLINE, "FORCED")

    def test_forced_out_of_wrap_up_leaves_the_call(self) -> None:
        agent = wrapping()
        agent.force_out(START)
        assert (agent.status, agent.state, agent.call) == (Status.OFFLINE, AgentState.IDLE, None)


class TestOrders:
    """What somebody else decides for him."""

    def test_he_is_told_who_sent_him_on_a_break(self) -> None:
        agent = an_agent()
        agent.choose(Choice.PAUSE, "MEETING", START, limit_ms=60_000, by="Linh")
        assert (agent.by, agent.limit_ms, agent_status(agent)) == (
            "Linh",
            60_000,
            (Status.PAUSED, "MEETING"),
        )
        agent.choose(Choice.READY, None, START + 1)
        assert (agent.by, agent.limit_ms) == (None, None)

    @pytest.mark.parametrize("order", ["break", "leave", "unnamed leave"])
    def test_what_was_ordered_in_a_call_is_not_his_to_take_back(self, order: str) -> None:
        agent = in_call()
        if order == "break":
            agent.choose(Choice.PAUSE, "MEETING", START, by="Linh")
        else:
            agent.force_out(START, "Linh" if order == "leave" else None)
        before = repr(agent)
        for deed in (
            agent.cancel_pending,
            lambda: agent.choose(Choice.READY, None, START),
            lambda: agent.choose(Choice.PAUSE, "LUNCH", START),
        ):
            with pytest.raises(IllegalStep, match="ORDERED"):
                deed()
        assert repr(agent) == before

    def test_a_later_order_counts(self) -> None:
        agent = in_call()
        agent.choose(Choice.PAUSE, "MEETING", START, by="Linh")
        agent.choose(Choice.PAUSE, "COACHING", START, by="Mai")
        assert agent.pending == Pending(Status.PAUSED, "COACHING", None, "Mai")


class TestBreak:
    """ux.md 6.3: amber at the limit, red five minutes later."""

    pytestmark = pytest.mark.req("S0b-014")

    def test_it_runs_over_in_two_steps_and_each_is_news_once(self) -> None:
        agent = an_agent()
        agent.choose(Choice.PAUSE, "SHORT", START, limit_ms=600_000)
        told = [agent.run_over(START + ms) for ms in (599_999, 600_000, 899_999, 900_000, 950_000)]
        assert told == [False, True, False, True, False]
        assert agent.overrun is Overrun.FAR_OVER
        agent.choose(Choice.PAUSE, "LUNCH", START + 950_000, limit_ms=3_600_000)
        assert agent.overrun is None

    def test_without_a_limit_and_without_a_break_nothing_runs_over(self) -> None:
        agent = an_agent()
        assert not agent.run_over(START + 10**9)
        agent.choose(Choice.PAUSE, "END_OF_SHIFT", START)
        assert not agent.run_over(START + 10**9)


class TestMode:
    """The mode changes in a safe state only (S0d-001; the pages of manual work are still to come)."""

    def test_ready_in_manual_mode_is_review_and_gets_no_call(self) -> None:
        agent = an_agent()
        agent.choose_mode(WorkMode.MANUAL, START)
        assert (agent.status, agent.state) == (Status.READY, AgentState.REVIEW)
        assert not agent.routable
        assert not agent.counts

    def test_a_break_leaves_review_and_ready_comes_back_to_it(self) -> None:
        agent = an_agent(status=Status.NOT_READY)
        agent.choose_mode(WorkMode.MANUAL, START)
        assert [agent.state] == [AgentState.IDLE]
        agent.choose(Choice.READY, None, START)
        assert [agent.state] == [AgentState.REVIEW]
        agent.choose(Choice.PAUSE, "LUNCH", START, limit_ms=5)
        assert (agent.state, agent.pending) == (AgentState.IDLE, None)
        agent.run_over(START + 5)
        agent.choose_mode(WorkMode.AUTO, START + 6)
        assert (agent.status, agent.status_since, agent.overrun) == (
            Status.PAUSED,
            START,
            Overrun.OVER,
        )

    def test_back_to_auto_he_says_himself_when_he_is_ready(self) -> None:
        agent = an_agent()
        agent.choose_mode(WorkMode.MANUAL, START)
        agent.choose_mode(WorkMode.AUTO, START + 5)
        assert (agent.status, agent.state) == (Status.NOT_READY, AgentState.IDLE)

    def test_chosen_in_a_call_it_waits_for_the_end_of_wrap_up(self) -> None:
        agent = in_call()
        agent.choose_mode(WorkMode.MANUAL, START)
        assert (agent.mode, agent.pending_mode) == (WorkMode.AUTO, WorkMode.MANUAL)
        agent.end(START)
        agent.disposed = True
        agent.finish(START)
        assert (agent.mode, agent.pending_mode, agent.state) == (
            WorkMode.MANUAL,
            None,
            AgentState.REVIEW,
        )

    def test_and_is_taken_back_by_choosing_the_present_one(self) -> None:
        agent = in_call()
        agent.choose_mode(WorkMode.MANUAL, START)
        agent.choose_mode(WorkMode.AUTO, START)
        assert agent.pending_mode is None
        with pytest.raises(IllegalStep, match="SAME_MODE"):
            agent.choose_mode(WorkMode.AUTO, START)

    def test_a_break_and_a_mode_may_wait_together(self) -> None:
        agent = wrapping()
        agent.choose_mode(WorkMode.MANUAL, START)
        agent.choose(Choice.PAUSE, "LUNCH", START)
        agent.disposed = True
        agent.finish(START)
        assert (agent.mode, agent.state, agent_status(agent)) == (
            WorkMode.MANUAL,
            AgentState.IDLE,
            (Status.PAUSED, "LUNCH"),
        )

    def test_who_reviews_can_be_gone_and_sent_away(self) -> None:
        agent = an_agent(mode=WorkMode.MANUAL, state=AgentState.REVIEW)
        agent.lose("", START)
        assert agent.gone(START + OFFLINE_AFTER_MS + 1)
        agent.force_out(START)
        assert (agent.state, agent.status) == (AgentState.IDLE, Status.OFFLINE)


class TestLink:
    """Whether the browser is heard."""

    def test_a_new_socket_replaces_the_old_one(self) -> None:
        agent = an_agent()
        agent.hear("s2", START)
        agent_before = repr(agent)
        with pytest.raises(IllegalStep, match="OLD_SESSION"):
            agent.lose("s1", START)
        assert repr(agent) == agent_before

    def test_a_short_loss_keeps_ready(self) -> None:
        agent = an_agent()
        agent.lose("s1", START)
        assert not agent.routable
        agent.hear("", START + GRACE_MS)
        assert agent.routable
        assert agent.session == "s1"

    def test_a_long_loss_takes_ready_back(self) -> None:
        agent = an_agent()
        agent.lose("", START)
        agent.hear("s2", START + GRACE_MS + 1)
        assert (agent.status, agent.reason) == (Status.NOT_READY, "LINK_LOST")

    def test_a_shift_ends_when_nobody_is_heard_for_two_minutes(self) -> None:
        agent = an_agent()
        agent.lose("", START)
        assert not agent.gone(START + OFFLINE_AFTER_MS)
        assert agent.gone(START + OFFLINE_AFTER_MS + 1)
        agent.go_offline("LINK_LOST", START)
        assert agent.status is Status.OFFLINE
        assert not agent.gone(START + 10 * OFFLINE_AFTER_MS)

    def test_who_comes_back_after_that_is_signed_in_and_not_ready(self) -> None:
        agent = an_agent(status=Status.OFFLINE, reason="LINK_LOST", link=Link.LOST)
        agent.hear("s2", START)
        assert (agent.status, agent.reason) == (Status.NOT_READY, None)

    def test_an_agent_in_a_call_is_never_gone(self) -> None:
        agent = in_call()
        agent.lose("", START)
        assert not agent.gone(START + 10 * OFFLINE_AFTER_MS)


class TestWrapUp:
    """S0b-013: no call before the after-call work is done."""

    pytestmark = pytest.mark.req("S0b-013")

    def test_the_deadline_is_the_campaigns_times_the_accommodation(self) -> None:
        agent = in_call(wrapup_multiplier=1.5)
        agent.end(START)
        assert agent.deadline == START + 30_000

    @pytest.mark.parametrize(("factor", "seconds"), [(0.1, 20), (99.0, 200)])
    def test_the_accommodation_is_bounded(self, factor: float, seconds: int) -> None:
        assert wrapping(wrapup_multiplier=factor).deadline == START + seconds * 1000

    def test_without_terms_there_is_no_time(self) -> None:
        agent = an_agent(state=AgentState.IN_CALL, call=CALL)
        agent.end(START)
        assert (agent.deadline, agent.extends_left) == (START, 0)

    def test_it_can_be_prolonged_so_often_and_no_more(self) -> None:
        agent = wrapping()
        agent.extend()
        agent.extend()
        assert agent.deadline == START + 80_000
        with pytest.raises(IllegalStep, match="NO_EXTENSION_LEFT"):
            agent.extend()

    def test_nothing_is_prolonged_outside_of_it(self) -> None:
        with pytest.raises(IllegalStep, match="NOT_IN_WRAP_UP"):
            in_call().extend()

    def test_finishing_needs_an_outcome(self) -> None:
        agent = wrapping()
        with pytest.raises(IllegalStep, match="OUTCOME_MISSING"):
            agent.finish(START)
        agent.disposed = True
        agent.finish(START)
        assert agent.routable
        assert agent.call is None

    def test_running_out_with_an_outcome_is_finishing(self) -> None:
        agent = wrapping()
        agent.disposed = True
        assert not agent.overdue(START + 19_999)
        assert agent.overdue(START + 20_000)
        agent.run_out(START + 20_000)
        assert agent.state is AgentState.IDLE

    def test_running_out_without_one_leaves_it_over(self) -> None:
        agent = wrapping()
        agent.run_out(START + 20_000)
        assert (agent.state, agent.deadline, agent.call) == (AgentState.WRAP_OVER, None, CALL)
        assert not agent.overdue(START + 90_000)

    def test_a_team_lead_completes_it_into_back_office(self) -> None:
        agent = wrapping()
        with pytest.raises(IllegalStep, match="NOT_OVER"):
            agent.complete(START)
        agent.run_out(START)
        agent.complete(START)
        assert (agent.status, agent.reason) == (Status.PAUSED, "BACK_OFFICE")

    def test_completing_does_not_keep_one_who_wanted_to_leave(self) -> None:
        agent = wrapping()
        agent.choose(Choice.SIGN_OUT, "LOGOUT", START)
        agent.run_out(START)
        agent.complete(START)
        assert agent.status is Status.OFFLINE

    def test_completing_overrides_a_pending_break(self) -> None:
        agent = wrapping()
        agent.choose(Choice.PAUSE, "LUNCH", START)
        agent.run_out(START)
        agent.complete(START)
        assert agent.reason == "BACK_OFFICE"

    def test_it_begins_again_when_the_call_ended_unseen(self) -> None:
        agent = in_call()
        agent.lose("", START)
        agent.end(START)
        agent.hear("s2", START + 15_000)
        assert agent.deadline == START + 35_000

    def test_it_begins_again_even_when_it_was_over(self) -> None:
        agent = in_call()
        agent.lose("", START)
        agent.end(START)
        agent.run_out(START + 20_000)
        agent.hear("s2", START + 40_000)
        assert (agent.state, agent.deadline) == (AgentState.WRAP_UP, START + 60_000)

    def test_it_begins_again_once_only(self) -> None:
        agent = in_call()
        agent.lose("", START)
        agent.end(START)
        agent.hear("s2", START + 5_000)
        agent.lose("", START + 6_000)
        agent.hear("s3", START + 9_000)
        assert agent.deadline == START + 25_000

    def test_a_link_lost_later_gains_nothing(self) -> None:
        agent = wrapping()
        agent.lose("", START + 1_000)
        agent.hear("s2", START + 9_000)
        assert agent.deadline == START + 20_000


class TestReservation:
    """One agent, one call."""

    def test_only_a_routable_agent_is_taken(self) -> None:
        agent = an_agent(link=Link.LOST)
        with pytest.raises(IllegalStep, match="NOT_ROUTABLE"):
            agent.reserve(CALL, CAMPAIGN, START, START)

    def test_it_expires(self) -> None:
        agent = an_agent()
        agent.reserve(CALL, CAMPAIGN, START + 2_000, START)
        assert not agent.reservation_expired(START + 1_999)
        assert agent.reservation_expired(START + 2_000)
        agent.join(TERMS, START)
        assert not agent.reservation_expired(START + 2_000)

    def test_giving_back_clears_the_call(self) -> None:
        agent = an_agent()
        agent.reserve(CALL, CAMPAIGN, START + 2_000, START)
        agent.give_back(START)
        assert (agent.call, agent.campaign, agent.reserved_until) == (None, None, None)
        assert agent.routable

    def test_hold_and_back(self) -> None:
        agent = in_call()
        agent.hold(on=True, now=START + 1)
        assert [agent.state] == [AgentState.HELD]
        agent.hold(on=False, now=START + 2)
        assert [agent.state] == [AgentState.IN_CALL]
