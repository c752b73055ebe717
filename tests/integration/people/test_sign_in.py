"""Signing in over the doors, against real tables. Decisions 4; check LG2, LG3."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.people import sessions
from tests.support.browser import Browser
from tests.support.people import (
    PASSWORD,
    RememberingFloor,
    a_user,
)
from tests.support.sign_in import SECRET

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.applications import Starlette

    from app.db import Database
    from tests.support.clock import SetClock


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
