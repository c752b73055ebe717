"""The doors of an agent who decides on each call himself: dial, skip, pick, and the list to pick from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from app.calls import service as calls
from app.clock import Clock
from app.desk.intents import Dial, Pick, Skip
from app.values.ids import new_id
from tests.support.rows import a_campaign, a_debtor, a_lead, insert

if TYPE_CHECKING:
    from app.db import Database
    from tests.support.browser import Browser
    from tests.support.room import Room

CALL = UUID("01890000-0000-7000-8000-000000000001")


async def refused(browser: Browser, path: str, body: dict[str, Any]) -> str:
    answer = await browser.post(path, body)
    assert answer.status_code in {404, 409, 422}, answer.text
    return str(answer.json()["error"]["code"])


@pytest.mark.req("S0d-001")
async def test_what_he_decides_is_told_to_the_room(
    agent: Browser, room: Room, users: dict[str, UUID]
) -> None:
    await room.seat(users["agent"], CALL, "REVIEW")
    await room.heard()
    assert (await agent.post("/desk/dial", {"call": str(CALL)})).status_code == 200
    skipped = {"call": str(CALL), "reason": "LATER"}
    assert (await agent.post("/desk/skip", skipped)).status_code == 200
    dial, skip = await room.heard()
    assert isinstance(dial, Dial)
    assert (dial.user, dial.call) == (users["agent"], CALL)
    assert isinstance(skip, Skip)
    assert skip.reason == "LATER"


async def test_a_press_that_comes_too_late_is_told(
    agent: Browser, room: Room, users: dict[str, UUID]
) -> None:
    for call, state in ((uuid4(), "REVIEW"), (CALL, "IN_CALL"), (CALL, "DIALING")):
        await room.seat(users["agent"], call, state)
        assert await refused(agent, "/desk/dial", {"call": str(CALL)}) == "OFFER_OVER"
        body = {"call": str(CALL), "reason": "LATER"}
        assert await refused(agent, "/desk/skip", body) == "OFFER_OVER"
    answer = await agent.post("/desk/skip", {"call": str(CALL), "reason": "BORED"})
    assert answer.json()["error"]["field"] == "reason"


async def test_he_picks_from_the_lists_of_his_own_campaigns(
    agent: Browser, room: Room, database: Database, users: dict[str, UUID]
) -> None:
    async with database.writing() as session:
        own = await a_campaign(session, mode="MANUAL")
        other = await a_campaign(session, mode="MANUAL")
        for campaign, team in ((own, users["team"]), (other, users["other"])):
            await insert(session, "campaign_teams", campaign_id=campaign, team_id=team)
        debtor, stranger = await a_debtor(session), await a_debtor(session)
        mine = await a_lead(session, own, debtor, priority=5)
        first = await a_lead(session, own, stranger, promised_to=users["agent"])
        theirs = await a_lead(session, other, debtor)
        later = await a_lead(
            session,
            own,
            await a_debtor(session),
            state="RETRY",
            next_at=datetime(2030, 1, 1, tzinfo=UTC),
        )
        at = Clock().now()
        await insert(
            session, "calls", id=(call := new_id(int(at.timestamp() * 1000), bytes(10))),
            created_at=calls.created_at(call), number="+84912345678", agent_id=users["agent"],
            lead_id=later, campaign_id=own, dialing_at=at, ended_at=at, state="ENDED",
        )  # fmt: skip
    answer = await agent.get("/desk/work")
    rows = answer.json()["work"]
    assert [(row["lead"], row["agreed"], row["called"] is None) for row in rows] == [
        (str(first), True, True),
        (str(mine), False, True),
        (str(later), False, False),
    ]
    assert rows[0]["name"]
    await room.heard()
    assert (await agent.post("/desk/pick", {"lead": str(mine)})).status_code == 200
    (picked,) = await room.heard()
    assert isinstance(picked, Pick)
    assert (picked.lead, picked.campaign) == (mine, own)
    for lead in (theirs, uuid4()):
        assert await refused(agent, "/desk/pick", {"lead": str(lead)}) == "LEAD_UNKNOWN"


async def test_who_has_no_desk_decides_nothing(admin: Browser) -> None:
    assert (await admin.get("/desk/work")).status_code == 403
    assert (await admin.post("/desk/dial", {"call": str(CALL)})).status_code == 403
