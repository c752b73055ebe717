"""After a gap: what the server has against what we believed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from dialer.carrier_ari_gap import Gap, compare
from tests.support.ari import AGENT, CALL, NAMES, OTHER, Desk

NAME = NAMES.call(CALL)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def channel(
    state: str = "Up", app: str = "Stasis", data: str = "paceline,customer"
) -> dict[str, Any]:
    context = "paceline-amd" if "amd" in data or app == "AMD" else "paceline-customer"
    return {"state": state, "dialplan": {"context": context, "app_name": app, "app_data": data}}


def look(
    desk: Desk,
    channels: dict[str, dict[str, Any]],
    bridges: dict[str, list[str]] | None = None,
    *,
    first: bool = False,
) -> Gap:
    desk.told.clear()
    desk.asks.clear()
    told = {name: {"channels": inside} for name, inside in (bridges or {}).items()}
    gap = compare(desk.board, channels, told, desk.now, first=first)
    desk.take(gap.words)
    return gap


def test_a_call_that_ended_unheard_is_forgotten_and_counted(desk: Desk) -> None:
    leg = desk.joined()
    gap = look(desk, {leg: channel(data="paceline,leg")}, {NAMES.desk(AGENT): [leg]})
    assert (gap.lost, gap.orphans) == (1, 0)
    assert desk.board.lines == {}
    assert desk.asked() == ["POST /channels/leg/silence"]  # he waits again
    assert desk.kinds() == []  # `CarrierBack.alive` tells the room


def test_what_nobody_knows_is_hung_up(desk: Desk) -> None:
    gap = look(desk, {NAME: channel(), "1732320000.17": channel()})
    assert gap.orphans == 1
    assert desk.asked() == ["DELETE /channels/call"]


def test_an_answer_that_fell_into_the_gap_is_told(desk: Desk) -> None:
    desk.place()
    look(desk, {NAME: channel()})
    assert desk.kinds() == ["Answered"]


def test_ringing_that_fell_into_the_gap_is_told(desk: Desk) -> None:
    desk.place()
    look(desk, {NAME: channel("Ringing", "AppDial2", "(Outgoing Line)")})
    assert desk.kinds() == ["Ringing"]


def test_a_verdict_that_fell_into_the_gap_is_told(desk: Desk) -> None:
    desk.place(detection="")
    desk.hear("StasisStart", NAME, args=["customer"])
    look(desk, {NAME: channel(data="paceline,amd,MACHINE,LONGGREETING-1800")})
    assert desk.kinds() == ["MachineHeard"]


def test_detection_that_goes_on_is_waited_for(desk: Desk) -> None:
    desk.place(detection="")
    look(desk, {NAME: channel(app="AMD", data="")})
    assert desk.kinds() == ["Answered"]
    desk.hear("StasisStart", NAME, args=["amd", "HUMAN", "HUMAN-700-700"])
    assert desk.kinds() == ["PersonHeard"]


def test_voices_that_were_joined_meanwhile_are_told(desk: Desk) -> None:
    leg = desk.seated()
    desk.answered()
    desk.take(desk.board.bridge(CALL, AGENT, desk.now))
    look(
        desk, {NAME: channel(), leg: channel(data="paceline,leg")}, {NAMES.desk(AGENT): [leg, NAME]}
    )
    assert desk.kinds() == ["BridgedUp"]
    assert desk.asked() == []


def test_voices_that_should_be_joined_are_joined_again(desk: Desk) -> None:
    leg = desk.joined()
    look(desk, {NAME: channel(), leg: channel(data="paceline,leg")}, {NAMES.desk(AGENT): [leg]})
    assert desk.asked()[0] == "POST /bridges/desk/addChannel"
    assert desk.kinds() == []


def test_a_leg_that_fell_meanwhile_is_a_failed_bridge(desk: Desk) -> None:
    desk.joined()
    look(desk, {NAME: channel()}, {NAMES.desk(AGENT): [NAME]})
    assert "BridgeFailed" in desk.kinds()


def test_a_new_dialer_takes_over_calls_legs_and_who_speaks_with_whom(desk: Desk) -> None:
    leg = NAMES.leg(AGENT, "1f")
    gap = look(
        desk,
        {NAME: channel(), NAMES.call(OTHER): channel("Ringing"), leg: channel(data="paceline,leg")},
        {NAMES.desk(AGENT): [leg, NAME]},
        first=True,
    )
    assert (gap.lost, gap.orphans) == (0, 0)
    assert set(desk.board.lines) == {CALL, OTHER}
    assert desk.board.lines[CALL].agent == AGENT
    desk.asks.clear()
    desk.take(desk.board.desks.seat(frozenset({AGENT}), frozenset(), desk.now))
    assert desk.asked() == []  # his leg is kept
    desk.hear("ChannelDestroyed", NAME, cause=16)
    assert desk.asked() == ["POST /channels/leg/silence"]


def test_a_second_leg_and_an_empty_bridge_are_taken_away(desk: Desk) -> None:
    leg = desk.seated()
    stranger = UUID(int=0xA9)
    look(
        desk,
        {leg: channel(data="paceline,leg"), NAMES.leg(AGENT, "1"): channel(data="paceline,leg")},
        {NAMES.desk(AGENT): [leg], NAMES.desk(stranger): []},
    )
    assert desk.asked() == ["DELETE /channels/leg", f"DELETE /bridges/{NAMES.desk(stranger)}"]
