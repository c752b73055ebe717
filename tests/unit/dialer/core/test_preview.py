"""Calls that an agent decides on himself: PREVIEW and MANUAL (issue of the pacing engine: modes per campaign)."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.call import CallState, Cause
from dialer.core.campaign import CampaignState, Mode
from dialer.core.live import LineOpened, LiveAgent, LiveCall
from dialer.core.offers import (
    DialAsked,
    DialRefused,
    LeadPicked,
    NothingToOffer,
    Number,
    Offer,
    Offered,
    SkipAsked,
)
from dialer.core.preview import TIMEOUT, UNANSWERED_OFFERS
from dialer.core.records import AgentChanged, CallEnded
from dialer.core.standing import AgentState, Status
from tests.support.dialer import AGENT, CAMPAIGN, LEADER, START, Desk, a_line, only, uid

CALL = uid(1)


def an_offer(call: int = 1, agent: int = 0xA1, **changes: Any) -> Offer:
    """A lead kept for an agent."""
    settings: dict[str, Any] = {
        "call": uid(call),
        "agent": uid(agent),
        "campaign": CAMPAIGN,
        "lead": uid(call + 0x10000),
        "customer": uid(call + 0x20000),
        "loan": None,
        "phone": uid(call + 0x30000),
        "number": "+84500000001",
        "attempt_no": 1,
        "attempts_today": 0,
        "cap": 3,
    }
    return Offer(**(settings | changes))


def a_floor(agents: int = 1, **campaign: Any) -> Desk:
    desk = Desk()
    settings: dict[str, Any] = {"mode": Mode.PREVIEW, "preview_s": 30}
    desk.open_campaign(**(settings | campaign))
    for n in range(agents):
        desk.seat(0xA1 + n)
    return desk


def looking(**campaign: Any) -> Desk:
    """The agent was offered somebody."""
    desk = a_floor(**campaign)
    desk.tell(e.Tick())
    desk.tell(Offered(an_offer()))
    return desk


def ringing(**campaign: Any) -> Desk:
    """He had the call dialled, and it rings."""
    desk = looking(**campaign)
    desk.tell(DialAsked(AGENT, CALL))
    desk.tell(his_line())
    desk.tell(e.Ringing(CALL, desk.now))
    return desk


def his_line(call: int = 1) -> LineOpened:
    return a_line(call, agent=AGENT)


def given_back(orders: list[o.Order]) -> list[str]:
    return [order.reason for order in only(orders, o.GiveBack)]


def cards(orders: list[o.Order], key: str) -> list[Any]:
    return [p.value for p in only(orders, o.Publish) if p.key == key]


class TestOffering:
    """A free agent is shown whom he may call."""

    def test_a_lead_is_looked_for_once_for_each_free_agent_and_no_line_is_opened(self) -> None:
        desk = a_floor(2)
        orders = desk.tell(e.Tick()) + desk.tell(e.Tick(), 250)
        assert {order.agent for order in only(orders, o.Propose)} == {uid(0xA1), uid(0xA2)}
        assert len(only(orders, o.Propose)) == 2
        assert not only(orders, o.Dial)

    def test_he_looks_with_the_screen_before_him_until_a_deadline(self) -> None:
        desk = a_floor()
        desk.tell(e.Tick())
        orders = desk.tell(Offered(an_offer(rule="DAILY_CAP", until_ms=START + 9)))
        assert only(orders, o.ShowScreen) == [o.ShowScreen(AGENT, CALL, desk.now)]
        (agent,) = cards(orders, "agent")
        assert (agent["state"], agent["call"]) == ("REVIEW", str(CALL))
        assert (agent["dialing"], agent["deadline"]) == ("PREVIEW", desk.now + 30_000)
        (call,) = cards(orders, "call")
        assert (call["state"], call["rule"], call["until"]) == ("OFFERED", "DAILY_CAP", START + 9)

    def test_nobody_else_gets_a_call_to_him_meanwhile(self) -> None:
        desk = looking()
        assert not desk.agent().routable
        assert not only(desk.tell(e.Tick(), 250), o.Propose)

    def test_an_empty_list_is_told_and_asked_again_after_a_while(self) -> None:
        desk = a_floor()
        desk.tell(e.Tick())
        desk.tell(NothingToOffer(AGENT, CAMPAIGN, "DRY"))
        assert not only(desk.tell(e.Tick(), 250), o.Propose)
        assert desk.agent().hindrance == "LIST_DRY"
        assert only(desk.tell(e.Tick(), 15_000), o.Propose)

    @pytest.mark.parametrize(
        "event",
        [
            e.AgentAway(AGENT, "SHORT"),
            e.LinkDown(AGENT, "sa1"),
            e.AgentSignedOut(AGENT, "LOGOUT"),
            e.AgentSignedOut(AGENT, "FORCED", forced=True),
        ],
    )
    def test_who_turns_away_gives_the_lead_back(self, event: e.Event) -> None:
        desk = looking()
        orders = desk.tell(event)
        assert given_back(orders) == [""]
        assert cards(orders, f"screen:{CALL}")[-1] is None
        assert (desk.agent().state, desk.agent().call) == (AgentState.IDLE, None)

    def test_an_offer_that_comes_too_late_goes_back(self) -> None:
        desk = a_floor()
        desk.tell(e.Tick())
        desk.tell(e.AgentAway(AGENT, "SHORT"))
        assert given_back(desk.tell(Offered(an_offer()))) == [""]
        assert desk.agent().state is AgentState.IDLE

    @pytest.mark.req("S0d-001")
    @pytest.mark.parametrize(
        "change",
        [{"mode": Mode.PREDICTIVE}, {"mode": Mode.MANUAL}, {"state": CampaignState.PAUSED}],
    )
    def test_another_mode_takes_offers_back_at_the_next_tick(self, change: dict[str, Any]) -> None:
        desk = looking()
        settings: dict[str, Any] = {"mode": Mode.PREVIEW} | change
        desk.open_campaign(**settings)
        assert given_back(desk.tell(e.Tick(), 250)) == [""]
        assert desk.agent().state is AgentState.IDLE

    @pytest.mark.req("S0d-001")
    def test_nothing_is_offered_while_lines_of_another_mode_fly(self) -> None:
        desk = a_floor(mode=Mode.PROGRESSIVE)
        desk.ring(7)
        desk.open_campaign(mode=Mode.PREVIEW)
        assert not only(desk.tell(e.Tick(), 250), o.Propose)
        desk.hang_up(7, cause="NO_ANSWER")
        assert only(desk.tell(e.Tick(), 250), o.Propose)

    def test_a_dialer_that_ends_gives_everything_back(self) -> None:
        assert given_back(looking().tell(e.Draining())) == [""]


class TestDeciding:
    """He has it dialled, or passes it over."""

    def test_skipping_names_the_reason_and_makes_him_free(self) -> None:
        desk = looking()
        orders = desk.tell(SkipAsked(AGENT, CALL, "LATER"))
        assert given_back(orders) == ["LATER"]
        assert only(desk.tell(e.Tick(), 250), o.Propose)

    def test_dialling_opens_the_line_of_this_offer(self) -> None:
        desk = looking()
        orders = desk.tell(DialAsked(AGENT, CALL))
        assert [each.offer.call for each in only(orders, o.DialOffer)] == [CALL]
        assert desk.agent().state is AgentState.DIALING
        assert [p.call for p in only(desk.tell(his_line()), o.Place)] == [CALL]

    def test_he_may_choose_another_number_of_the_customers(self) -> None:
        desk, other = a_floor(), Number(uid(77), "+84500000077", "OUT_OF_WINDOW", START)
        desk.tell(e.Tick())
        (card,) = cards(desk.tell(Offered(an_offer(others=(other,)))), "call")
        assert [(each["number"], each["rule"]) for each in card["others"]] == [
            ("+84500000077", "OUT_OF_WINDOW")
        ]
        assert not only(desk.tell(DialAsked(AGENT, CALL, uid(78))), o.DialOffer)
        (order,) = only(desk.tell(DialAsked(AGENT, CALL, uid(77))), o.DialOffer)
        assert (order.offer.phone, order.offer.number) == (uid(77), "+84500000077")

    def test_a_second_press_and_a_press_for_another_call_do_nothing(self) -> None:
        desk = looking()
        assert not only(desk.tell(DialAsked(AGENT, uid(9))), o.DialOffer)
        desk.tell(DialAsked(AGENT, CALL))
        assert not only(desk.tell(DialAsked(AGENT, CALL)), o.DialOffer)
        assert not given_back(desk.tell(SkipAsked(AGENT, CALL, "LATER")))

    def test_what_the_law_refuses_at_the_dial_is_told_and_the_next_is_looked_for(self) -> None:
        desk = looking()
        desk.tell(DialAsked(AGENT, CALL))
        desk.tell(DialRefused(AGENT, CALL, CAMPAIGN, "DAILY_CAP"))
        assert (desk.agent().state, desk.agent().tried) == (AgentState.IDLE, "DAILY_CAP")
        assert desk.floor.room.efforts[CAMPAIGN].refused["DAILY_CAP"] == 1
        assert only(desk.tell(e.Tick(), 250), o.Propose)

    def test_time_alone_dials_nobody(self) -> None:
        desk = looking()
        orders = desk.tell(e.Tick(), 30_000)
        assert given_back(orders) == [TIMEOUT]
        assert not only(orders, o.DialOffer)
        assert desk.agent().routable

    def test_who_lets_two_offers_run_out_is_not_ready_any_more(self) -> None:
        desk = looking()
        desk.tell(e.Tick(), 30_000)
        desk.tell(Offered(an_offer(2)))
        desk.tell(e.Tick(), 30_000)
        assert (desk.agent().status, desk.agent().reason) == (Status.NOT_READY, UNANSWERED_OFFERS)

    def test_a_campaign_may_have_the_call_made_at_the_end(self) -> None:
        orders = looking(preview_dials=True).tell(e.Tick(), 30_000)
        assert [each.offer.call for each in only(orders, o.DialOffer)] == [CALL]

    def test_but_never_one_that_the_law_forbids(self) -> None:
        desk = a_floor(preview_dials=True)
        desk.tell(e.Tick())
        desk.tell(Offered(an_offer(rule="OUTSIDE_HOURS")))
        orders = desk.tell(e.Tick(), 30_000)
        assert given_back(orders) == [TIMEOUT]

    def test_no_line_is_opened_where_nobody_may_dial(self) -> None:
        desk = looking()
        desk.tell(e.StateLost("REDIS"))
        assert not only(desk.tell(DialAsked(AGENT, CALL)), o.DialOffer)
        assert desk.agent().state is AgentState.REVIEW


class TestCalling:
    """The call is his, and nobody waits."""

    def test_who_answers_speaks_with_the_one_who_called(self) -> None:
        desk = ringing()
        desk.seat(0xA2)
        desk.now += 4_000
        (reserve,) = only(desk.tell(e.Answered(CALL, desk.now)), o.Reserve)
        assert reserve.agent == AGENT
        desk.grant()
        desk.tell(e.BridgedUp(CALL, AGENT, desk.now))
        assert desk.agent().state is AgentState.IN_CALL
        desk.hang_up()
        assert desk.agent().state is AgentState.WRAP_UP
        assert not only(desk.orders, o.PlayMessage)

    @pytest.mark.parametrize("cause", [Cause.NO_ANSWER, Cause.BUSY, Cause.INVALID_NUMBER])
    def test_an_attempt_without_an_answer_leads_to_the_next_offer(self, cause: Cause) -> None:
        desk = ringing()
        orders = desk.hang_up(cause=cause)
        (ended,) = [w.record for w in only(orders, o.Write) if isinstance(w.record, CallEnded)]
        assert (ended.cause, ended.agent, ended.abandoned) == (cause, AGENT, False)
        assert (desk.agent().state, desk.agent().tried) == (AgentState.IDLE, cause)
        assert only(desk.tell(e.Tick(), 250), o.Propose)

    def test_he_need_not_wait_for_an_answer(self) -> None:
        desk = ringing()
        orders = desk.tell(e.HangUpAsked(AGENT, CALL))
        assert only(orders, o.HangUp) == [o.HangUp(CALL, Cause.CANCELLED)]

    def test_nor_for_the_line_to_be_opened(self) -> None:
        desk = looking()
        desk.tell(DialAsked(AGENT, CALL))
        desk.tell(e.HangUpAsked(AGENT, CALL))
        assert not only(desk.tell(his_line()), o.Place)
        assert (desk.agent().state, desk.agent().tried) == (AgentState.IDLE, Cause.CANCELLED)

    def test_a_lost_link_takes_the_call_back_before_anybody_answers(self) -> None:
        desk = ringing()
        orders = desk.tell(e.LinkDown(AGENT, "sa1"))
        assert only(orders, o.HangUp) == [o.HangUp(CALL, Cause.CANCELLED)]
        desk.hang_up(cause="CANCELLED")
        assert (desk.agent().state, desk.agent().call) == (AgentState.IDLE, None)

    def test_who_lost_his_link_just_before_the_line_was_opened_rings_nobody(self) -> None:
        desk = looking()
        desk.tell(DialAsked(AGENT, CALL))
        desk.tell(e.LinkDown(AGENT, "sa1"))
        assert not only(desk.tell(his_line()), o.Place)
        assert (desk.agent().state, desk.agent().call) == (AgentState.IDLE, None)

    def test_a_customer_who_answers_when_the_link_is_gone_gets_somebody_else(self) -> None:
        desk = ringing()
        desk.seat(0xA2)
        desk.tell(e.Answered(CALL, desk.now))
        desk.tell(e.ReserveRefused(AGENT, CALL))
        assert desk.call().agent == uid(0xA2)
        assert desk.agent().state is AgentState.IDLE

    def test_a_break_chosen_while_it_rings_begins_after_it(self) -> None:
        desk = ringing()
        desk.tell(e.AgentAway(AGENT, "SHORT"))
        assert desk.agent().state is AgentState.DIALING
        desk.hang_up(cause="NO_ANSWER")
        assert desk.agent().status is Status.PAUSED

    def test_a_stop_takes_back_what_rings(self) -> None:
        orders = ringing().tell(e.DialingStopAsked(CAMPAIGN, LEADER, "drill"))
        assert only(orders, o.HangUp) == [o.HangUp(CALL, Cause.CANCELLED)]


class TestPicking:
    """MANUAL: the agent chooses whom he looks at."""

    def test_nothing_is_offered_and_what_he_picks_is_kept_for_him(self) -> None:
        desk = a_floor(mode=Mode.MANUAL)
        assert not only(desk.tell(e.Tick()), o.Propose)
        (order,) = only(desk.tell(LeadPicked(AGENT, CAMPAIGN, uid(5))), o.Propose)
        assert (order.agent, order.lead) == (AGENT, uid(5))
        desk.tell(Offered(an_offer(picked=True)))
        assert desk.agent().state is AgentState.REVIEW
        assert not given_back(desk.tell(e.Tick(), 250))

    def test_in_manual_mode_he_picks_from_a_campaign_that_dials_by_itself_too(self) -> None:
        desk = a_floor(mode=Mode.PREDICTIVE)
        assert not only(desk.tell(LeadPicked(AGENT, CAMPAIGN, uid(5))), o.Propose)
        desk.tell(e.ModeChosen(AGENT, "MANUAL"))
        assert only(desk.tell(LeadPicked(AGENT, CAMPAIGN, uid(5))), o.Propose)
        desk.tell(Offered(an_offer(picked=True)))
        desk.tell(SkipAsked(AGENT, CALL, "LATER"))
        assert (desk.agent().state, desk.agent().call) == (AgentState.REVIEW, None)

    def test_a_campaign_that_is_not_his_is_not_his_to_pick_from(self) -> None:
        desk = a_floor(mode=Mode.MANUAL)
        desk.open_campaign(0xC2, mode=Mode.MANUAL)
        assert not only(desk.tell(LeadPicked(AGENT, uid(0xC2), uid(5))), o.Propose)

    def test_somebody_who_was_taken_meanwhile_is_said_to_be_gone(self) -> None:
        desk = a_floor(mode=Mode.MANUAL)
        desk.tell(LeadPicked(AGENT, CAMPAIGN, uid(5)))
        desk.tell(NothingToOffer(AGENT, CAMPAIGN, "GONE"))
        assert desk.agent().tried == "GONE"
        assert only(desk.tell(LeadPicked(AGENT, CAMPAIGN, uid(6))), o.Propose)


class TestTakingOver:
    """A dialer died; the next one finds an agent who looked, or heard it ring."""

    def restored(self, desk: Desk, *, alive: bool) -> Desk:
        room = desk.floor.room
        agents = [
            LiveAgent(
                agent=a.id, name=a.name, team=a.team, campaigns=a.campaigns, wrapup_multiplier=1.0,
                status=a.status.value, reason=None, status_since_ms=START, state=a.state.value,
                state_since_ms=START, call=a.call, deadline_ms=a.deadline, extends_left=0, disposed=False,
            )
            for a in room.agents.values()
        ]  # fmt: skip
        calls = [
            LiveCall(c.line, c.state.value, None, START, None, None, None)
            for c in room.calls.values()
        ]
        after = Desk(now=desk.now)
        after.open_campaign(mode=Mode.PREVIEW)
        up = frozenset(room.calls) if alive else frozenset()
        after.tell(e.Restored(tuple(agents), tuple(calls), up))
        return after

    def test_who_looked_is_free(self) -> None:
        after = self.restored(looking(), alive=True)
        assert (after.agent().state, after.agent().call) == (AgentState.IDLE, None)
        after.tell(e.LinkUp(AGENT, "s2"))
        assert only(after.tell(e.Tick(), 250), o.Propose)

    def test_what_rings_is_taken_back_and_its_agent_is_free(self) -> None:
        after = self.restored(ringing(), alive=True)
        assert only(after.orders, o.HangUp) == [o.HangUp(CALL, Cause.CANCELLED)]
        assert not only(after.orders, o.Place)
        after.hang_up(cause="CANCELLED")
        assert (after.agent().state, after.agent().call) == (AgentState.IDLE, None)

    def test_what_the_carrier_lost_frees_its_agent_too(self) -> None:
        after = self.restored(ringing(), alive=False)
        assert after.agent().state is AgentState.IDLE
        assert not after.floor.room.calls

    def test_a_line_that_was_opened_and_not_placed_is_cancelled(self) -> None:
        desk = ringing()
        desk.call().state = CallState.CREATED
        after = self.restored(desk, alive=True)
        assert after.agent().state is AgentState.IDLE
        written = [w.record for w in only(after.orders, o.Write)]
        assert any(isinstance(r, AgentChanged) and r.state == "IDLE" for r in written)
