"""The telephone of an agent's page: what he is given, what Asterisk knows of it, and for how long."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import pytest_asyncio
import structlog
from sqlalchemy import text

from app.desk.intents import SignedIn
from app.main import Site
from app.phone.registrar import Registrar
from app.phone.rules import endpoint_of
from app.settings import load
from realtime.broker_redis import RedisBroker
from realtime.redis_client import connect
from tests.integration.site.conftest import signed_in
from tests.support.clock import SetClock
from tests.support.room import Room
from tests.support.rows import an_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database
    from tests.support.asterisk import Lab
    from tests.support.browser import Browser

AUTH = "/asterisk/config/dynamic/res_pjsip/auth"


@dataclass
class House:
    """A site whose agents speak by their pages, and what it has told the dialer."""

    site: Site
    room: Room
    lab: Lab

    async def login_of(self, agent: UUID) -> dict[str, str] | None:
        """What Asterisk knows of an agent's login; None for nothing."""
        server = self.lab.server("asks")
        async with httpx2.AsyncClient(
            base_url=server.url, auth=(server.user, server.password), trust_env=False
        ) as http:
            answer = await http.get(f"{AUTH}/{endpoint_of(agent)}")
        if answer.status_code != 200:
            return None
        return {each["attribute"]: each["value"] for each in answer.json()}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    lab: Lab, database_url: str, redis_url: str, users: dict[str, UUID]
) -> AsyncIterator[House]:
    settings = {
        **{name: value for name, value in lab.told.items() if name.startswith("PACELINE_")},
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PACELINE_SECRET": "5" * 64,
    }
    site = Site(load(settings))
    redis = connect(redis_url)
    broker = RedisBroker(redis_url, redis)
    async with site.lifespan():
        yield House(site, Room(redis, broker), lab)
        pool = site.opened.house.redis.connection_pool
    await pool.disconnect()
    await broker.close()
    await redis.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(house: House) -> AsyncIterator[Browser]:
    async with signed_in(house.site, "agent") as browser:
        yield browser


async def test_a_page_is_given_credentials_that_asterisk_knows(
    house: House, page: Browser, users: dict[str, UUID]
) -> None:
    answer = await page.post("/desk/phone")
    told = answer.json()
    assert told["address"] == house.lab.told["PACELINE_ARI_PAGES"]
    assert told["user"] == endpoint_of(users["agent"])
    assert told["lives_ms"] == 900_000
    assert answer.headers["Cache-Control"] == "no-store"
    login = await house.login_of(users["agent"])
    assert login is not None
    assert (login["username"], login["password"]) == (told["user"], told["secret"])


async def test_every_page_has_a_secret_of_its_own_and_it_is_stored_nowhere_here(
    house: House, page: Browser, users: dict[str, UUID], database: Database
) -> None:
    first = (await page.post("/desk/phone")).json()
    second = (await page.post("/desk/phone")).json()
    assert len({first["secret"], second["secret"], first["token"]}) == 3
    assert first["token"] == second["token"]  # by which the page knows our call
    login = await house.login_of(users["agent"])
    assert login is not None
    assert login["password"] == second["secret"]
    async with database.reading() as session:
        kept = "SELECT count(*) FROM idempotency_keys WHERE route = '/desk/phone'"
        assert await session.scalar(text(kept)) == 0


async def test_only_who_works_at_a_desk_is_given_a_telephone(house: House) -> None:
    async with signed_in(house.site, "supervisor") as other:
        assert (await other.post("/desk/phone")).status_code == 403


async def test_the_page_may_speak_to_asterisk_and_to_nobody_else(page: Browser) -> None:
    policy = (await page.get("/desk", Accept="text/html")).headers["Content-Security-Policy"]
    assert "connect-src 'self' ws://127.0.0.1:" in policy


async def test_without_asterisk_there_is_no_telephone_to_be_had(site: Site) -> None:
    async with signed_in(site, "senior_agent") as other:
        refused = await other.post("/desk/phone")
        policy = (await other.get("/desk", Accept="text/html")).headers["Content-Security-Policy"]
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "NO_PAGE_PHONE"
    assert "connect-src 'self';" in policy


async def test_a_choice_of_the_desk_phone_is_kept_audited_and_told_to_the_dialer(
    house: House, page: Browser, users: dict[str, UUID], database: Database
) -> None:
    await house.room.heard()
    await house.room.seat(users["agent"], None, "IDLE")
    for desk_phone in (True, False):
        chosen = await page.post("/desk/phone/choice", {"desk_phone": desk_phone})
        assert chosen.json()["desk_phone"] is desk_phone
        (told,) = [word for word in await house.room.heard() if isinstance(word, SignedIn)]
        assert (told.user, told.desk_phone) == (users["agent"], desk_phone)
        refused = (await page.post("/desk/phone")).status_code == 409
        assert refused is desk_phone
    async with database.reading() as session:
        rows = await session.execute(
            text("SELECT after FROM audit_events WHERE verb = 'chose_phone' ORDER BY at, id")
        )
    written = [row.after["desk_phone"] for row in rows]
    assert sorted(written) == [False, True]


async def test_nobody_changes_his_telephone_in_a_call(
    house: House, page: Browser, users: dict[str, UUID]
) -> None:
    await house.room.seat(users["agent"], None, "IN_CALL")
    refused = await page.post("/desk/phone/choice", {"desk_phone": True})
    assert refused.json()["error"]["code"] == "PHONE_IN_USE"


@pytest.mark.parametrize("field", ["loss_pct", "jitter_ms", "rtt_ms"])
async def test_a_figure_that_cannot_be_is_refused_by_its_name(page: Browser, field: str) -> None:
    told = {"loss_pct": 0.5, "jitter_ms": 4.0, "rtt_ms": 12.0, field: -1}
    refused = await page.post("/desk/phone/quality", told)
    assert refused.json()["error"]["field"] == field


async def test_how_it_sounds_is_shown_to_who_leads_him_and_forgotten_after_a_minute(
    house: House, page: Browser, users: dict[str, UUID]
) -> None:
    told = {"loss_pct": 0.5, "jitter_ms": 4.0, "rtt_ms": 12.0}
    assert (await page.post("/desk/phone/quality", told)).status_code == 200
    async with signed_in(house.site, "team_lead") as lead:
        address = f"/agents/{users['agent']}/voice"
        shown: dict[str, Any] = (await lead.get(address)).json()["voice"]
        assert {name: shown[name] for name in told} == told
        clock = house.site.opened.house.clock
        clock.offset_ms += 61_000
        assert (await lead.get(address)).json()["voice"] is None
        clock.offset_ms -= 61_000
    assert (await page.get(f"/agents/{users['agent']}/voice")).status_code == 403


async def test_a_secret_ends_with_its_time_and_a_newer_one_stays(house: House, lab: Lab) -> None:
    clock, user, log = SetClock(seed=11), an_id(), structlog.get_logger()
    server = lab.server("registers", pages=True)
    async with asyncio.TaskGroup() as group:
        brief = Registrar(server, clock, group, log, life_ms=150)
        lasting = Registrar(server, clock, group, log)
        await brief.issue(user)
        newer = await lasting.issue(user)
        await brief.ended()
        login = await house.login_of(user)
        assert login is not None
        assert login["password"] == newer.secret
        await brief.issue(user)
        await brief.ended()
        assert await house.login_of(user) is None
        await lasting.aclose()
        await brief.aclose()


async def test_who_steps_into_calls_has_a_telephone_in_his_page_without_a_desk(
    house: House, users: dict[str, UUID]
) -> None:
    async with signed_in(house.site, "supervisor") as browser:
        assert (await browser.post("/desk/phone")).status_code == 403
        told = (await browser.post("/monitor/phone")).json()
    assert told["user"] == endpoint_of(users["supervisor"])
    assert (await house.login_of(users["supervisor"]) or {})["password"] == told["secret"]
    async with signed_in(house.site, "agent") as browser:
        assert (await browser.post("/monitor/phone")).status_code == 403
