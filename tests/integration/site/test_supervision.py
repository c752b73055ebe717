"""Help, breaks to be granted, messages and orders: rows, trail, cards and what the dialer hears.

Checks MO4 (message, seen time), MO5 (own team only), MO6 (own lead at once, supervisors after 60 s).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.desk.intents import ChooseMode, ForceBreak, Pause, SignedOut
from app.supervision import service as supervision
from app.supervision.rules import request_cards
from tests.support.browser import Browser
from tests.support.clock import SetClock
from tests.support.people import a_user

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database
    from app.main import Site
    from tests.support.room import Room


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seats(site: Site, database: Database, users: dict[str, UUID]) -> AsyncIterator[Seats]:
    """Signed-in browsers by user name, and who sits in another team."""
    clock = SetClock(seed=41)
    users["mai"] = await a_user(database, clock, "mai", "TEAM_LEAD", team_id=users["other"])
    browsers: dict[str, Browser] = {}
    for name in ("agent", "team_lead", "mai", "supervisor", "admin"):
        browsers[name] = Browser(site)
        assert (await browsers[name].sign_in(name)).status_code == 200
    yield browsers
    for browser in browsers.values():
        await browser.client.aclose()


Seats = dict[str, Browser]


async def do(browser: Browser, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """A deed that is done."""
    answer = await browser.post(path, body or {})
    assert answer.status_code == 200, f"{path}: {answer.text}"
    told: dict[str, Any] = answer.json()
    return told


async def refused(browser: Browser, path: str, body: dict[str, Any] | None = None) -> str:
    """The code of a refusal."""
    answer = await browser.post(path, body or {})
    assert answer.status_code >= 400, path
    code: str = answer.json()["error"]["code"]
    return code


async def trail(database: Database, entity: object) -> list[str]:
    """What was done to a thing, oldest first."""
    async with database.reading() as session:
        rows = await session.scalars(
            text("SELECT verb FROM audit_events WHERE entity_id = :id ORDER BY at"),
            {"id": str(entity)},
        )
        return list(rows)


@pytest.mark.req("S0a-015")
async def test_mo6_help_is_shown_to_the_own_lead_taken_and_cleared(
    seats: Seats, room: Room, database: Database, users: dict[str, UUID]
) -> None:
    desk, lead = f"agent:{users['agent']}", f"lead:{users['team']}"
    request = (await do(seats["agent"], "/desk/help", {"reason": "ABUSIVE"}))["request"]
    again = (await do(seats["agent"], "/desk/help"))["request"]
    assert again == request, "one open request for each agent"
    shown = (await room.cards(lead))[f"request:{request}"]
    assert (shown["user"], shown["reason"], shown["taken_by"]) == (
        str(users["agent"]),
        "ABUSIVE",
        None,
    )
    assert f"request:{request}" not in await room.cards("lead:all")

    assert await refused(seats["mai"], f"/requests/{request}/take") == "OTHER_TEAM"
    await do(seats["team_lead"], f"/requests/{request}/take")
    assert (await room.cards(desk))["help"]["by"] == "team_lead"
    assert await refused(seats["supervisor"], f"/requests/{request}/take") == "REQUEST_TAKEN"
    end = {"result": "CLEARED"}
    await do(seats["team_lead"], f"/requests/{request}/close", end)
    assert "help" not in await room.cards(desk)
    assert f"request:{request}" not in await room.cards(lead)
    assert await refused(seats["team_lead"], f"/requests/{request}/close", end) == "REQUEST_OVER"
    assert await trail(database, request) == ["asked", "took", "cleared"]


async def test_mo6_what_nobody_took_for_a_minute_is_every_supervisors(
    seats: Seats, room: Room, database: Database, site: Site
) -> None:
    request = (await do(seats["agent"], "/desk/help"))["request"]
    now = site.opened.house.clock.now()
    async with database.writing() as session:
        assert await supervision.escalate(session, now + timedelta(seconds=50)) == []
    async with database.writing() as session:
        (late,) = await supervision.escalate(session, now + timedelta(seconds=61))
    assert str(late.id) == request
    async with database.writing() as session:
        assert await supervision.escalate(session, now + timedelta(seconds=90)) == []
    await do(seats["supervisor"], f"/requests/{request}/take")
    assert (await room.cards("lead:all"))[f"request:{request}"]["taken_by"] == "supervisor"
    await do(seats["agent"], "/desk/help/withdraw")
    assert f"request:{request}" not in await room.cards("lead:all")


async def test_what_an_agent_asked_for_ends_when_he_is_off_the_floor(
    seats: Seats, room: Room, database: Database, site: Site, users: dict[str, UUID]
) -> None:
    request = (await do(seats["agent"], "/desk/help"))["request"]
    async with database.writing() as session:
        ended = await supervision.close_left(session, users["agent"], site.opened.house.clock.now())
    assert [(str(each.id), each.result) for each in ended] == [(request, "LEFT")]
    async with database.writing() as session:
        assert await supervision.close_left(session, users["agent"], ended[0].asked_at) == []
    await site.opened.house.asking.show(request_cards(ended[0]))
    assert f"request:{request}" not in await room.cards(f"lead:{users['team']}")
    assert "help" not in await room.cards(f"agent:{users['agent']}")
    assert await refused(seats["team_lead"], f"/requests/{request}/take") == "REQUEST_OVER"
    assert await trail(database, request) == ["asked", "left"]


async def test_help_for_a_reason_that_there_is_not_and_with_a_novel_is_refused(
    seats: Seats,
) -> None:
    assert await refused(seats["agent"], "/desk/help", {"reason": "BORED"}) == "HELP_REASON"
    assert await refused(seats["agent"], "/desk/help", {"note": "x" * 281}) == "NOTE_LENGTH"


@pytest.mark.req("S0b-014")
async def test_a_reason_that_needs_approval_asks_first(
    seats: Seats, room: Room, users: dict[str, UUID]
) -> None:
    desk = f"agent:{users['agent']}"
    await do(seats["admin"], "/admin/breaks/COACHING", {"needs_approval": True})
    await room.heard()
    for result in ("DENIED", "APPROVED"):
        asked = (await do(seats["agent"], "/desk/pause", {"reason": "COACHING"}))["asked"]
        assert await room.heard() == [], "nothing before somebody says yes"
        assert (await room.cards(desk))["break"]["reason"] == "COACHING"
        await do(seats["team_lead"], f"/requests/{asked}/close", {"result": result})
        left = (await room.cards(desk)).get("break")
        told = await room.heard()
        if result == "DENIED":
            assert left is not None
            assert (left["denied"], left["by"], told) == (True, "team_lead", [])
            await do(seats["agent"], "/desk/break/withdraw")
            assert "break" not in await room.cards(desk)
            continue
        assert left is None
        (pause,) = told
        assert isinstance(pause, Pause)
        assert (pause.user, pause.reason, pause.limit_ms) == (users["agent"], "COACHING", 1_800_000)
    wrong = (await do(seats["agent"], "/desk/pause", {"reason": "COACHING"}))["asked"]
    path = f"/requests/{wrong}/close"
    assert await refused(seats["team_lead"], path, {"result": "CLEARED"}) == "REQUEST_END"
    await do(seats["agent"], "/desk/break/withdraw")
    await do(seats["admin"], "/admin/breaks/COACHING", {"needs_approval": False})


async def test_mo4_a_message_reaches_the_desk_and_says_when_it_was_read(
    seats: Seats, room: Room, database: Database, users: dict[str, UUID]
) -> None:
    desk, lead = f"agent:{users['agent']}", f"lead:{users['team']}"
    path = f"/agents/{users['agent']}/message"
    message = (await do(seats["team_lead"], path, {"text": " Chậm lại nhé "}))["message"]
    card = (await room.cards(desk))[f"coach:{message}"]
    assert (card["by"], card["text"]) == ("team_lead", "Chậm lại nhé")
    assert (await room.cards(lead))[f"sent:{users['agent']}"]["seen_at"] is None
    assert await refused(seats["team_lead"], f"/desk/messages/{message}/seen") == "MESSAGE_UNKNOWN"
    await do(seats["agent"], f"/desk/messages/{message}/seen")
    assert f"coach:{message}" not in await room.cards(desk)
    seen = (await room.cards(lead))[f"sent:{users['agent']}"]["seen_at"]
    assert seen >= card["at"]
    assert "messaged" in await trail(database, users["agent"])


async def test_mo5_another_teams_agent_is_not_reached_and_words_are_bounded(
    seats: Seats, users: dict[str, UUID]
) -> None:
    agent = f"/agents/{users['agent']}"
    for path, body in (
        ("message", {"text": "Chào"}),
        ("break", {"reason": "MEETING"}),
        ("sign-out", {"why": "Họp"}),
    ):
        assert await refused(seats["mai"], f"{agent}/{path}", body) == "OTHER_TEAM"
        assert await refused(seats["agent"], f"{agent}/{path}", body) == "NOT_PERMITTED"
        assert (
            await refused(seats["supervisor"], f"/agents/{uuid4()}/{path}", body) == "USER_UNKNOWN"
        )
    for words in ("", "  ", "x" * 281):
        code = await refused(seats["team_lead"], f"{agent}/message", {"text": words})
        assert code == "MESSAGE_LENGTH"


async def test_orders_are_on_the_trail_and_name_who_gave_them(
    seats: Seats, room: Room, database: Database, users: dict[str, UUID]
) -> None:
    await room.heard()
    agent = f"/agents/{users['agent']}"
    assert await refused(seats["team_lead"], f"{agent}/break", {"reason": "NAP"}) == "BREAK_REASON"
    assert await refused(seats["team_lead"], f"{agent}/sign-out", {"why": " "}) == "ORDER_WHY"
    await do(seats["team_lead"], f"{agent}/break", {"reason": "MEETING"})
    await do(seats["supervisor"], f"{agent}/sign-out", {"why": "Rời chỗ"})
    sent, out = await room.heard()
    assert isinstance(sent, ForceBreak)
    assert (sent.reason, sent.by, sent.limit_ms) == ("MEETING", "team_lead", 3_600_000)
    assert isinstance(out, SignedOut)
    assert (out.why, out.by) == ("FORCED", "supervisor")
    verbs = await trail(database, users["agent"])
    assert verbs[-2:] == ["ordered_break", "ordered_out"]


async def test_mode_and_leave_are_told_to_the_room(seats: Seats, room: Room) -> None:
    await room.heard()
    await do(seats["agent"], "/desk/mode", {"mode": "MANUAL"})
    await do(seats["agent"], "/desk/sign-out")
    chosen, left = await room.heard()
    assert isinstance(chosen, ChooseMode)
    assert chosen.mode == "MANUAL"
    assert isinstance(left, SignedOut)
    assert left.why == "LOGOUT"
    answer = await seats["agent"].post("/desk/mode", {"mode": "TELEPATHY"})
    assert answer.json()["error"]["field"] == "mode"
