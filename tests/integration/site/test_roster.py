"""The roster's pages: a team's week, a shift corrected, each within the reach of who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio
from sqlalchemy import text

from tests.support.browser import Browser

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database
    from app.main import Site

PAGE = "/admin/roster"
DAY = "2026-11-25"
SHIFT = {"starts": "8h", "ends": "17:00", "breaks": "12:00-13:00"}
Seats = dict[str, Browser]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seats(site: Site, database: Database, users: dict[str, UUID]) -> AsyncIterator[Seats]:
    """Browsers by user name; the senior agent is of another team."""
    async with database.writing() as session:
        await session.execute(
            text("UPDATE users SET team_id = :team WHERE username = 'senior_agent'"),
            {"team": users["other"]},
        )
    browsers = {name: Browser(site) for name in ("agent", "team_lead", "supervisor")}
    for name, browser in browsers.items():
        assert (await browser.sign_in(name)).status_code == 200
    yield browsers
    for browser in browsers.values():
        await browser.client.aclose()


async def test_a_supervisor_corrects_a_shift_and_finds_it_in_the_week(
    seats: Seats, users: dict[str, UUID]
) -> None:
    one, browser = f"{PAGE}/{users['agent']}/{DAY}", seats["supervisor"]
    assert "08:00" not in (await browser.get(f"{PAGE}?team=all&week={DAY}")).text
    answer = await browser.post(one, SHIFT)
    assert answer.json()["next"] == f"{PAGE}?week={DAY}&team={users['team']}"
    week = (await browser.get(answer.json()["next"])).text
    assert "08:00–17:00" in week
    assert "12:00–13:00" in week
    form = (await browser.get(one)).text
    assert 'value="12:00-13:00"' in form
    assert 'name="version" value="1"' in form
    again = await browser.post(one, {**SHIFT, "ends": "16:00"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "VERSION")
    gone = await browser.post(one, {"version": 1})
    assert gone.status_code == 200
    assert "08:00" not in (await browser.get(answer.json()["next"])).text


async def test_what_is_no_shift_is_refused_at_its_field_in_the_readers_words(
    seats: Seats, users: dict[str, UUID]
) -> None:
    one = f"{PAGE}/{users['agent']}/{DAY}"
    answer = await seats["supervisor"].post(one, {**SHIFT, "breaks": "12-26"})
    told = answer.json()["error"]
    assert (answer.status_code, told["field"]) == (422, "breaks")
    assert told["sentence"].startswith("Không phải giờ")


async def test_a_team_lead_plans_his_own_team_and_nobody_else(
    seats: Seats, users: dict[str, UUID]
) -> None:
    browser = seats["team_lead"]
    week = (await browser.get(f"{PAGE}?team=all")).text
    assert 'data-user="agent"' in week
    assert 'data-user="senior_agent"' not in week
    assert 'data-user="supervisor"' not in week, "he takes no calls"
    theirs = f"{PAGE}/{users['senior_agent']}/{DAY}"
    assert (await browser.get(theirs)).status_code == 403
    assert (await browser.post(theirs, SHIFT)).status_code == 403
    assert (await seats["supervisor"].get(theirs)).status_code == 200
    answer = await browser.post(f"{PAGE}/{users['agent']}/{DAY}", SHIFT)
    assert answer.json()["next"] == f"{PAGE}?week={DAY}"
    assert (await seats["agent"].get(PAGE)).status_code == 403


async def test_a_day_that_is_none_is_no_page(seats: Seats, users: dict[str, UUID]) -> None:
    browser = seats["supervisor"]
    for day in ("2026-02-30", "tomorrow", "1800-01-01"):
        assert (await browser.get(f"{PAGE}/{users['agent']}/{day}")).status_code == 404
    assert (await browser.get(f"{PAGE}?week=9999-12-31&team=nobody")).status_code == 200
