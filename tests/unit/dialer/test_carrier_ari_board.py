"""The calls of one Asterisk, event by event: each race that was seen on a real one, told by hand."""

from __future__ import annotations

from typing import Any

import pytest

from dialer.carrier_ari_words import Ask
from dialer.core.call import Cause
from dialer.core.events import Answered, BridgedUp, BridgeFailed, HungUp, MachineHeard, PersonHeard
from tests.support.ari import AGENT, CALL, NAMES, OTHER, Desk

NAME = NAMES.call(CALL)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def refused(desk: Desk, why: str, status: int) -> None:
    ask = next(ask for ask in reversed(desk.asks) if ask.why == why)
    desk.take(desk.board.answer(ask, status, desk.now))


# --- placing --------------------------------------------------------------------------------------


def test_a_placement_goes_into_the_dialplan_under_our_own_name(desk: Desk) -> None:
    desk.place(detection="2000,1500")
    (ask,) = desk.asks
    assert ask.path == f"/channels/{NAME}"
    assert ask.params == {
        "endpoint": "PJSIP/84501234567@carrier",
        "context": "paceline-customer",
        "extension": "s",
        "priority": "1",
        "timeout": "25",
        "callerId": "+842471000000",
    }
    assert ask.body == {"variables": {"PACELINE_APP": "paceline", "PACELINE_AMD": "2000,1500"}}


def test_the_same_call_is_placed_once_and_never_again_after_its_end(desk: Desk) -> None:
    desk.place()
    desk.place()
    desk.hear("ChannelDestroyed", NAME, cause=17)
    desk.place()
    assert len(desk.asks) == 1
    assert desk.told == [HungUp(CALL, Cause.BUSY, "CARRIER", desk.now)]


def test_a_refused_placement_ends_as_the_carriers_fault(desk: Desk) -> None:
    desk.place()
    refused(desk, "place", 500)
    assert desk.told == [HungUp(CALL, Cause.CARRIER_ERROR, "CARRIER", desk.now)]


@pytest.mark.parametrize(("lives", "told"), [(200, []), (404, ["HungUp"])])
def test_a_conflict_is_believed_only_when_the_channel_is_there(
    desk: Desk, lives: int, told: list[str]
) -> None:
    desk.place()
    refused(desk, "place", 409)
    assert desk.asked()[-1] == "GET /channels/call"
    desk.take(desk.board.answer(Ask(CALL, "lives", CALL, "GET", ""), lives, desk.now))
    assert desk.kinds() == told


def test_a_false_conflict_of_a_call_that_rings_ends_nothing(desk: Desk) -> None:
    desk.place()
    desk.hear("ChannelStateChange", NAME, state="Ringing")
    refused(desk, "place", 409)
    desk.take(desk.board.answer(Ask(CALL, "lives", CALL, "GET", ""), 404, desk.now))
    assert desk.kinds() == ["Ringing"]  # its end comes as ChannelDestroyed


# --- from ring to answer ----------------------------------------------------------------------------


def test_ringing_and_the_answer_are_told_once_though_each_event_comes_twice(desk: Desk) -> None:
    desk.place()
    for _ in range(2):
        desk.take(
            desk.board.hear({"type": "Dial", "peer": {"id": NAME}, "dialstatus": "RINGING"}, 1_001)
        )
        desk.hear("ChannelStateChange", NAME, state="Ringing")
    for _ in range(2):
        desk.hear("ChannelStateChange", NAME)
        desk.hear("StasisStart", NAME, args=["customer"])
    desk.hear("ChannelStateChange", NAME, state="Ringing")
    assert desk.kinds() == ["Ringing", "Answered"]


def test_the_answer_is_told_as_of_the_moment_it_was_picked_up(desk: Desk) -> None:
    desk.place()
    desk.hear("ChannelStateChange", NAME)
    picked_up = desk.now
    desk.now += 7
    desk.hear("StasisStart", NAME, args=["customer"])
    assert desk.told == [Answered(CALL, picked_up)]


def test_who_answers_and_hangs_up_at_once_has_an_answer_and_an_end(desk: Desk) -> None:
    """Seen in 5 of 300: the wish to hang up comes before StasisStart."""
    desk.place()
    desk.hear("ChannelStateChange", NAME)
    desk.hear("ChannelHangupRequest", NAME)
    desk.hear("StasisStart", NAME, args=["customer"])
    desk.hear("StasisEnd", NAME)
    desk.hear("ChannelDestroyed", NAME, cause=16)
    desk.hear("ChannelDestroyed", NAME, cause=16)
    assert [type(event) for event in desk.told] == [Answered, HungUp]
    assert desk.told[1] == HungUp(CALL, Cause.COMPLETED, "CUSTOMER", desk.now - 1)


def test_an_answer_that_never_came_into_our_hands_is_told_before_its_end(desk: Desk) -> None:
    desk.place()
    desk.hear("ChannelStateChange", NAME)
    desk.hear("ChannelDestroyed", NAME, cause=16)
    assert desk.kinds() == ["Answered", "HungUp"]


@pytest.mark.parametrize("first", ["answer", "hang up"])
def test_a_hang_up_at_the_moment_of_the_answer_ends_once_and_by_us(desk: Desk, first: str) -> None:
    desk.place()
    if first == "hang up":
        desk.take(desk.board.hang_up(CALL, Cause.CANCELLED))
    desk.hear("ChannelStateChange", NAME)
    desk.hear("StasisStart", NAME, args=["customer"])
    if first == "answer":
        desk.take(desk.board.hang_up(CALL, Cause.CANCELLED))
    desk.hear("ChannelDestroyed", NAME, cause=16)
    assert [type(event) for event in desk.told] == [Answered, HungUp]
    assert desk.told[1] == HungUp(CALL, Cause.CANCELLED, "SYSTEM", desk.now)


def test_a_hang_up_that_came_too_late_leaves_the_carriers_word(desk: Desk) -> None:
    desk.place()
    desk.take(desk.board.hang_up(CALL, Cause.CANCELLED))
    desk.hear("ChannelDestroyed", NAME, cause=17)
    assert desk.told == [HungUp(CALL, Cause.BUSY, "CARRIER", desk.now)]


def test_only_channel_destroyed_ends_a_call(desk: Desk) -> None:
    desk.answered()
    desk.hear("ChannelHangupRequest", NAME, cause=32)
    desk.hear("StasisEnd", NAME)
    desk.hear("Dial", NAME, dialstatus="NOANSWER", peer={"id": NAME})
    assert desk.kinds() == ["Ringing", "Answered"]


def test_events_of_strangers_give_nothing(desk: Desk) -> None:
    for name in ("1732320000.17", NAMES.call(OTHER)):
        for kind in ("StasisStart", "StasisEnd", "ChannelStateChange", "ChannelDestroyed"):
            desk.hear(kind, name, args=["customer"], cause=16)
    desk.take(desk.board.hear({"type": "DeviceStateChanged"}, 1))
    assert (desk.told, desk.asks) == ([], [])


# --- person or machine ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "heard"),
    [("HUMAN", PersonHeard), ("NOTSURE", PersonHeard), ("MACHINE", MachineHeard)],
)
def test_detection_is_asked_for_once_and_says_its_word_once(
    desk: Desk, verdict: str, heard: type[Any]
) -> None:
    desk.place(detection="")
    desk.asks.clear()
    desk.hear("StasisStart", NAME, args=["customer"])
    assert desk.asked() == ["POST /channels/call/continue"]
    desk.hear("StasisEnd", NAME)
    for _ in range(2):
        desk.hear("StasisStart", NAME, args=["amd", verdict, "TOOLONG-3500"])
    assert [type(event) for event in desk.told] == [Answered, heard]
    assert desk.told[1].verdict == f"{verdict} TOOLONG-3500"
    assert desk.asked() == []


# --- voices -----------------------------------------------------------------------------------------


def test_an_agents_leg_waits_in_his_own_bridge_and_hears_a_quiet_line(desk: Desk) -> None:
    desk.seated()
    assert desk.asked() == [
        "POST /channels/leg",
        "POST /bridges/desk",
        "POST /bridges/desk/addChannel",
        "POST /channels/leg/silence",
    ]
    desk.take(desk.board.desks.seat(frozenset({AGENT}), frozenset(), desk.now))
    assert desk.asked() == []
    desk.take(desk.board.desks.seat(frozenset(), frozenset(), desk.now))
    assert desk.asked() == ["DELETE /channels/leg", "DELETE /bridges/desk"]


def test_joining_is_one_request_for_each_end(desk: Desk) -> None:
    desk.seated()
    desk.answered()
    desk.asks.clear()
    desk.take(desk.board.bridge(CALL, AGENT, desk.now))
    assert [ask.lane for ask in desk.asks] == [CALL, AGENT]  # side by side
    assert desk.asked() == ["POST /bridges/desk/addChannel", "DELETE /channels/leg/silence"]
    desk.kinds()
    for _ in range(2):
        desk.entered(NAME)
    assert desk.told == [BridgedUp(CALL, AGENT, desk.now - 1)]


def test_a_customer_waits_for_a_leg_that_is_being_raised(desk: Desk) -> None:
    desk.answered()
    desk.take(desk.board.bridge(CALL, AGENT, desk.now))
    assert desk.asked()[-1] == "POST /channels/leg"
    leg = desk.board.desks.of[AGENT].leg
    desk.hear("StasisStart", leg, args=["leg"])
    desk.entered(leg)
    assert "POST /bridges/desk/addChannel" in desk.asked()
    desk.entered(NAME)
    assert desk.kinds() == ["Ringing", "Answered", "BridgedUp"]


def test_no_leg_is_a_failed_bridge_and_the_leg_is_tried_again_later(desk: Desk) -> None:
    desk.answered()
    desk.take(desk.board.bridge(CALL, AGENT, desk.now))
    refused(desk, "leg", 500)
    assert desk.told[-1] == BridgeFailed(CALL, AGENT, desk.now)
    desk.asks.clear()
    desk.take(desk.board.desks.due(desk.now + 499))
    assert desk.asked() == []
    desk.take(desk.board.desks.due(desk.now + 500))
    assert desk.asked() == ["POST /channels/leg"]


@pytest.mark.parametrize("status", [400, 422])
def test_joining_a_customer_who_is_gone_fails_nobody(desk: Desk, status: int) -> None:
    """Asterisk says 400 for a dead channel: its ChannelDestroyed is on the way."""
    desk.seated()
    desk.answered()
    desk.take(desk.board.bridge(CALL, AGENT, desk.now))
    refused(desk, "join", status)
    desk.hear("ChannelDestroyed", NAME, cause=16)
    assert desk.kinds() == ["Ringing", "Answered", "HungUp"]
    assert desk.asked()[-1] == "POST /channels/leg/silence"  # his line is quiet again


def test_a_bridge_that_is_gone_is_the_agents_loss(desk: Desk) -> None:
    desk.seated()
    desk.answered()
    desk.take(desk.board.bridge(CALL, AGENT, desk.now))
    refused(desk, "join", 404)
    assert desk.told[-1] == BridgeFailed(CALL, AGENT, desk.now)


@pytest.mark.parametrize("kind", ["StasisEnd", "ChannelDestroyed"])
def test_a_leg_that_ends_either_way_leaves_the_customer_on_a_quiet_line(
    desk: Desk, kind: str
) -> None:
    """Inbound legs give StasisEnd and never ChannelDestroyed; dialled ones give both."""
    leg = desk.joined()
    desk.asks.clear()
    desk.hear(kind, leg, cause=44)
    assert desk.told[-1] == BridgeFailed(CALL, AGENT, desk.now)
    assert desk.asked() == ["POST /bridges/desk/removeChannel", "POST /channels/call/silence"]
    desk.hear("ChannelDestroyed", leg, cause=44)
    assert desk.kinds().count("BridgeFailed") == 1


def test_a_customer_given_to_another_agent_hears_no_silence_of_ours(desk: Desk) -> None:
    desk.joined()
    desk.take(desk.board.unbridge(CALL, AGENT))
    desk.hear("ChannelLeftBridge", NAME, bridge={"id": NAMES.desk(AGENT)})
    assert desk.asked()[-3:] == [
        "POST /bridges/desk/removeChannel",
        "POST /channels/call/silence",
        "POST /channels/leg/silence",
    ]
    desk.take(desk.board.bridge(CALL, AGENT, desk.now))
    assert desk.asked() == [
        "POST /bridges/desk/addChannel",
        "DELETE /channels/leg/silence",
        "DELETE /channels/call/silence",
    ]
    desk.entered(NAME)
    assert desk.kinds()[-1] == "BridgedUp"


def test_on_hold_he_hears_music_outside_the_bridge_and_comes_back_untold(desk: Desk) -> None:
    desk.joined()
    desk.asks.clear()
    desk.kinds()
    desk.take(desk.board.hold(CALL, on=True))
    desk.hear("ChannelLeftBridge", NAME, bridge={"id": NAMES.desk(AGENT)})
    desk.take(desk.board.hold(CALL, on=False))
    desk.entered(NAME)
    assert desk.asked() == [
        "POST /bridges/desk/removeChannel",
        "POST /channels/call/moh",
        "POST /channels/leg/silence",
        "DELETE /channels/call/moh",
        "POST /bridges/desk/addChannel",
        "DELETE /channels/leg/silence",
    ]
    assert desk.told == []


def test_a_microphone_that_was_closed_is_open_for_the_next_customer(desk: Desk) -> None:
    desk.joined()
    desk.asks.clear()
    desk.take(desk.board.mute(CALL, on=True))
    desk.take(desk.board.mute(CALL, on=True))
    assert desk.asked() == ["POST /channels/leg/mute"]
    desk.hear("ChannelDestroyed", NAME, cause=16)
    desk.answered(OTHER)
    desk.take(desk.board.bridge(OTHER, AGENT, desk.now))
    assert "DELETE /channels/leg/mute" in desk.asked()


def test_an_order_about_a_call_that_is_over_sends_nothing(desk: Desk) -> None:
    desk.answered()
    desk.hear("ChannelDestroyed", NAME, cause=16)
    desk.asks.clear()
    board = desk.board
    for words in (
        board.bridge(CALL, AGENT, desk.now),
        board.unbridge(CALL, AGENT),
        board.play(CALL, ""),
        board.hold(CALL, on=True),
        board.mute(CALL, on=True),
        board.hang_up(CALL, Cause.COMPLETED),
    ):
        desk.take(words)
    assert desk.asks == []


# --- the message ------------------------------------------------------------------------------------


def test_the_message_is_told_when_it_has_ended_also_when_it_could_not_be_played(desk: Desk) -> None:
    desk.answered()
    desk.take(desk.board.play(CALL, ""))
    desk.kinds()
    for _ in range(2):
        finished = {"type": "PlaybackFinished", "playback": {"id": NAMES.message(CALL)}}
        desk.take(desk.board.hear(finished, desk.now))
    assert desk.kinds() == ["MessagePlayed"]
    desk.take(desk.board.play(CALL, ""))
    refused(desk, "play", 500)
    assert desk.kinds() == ["MessagePlayed"]


def test_a_message_to_who_has_left_is_nothing(desk: Desk) -> None:
    desk.answered()
    desk.kinds()
    desk.take(desk.board.play(CALL, ""))
    refused(desk, "play", 404)
    assert desk.told == []
