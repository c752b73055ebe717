"""Whose request is let through: origin, token, idempotency key, body; against real tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from app.errors import Forbidden
from app.observe import Metrics, configure_logging
from app.people.answers import Answers
from app.people.doors import Gate, check_origin
from app.render import Pages
from tests.support.browser import Browser
from tests.support.people import (
    PASSWORD,
    RememberingFloor,
)
from tests.support.sign_in import a_site

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database, WriteSession
    from tests.support.clock import SetClock


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
