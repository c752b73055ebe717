"""Break reasons as data: limits told to the room, changes by who runs the house, none lost from the books.

Check AM14: a reason that was used cannot be deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.breaks import service as breaks
from app.desk.intents import Pause
from tests.support.clock import START
from tests.support.rows import an_id, insert

if TYPE_CHECKING:
    from uuid import UUID

    from app.breaks.rules import Break
    from app.db import Database
    from tests.support.browser import Browser
    from tests.support.room import Room

TEA = {"code": "TEA", "label_vi": "Uống trà", "label_en": "Tea", "max_seconds": 480}


async def listed(database: Database) -> dict[str, Break]:
    """The reasons by code."""
    async with database.reading() as session:
        return {each.terms.code: each.terms for each in await breaks.list_all(session)}


async def error(admin: Browser, path: str, body: dict[str, Any] | None = None) -> tuple[str, Any]:
    """Code and field of a refusal."""
    told = (await admin.post(path, body or {})).json()["error"]
    return told["code"], told["field"]


@pytest.mark.req("S0b-014")
async def test_the_limit_goes_with_the_break(agent: Browser, room: Room) -> None:
    await room.heard()
    for reason in ("LUNCH", "END_OF_SHIFT"):
        assert (await agent.post("/desk/pause", {"reason": reason})).status_code == 200
    lunch, end = await room.heard()
    assert isinstance(lunch, Pause)
    assert isinstance(end, Pause)
    assert (lunch.limit_ms, end.limit_ms) == (3_600_000, None)


async def test_technical_trouble_is_told_as_a_fact(
    agent: Browser, database: Database, users: dict[str, UUID]
) -> None:
    for reason in ("TECH", "SHORT"):
        assert (await agent.post("/desk/pause", {"reason": reason})).status_code == 200
    async with database.reading() as session:
        facts = await session.scalars(
            text("SELECT body FROM outbox_facts WHERE kind = 'break.fault_told'")
        )
        assert list(facts) == [{"agent": str(users["agent"]), "reason": "TECH"}]


async def test_a_new_reason_is_offered_changed_withdrawn_and_on_the_trail(
    admin: Browser, agent: Browser, database: Database
) -> None:
    assert (await admin.post("/admin/breaks", TEA)).status_code == 200
    assert await error(admin, "/admin/breaks", TEA) == ("BREAK_CODE_TAKEN", "code")
    assert (await admin.post("/admin/breaks/TEA", {"max_seconds": None})).status_code == 200
    assert (await listed(database))["TEA"].max_seconds is None
    assert '"TEA"' in (await agent.get("/desk", Accept="text/html")).text
    assert (await admin.post("/admin/breaks/TEA", {"active": False})).status_code == 200
    assert '"TEA"' not in (await agent.get("/desk", Accept="text/html")).text
    assert await error(agent, "/desk/pause", {"reason": "TEA"}) == ("BREAK_REASON", "reason")
    assert (await admin.post("/admin/breaks/TEA/delete")).status_code == 200
    assert "TEA" not in await listed(database)
    async with database.reading() as session:
        trail = await session.scalars(
            text("SELECT verb FROM audit_events WHERE entity = 'break_reason' ORDER BY at")
        )
        assert list(trail) == ["created", "changed", "changed", "deleted"]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"code": "tea"}, "BREAK_CODE", "code"),
        ({"label_vi": ""}, "BREAK_LABEL_VI", "label_vi"),
        ({"max_seconds": 10}, "BREAK_MAX_SECONDS", "max_seconds"),
    ],
)
async def test_a_bad_reason_is_refused_by_its_field(
    admin: Browser, change: dict[str, Any], code: str, field: str
) -> None:
    assert await error(admin, "/admin/breaks", {**TEA, **change}) == (code, field)


async def test_am14_a_used_reason_and_the_servers_own_stay(
    admin: Browser, database: Database, users: dict[str, UUID]
) -> None:
    async with database.writing() as session:
        await insert(
            session,
            "agent_state_changes",
            id=an_id(),
            at=START,
            agent_id=users["agent"],
            status="PAUSED",
            state="IDLE",
            reason="TOILET",
        )
    for code in ("TOILET", "BACK_OFFICE"):
        assert await error(admin, f"/admin/breaks/{code}/delete") == ("BREAK_USED", "code")
        assert code in await listed(database)
    assert (await error(admin, "/admin/breaks/BACK_OFFICE", {"active": False}))[
        0
    ] == "BREAK_BUILT_IN"
    assert (await error(admin, "/admin/breaks/NONE", {"active": False}))[0] == "BREAK_UNKNOWN"
    assert (await admin.post("/admin/breaks/TOILET", {"active": False})).status_code == 200
    assert (await admin.post("/admin/breaks/TOILET", {"active": True})).status_code == 200


async def test_the_menu_does_not_grow_beyond_what_it_can_show(admin: Browser) -> None:
    made = []
    for n in range(11):
        body = {**TEA, "code": "TEA_" + "ABCDEFGHIJK"[n]}
        answer = await admin.post("/admin/breaks", body)
        if answer.status_code != 200:
            assert answer.json()["error"]["code"] == "BREAK_TOO_MANY"
            break
        made.append(body["code"])
    assert len(made) == 10
    for code in made:
        assert (await admin.post(f"/admin/breaks/{code}/delete")).status_code == 200
