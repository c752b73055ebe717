"""How a sign-in ends, and what it opens while it lasts, against real tables. Check LG6."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.audit import service as audit
from app.people import service as people
from app.people import sessions
from tests.support.browser import Browser
from tests.support.people import (
    RememberingFloor,
    a_user,
)

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.applications import Starlette

    from app.db import Database
    from tests.support.clock import SetClock


async def test_session_ends_after_half_an_hour_unused(browser: Browser, clock: SetClock) -> None:
    await browser.sign_in("linh")
    clock.advance(seconds=29 * 60)
    assert (await browser.get("/me")).status_code == 200
    clock.advance(seconds=30 * 60)
    assert (await browser.get("/me")).status_code == 401


async def test_live_desk_counts_as_use(
    browser: Browser, clock: SetClock, floor: RememberingFloor, users: dict[str, UUID]
) -> None:
    await browser.sign_in("minh", take_over=True)
    clock.advance(seconds=3 * 3600)
    floor.heard[users["minh"]] = clock.now() - timedelta(minutes=1)
    assert (await browser.get("/me")).status_code == 200


async def test_session_ends_after_twelve_hours_but_never_in_a_call(
    browser: Browser, clock: SetClock, floor: RememberingFloor, users: dict[str, UUID]
) -> None:
    await browser.sign_in("minh", take_over=True)
    floor.busy.add(users["minh"])
    clock.advance(seconds=12 * 3600)
    assert (await browser.get("/me")).status_code == 200
    clock.advance(seconds=3600)
    assert (await browser.get("/me")).status_code == 200
    floor.busy.clear()
    clock.advance(seconds=16 * 60)
    assert (await browser.get("/me")).status_code == 401


async def test_lapsed_sessions_are_ended_by_the_clockwork(
    site: Starlette,
    clock: SetClock,
    floor: RememberingFloor,
    database: Database,
    users: dict[str, UUID],
) -> None:
    async with Browser(site) as idle, Browser(site) as live:
        await idle.sign_in("linh")
        await live.sign_in("minh", take_over=True)
        clock.advance(seconds=31 * 60)
        floor.heard[users["minh"]] = clock.now()
        async with database.writing() as session:
            ended = await people.end_lapsed(session, floor, now=clock.now())
        await people.tell_ended(floor, ended, sessions.EXPIRED)
        lapsed = {each.sign_in.user_id for each in ended}
        assert users["linh"] in lapsed
        assert users["minh"] not in lapsed
        assert ("close_issue", users["linh"], "EXPIRED") in floor.told


async def test_sign_in_that_lapses_leaves_another_browser_of_the_same_person_alone(
    site: Starlette, clock: SetClock, floor: RememberingFloor, database: Database
) -> None:
    user = await a_user(database, clock, "twice", "SUPERVISOR")
    async with Browser(site) as idle, Browser(site) as used:
        await idle.sign_in("twice")
        clock.advance(seconds=20 * 60)
        await used.sign_in("twice")
        clock.advance(seconds=15 * 60)
        async with database.writing() as session:
            ended = await people.end_lapsed(session, floor, now=clock.now())
        await people.tell_ended(floor, ended, sessions.EXPIRED)
        assert (await idle.get("/me")).status_code == 401
        assert (await used.get("/me")).status_code == 200
        assert ("close_issue", user, "EXPIRED") in floor.told
        assert ("signed_out", user, "EXPIRED") not in floor.told
        clock.advance(seconds=31 * 60)
        async with database.writing() as session:
            ended = await people.end_lapsed(session, floor, now=clock.now())
        await people.tell_ended(floor, ended, sessions.EXPIRED)
    assert ("signed_out", user, "EXPIRED") in floor.told


async def test_signing_out_ends_the_session_and_closes_the_sockets(
    browser: Browser, floor: RememberingFloor, users: dict[str, UUID]
) -> None:
    await browser.sign_in("minh", take_over=True)
    assert (await browser.post("/logout")).status_code == 200
    assert ("signed_out", users["minh"], "LOGOUT") in floor.told
    assert ("close_issue", users["minh"], "LOGOUT") in floor.told
    assert (await browser.get("/me")).status_code == 401


async def test_wall_in_another_tab_is_closed_at_sign_out_and_the_floor_is_not_told(
    browser: Browser, floor: RememberingFloor, users: dict[str, UUID]
) -> None:
    await browser.sign_in("linh")
    assert (await browser.post("/logout")).status_code == 200
    assert ("close_issue", users["linh"], "LOGOUT") in floor.told
    assert ("signed_out", users["linh"], "LOGOUT") not in floor.told


async def test_signing_out_ends_one_browser_and_not_the_other(
    site: Starlette, floor: RememberingFloor
) -> None:
    async with Browser(site) as here, Browser(site) as there:
        await here.sign_in("linh")
        await there.sign_in("linh")
        assert (await here.post("/logout")).status_code == 200
        assert (await here.get("/me")).status_code == 401
        assert (await there.get("/me")).status_code == 200
    assert not [told for told in floor.told if told[0] == "close_sockets"]


async def test_team_lead_leaves_the_floor_at_sign_out_but_not_in_a_call(
    browser: Browser, floor: RememberingFloor, database: Database, clock: SetClock
) -> None:
    lead = await a_user(database, clock, "lead", "TEAM_LEAD")
    await browser.sign_in("lead")
    floor.busy.add(lead)
    assert (await browser.post("/logout")).status_code == 409
    floor.busy.clear()
    assert (await browser.post("/logout")).status_code == 200
    assert ("signed_out", lead, "LOGOUT") in floor.told
    assert ("close_issue", lead, "LOGOUT") in floor.told


@pytest.mark.parametrize("has_desk", [True, False])
async def test_team_lead_with_two_browsers_leaves_the_floor_with_the_one_that_has_his_desk(
    site: Starlette, floor: RememberingFloor, database: Database, clock: SetClock, *, has_desk: bool
) -> None:
    name = f"lead-{has_desk:d}"
    lead = await a_user(database, clock, name, "TEAM_LEAD")
    if has_desk:
        floor.desks.add(lead)
    async with Browser(site) as wall, Browser(site) as leaving:
        await wall.sign_in(name)
        await leaving.sign_in(name)
        assert (await leaving.post("/logout")).status_code == 200
    assert (("signed_out", lead, "LOGOUT") in floor.told) is has_desk
    assert ("close_issue", lead, "LOGOUT") in floor.told


async def test_nobody_signs_out_in_the_middle_of_a_call(
    browser: Browser, floor: RememberingFloor, users: dict[str, UUID]
) -> None:
    await browser.sign_in("minh", take_over=True)
    floor.busy.add(users["minh"])
    refused = await browser.post("/logout")
    assert refused.status_code == 409
    assert (await browser.get("/me")).status_code == 200


async def test_deactivated_user_is_out_at_once(
    browser: Browser, database: Database, clock: SetClock
) -> None:
    user = await a_user(database, clock, "leaver", "SUPERVISOR")
    await browser.sign_in("leaver")
    async with database.writing() as session:
        await people.deactivate(session, audit.SYSTEM, user, now=clock.now())
    assert (await browser.get("/me")).status_code == 401


async def test_ticket_names_the_channels_of_the_role(
    site: Starlette, users: dict[str, UUID]
) -> None:
    named = {}
    for name in ("minh", "phuc", "linh"):
        async with Browser(site) as browser:
            await browser.sign_in(name, take_over=True)
            answer = await browser.post("/ws/ticket")
            named[name] = set(answer.json()["ticket"].split("|")[1].split(","))
    assert named["minh"] == {f"agent:{users['minh']}", "floor"}
    assert named["phuc"] == {
        f"agent:{users['phuc']}",
        "floor",
        f"lead:{users['team']}",
        f"monitor:{users['team']}",
        f"wall:campaigns:{users['team']}",
        f"wall:team:{users['team']}",
    }
    assert named["linh"] == {
        "lead:all",
        "monitor:all",
        "wall:campaigns",
        "wall:all",
        "wall:agents",
    }


async def test_ticket_is_refused_to_a_role_without_a_live_page(browser: Browser) -> None:
    await browser.sign_in("field")
    assert (await browser.post("/ws/ticket")).status_code == 403
