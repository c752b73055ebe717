"""Announcements: written for a team or all, shown for their time, confirmed once, withdrawn; each on the trail."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.supervision import announcements
from tests.support.browser import Browser
from tests.support.clock import SetClock
from tests.support.people import a_user

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database
    from app.main import Site

PAGE = "/admin/announcements"
Seats = dict[str, Browser]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seats(site: Site) -> AsyncIterator[Seats]:
    """Signed-in browsers by user name."""
    browsers = {name: Browser(site) for name in ("agent", "team_lead", "supervisor")}
    for name, browser in browsers.items():
        assert (await browser.sign_in(name)).status_code == 200
    yield browsers
    for browser in browsers.values():
        await browser.client.aclose()


def written(site: Site, **changes: Any) -> dict[str, Any]:
    """An announcement to everybody, for an hour from now, as the form sends it."""
    ends = site.opened.house.clock.now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    ends += timedelta(hours=1)
    told = {"text_vi": "Họp lúc 16:00", "text_en": "Meeting at 16:00", "team": "", "starts": ""}
    return {**told, "ends": ends.strftime("%Y-%m-%dT%H:%M"), **changes}


async def shown(site: Site, database: Database, user: UUID, *, later: timedelta) -> list[str]:
    """What that agent has to read, some time from now."""
    now = site.opened.house.clock.now() + later
    async with database.reading() as session:
        found = await announcements.unread(session, [user], now)
    return [each.text_en for each in found.get(user, [])]


AT_ONCE = timedelta(0)


@pytest.mark.req("S0c-027")
async def test_what_is_announced_is_shown_until_it_is_confirmed_or_over(
    site: Site, seats: Seats, database: Database, users: dict[str, UUID]
) -> None:
    answer = (await seats["supervisor"].post(PAGE, written(site))).json()
    agent = users["agent"]
    assert await shown(site, database, agent, later=AT_ONCE) == ["Meeting at 16:00"]
    assert await shown(site, database, agent, later=timedelta(hours=2)) == []
    page = (await seats["supervisor"].get(PAGE, Accept="text/html")).text
    assert "Họp lúc 16:00" in page

    path = f"/desk/announcements/{answer['announcement']}/read"
    for _ in range(2):
        assert (await seats["agent"].post(path, {})).status_code == 200
    assert await shown(site, database, agent, later=AT_ONCE) == []
    lead = users["team_lead"]
    assert await shown(site, database, lead, later=AT_ONCE) == ["Meeting at 16:00"]
    assert (await seats["supervisor"].post(f"{PAGE}/{answer['announcement']}/withdraw", {})).json()[
        "ok"
    ]
    assert await shown(site, database, lead, later=AT_ONCE) == []
    async with database.reading() as session:
        trail = await session.scalars(
            text("SELECT verb FROM audit_events WHERE entity_id = :id ORDER BY at"),
            {"id": answer["announcement"]},
        )
        assert list(trail) == ["announced", "read", "withdrew"]


async def test_a_team_lead_announces_to_his_own_team_alone(
    site: Site, seats: Seats, database: Database, users: dict[str, UUID]
) -> None:
    lead = seats["team_lead"]
    for team in ("", str(users["other"])):
        assert (await lead.post(PAGE, written(site, team=team))).status_code == 403
    mine = written(site, team=str(users["team"]), text_en="Well done")
    assert (await lead.post(PAGE, mine)).status_code == 200
    assert await shown(site, database, users["agent"], later=AT_ONCE) == ["Well done"]
    stranger = await a_user(database, SetClock(seed=43), "nga", "AGENT", team_id=users["other"])
    assert await shown(site, database, stranger, later=AT_ONCE) == []
    for_all = (await seats["supervisor"].post(PAGE, written(site))).json()["announcement"]
    assert (await lead.post(f"{PAGE}/{for_all}/withdraw", {})).status_code == 403
    await seats["supervisor"].post(f"{PAGE}/{for_all}/withdraw", {})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text_vi": "  "}, "text_vi"),
        ({"text_en": "x" * 501}, "text_en"),
        ({"ends": "tomorrow"}, "ends"),
        ({"ends": "2020-01-01T08:00"}, "ends"),
        ({"starts": "25h"}, "starts"),
        ({"team": "all"}, "team"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(
    site: Site, seats: Seats, change: dict[str, Any], field: str
) -> None:
    answer = await seats["supervisor"].post(PAGE, written(site, **change))
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


async def test_what_is_not_for_an_agent_cannot_be_confirmed_by_him(
    seats: Seats, users: dict[str, UUID]
) -> None:
    for told in (users["agent"], "x"):
        answer = await seats["agent"].post(f"/desk/announcements/{told}/read", {})
        assert answer.status_code == 404
