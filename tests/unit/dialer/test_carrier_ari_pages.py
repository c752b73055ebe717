"""Agents who speak by their pages: when a leg is raised, what the room is told, who may come back to whom."""

from __future__ import annotations

from typing import Any

import pytest

from app.phone.rules import endpoint_of
from dialer.carrier_ari_board import Board
from dialer.carrier_ari_line import BACK_MS
from dialer.core.events import BridgeFailed, VoiceLost, VoiceUp
from tests.support.ari import AGENT, CALL, NAMES, PAGES, Desk

ENDPOINT = endpoint_of(AGENT)
FIRST, SECOND = "sip:one@10.0.0.7:5000;transport=ws", "sip:two@10.0.0.7:5001;transport=ws"
NAME = NAMES.call(CALL)


@pytest.fixture
def desk() -> Desk:
    return Desk(Board(NAMES, PAGES))


def registers(desk: Desk, uri: str = FIRST, *, status: str = "NonQualified") -> None:
    """A page registers at Asterisk, or goes away."""
    state = "offline" if status == "Removed" else "online"
    told = {
        "type": "ContactStatusChange",
        "endpoint": {"resource": ENDPOINT, "state": state},
        "contact_info": {"uri": uri, "contact_status": status},
    }
    desk.take(desk.board.hear(told, desk.now))


def seat(desk: Desk, *, desk_phone: bool = False) -> None:
    agents = frozenset({AGENT})
    desk_phones = agents if desk_phone else frozenset()
    desk.take(desk.board.desks.seat(agents, desk_phones, desk.now))


def speaks(desk: Desk) -> str:
    """An agent whose page is in a call; its leg."""
    registers(desk)
    leg = desk.joined()
    desk.take(desk.board.due(desk.now))
    desk.kinds()
    desk.asked()
    return leg


def due(desk: Desk, after_ms: int = 0) -> None:
    desk.now += after_ms
    desk.take(desk.board.due(desk.now))


def endpoints_of(desk: Desk) -> list[Any]:
    return [ask.params["endpoint"] for ask in desk.asks if ask.why == "leg"]


def test_a_leg_is_raised_when_the_page_registers_and_not_before(desk: Desk) -> None:
    seat(desk)
    assert endpoints_of(desk) == []
    registers(desk)
    assert endpoints_of(desk) == [f"PJSIP/{ENDPOINT}"]
    seat(desk)
    assert len(endpoints_of(desk)) == 1


def test_who_has_a_telephone_on_the_desk_is_rung_there(desk: Desk) -> None:
    seat(desk, desk_phone=True)
    registers(desk)
    assert endpoints_of(desk) == [f"PJSIP/{AGENT.int}@phones"]


def test_turning_to_a_desk_phone_hangs_the_page_up_and_rings_the_telephone(desk: Desk) -> None:
    registers(desk)
    leg = desk.seated()
    seat(desk, desk_phone=True)
    assert ("DELETE", f"/channels/{leg}") in {(ask.method, ask.path) for ask in desk.asks}
    assert endpoints_of(desk)[-1] == f"PJSIP/{AGENT.int}@phones"


def test_nobody_changes_his_telephone_in_a_call(desk: Desk) -> None:
    leg = speaks(desk)
    seat(desk, desk_phone=True)
    assert desk.board.desks.of[AGENT].leg == leg
    assert desk.asked() == []


def test_the_room_hears_that_a_voice_is_missing_and_that_it_is_there(desk: Desk) -> None:
    seat(desk)
    due(desk)
    assert desk.told == []  # it has just begun
    due(desk, 1_500)
    assert desk.told == [VoiceLost(AGENT, desk.now)]
    due(desk, 10_000)
    registers(desk)
    leg = desk.board.desks.of[AGENT].leg
    desk.hear("StasisStart", leg, args=["leg"])
    desk.entered(leg)
    due(desk)
    assert desk.told[1:] == [VoiceUp(AGENT, desk.now)]


def test_a_page_that_closes_while_it_waits_is_told_at_once_and_hung_up(desk: Desk) -> None:
    registers(desk)
    leg = desk.seated()
    due(desk)
    registers(desk, status="Removed")
    due(desk)
    assert desk.told == [VoiceLost(AGENT, desk.now)]
    assert desk.asks[-1].path == f"/channels/{leg}"
    assert desk.asks[-1].method == "DELETE"


def test_the_same_page_registering_again_changes_nothing(desk: Desk) -> None:
    leg = speaks(desk)
    registers(desk)
    assert desk.asked() == []
    assert desk.board.desks.of[AGENT].leg == leg


def test_the_page_that_comes_first_takes_the_place_of_one_that_nobody_missed(desk: Desk) -> None:
    first = speaks(desk)
    registers(desk, SECOND)
    assert desk.asks[0].path == f"/channels/{first}"
    assert desk.board.desks.of[AGENT].leg not in {"", first}


def test_the_old_contact_of_a_page_that_has_a_new_one_is_nothing(desk: Desk) -> None:
    leg = speaks(desk)
    told = {
        "type": "ContactStatusChange",
        "endpoint": {"resource": ENDPOINT, "state": "online"},
        "contact_info": {"uri": SECOND, "contact_status": "Removed"},
    }
    desk.take(desk.board.hear(told, desk.now))
    assert desk.board.desks.of[AGENT].leg == leg


def reloads(desk: Desk) -> None:
    """The page comes back, and its new leg is answered."""
    registers(desk, SECOND)
    leg = desk.board.desks.of[AGENT].leg
    desk.hear("StasisStart", leg, args=["leg"])
    desk.entered(leg)


def test_a_reload_leads_back_to_the_same_customer_who_hears_music_meanwhile(desk: Desk) -> None:
    speaks(desk)
    registers(desk, status="Removed")
    assert desk.asked() == [
        "DELETE /channels/leg",
        "POST /bridges/desk/removeChannel",
        "POST /channels/call/moh",
    ]
    reloads(desk)
    assert desk.asked()[-3:] == [
        "POST /bridges/desk/addChannel",
        "DELETE /channels/leg/silence",
        "DELETE /channels/call/moh",
    ]
    desk.entered(NAME)
    due(desk, BACK_MS)
    assert "BridgeFailed" not in desk.kinds()


def test_who_does_not_come_back_in_time_loses_the_call(desk: Desk) -> None:
    speaks(desk)
    registers(desk, status="Removed")
    due(desk, BACK_MS - 1)
    assert "BridgeFailed" not in desk.kinds()
    due(desk, 1)
    assert desk.told == [BridgeFailed(CALL, AGENT, desk.now)]
    desk.asked()
    due(desk, BACK_MS)
    assert desk.asked() == []


def test_who_was_muted_is_still_muted_after_a_reload(desk: Desk) -> None:
    speaks(desk)
    desk.take(desk.board.mute(CALL, on=True))
    registers(desk, status="Removed")
    desk.asked()
    reloads(desk)
    assert desk.asked()[-1] == "POST /channels/leg/mute"


def test_a_reload_on_hold_does_not_end_the_hold(desk: Desk) -> None:
    speaks(desk)
    desk.take(desk.board.hold(CALL, on=True))
    registers(desk, status="Removed")
    desk.asked()
    reloads(desk)
    assert NAME not in {ask.params.get("channel") for ask in desk.asks}
    desk.take(desk.board.hold(CALL, on=False))
    assert NAME in {ask.params.get("channel") for ask in desk.asks}


def test_taken_off_hold_while_the_page_is_away_he_is_joined_when_it_is_back(desk: Desk) -> None:
    speaks(desk)
    desk.take(desk.board.hold(CALL, on=True))
    registers(desk, status="Removed")
    desk.asked()
    desk.take(desk.board.hold(CALL, on=False))
    assert desk.asked() == []
    reloads(desk)
    assert desk.asked()[-1] == "DELETE /channels/call/moh"


def test_a_customer_who_hangs_up_meanwhile_is_gone(desk: Desk) -> None:
    speaks(desk)
    registers(desk, status="Removed")
    desk.hear("ChannelDestroyed", NAME, cause=16)
    desk.asked()
    reloads(desk)
    assert not any("call" in ask for ask in desk.asked())


def test_a_leg_that_fell_silent_is_raised_again_where_the_page_is(desk: Desk) -> None:
    leg = speaks(desk)
    desk.hear("ChannelDestroyed", leg, cause=44)
    desk.asks.clear()
    due(desk, 10_000)
    assert f"PJSIP/{ENDPOINT}" in endpoints_of(desk)


def test_a_page_that_leaves_the_floor_loses_its_login(desk: Desk) -> None:
    registers(desk)
    desk.seated()
    desk.asks.clear()
    desk.take(desk.board.desks.seat(frozenset(), frozenset(), desk.now))
    taken = [ask.path for ask in desk.asks if ask.method == "DELETE"]
    folder = "/asterisk/config/dynamic/res_pjsip"
    assert taken[2:] == [f"{folder}/{kind}/{ENDPOINT}" for kind in ("endpoint", "aor", "auth")]


def test_a_new_dialer_knows_which_pages_are_there(desk: Desk) -> None:
    desk.board.desks.know(
        [
            {"resource": ENDPOINT, "state": "online"},
            {"resource": "carrier", "state": "online"},
            {"resource": endpoint_of(CALL), "state": "offline"},
        ]
    )
    seat(desk)
    assert endpoints_of(desk) == [f"PJSIP/{ENDPOINT}"]
    registers(desk)  # where it is, told late
    assert len(endpoints_of(desk)) == 1
