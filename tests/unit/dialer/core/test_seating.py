"""What people ask of the room: domain.md 5.1 and the controls of a call."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.call import CallState
from dialer.core.campaign import CampaignState
from dialer.core.records import AgentChanged, BreakOverran, CallEnded, CallMoment, Moment
from dialer.core.standing import AgentState, Link, Status
from tests.support.dialer import AGENT, CAMPAIGN, LEADER, TEAM, Desk, only, uid

CALL = uid(1)


def a_floor(**campaign: Any) -> Desk:
    desk = Desk()
    desk.open_campaign(**campaign)
    desk.seat()
    return desk


def in_call() -> Desk:
    desk = a_floor()
    desk.connect()
    return desk


def wrapping() -> Desk:
    desk = in_call()
    desk.hang_up()
    return desk


def shown(orders: list[o.Order], key: str = "agent") -> list[object]:
    return [p.value for p in only(orders, o.Publish) if p.key == key]


class TestComing:
    """Signing in and out."""

    def test_signing_in_seats_and_shows_the_agent(self) -> None:
        desk = Desk()
        orders = desk.tell(e.AgentSignedIn(AGENT, "An", TEAM, frozenset({CAMPAIGN}), 1.5))
        (card,) = shown(orders)
        assert isinstance(card, dict)
        assert (card["status"], card["link"]) == ("NOT_READY", "LOST")
        assert desk.agent().wrapup_multiplier == 1.5

    def test_an_agent_without_a_call_is_shown_the_campaign_that_is_served_first(self) -> None:
        desk = Desk()
        desk.open_campaign(0xC2, name="Later", priority=1)
        desk.open_campaign(0xC3, name="First", priority=9)
        desk.open_campaign(0xC4, name="Paused", priority=10, state=CampaignState.PAUSED)
        both = frozenset({uid(0xC2), uid(0xC3), uid(0xC4)})
        (card,) = shown(desk.tell(e.AgentSignedIn(AGENT, "An", TEAM, both)))
        assert isinstance(card, dict)
        assert card["campaign"] == {"id": str(uid(0xC3)), "name": "First"}

    def test_signing_in_again_takes_what_changed_and_no_more(self) -> None:
        desk = a_floor()
        orders = desk.tell(e.AgentSignedIn(AGENT, "Bình", TEAM, frozenset()))
        (card,) = shown(orders)
        assert isinstance(card, dict)
        assert card["campaign"] is None
        assert (desk.agent().name, desk.agent().status) == ("Bình", Status.READY)
        assert desk.agent().campaigns == frozenset()

    def test_signing_in_again_takes_back_that_a_sign_in_had_lapsed(self) -> None:
        desk = in_call()
        desk.tell(e.AgentSignedOut(AGENT, "EXPIRED"))
        desk.tell(e.AgentSignedIn(AGENT, "An", TEAM, frozenset({CAMPAIGN})))
        assert desk.agent().pending is None

    @pytest.mark.parametrize("forced", [True, False])
    def test_a_page_that_is_opened_again_takes_no_leave_back(self, forced: bool) -> None:  # noqa: FBT001 - a parameter
        desk = in_call()
        why = "FORCED" if forced else "LOGOUT"
        desk.tell(e.AgentSignedOut(AGENT, why, forced=forced))
        desk.tell(e.AgentSignedIn(AGENT, "An", TEAM, frozenset({CAMPAIGN})))
        pending = desk.agent().pending
        assert pending is not None
        assert (pending.status, pending.reason) == (Status.OFFLINE, why)

    def test_a_pending_break_stays_when_he_signs_in_again(self) -> None:
        desk = in_call()
        desk.tell(e.AgentAway(AGENT, "LUNCH"))
        desk.tell(e.AgentSignedIn(AGENT, "An", TEAM, frozenset({CAMPAIGN})))
        assert desk.agent().pending is not None

    def test_one_who_left_comes_back_with_his_link_as_it_is(self) -> None:
        desk = a_floor()
        desk.tell(e.AgentSignedOut(AGENT, "LOGOUT"))
        assert desk.agent().status is Status.OFFLINE
        desk.tell(e.AgentSignedIn(AGENT, "An", TEAM, frozenset({CAMPAIGN})))
        assert (desk.agent().status, desk.agent().lost_at) == (Status.NOT_READY, None)
        desk.tell(e.LinkDown(AGENT))
        desk.tell(e.AgentSignedOut(AGENT, "LOGOUT"), 50)
        desk.tell(e.AgentSignedIn(AGENT, "An", TEAM, frozenset({CAMPAIGN})), 50)
        assert desk.agent().lost_at == desk.now

    def test_leaving_in_a_call_waits_for_wrap_up(self) -> None:
        desk = in_call()
        desk.tell(e.AgentSignedOut(AGENT, "LOGOUT"))
        assert desk.agent().status is Status.READY
        desk.hang_up()
        desk.tell(e.OutcomeSaved(AGENT, CALL, "REFUSED"))
        desk.tell(e.FinishAsked(AGENT, CALL))
        assert (desk.agent().status, desk.agent().reason) == (Status.OFFLINE, "LOGOUT")

    def test_forced_out_of_wrap_up_clears_the_desk(self) -> None:
        desk = wrapping()
        orders = desk.tell(e.AgentSignedOut(AGENT, "FORCED", forced=True))
        assert o.Publish(f"agent:{AGENT}", "call", None) in orders
        assert desk.agent().status is Status.OFFLINE
        assert desk.floor.call(CALL) is None

    def test_a_stranger_is_refused(self) -> None:
        desk = Desk()
        for event in (e.AgentReady(AGENT), e.LinkUp(AGENT), e.AgentAway(AGENT, "LUNCH")):
            assert desk.tell(event) == []
        assert desk.floor.room.counts["refused_AgentReady"] == 1


class TestBreaks:
    """S0b-014: a break asked for in a call takes effect after wrap-up."""

    pytestmark = pytest.mark.req("S0b-014")

    def test_a_break_at_once(self) -> None:
        desk = a_floor()
        desk.tell(e.AgentAway(AGENT, "LUNCH"))
        assert desk.agent().status is Status.PAUSED
        assert only(desk.tell(e.Tick()), o.Dial) == []

    def test_a_break_in_a_call_is_shown_as_pending(self) -> None:
        desk = in_call()
        (card,) = shown(desk.tell(e.AgentAway(AGENT, "LUNCH")))
        assert isinstance(card, dict)
        assert card["pending"] == {"status": "PAUSED", "reason": "LUNCH", "by": None}
        assert card["status"] == "READY"

    def test_and_can_be_taken_back(self) -> None:
        desk = in_call()
        desk.tell(e.AgentAway(AGENT, "LUNCH"))
        (card,) = shown(desk.tell(e.PendingCancelled(AGENT)))
        assert isinstance(card, dict)
        assert card["pending"] is None


class TestSupervision:
    """What those who lead do to an agent; the record says that it was they."""

    def changes(self, orders: list[o.Order]) -> list[AgentChanged]:
        return [w.record for w in only(orders, o.Write) if isinstance(w.record, AgentChanged)]

    def test_a_forced_break_is_shown_with_who_ordered_it(self) -> None:
        desk = a_floor()
        orders = desk.tell(e.BreakForced(AGENT, "MEETING", "Linh", 60_000))
        (card,) = shown(orders)
        assert isinstance(card, dict)
        assert (card["status"], card["reason"]) == ("PAUSED", "MEETING")
        assert (card["by"], card["limit_ms"]) == ("Linh", 60_000)
        assert [record.because for record in self.changes(orders)] == ["SUPERVISOR"]

    def test_in_a_call_it_waits(self) -> None:
        desk = in_call()
        (card,) = shown(desk.tell(e.BreakForced(AGENT, "MEETING", "Linh")))
        assert isinstance(card, dict)
        assert card["pending"] == {"status": "PAUSED", "reason": "MEETING", "by": "Linh"}

    def test_a_forced_leave_is_the_supervisors_doing(self) -> None:
        desk = a_floor()
        orders = desk.tell(e.AgentSignedOut(AGENT, "FORCED", forced=True, by="Linh"))
        (record,) = self.changes(orders)
        assert (record.status, record.reason, record.because) == ("OFFLINE", "FORCED", "SUPERVISOR")
        assert desk.agent().by == "Linh"

    def test_who_is_not_here_cannot_be_sent_on_a_break(self) -> None:
        desk = a_floor()
        desk.tell(e.AgentSignedOut(AGENT, "LOGOUT"))
        assert desk.tell(e.BreakForced(AGENT, "MEETING", "Linh")) == []

    def test_a_break_that_runs_over_is_shown_and_told_twice(self) -> None:
        desk = a_floor()
        desk.tell(e.AgentAway(AGENT, "SHORT", 600_000))
        orders = desk.tell(e.Tick(), 600_000) + desk.tell(e.Tick(), 300_000)
        told = [w.record for w in only(orders, o.Write) if isinstance(w.record, BreakOverran)]
        assert [(each.reason, each.limit_ms, each.overrun) for each in told] == [
            ("SHORT", 600_000, "OVER"),
            ("SHORT", 600_000, "FAR_OVER"),
        ]
        assert [card["overrun"] for card in shown(orders) if isinstance(card, dict)] == [
            "OVER",
            "FAR_OVER",
        ]

    def test_in_manual_mode_no_call_is_routed_to_him(self) -> None:
        desk = a_floor()
        orders = desk.tell(e.ModeChosen(AGENT, "MANUAL"))
        (record,) = self.changes(orders)
        assert (record.mode, record.state, record.because) == ("MANUAL", "REVIEW", "AGENT")
        assert only(desk.answer(), o.Reserve) == []


class TestCall:
    """Hanging up, hold, mute."""

    def test_the_agent_hangs_up_and_the_carrier_ends_it(self) -> None:
        desk = in_call()
        orders = desk.tell(e.HangUpAsked(AGENT, CALL))
        assert only(orders, o.HangUp) == [o.HangUp(CALL, "COMPLETED")]
        assert desk.call().state is CallState.BRIDGED
        assert only(desk.tell(e.HangUpAsked(AGENT, CALL)), o.HangUp) == []
        orders = desk.hang_up(by="SYSTEM")
        (record,) = [w.record for w in only(orders, o.Write) if isinstance(w.record, CallEnded)]
        assert record.by == "AGENT"

    def test_hold_and_back_are_counted(self) -> None:
        desk = in_call()
        orders = desk.tell(e.HoldAsked(AGENT, CALL, on=True), 1_000)
        assert only(orders, o.Hold) == [o.Hold(CALL, on=True)]
        assert desk.agent().state is AgentState.HELD
        orders = desk.tell(e.HoldAsked(AGENT, CALL, on=False), 4_000)
        assert only(orders, o.Hold) == [o.Hold(CALL, on=False)]
        moments = [w.record for w in only(orders, o.Write) if isinstance(w.record, CallMoment)]
        assert [m.moment for m in moments] == [Moment.RESUMED]
        assert desk.call().held_ms == 4_000

    def test_a_second_hold_changes_nothing(self) -> None:
        desk = in_call()
        desk.tell(e.HoldAsked(AGENT, CALL, on=True))
        assert desk.tell(e.HoldAsked(AGENT, CALL, on=True), 5) == []
        assert desk.agent().state is AgentState.HELD

    def test_a_call_that_ends_on_hold_counts_that_hold(self) -> None:
        desk = in_call()
        desk.tell(e.HoldAsked(AGENT, CALL, on=True))
        desk.now += 3_000
        orders = desk.hang_up()
        (record,) = [w.record for w in only(orders, o.Write) if isinstance(w.record, CallEnded)]
        assert (record.held_ms, record.talk_ms) == (3_000, 3_000)

    def test_mute_is_shown_and_ends_with_the_call(self) -> None:
        desk = in_call()
        orders = desk.tell(e.MuteAsked(AGENT, on=True))
        assert only(orders, o.Mute) == [o.Mute(CALL, on=True)]
        assert desk.agent().muted
        desk.hang_up()
        assert not desk.agent().muted

    @pytest.mark.parametrize(
        "event",
        [
            e.HangUpAsked(AGENT, CALL),
            e.HoldAsked(AGENT, CALL, on=True),
            e.MuteAsked(AGENT, on=True),
        ],
    )
    def test_nothing_of_it_works_after_the_call(self, event: e.Event) -> None:
        assert wrapping().tell(event) == []

    def test_another_call_than_his_is_refused(self) -> None:
        desk = in_call()
        for event in (e.HangUpAsked(AGENT, uid(2)), e.OutcomeSaved(AGENT, uid(2), "REFUSED")):
            assert desk.tell(event) == []


class TestWrapUp:
    """S0b-012 and S0b-013."""

    def test_the_end_of_the_call_begins_it(self) -> None:
        desk = in_call()
        desk.now += 30_000
        (card,) = shown(desk.hang_up())
        assert isinstance(card, dict)
        assert (card["state"], card["deadline"]) == ("WRAP_UP", desk.now + 20_000)
        assert card["extends_left"] == 10

    def test_the_terms_are_those_of_the_moment_of_joining(self) -> None:
        desk = in_call()
        desk.open_campaign(wrapup_s=99)
        desk.hang_up()
        assert desk.agent().deadline == desk.now + 20_000

    def test_the_outcome_may_be_saved_in_the_call(self) -> None:
        desk = in_call()
        desk.tell(e.OutcomeSaved(AGENT, CALL, "PTP_SCHEDULED"))
        desk.hang_up()
        orders = desk.tell(e.FinishAsked(AGENT, CALL), 2_000)
        assert only(orders, o.Release) == [o.Release(AGENT, CALL)]
        assert desk.agent().routable

    def test_finishing_without_an_outcome_is_refused(self) -> None:
        desk = wrapping()
        assert desk.tell(e.FinishAsked(AGENT, CALL)) == []
        assert desk.agent().state is AgentState.WRAP_UP

    def test_finishing_clears_the_desk_and_frees_the_agent(self) -> None:
        desk = wrapping()
        desk.tell(e.OutcomeSaved(AGENT, CALL, "REFUSED"))
        orders = desk.tell(e.FinishAsked(AGENT, CALL), 7_000)
        channel = f"agent:{AGENT}"
        assert orders[:3] == [
            o.Release(AGENT, CALL),
            o.Publish(channel, f"screen:{CALL}", None),
            o.Publish(channel, "call", None),
        ]
        assert o.DropScreen(CALL) in orders
        assert desk.floor.call(CALL) is None
        assert desk.floor.room.efforts[CAMPAIGN].estimates.wrap_ms.value == 7_000

    def test_promises_follow_the_outcome(self) -> None:
        desk = wrapping()
        effort = desk.floor.room.efforts[CAMPAIGN]
        for leaf, promises in (("PTP_SCHEDULED", 1), ("PTP_PARTIAL", 1), ("REFUSED", 0)):
            desk.tell(e.OutcomeSaved(AGENT, CALL, leaf))
            assert effort.day.promises == promises

    def test_prolonging(self) -> None:
        desk = wrapping()
        (card,) = shown(desk.tell(e.ExtendAsked(AGENT, CALL)))
        assert isinstance(card, dict)
        assert card["deadline"] == desk.now + 50_000

    def test_the_deadline_with_an_outcome_is_finishing(self) -> None:
        desk = wrapping()
        desk.tell(e.OutcomeSaved(AGENT, CALL, "REFUSED"))
        desk.tell(e.Tick(), 20_000)
        assert desk.agent().routable

    def test_the_deadline_without_one_waits_for_a_team_lead(self) -> None:
        desk = wrapping()
        desk.tell(e.Tick(), 20_000)
        assert desk.agent().state is AgentState.WRAP_OVER
        orders = desk.tell(e.WrapUpCompleted(AGENT, LEADER))
        assert (desk.agent().status, desk.agent().reason) == (Status.PAUSED, "BACK_OFFICE")
        (record,) = [w.record for w in only(orders, o.Write) if isinstance(w.record, AgentChanged)]
        assert record.because == "SUPERVISOR"

    def test_a_loaded_floor_gives_the_next_call_at_once(self) -> None:
        desk = wrapping()
        desk.tell(e.OutcomeSaved(AGENT, CALL, "REFUSED"))
        desk.answer(2)
        orders = desk.tell(e.FinishAsked(AGENT, CALL))
        kinds = [type(order) for order in orders]
        assert kinds.index(o.Release) < kinds.index(o.Reserve)
        assert shown(orders) == []


class TestLink:
    """Sockets come and go."""

    def test_loss_and_return_are_shown_and_written(self) -> None:
        desk = a_floor()
        (card,) = shown(desk.tell(e.LinkDown(AGENT, "sa1")))
        assert isinstance(card, dict)
        assert card["link"] == "LOST"
        orders = desk.tell(e.LinkUp(AGENT, "s2"), 100)
        (record,) = [w.record for w in only(orders, o.Write) if isinstance(w.record, AgentChanged)]
        assert (record.link, record.because) == ("UP", "NETWORK")

    def test_an_older_socket_closing_means_nothing(self) -> None:
        desk = a_floor()
        desk.tell(e.LinkUp(AGENT, "s2"))
        assert desk.tell(e.LinkDown(AGENT, "sa1")) == []
        assert desk.agent().link is Link.UP

    def test_a_shift_without_a_link_ends(self) -> None:
        desk = a_floor()
        desk.tell(e.LinkDown(AGENT))
        desk.tell(e.Tick(), 120_000)
        assert desk.agent().status is Status.READY
        desk.tell(e.Tick(), 1)
        assert (desk.agent().status, desk.agent().reason) == (Status.OFFLINE, "LINK_LOST")

    def test_outcomes_of_an_unknown_campaign_count_nowhere(self) -> None:
        desk = wrapping()
        desk.floor.room.efforts.clear()
        desk.tell(e.OutcomeSaved(AGENT, CALL, "PTP_SCHEDULED"))
        desk.tell(e.FinishAsked(AGENT, CALL))
        assert desk.agent().routable

    def test_an_outcome_after_a_restart_without_campaign_is_taken(self) -> None:
        desk = wrapping()
        desk.agent().campaign = None
        desk.tell(e.OutcomeSaved(AGENT, CALL, "PTP_SCHEDULED"))
        assert desk.agent().disposed
        desk.tell(e.FinishAsked(AGENT, CALL))
        assert desk.agent().routable
