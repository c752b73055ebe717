"""The whole floor signs in at once: nobody is refused, everybody is told his place, and comes in at his turn."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from app.people.admission import LEAST_APART_MS, PATIENCE_MS, Admission
from tests.support.browser import Browser
from tests.support.clock import SetClock
from tests.support.people import RememberingFloor, a_user
from tests.support.sign_in import SECRET, a_site

if TYPE_CHECKING:
    from uuid import UUID

    import httpx2
    from starlette.applications import Starlette

    from app.db import Database

CROWD = 60
NEAR = 1 + round(PATIENCE_MS / LEAST_APART_MS)


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> SetClock:
    return SetClock(seed=zlib.crc32(request.node.nodeid.encode()))


@pytest.fixture
def crowded(database: Database, clock: SetClock) -> Starlette:
    return a_site(database, clock, RememberingFloor())


async def come(site: Starlette, name: str, turn: str = "") -> httpx2.Response:
    async with Browser(site) as browser:
        return await browser.sign_in(name, turn=turn)


async def test_a_floor_that_signs_in_at_once_is_let_in_by_turns(
    crowded: Starlette, database: Database, users: dict[str, UUID], clock: SetClock
) -> None:
    names = [f"early{number}" for number in range(CROWD)]
    for name in names:
        await a_user(database, clock, name, "AGENT", team_id=users["team"])
    answers = await asyncio.gather(*(come(crowded, name) for name in names))
    told = {name: answer.json() for name, answer in zip(names, answers, strict=True)}
    assert {answer.status_code for answer in answers} == {200, 202}
    waiting: dict[str, Any] = {n: said["queued"] for n, said in told.items() if "queued" in said}
    assert 0 < len(waiting) <= CROWD - NEAR
    places = sorted(queued["place"] for queued in waiting.values())
    assert places == list(range(places[0], places[0] + len(waiting)))
    clock.advance(ms=max(queued["wait_ms"] for queued in waiting.values()))
    back = await asyncio.gather(*(come(crowded, n, q["turn"]) for n, q in waiting.items()))
    assert {answer.status_code for answer in back} == {200}


@pytest.mark.parametrize(("language", "words"), [("vi", "trong hàng"), ("en", "at the door")])
async def test_a_page_without_scripts_says_the_place_and_asks_for_the_password_again(
    database: Database, clock: SetClock, language: str, words: str
) -> None:
    door = Admission(cores=2, secret=SECRET)
    for number in range(2 * NEAR):
        door.ask(f"early{number}", "", clock.now_ms())
    site = a_site(database, clock, RememberingFloor(), door)
    async with Browser(site, accept="text/html", **{"Accept-Language": language}) as browser:
        await browser.open_login()
        form = {"username": "minh", "password": "x", "csrf_token": browser.csrf}
        answer = await browser.client.post("/login", data=form)
        assert answer.status_code == 202
        assert words in answer.text
        assert answer.headers["Paceline-Turn"] in answer.text
        assert answer.headers["Paceline-Place"] == str(2 * NEAR)
        assert int(answer.headers["Retry-After"]) * 1000 >= int(answer.headers["Paceline-Wait"])
        clock.advance(ms=int(answer.headers["Paceline-Wait"]))
        form["turn"] = answer.headers["Paceline-Turn"]
        assert (await browser.client.post("/login", data=form)).status_code == 401  # the password
