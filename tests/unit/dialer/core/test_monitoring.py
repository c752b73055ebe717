"""Who steps into a live call: one session each, told to the agent as agreed, ended with call or page."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.call import CallState
from dialer.core.live import LiveAgent, LiveCall
from dialer.core.monitor import (
    MonitorAsked,
    MonitorChanged,
    MonitorKept,
    MonitorLeft,
    MonitorMode,
    Supervise,
    SupervisorJoined,
    SupervisorLost,
    Withdraw,
)
from dialer.core.monitoring import KEPT_MS
from dialer.core.records import CallEnded
from dialer.core.standing import AgentState
from tests.support.dialer import AGENT, LEADER, TEAM, Desk, a_floor, only, uid

CALL, OTHER_LEADER = uid(1), uid(0x2E)
LISTEN, WHISPER, BARGE, TAKE_OVER = MonitorMode


def in_call(agents: int = 1) -> Desk:
    desk = a_floor(agents)
    desk.connect()
    return desk


def ask(mode: MonitorMode = LISTEN, **changes: Any) -> MonitorAsked:
    asked: dict[str, Any] = {
        "by": LEADER, "name": "Linh", "agent": AGENT, "call": CALL, "mode": mode.value, "visible": False,
    }  # fmt: skip
    return MonitorAsked(**(asked | changes))


def changes(orders: list[o.Order]) -> list[tuple[str | None, str | None, str | None]]:
    records = [w.record for w in only(orders, o.Write) if isinstance(w.record, MonitorChanged)]
    return [(each.before, each.after, each.why) for each in records]


def card(desk: Desk, channel: str, key: str) -> Any:
    """The newest value of a card."""
    return next(
        p.value
        for p in reversed(only(desk.orders, o.Publish))
        if (p.channel, p.key) == (channel, key)
    )


def badge(desk: Desk) -> Any:
    """What the agent sees: the modes of those whom he is told of."""
    value = card(desk, f"agent:{AGENT}", "monitor")
    return None if value is None else [each["mode"] for each in value["by"]]


class TestModes:
    """One session each; every change is one record."""

    def test_listening_is_ordered_written_and_shown_to_those_who_lead(self) -> None:
        desk = in_call()
        orders = desk.tell(ask())
        assert only(orders, Supervise) == [Supervise(CALL, LEADER, LISTEN)]
        assert changes(orders) == [(None, "LISTEN", None)]
        for channel in (f"monitor:{TEAM}", "monitor:all"):
            told = card(desk, channel, f"monitor:{CALL}")
            assert [(each["user"], each["mode"], each["heard"]) for each in told["by"]] == [
                (str(LEADER), "LISTEN", False)
            ]
        desk.tell(SupervisorJoined(CALL, LEADER, "LISTEN", desk.now))
        assert card(desk, "monitor:all", f"monitor:{CALL}")["by"][0]["heard"] is True

    def test_a_change_says_from_what_since_when_to_what(self) -> None:
        desk = in_call()
        desk.tell(ask(WHISPER))
        began = desk.now
        orders = desk.tell(ask(BARGE), 4_000) + desk.tell(ask(WHISPER), 1_000)
        assert changes(orders) == [("WHISPER", "BARGE", None), ("BARGE", "WHISPER", None)]
        first, second = (w.record for w in only(orders, o.Write))
        assert isinstance(first, MonitorChanged)
        assert isinstance(second, MonitorChanged)
        assert (first.since_ms, second.since_ms) == (began, began + 4_000)

    def test_mo8_the_same_again_changes_nothing(self) -> None:
        desk = in_call()
        desk.tell(ask(BARGE))
        assert desk.tell(ask(BARGE), 200) == []
        assert len(desk.floor.room.monitors) == 1

    def test_two_may_be_in_one_call_and_each_is_named(self) -> None:
        desk = in_call()
        desk.tell(ask(WHISPER))
        desk.tell(ask(LISTEN, by=OTHER_LEADER, name="Phúc"))
        told = card(desk, "monitor:all", f"monitor:{CALL}")
        assert [(each["name"], each["mode"]) for each in told["by"]] == [
            ("Linh", "WHISPER"),
            ("Phúc", "LISTEN"),
        ]

    def test_one_call_at_a_time(self) -> None:
        desk = in_call(2)
        desk.connect(2, 0xA2)
        desk.tell(ask())
        orders = desk.tell(ask(call=uid(2), agent=uid(0xA2)))
        assert only(orders, Withdraw) == [Withdraw(CALL, LEADER)]
        assert changes(orders) == [("LISTEN", None, "SWITCHED"), (None, "LISTEN", None)]

    @pytest.mark.parametrize(
        "wrong", [{"call": uid(2)}, {"agent": uid(0xA2)}, {"by": AGENT}, {"agent": uid(0xFF)}]
    )
    def test_whoever_is_not_in_that_call_cannot_be_heard(self, wrong: dict[str, Any]) -> None:
        desk = in_call(2)
        assert desk.tell(ask(**wrong)) == []
        assert desk.floor.room.counts["refused_MonitorAsked"] == 1

    def test_before_the_voices_are_joined_there_is_nothing_to_hear(self) -> None:
        desk = a_floor()
        desk.answer()
        desk.grant()
        assert only(desk.tell(ask()), Supervise) == []


class TestBadge:
    """The agent is told of whispers and voices always, of listening by the organisation's policy."""

    @pytest.mark.parametrize(
        ("mode", "visible", "shown"),
        [
            (LISTEN, False, None),
            (LISTEN, True, ["LISTEN"]),
            (WHISPER, False, ["WHISPER"]),
            (BARGE, False, ["BARGE"]),
        ],
    )
    def test_who_is_told(
        self,
        mode: MonitorMode,
        visible: bool,  # noqa: FBT001 - a column of the table
        shown: list[str] | None,
    ) -> None:
        desk = in_call()
        desk.tell(ask(mode, visible=visible))
        assert badge(desk) == shown

    def test_it_goes_when_they_leave(self) -> None:
        desk = in_call()
        desk.tell(ask(WHISPER))
        desk.tell(MonitorLeft(LEADER))
        assert badge(desk) is None


class TestEnd:
    """A session never outlives its call or its page."""

    def test_leaving_ends_it_once(self) -> None:
        desk = in_call()
        desk.tell(ask())
        orders = desk.tell(MonitorLeft(LEADER))
        assert only(orders, Withdraw) == [Withdraw(CALL, LEADER)]
        assert changes(orders) == [("LISTEN", None, "LEFT")]
        assert desk.tell(MonitorLeft(LEADER)) == []
        assert card(desk, "monitor:all", f"monitor:{CALL}") is None
        assert card(desk, "monitor:all", f"left:{LEADER}")["why"] == "LEFT"

    def test_so_does_the_end_of_the_call(self) -> None:
        desk = in_call()
        desk.tell(ask(BARGE))
        assert changes(desk.hang_up()) == [("BARGE", None, "CALL_ENDED")]
        assert desk.floor.room.monitors == {}
        assert badge(desk) is None

    def test_and_an_agent_who_does_not_have_it_any_more(self) -> None:
        desk = in_call()
        desk.tell(ask())
        orders = desk.tell(e.BridgeFailed(CALL, AGENT, desk.now))
        assert changes(orders) == [("LISTEN", None, "CALL_MOVED")]

    def test_mo9_a_page_that_falls_silent_ends_it_and_one_that_speaks_does_not(self) -> None:
        desk = in_call()
        desk.tell(ask())
        desk.tell(MonitorKept(LEADER), KEPT_MS - 1)
        assert changes(desk.tell(e.Tick(), KEPT_MS - 1)) == []
        assert changes(desk.tell(e.Tick(), 1)) == [("LISTEN", None, "PAGE_LOST")]

    def test_and_signing_out_of_somebody_who_is_no_agent(self) -> None:
        desk = in_call()
        desk.tell(ask())
        orders = desk.tell(e.AgentSignedOut(LEADER, "LOGOUT"))
        assert changes(orders) == [("LISTEN", None, "SIGNED_OUT")]

    def test_and_a_telephone_that_cannot_be_reached(self) -> None:
        desk = in_call()
        desk.tell(ask())
        orders = desk.tell(SupervisorLost(CALL, LEADER, desk.now))
        assert changes(orders) == [("LISTEN", None, "VOICE_LOST")]
        assert desk.tell(SupervisorLost(CALL, LEADER, desk.now)) == []

    def test_nobody_is_in_a_call_when_the_dialer_begins_again(self) -> None:
        desk = in_call()
        line, agent = desk.call().line, desk.agent()
        known = LiveCall(line, "BRIDGED", AGENT, desk.now, desk.now, desk.now, desk.now)
        seat = LiveAgent(
            AGENT, agent.name, TEAM, agent.campaigns, 1.0, "READY", None, desk.now, "IN_CALL",
            desk.now, CALL, None, 0, disposed=False,
        )  # fmt: skip
        again = Desk()
        again.open_campaign()
        again.tell(e.Restored((seat,), (known,), frozenset({CALL})))
        assert badge(again) is None
        assert card(again, f"monitor:{TEAM}", f"monitor:{CALL}") is None


class TestTakeOver:
    """MO7: the call moves, the agent writes, the one who took it ends it."""

    def taken(self) -> Desk:
        desk = in_call()
        desk.tell(ask(BARGE))
        desk.tell(ask(TAKE_OVER))
        return desk

    @pytest.mark.req("P0-005")
    def test_the_agent_goes_to_wrap_up_and_the_customer_stays(self) -> None:
        desk = self.taken()
        assert only(desk.orders, Supervise)[-1] == Supervise(CALL, LEADER, TAKE_OVER)
        assert desk.agent().state is AgentState.WRAP_UP
        assert desk.call().state is CallState.BRIDGED
        assert card(desk, f"agent:{AGENT}", "call")["state"] == "ENDED"
        assert badge(desk) == ["TAKE_OVER"]
        assert only(desk.orders, o.HangUp) == []

    def test_out_of_hold(self) -> None:
        desk = in_call()
        desk.tell(e.HoldAsked(AGENT, CALL, on=True))
        orders = desk.tell(ask(TAKE_OVER), 5_000)
        assert only(orders, o.Hold) == [o.Hold(CALL, on=False)]
        assert desk.call().held_ms == 5_000

    def test_leaving_ends_the_call_and_it_is_still_the_agents_in_the_books(self) -> None:
        desk = self.taken()
        (ends,) = only(desk.tell(MonitorLeft(LEADER), 30_000), o.HangUp)
        assert ends.call == CALL
        orders = desk.hang_up(by="SYSTEM")
        (record,) = (w.record for w in only(orders, o.Write) if isinstance(w.record, CallEnded))
        assert (record.agent, record.by, record.cause) == (AGENT, "AGENT", "COMPLETED")

    def test_a_page_that_is_lost_ends_it_too(self) -> None:
        desk = self.taken()
        assert [each.call for each in only(desk.tell(e.Tick(), KEPT_MS), o.HangUp)] == [CALL]

    def test_the_agent_may_have_gone_on_to_the_next_customer(self) -> None:
        desk = self.taken()
        desk.tell(e.OutcomeSaved(AGENT, CALL, "PTP"))
        desk.tell(e.FinishAsked(AGENT, CALL))
        assert badge(desk) is None
        desk.connect(2)
        assert desk.agent().call == uid(2)
        desk.hang_up(1)
        assert desk.agent().state is AgentState.IN_CALL
        assert uid(1) not in desk.floor.room.calls
        assert desk.floor.room.monitors == {}

    def test_the_agent_stays_in_wrap_up_when_the_customer_hangs_up(self) -> None:
        desk = self.taken()
        desk.hang_up()
        assert desk.agent().state is AgentState.WRAP_UP
        assert desk.agent().call == CALL

    def test_a_late_word_about_the_agents_leg_moves_nothing(self) -> None:
        desk = self.taken()
        desk.tell(e.BridgeFailed(CALL, AGENT, desk.now))
        assert (desk.call().state, desk.agent().state) == (CallState.BRIDGED, AgentState.WRAP_UP)

    def test_the_others_are_out(self) -> None:
        desk = in_call()
        desk.tell(ask(LISTEN, by=OTHER_LEADER, name="Phúc"))
        orders = desk.tell(ask(TAKE_OVER))
        assert ("LISTEN", None, "TAKEN_OVER") in changes(orders)
        assert desk.tell(ask(LISTEN, by=OTHER_LEADER)) == []

    def test_a_dialer_that_begins_again_ends_what_nobody_holds(self) -> None:
        desk = self.taken()
        known = LiveCall(desk.call().line, "BRIDGED", AGENT, 1, 2, 3, 4)
        seat = LiveAgent(
            AGENT, "An", TEAM, desk.agent().campaigns, 1.0, "READY", None, 1, "WRAP_UP", 5, CALL,
            desk.now + 20_000, 1, disposed=False,
        )  # fmt: skip
        again = Desk()
        again.open_campaign()
        orders = again.tell(e.Restored((seat,), (known,), frozenset({CALL})))
        assert [each.call for each in only(orders, o.HangUp)] == [CALL]
        again.hang_up()
        assert again.agent().state is AgentState.WRAP_UP
