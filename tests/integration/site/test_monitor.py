"""Stepping into calls: who may, whose, what the dialer hears, what is shown of a call, the policy.

Checks MO5 (other teams: refused), MO8 (the same again), MO9 (the page that leaves).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.desk.intents import Monitor, MonitorKept, MonitorLeft
from tests.support.browser import Browser
from tests.support.clock import START, SetClock
from tests.support.people import a_user
from tests.support.rows import insert

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database
    from app.main import Site
    from tests.support.room import Room

MODES = ("listen", "whisper", "barge", "take-over")
Seats = dict[str, Browser]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seats(site: Site, database: Database, users: dict[str, UUID]) -> AsyncIterator[Seats]:
    """Signed-in browsers by user name; `mai` leads another team."""
    users["mai"] = await a_user(
        database, SetClock(seed=42), "mai", "TEAM_LEAD", team_id=users["other"]
    )
    browsers: Seats = {}
    for name in ("agent", "team_lead", "mai", "supervisor", "admin", "auditor"):
        browsers[name] = Browser(site)
        assert (await browsers[name].sign_in(name)).status_code == 200
    yield browsers
    for browser in browsers.values():
        await browser.client.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def call(room: Room, users: dict[str, UUID], database: Database) -> UUID:
    """The agent speaks in it."""
    found = uuid4()
    await room.seat(users["agent"], found)
    async with database.writing() as session:
        await insert(
            session, "calls", id=found, created_at=START, number="+84501234567", state="BRIDGED",
            agent_id=users["agent"], dialing_at=START, answered_at=START, connected_at=START,
        )  # fmt: skip
    await room.heard()
    return found


def path(users: dict[str, UUID], deed: str) -> str:
    return f"/monitor/{users['agent']}/{deed}"


@pytest.mark.req("P0-005")
@pytest.mark.parametrize("who", ["team_lead", "supervisor"])
@pytest.mark.parametrize("mode", MODES)
async def test_the_room_hears_who_wants_to_be_in_which_call_and_how(
    seats: Seats, room: Room, users: dict[str, UUID], call: UUID, who: str, mode: str
) -> None:
    answer = await seats[who].post(path(users, mode), {"call": str(call)})
    assert answer.status_code == 200, answer.text
    (asked,) = [each for each in await room.heard() if isinstance(each, Monitor)]
    assert (asked.by, asked.user, asked.call) == (users[who], users["agent"], call)
    assert asked.mode == mode.upper().replace("-", "_")
    assert asked.visible is True


@pytest.mark.req("P0-005")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("who", "code"), [("mai", "OTHER_TEAM"), ("agent", ""), ("auditor", "")])
async def test_mo5_nobody_else_gets_in(
    seats: Seats, room: Room, users: dict[str, UUID], call: UUID, mode: str, who: str, code: str
) -> None:
    answer = await seats[who].post(path(users, mode), {"call": str(call)})
    assert answer.status_code == 403
    assert not code or answer.json()["error"]["code"] == code
    assert await room.heard() == []


async def test_mo5_nor_sees_that_call(seats: Seats, users: dict[str, UUID], call: UUID) -> None:
    assert (await seats["mai"].get(f"/monitor/{users['agent']}")).status_code == 403
    assert (await seats["mai"].get("/monitor/calls")).json()["calls"] == []
    shown = (await seats["team_lead"].get("/monitor/calls")).json()["calls"]
    (found,) = [each for each in shown if each["call"] == str(call)]
    assert (found["agent"], found["reasons"]) == (str(users["agent"]), ["NEW_AGENT", "QA_DUE"])


async def test_a_call_that_the_agent_is_not_in_is_refused(
    seats: Seats, room: Room, users: dict[str, UUID], call: UUID
) -> None:
    for wrong in (uuid4(), call):
        if wrong == call:
            await room.seat(users["agent"], call, "WRAP_UP")
        answer = await seats["team_lead"].post(path(users, "listen"), {"call": str(wrong)})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CALL_OVER")
    assert await room.heard() == []


async def test_mo9_the_page_says_that_it_is_there_and_that_it_goes(
    seats: Seats, room: Room, users: dict[str, UUID]
) -> None:
    for deed in ("stay", "leave"):
        assert (await seats["team_lead"].post(f"/monitor/{deed}", {})).status_code == 200
    assert (await seats["agent"].post("/monitor/stay", {})).status_code == 403
    kept, left = await room.heard()
    assert (type(kept), type(left)) == (MonitorKept, MonitorLeft)
    assert isinstance(kept, MonitorKept)
    assert kept.user == users["team_lead"]


async def test_a_call_is_shown_with_its_moments_and_what_is_typed(
    seats: Seats, users: dict[str, UUID], call: UUID, database: Database
) -> None:
    body: dict[str, Any] = {
        "note": "Chị hẹn",
        "ticked": ["IDENTITY_CHECK"],
        "outcome": {"leaf": "PTP_PARTIAL"},
    }
    async with database.writing() as session:
        await insert(
            session, "drafts", call_id=call, user_id=users["agent"], body=body, updated_at=START
        )
    answer = await seats["team_lead"].get(f"/monitor/{users['agent']}")
    shown = answer.json()
    assert shown["call"] == str(call)
    assert shown["moments"].keys() == {"dialing_at", "answered_at", "connected_at"}
    assert shown["draft"] == {
        "note": "Chị hẹn",
        "ticked": ["IDENTITY_CHECK"],
        "leaf": "PTP_PARTIAL",
    }
    assert shown["outcome"][-1]
    assert shown["screen"] is None
    assert (
        await seats["team_lead"].get(f"/monitor/{users['agent']}?call={uuid4()}")
    ).status_code == 404
    assert (await seats["team_lead"].get(f"/monitor/{users['agent']}?call=x")).status_code == 422


async def test_whether_listening_is_told_is_the_administrators_to_say(
    seats: Seats, room: Room, users: dict[str, UUID], call: UUID, database: Database
) -> None:
    assert (await seats["supervisor"].post("/monitor/policy", {"shown": False})).status_code == 403
    assert (await seats["admin"].post("/monitor/policy", {"shown": False})).status_code == 200
    await seats["team_lead"].post(path(users, "listen"), {"call": str(call)})
    (asked,) = [each for each in await room.heard() if isinstance(each, Monitor)]
    assert asked.visible is False
    async with database.reading() as session:
        told = await session.execute(
            text("SELECT before, after FROM audit_events WHERE after ? 'listening_shown'")
        )
        assert [tuple(row) for row in told] == [
            ({"listening_shown": True}, {"listening_shown": False})
        ]
    assert (await seats["admin"].post("/monitor/policy", {"shown": True})).status_code == 200


SCORES = dict.fromkeys(("OPENING", "IDENTITY", "LISTENING", "SOLUTION", "LAW"), 3)


@pytest.mark.req("S0c-025", "S0c-006")
async def test_a_call_is_scored_and_a_note_is_kept_with_a_day_to_look_again(
    seats: Seats, users: dict[str, UUID], call: UUID, database: Database
) -> None:
    day = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    body = {"call": str(call), "scores": SCORES, "text": " Hỏi ngày trả ", "follow_up_on": day}
    lead = seats["team_lead"]
    note = (await lead.post(path(users, "notes"), body)).json()["note"]
    newest = (await lead.get(path(users, "notes"))).json()["notes"][0]
    assert (newest["id"], newest["text"], newest["score_pct"], newest["follow_up_on"]) == (
        note, "Hỏi ngày trả", 75, day,
    )  # fmt: skip
    async with database.reading() as session:
        told = await session.scalar(
            text("SELECT after FROM audit_events WHERE entity = 'coaching_note'")
        )
    assert told == {"agent": str(users["agent"]), "call": str(call), "score_pct": 75}
    shown = (await lead.get("/monitor/calls")).json()["calls"]
    assert "QA_DUE" not in {word for each in shown for word in each["reasons"]}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, "COACHING_EMPTY"),
        ({"text": "x" * 1001}, "COACHING_TEXT"),
        ({"text": "x", "call": "y"}, "COACHING_CALL"),
        ({"text": "x", "call": str(UUID(int=9))}, "COACHING_CALL"),
        ({"scores": SCORES}, "COACHING_CALL"),
        ({"scores": {"LAW": 1}}, "COACHING_SCORES"),
        ({"scores": {**SCORES, "LAW": 5}}, "COACHING_SCORE"),
        ({"text": "x", "follow_up_on": "2020-01-01"}, "COACHING_DAY"),
        ({"text": "x", "follow_up_on": "soon"}, "COACHING_DAY"),
    ],
)
async def test_a_note_that_says_too_little_or_too_much_is_refused(
    seats: Seats, users: dict[str, UUID], wrong: dict[str, Any], code: str
) -> None:
    answer = await seats["team_lead"].post(path(users, "notes"), wrong)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


@pytest.mark.req("S0c-024")
async def test_who_sees_every_team_sees_what_those_who_lead_did_today(
    seats: Seats, users: dict[str, UUID], call: UUID, database: Database
) -> None:
    now = datetime.now(UTC)
    async with database.writing() as session:
        for mode, began in (("LISTEN", 60), ("WHISPER", 30)):
            await insert(
                session, "monitor_sessions", id=uuid4(), supervisor_id=users["team_lead"], call_id=call,
                agent_id=users["agent"], mode=mode, started_at=now - timedelta(seconds=began),
                ended_at=now - timedelta(seconds=began - 30), visible_to_agent=True,
            )  # fmt: skip
    await seats["team_lead"].post(f"/agents/{users['agent']}/message", {"text": "Chậm lại"})
    seen = (await seats["supervisor"].get("/monitor/leads")).json()["leads"]
    of = {each["id"]: each for each in seen}
    lead = of[str(users["team_lead"])]
    assert (lead["calls"], lead["seconds"], lead["messages"]) == (1, 60, 1)
    assert of[str(users["mai"])]["calls"] == 0
    own = (await seats["mai"].get("/monitor/leads")).json()["leads"]
    assert [each["id"] for each in own] == [str(users["mai"])]


async def test_another_teams_agent_is_neither_scored_nor_read_of(
    seats: Seats, users: dict[str, UUID]
) -> None:
    assert (await seats["mai"].post(path(users, "notes"), {"text": "x"})).status_code == 403
    assert (await seats["mai"].get(path(users, "notes"))).status_code == 403
