"""Where requests and messages are shown: checks MO4 and MO6 rest on these channels."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.supervision.rules import (
    ENDS,
    LEADS_OF_ALL,
    Kind,
    Message,
    Request,
    Result,
    lead_channel,
    message_cards,
    request_cards,
)

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
LAN, TEAM, LINH = UUID(int=1), UUID(int=2), UUID(int=3)
HELP = Request(UUID(int=9), Kind.HELP, LAN, "Trần Thị Lan", TEAM, "ABUSIVE", "", NOW)
MESSAGE = Message(UUID(int=8), LAN, "Trần Thị Lan", TEAM, LINH, "Linh", "Chậm lại nhé", NOW)
DESK, LEAD = f"agent:{LAN}", lead_channel(TEAM)


def test_an_open_request_is_shown_to_agent_and_own_lead_at_once() -> None:
    own, lead = request_cards(HELP)
    assert own[:2] == (DESK, "help")
    assert lead[:2] == (LEAD, f"request:{HELP.id}")
    assert lead[2] == {
        "id": str(HELP.id),
        "kind": "HELP",
        "user": str(LAN),
        "name": "Trần Thị Lan",
        "reason": "ABUSIVE",
        "note": "",
        "since": round(NOW.timestamp() * 1000),
        "taken_by": None,
    }


def test_every_supervisor_is_told_once_it_has_escalated() -> None:
    late = replace(HELP, escalated_at=NOW + timedelta(seconds=60))
    assert [channel for channel, _, _ in request_cards(late)] == [DESK, LEAD, LEADS_OF_ALL]


def test_an_agent_without_a_team_calls_every_supervisor_at_once() -> None:
    channels = [channel for channel, _, _ in request_cards(replace(HELP, team_id=None))]
    assert channels == [DESK, LEADS_OF_ALL]


def test_the_agent_sees_who_is_coming() -> None:
    (_, _, own), (_, _, lead) = request_cards(replace(HELP, taker="Linh", taken_at=NOW))
    assert own is not None
    assert lead is not None
    assert (own["by"], lead["taken_by"]) == ("Linh", "Linh")


def test_what_is_over_is_shown_to_nobody() -> None:
    over = replace(HELP, closed_at=NOW, closer="Linh", result=Result.CLEARED)
    assert [value for _, _, value in request_cards(over)] == [None, None]


def test_a_break_that_was_denied_says_so_and_by_whom() -> None:
    denied = replace(
        HELP, kind=Kind.BREAK, closed_at=NOW, closer="Linh", result=Result.DENIED, reason="COACHING"
    )
    (channel, key, own), (_, _, lead) = request_cards(denied)
    assert (channel, key, lead) == (DESK, "break", None)
    assert own is not None
    assert (own["denied"], own["by"]) == (True, "Linh")


def test_an_agent_withdraws_himself_whatever_he_asked_for() -> None:
    assert all(Result.WITHDRAWN not in ends for ends in ENDS.values())
    assert set(ENDS) == set(Kind)


def test_a_message_stands_at_the_desk_until_it_was_read() -> None:
    own, *leads = message_cards(MESSAGE)
    assert own[:2] == (DESK, f"coach:{MESSAGE.id}")
    assert own[2] is not None
    assert (own[2]["by"], own[2]["text"]) == ("Linh", "Chậm lại nhé")
    assert [channel for channel, _, _ in leads] == [LEAD, LEADS_OF_ALL]
    assert all(value is not None and value["seen_at"] is None for _, _, value in leads)


def test_who_wrote_it_learns_when_it_was_read() -> None:
    seen = replace(MESSAGE, seen_at=NOW + timedelta(seconds=4))
    own, *leads = message_cards(seen)
    assert own[2] is None
    moment = round((NOW + timedelta(seconds=4)).timestamp() * 1000)
    assert {value["seen_at"] for _, _, value in leads if value is not None} == {moment}


def test_what_leads_see_does_not_grow_with_every_message() -> None:
    again = replace(MESSAGE, id=UUID(int=7))
    assert {key for _, key, _ in message_cards(MESSAGE)[1:]} == {
        key for _, key, _ in message_cards(again)[1:]
    }


def test_a_message_to_an_agent_without_a_team_is_shown_once_to_leads() -> None:
    channels = [channel for channel, _, _ in message_cards(replace(MESSAGE, team_id=None))]
    assert channels == [DESK, LEADS_OF_ALL]
