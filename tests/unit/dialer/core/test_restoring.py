"""decisions.md 11: a floor that begins again, and Redis coming back."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.core import events as e
from dialer.core import orders as o
from dialer.core.call import CallState
from dialer.core.campaign import Retry
from dialer.core.live import LiveAgent, LiveCall
from dialer.core.records import CallEnded
from dialer.core.standing import AgentState, Link, Status
from tests.support.dialer import AGENT, CAMPAIGN, START, TEAM, Desk, a_line, only, uid

CALL = uid(1)


def live_agent(**changes: Any) -> LiveAgent:
    settings: dict[str, Any] = {
        "agent": AGENT,
        "name": "An",
        "team": TEAM,
        "campaigns": frozenset({CAMPAIGN}),
        "wrapup_multiplier": 1.0,
        "status": "READY",
        "reason": None,
        "status_since_ms": START - 9_000,
        "state": "IDLE",
        "state_since_ms": START - 5_000,
        "call": None,
        "deadline_ms": None,
        "extends_left": 0,
        "disposed": False,
    }
    return LiveAgent(**(settings | changes))


def test_a_break_and_a_mode_go_on() -> None:
    on_break = live_agent(status="PAUSED", reason="LUNCH", mode="MANUAL", limit_ms=60_000)
    desk, _ = begin(agents=(on_break,))
    agent = desk.agent()
    assert (agent.mode, agent.limit_ms, agent.status_since) == ("MANUAL", 60_000, START - 9_000)


def live_call(state: str, **changes: Any) -> LiveCall:
    settings: dict[str, Any] = {
        "line": a_line(1),
        "state": state,
        "agent": None,
        "dialed_at_ms": START - 5_000,
        "answered_at_ms": None,
        "assigned_at_ms": None,
        "connected_at_ms": None,
    }
    return LiveCall(**(settings | changes))


def begin(
    *calls: LiveCall,
    agents: tuple[LiveAgent, ...] = (),
    alive: bool = True,
    campaign: bool = True,
) -> tuple[Desk, list[o.Order]]:
    desk = Desk()
    if campaign:
        desk.open_campaign(retry={"CARRIER_ERROR": Retry(600, 5)})
    there = frozenset({CALL}) if alive else frozenset[Any]()
    return desk, desk.tell(e.Restored(agents, calls, there))


def ended(orders: list[o.Order]) -> list[CallEnded]:
    return [w.record for w in only(orders, o.Write) if isinstance(w.record, CallEnded)]


def test_a_free_agent_waits_for_his_link() -> None:
    desk, orders = begin(agents=(live_agent(),))
    assert [p.key for p in only(orders, o.Publish)] == ["agent"]
    assert not desk.agent().routable
    desk.tell(e.LinkUp(AGENT), 4_000)
    assert desk.agent().routable


def test_a_joined_call_goes_on() -> None:
    talking = live_call(
        "BRIDGED", agent=AGENT, answered_at_ms=START - 2_000, connected_at_ms=START - 1_900
    )
    desk, orders = begin(talking, agents=(live_agent(state="IN_CALL", call=CALL),))
    assert desk.agent().state is AgentState.IN_CALL
    assert only(orders, o.ShowScreen) == [o.ShowScreen(AGENT, CALL, 0)]
    cards = {p.key: p.value for p in only(orders, o.Publish)}
    assert cards.keys() == {"agent", "call", "monitor", f"monitor:{CALL}"}
    assert cards["monitor"] is cards[f"monitor:{CALL}"] is None  # whoever listened is out
    assert desk.floor.held() == {AGENT: CALL}
    desk.hang_up()
    assert desk.agent().state is AgentState.WRAP_UP
    assert desk.agent().deadline == desk.now + 20_000


@pytest.mark.parametrize("answered_at", [START - 2_000, None])
def test_a_joined_call_that_was_taken_over_ends_as_answered(answered_at: int | None) -> None:
    talking = live_call(
        "BRIDGED", agent=AGENT, answered_at_ms=answered_at, connected_at_ms=START - 1_900
    )
    desk, _ = begin(talking, agents=(live_agent(state="IN_CALL", call=CALL),))
    (record,) = ended(desk.hang_up())
    assert (record.cause, record.answered, record.abandoned) == ("COMPLETED", True, False)


def test_a_screen_painted_again_after_a_restart_is_not_a_late_pop() -> None:
    talking = live_call("BRIDGED", agent=AGENT, answered_at_ms=START - 90_000)
    desk, _ = begin(talking, agents=(live_agent(state="IN_CALL", call=CALL),))
    assert desk.tell(e.ScreenPainted(AGENT, CALL, desk.now, 2), 100) == []
    assert desk.floor.room.efforts[CAMPAIGN].pops.late == 0


def test_a_joined_call_that_the_carrier_lost_goes_to_wrap_up() -> None:
    talking = live_call(
        "BRIDGED", agent=AGENT, answered_at_ms=START - 2_000, connected_at_ms=START - 1_900
    )
    desk, orders = begin(talking, agents=(live_agent(state="IN_CALL", call=CALL),), alive=False)
    (record,) = ended(orders)
    assert (record.cause, record.by, record.agent) == ("CARRIER_ERROR", "CARRIER", AGENT)
    assert desk.agent().state is AgentState.WRAP_UP


def test_a_call_whose_agent_was_beyond_it_is_only_ended() -> None:
    talking = live_call("BRIDGED", agent=AGENT, answered_at_ms=START - 2_000)
    wrapping = live_agent(state="WRAP_UP", call=CALL, deadline_ms=START + 3_000, extends_left=4)
    desk, orders = begin(talking, agents=(wrapping,), alive=False)
    assert ended(orders)[0].agent is None
    assert (desk.agent().deadline, desk.agent().extends_left) == (START + 3_000, 4)


def test_a_ringing_call_rings_on() -> None:
    desk, orders = begin(live_call("RINGING"))
    assert ended(orders) == []
    desk.seat()
    assert len(only(desk.tell(e.Answered(CALL, desk.now)), o.Reserve)) == 1


def test_a_ringing_call_that_the_carrier_lost_may_be_tried_again() -> None:
    _, orders = begin(live_call("RINGING"), alive=False)
    (record,) = ended(orders)
    assert (record.cause, record.abandoned) == ("CARRIER_ERROR", False)
    assert record.retry_at_ms == START + 600_000


def test_a_call_that_was_never_placed_is_taken_back() -> None:
    _, orders = begin(live_call("CREATED"))
    assert ended(orders)[0].cause == "CANCELLED"


def test_a_waiting_call_waits_on_inside_its_limit() -> None:
    desk, _ = begin(live_call("WAITING", answered_at_ms=START - 1_000))
    assert desk.call().give_up_at == START + 1_000


def test_a_waiting_call_past_its_limit_hears_the_message() -> None:
    _, orders = begin(live_call("AMD", answered_at_ms=START - 3_000))
    assert only(orders, o.PlayMessage) == [o.PlayMessage(CALL, "")]


def test_a_reserved_call_goes_back_to_the_queue() -> None:
    reserved = live_call("RESERVED", agent=AGENT, answered_at_ms=START - 100)
    desk, orders = begin(reserved, agents=(live_agent(state="RESERVED", call=CALL),))
    assert desk.call().state is CallState.WAITING
    assert desk.agent().state is AgentState.IDLE
    assert only(orders, o.Release) == [o.Release(AGENT, CALL)]


def test_a_joined_call_without_its_agent_waits_for_another() -> None:
    orphan = live_call("BRIDGED", agent=uid(0xA9), answered_at_ms=START - 100)
    desk, _ = begin(orphan)
    assert desk.call().state is CallState.WAITING


def test_a_reserved_call_whose_agent_is_beyond_it_leaves_him_alone() -> None:
    reserved = live_call("RESERVED", agent=AGENT, answered_at_ms=START - 100)
    wrapping = live_agent(state="WRAP_UP", call=CALL, deadline_ms=START + 3_000)
    desk, _ = begin(reserved, agents=(wrapping,))
    assert desk.agent().state is AgentState.WRAP_UP


def test_a_message_that_played_is_over() -> None:
    _, orders = begin(live_call("MESSAGE", answered_at_ms=START - 9_000))
    assert only(orders, o.HangUp) == [o.HangUp(CALL, "ABANDONED")]


def test_an_agent_engaged_with_nothing_is_free() -> None:
    desk, _ = begin(agents=(live_agent(state="IN_CALL", call=CALL),))
    assert (desk.agent().state, desk.agent().call) == (AgentState.IDLE, None)


def test_wrap_up_of_a_campaign_that_is_gone_has_our_own_terms() -> None:
    talking = live_call("BRIDGED", agent=AGENT, answered_at_ms=START - 2_000)
    desk, _ = begin(talking, agents=(live_agent(state="IN_CALL", call=CALL),), campaign=False)
    desk.hang_up()
    assert desk.agent().deadline == desk.now + 20_000


def test_statuses_and_links_are_taken_apart() -> None:
    desk, _ = begin(agents=(live_agent(status="PAUSED", reason="LUNCH"),))
    assert (desk.agent().status, desk.agent().reason) == (Status.PAUSED, "LUNCH")
    assert desk.agent().link is Link.LOST


@pytest.mark.parametrize("gone", [False, True])
def test_everything_is_published_again_when_redis_is_back(*, gone: bool) -> None:
    desk = Desk()
    desk.open_campaign()
    desk.seat()
    desk.connect()
    if gone:
        desk.hang_up()
    desk.tell(e.StateLost("REDIS"))
    assert desk.tell(e.Tick(), 250) == []
    orders = desk.tell(e.StateBack(), 250)
    assert {p.key for p in only(orders, o.Publish)} == {"agent", "call"}
    assert [s.call for s in only(orders, o.ShowScreen)] == [CALL]


def test_draining_opens_nothing_and_serves_who_answers() -> None:
    desk = Desk()
    desk.open_campaign()
    desk.seat()
    desk.ring()
    desk.tell(e.Draining())
    assert only(desk.tell(e.Tick(), 250), o.Dial) == []
    assert len(only(desk.tell(e.Answered(CALL, desk.now)), o.Reserve)) == 1


def test_wrap_up_of_a_call_that_is_over_keeps_its_extensions() -> None:
    wrapping = live_agent(state="WRAP_UP", call=CALL, deadline_ms=START + 3_000, extends_left=1)
    desk, _ = begin(agents=(wrapping,))
    desk.tell(e.LinkUp(AGENT))
    desk.tell(e.ExtendAsked(AGENT, CALL))
    assert (desk.agent().deadline, desk.agent().extends_left) == (START + 33_000, 0)


def test_a_call_that_the_store_does_not_know_is_hung_up() -> None:
    _, orders = begin()
    assert only(orders, o.HangUp) == [o.HangUp(CALL, "CANCELLED")]
