"""Signing in and out over the doors, against real tables. Decisions 4; check LG2, LG3, LG6."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request

from app.audit import service as audit
from app.errors import Forbidden
from app.observe import Metrics, configure_logging
from app.people import service as people
from app.people import sessions
from app.people.answers import Answers
from app.people.doors import Gate, check_origin
from app.people.routes import SignInDoors
from app.render import Pages
from tests.support.browser import Browser
from tests.support.clock import SetClock
from tests.support.people import (
    PASSWORD,
    PlainTickets,
    RememberingFloor,
    a_team,
    a_user,
    an_organisation,
    cheap_passwords,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database, WriteSession

SECRET = b"0" * 32


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> SetClock:
    """Other chance in each test: tokens are unique, and the tables are the module's."""
    return SetClock(seed=zlib.crc32(request.node.nodeid.encode()))


@pytest.fixture
def floor() -> RememberingFloor:
    return RememberingFloor()


@pytest.fixture
def site(database: Database, clock: SetClock, floor: RememberingFloor) -> Starlette:
    return a_site(database, clock, floor)


def a_site(database: Database, clock: SetClock, floor: RememberingFloor) -> Starlette:
    pages, metrics, log = Pages(), Metrics("test"), configure_logging("test")
    answers = Answers(pages=pages, metrics=metrics, clock=clock, log=log)
    gate = Gate(database=database, clock=clock, floor=floor, answers=answers)
    doors = SignInDoors(
        database=database,
        clock=clock,
        pages=pages,
        metrics=metrics,
        answers=answers,
        passwords=cheap_passwords(),
        floor=floor,
        tickets=PlainTickets(),
        secret=SECRET,
    )
    return Starlette(routes=gate.routes(doors.doors()))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def users(database: Database) -> dict[str, UUID]:
    clock = SetClock(seed=2)
    await an_organisation(database, clock)
    team = await a_team(database, clock)
    other = await a_team(database, clock, "Đội Hai")
    return {
        "team": team,
        "other": other,
        "minh": await a_user(database, clock, "minh", "AGENT", team_id=team),
        "lan": await a_user(database, clock, "lan", "AGENT", team_id=team),
        "phuc": await a_user(database, clock, "phuc", "TEAM_LEAD", team_id=team),
        "linh": await a_user(database, clock, "linh", "SUPERVISOR"),
        "gone": await a_user(database, clock, "gone", "AGENT", active=False),
        "field": await a_user(database, clock, "field", "FIELD_AGENT"),
    }


@pytest_asyncio.fixture
async def browser(site: Starlette, users: dict[str, UUID]) -> AsyncIterator[Browser]:
    async with Browser(site) as browser:
        yield browser


async def test_agent_is_led_to_the_desk_and_the_floor_is_told(
    browser: Browser, floor: RememberingFloor, users: dict[str, UUID]
) -> None:
    answer = await browser.sign_in("Minh")
    assert answer.status_code == 200
    assert answer.json()["next"] == "/desk"
    assert ("signed_in", users["minh"], "") in floor.told


async def test_supervisor_is_led_to_the_wall_and_the_floor_is_not_told(
    browser: Browser, floor: RememberingFloor
) -> None:
    assert (await browser.sign_in("linh")).json()["next"] == "/wall"
    assert floor.told == []


async def test_cookie_is_closed_to_scripts_and_other_sites(browser: Browser) -> None:
    answer = await browser.sign_in("linh")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if "paceline_session" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


async def test_token_of_the_cookie_is_stored_only_as_its_digest(
    browser: Browser, database: Database
) -> None:
    from sqlalchemy import text

    await browser.sign_in("linh")
    token = browser.client.cookies["paceline_session"]
    async with database.reading() as session:
        rows = (await session.execute(text("SELECT sign_ins::text FROM sign_ins"))).scalars().all()
    assert rows
    assert not any(token in row for row in rows)


@pytest.mark.parametrize("username", ["minh", "nobody", "gone"])
async def test_wrong_name_and_wrong_password_are_told_the_same_way(
    browser: Browser, username: str
) -> None:
    answer = await browser.sign_in(username, "wrong" if username != "gone" else PASSWORD)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "WRONG_PASSWORD"
    assert "paceline_session" not in browser.client.cookies


async def test_sixth_try_waits_even_with_the_right_password(
    browser: Browser, clock: SetClock, database: Database
) -> None:
    await a_user(database, clock, "clumsy", "SUPERVISOR")
    for _ in range(5):
        assert (await browser.sign_in("clumsy", "wrong")).status_code == 401
    refused = await browser.sign_in("clumsy")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert refused.json()["error"]["wait_seconds"] == 60
    clock.advance(seconds=59)
    assert (await browser.sign_in("clumsy")).status_code == 429
    clock.advance(seconds=1)
    assert (await browser.sign_in("clumsy")).status_code == 200


async def test_right_password_forgets_the_wrong_ones_before_it(browser: Browser) -> None:
    for _ in range(3):
        for _ in range(4):
            assert (await browser.sign_in("linh", "wrong")).status_code == 401
        assert (await browser.sign_in("linh")).status_code == 200


async def test_many_tries_at_once_are_no_way_round_the_wait(
    site: Starlette, clock: SetClock, database: Database
) -> None:
    import asyncio

    await a_user(database, clock, "target", "SUPERVISOR")

    async def guess() -> int:
        async with Browser(site) as one:
            return (await one.sign_in("target", "wrong")).status_code

    answers = await asyncio.gather(*(guess() for _ in range(12)))
    assert sorted(answers) == [401] * 5 + [429] * 7


async def test_form_shows_the_refusal_and_keeps_the_name(site: Starlette) -> None:
    async with Browser(site, accept="text/html") as browser:
        await browser.open_login()
        form = {"username": "minh", "password": "x", "csrf_token": browser.csrf}
        answer = await browser.client.post("/login", data=form)
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert 'value="minh"' in answer.text
    assert "x" not in answer.text.partition('name="password"')[2][:40]


async def test_form_leads_on_by_redirect_and_htmx_by_its_header(
    site: Starlette, users: dict[str, UUID]
) -> None:
    for headers, expected in (
        ({}, (303, "location")),
        ({"HX-Request": "true"}, (204, "hx-redirect")),
    ):
        async with Browser(site, accept="text/html") as browser:
            await browser.open_login()
            form = {"username": "linh", "password": PASSWORD, "csrf_token": browser.csrf}
            answer = await browser.client.post("/login", data=form, headers=headers)
        assert answer.status_code == expected[0]
        assert answer.headers[expected[1]] == "/wall"


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/wall?campaign=1", "/wall?campaign=1"),
        ("https://evil.example/", "/wall"),
        ("//evil.example/", "/wall"),
        ("/\\evil.example", "/wall"),
        ("/\t/evil.example", "/wall"),
        ("javascript:alert(1)", "/wall"),
        ("", "/wall"),
    ],
)
async def test_sign_in_leads_to_no_other_site(browser: Browser, wanted: str, led: str) -> None:
    assert (await browser.sign_in("linh", next=wanted)).json()["next"] == led


async def test_second_sign_in_at_a_live_desk_is_asked_about(
    site: Starlette, floor: RememberingFloor, clock: SetClock, users: dict[str, UUID]
) -> None:
    async with Browser(site) as first, Browser(site) as second:
        await first.sign_in("lan")
        floor.heard[users["lan"]] = clock.now()
        asked = await second.sign_in("lan")
        assert asked.status_code == 409
        assert asked.json()["error"]["code"] == "ALREADY_SIGNED_IN"
        assert (await first.get("/me")).status_code == 200
        taken = await second.sign_in("lan", take_over=True)
        assert taken.status_code == 200
        assert ("close_sockets", users["lan"], "TAKEN_OVER") in floor.told
        assert (await first.get("/me")).status_code == 401
        assert (await second.get("/me")).status_code == 200


async def test_taking_over_by_the_page_needs_no_second_password(
    site: Starlette, floor: RememberingFloor, clock: SetClock, users: dict[str, UUID]
) -> None:
    async with Browser(site) as first, Browser(site, accept="text/html") as second:
        await first.sign_in("lan", take_over=True)
        floor.heard[users["lan"]] = clock.now()
        await second.open_login()
        proof = sessions.take_over_proof(SECRET, users["lan"], clock.now_ms())
        form = {"take_over": proof, "csrf_token": second.csrf}
        taken = await second.client.post("/login", data=form)
        assert taken.headers["location"] == "/desk"
        clock.advance(seconds=121)
        late = await second.client.post("/login", data=form)
        assert late.status_code == 401
        forged = await second.client.post("/login", data={**form, "take_over": proof[:-1] + "0"})
        assert forged.status_code == 401


async def test_dead_desk_is_taken_over_without_asking(
    site: Starlette, floor: RememberingFloor, clock: SetClock, users: dict[str, UUID]
) -> None:
    async with Browser(site) as first, Browser(site) as second:
        await first.sign_in("lan", take_over=True)
        floor.heard[users["lan"]] = clock.now() - timedelta(seconds=16)
        assert (await second.sign_in("lan")).status_code == 200
        assert (await first.get("/me")).status_code == 401


async def test_supervisor_may_sign_in_twice(site: Starlette) -> None:
    async with Browser(site) as first, Browser(site) as second:
        await first.sign_in("linh")
        await second.sign_in("linh")
        assert (await first.get("/me")).status_code == 200


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
        f"wall:campaigns:{users['team']}",
        f"wall:team:{users['team']}",
    }
    assert named["linh"] == {
        "lead:all",
        "wall:campaigns",
        "wall:all",
        f"wall:team:{users['team']}",
        f"wall:team:{users['other']}",
    }


async def test_ticket_is_refused_to_a_role_without_a_live_page(browser: Browser) -> None:
    await browser.sign_in("field")
    assert (await browser.post("/ws/ticket")).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.test", "null", ""])
async def test_other_sites_cannot_sign_in_or_out(browser: Browser, origin: str) -> None:
    await browser.open_login()
    headers = {"X-CSRF-Token": browser.csrf, "Origin": origin}
    body = {"username": "linh", "password": PASSWORD}
    assert (await browser.client.post("/login", json=body, headers=headers)).status_code == 403


OURS = ("https://desk.example",)
OTHER = ("https://other.example",)


def asked_from(origin: str) -> Request:
    """A request of `http://desk.example` as it comes from behind a proxy that ends TLS, or without one."""
    headers = [(b"host", b"desk.example"), (b"origin", origin.encode())]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers})


@pytest.mark.parametrize(
    ("origins", "origin"),
    [
        ((), "http://desk.example"),
        ((), "https://desk.example"),
        (OURS, "https://desk.example"),
        (OTHER, "http://desk.example"),
    ],
)
def test_origin_of_ours_is_welcome(origins: tuple[str, ...], origin: str) -> None:
    check_origin(asked_from(origin), origins)


@pytest.mark.parametrize(
    ("origins", "origin"),
    [
        ((), "https://evil.example"),
        (OURS, "https://evil.example"),
        (OURS, "http://desk.example"),
        (OTHER, "https://desk.example"),
    ],
)
def test_origin_of_another_host_or_scheme_is_refused(origins: tuple[str, ...], origin: str) -> None:
    with pytest.raises(Forbidden) as refused:
        check_origin(asked_from(origin), origins)
    assert refused.value.code == "ORIGIN"


async def test_sign_in_needs_the_token_of_this_visit(site: Starlette) -> None:
    async with Browser(site) as mine, Browser(site) as theirs:
        await mine.open_login()
        await theirs.open_login()
        body = {"username": "linh", "password": PASSWORD}
        stolen = {"X-CSRF-Token": theirs.csrf}
        assert (await mine.client.post("/login", json=body, headers=stolen)).status_code == 403
        bare = await mine.client.post("/login", json=body)
        assert bare.status_code == 403


async def test_deed_needs_the_token_of_the_session(browser: Browser) -> None:
    await browser.sign_in("linh")
    refused = await browser.post("/me/preferences", {"theme": "dark"}, **{"X-CSRF-Token": "0" * 43})
    assert refused.status_code == 403
    assert (await browser.post("/me/preferences", {"theme": "dark"})).status_code == 200


async def test_deed_without_a_key_or_with_anothers_body_is_refused(browser: Browser) -> None:
    await browser.sign_in("linh")
    bare = await browser.post("/me/preferences", {}, **{"Idempotency-Key": ""})
    assert bare.status_code == 422
    key = f"key-{id(browser)}"
    assert (await browser.post("/me/preferences", {"theme": "dark"}, key=key)).status_code == 200
    again = await browser.post("/me/preferences", {"theme": "dark"}, key=key)
    assert again.json() == {"ok": True, "preferences": {"theme": "dark"}}
    other = await browser.post("/me/preferences", {"theme": "light"}, key=key)
    assert other.status_code == 422


async def test_body_that_is_not_as_expected_names_the_field(browser: Browser) -> None:
    await browser.sign_in("linh")
    refused = await browser.post("/me/preferences", {"theme": "pink"})
    assert refused.status_code == 422
    assert refused.json()["error"]["field"] == "theme"


async def test_moved_keys_are_kept_and_impossible_ones_are_refused(browser: Browser) -> None:
    await browser.sign_in("linh")
    assert (await browser.post("/me/preferences", {"keys": {"mute": "KeyQ"}})).status_code == 200
    refused = await browser.post("/me/preferences", {"keys": {"mute": "KeyF"}})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "keys")


async def test_page_asked_for_is_remembered_over_sign_in(site: Starlette) -> None:
    async with Browser(site, accept="text/html") as browser:
        answer = await browser.client.get("/?a=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/%3Fa%3D1"


async def test_deed_whose_transaction_clashes_is_done_again(
    database: Database, clock: SetClock, floor: RememberingFloor, users: dict[str, UUID]
) -> None:
    """Two deeds that want two rows in opposite order deadlock; both succeed all the same."""
    import asyncio

    from sqlalchemy import text

    from app.people.doors import Deed, Needs

    async with database.writing() as session:
        await session.execute(text("CREATE TABLE IF NOT EXISTS pair (id int PRIMARY KEY, n int)"))
        await session.execute(text("INSERT INTO pair VALUES (1, 0), (2, 0)"))
    both = asyncio.Barrier(2)
    tries = 0

    async def cross(visit: object, body: dict[str, int], session: WriteSession) -> dict[str, int]:
        nonlocal tries
        tries += 1
        for number in (body["first"], 3 - body["first"]):
            await session.execute(text("UPDATE pair SET n = n + 1 WHERE id = :id"), {"id": number})
            if number == body["first"] and tries <= 2:
                await both.wait()
        return {"n": 1}

    answers = Answers(
        pages=Pages(), metrics=Metrics("test"), clock=clock, log=configure_logging("test")
    )
    gate = Gate(database=database, clock=clock, floor=floor, answers=answers)
    doors = a_site(database, clock, floor).routes
    deed = Deed("/cross", Needs.SIGN_IN, cross, dict[str, int])
    site = Starlette(routes=[*doors, *gate.routes([deed])])
    async with Browser(site) as one, Browser(site) as two:
        await one.sign_in("linh")
        await two.sign_in("phuc")
        told = await asyncio.gather(
            one.post("/cross", {"first": 1}), two.post("/cross", {"first": 2})
        )
    assert [answer.status_code for answer in told] == [200, 200]
    assert tries == 3
    async with database.reading() as reading:
        assert await reading.scalar(text("SELECT sum(n) FROM pair")) == 4
