"""The administration over its doors: people, passwords, roles, sessions. Checks AM1 to AM4."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from app.desk.intents import SignedIn, decode
from realtime.presence import Link, Parting
from tests.support.browser import Browser
from tests.support.clock import SetClock
from tests.support.people import PASSWORD, a_user

if TYPE_CHECKING:
    from uuid import UUID

    import httpx2

    from app.db import Database
    from app.main import Site

pytestmark = pytest.mark.req("S0c-066")


def a_profile(**said: Any) -> dict[str, Any]:
    return {"full_name": "Lê Thị Hoa", "roles": ["AGENT"], **said}


async def created(admin: Browser, username: str, **said: Any) -> str:
    """The id of a user added over the door."""
    answer = await admin.post("/admin/people", a_profile(username=username, **said))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["user"])


async def test_a_new_person_signs_in_with_the_password_that_was_drawn(
    site: Site, admin: Browser, users: dict[str, UUID]
) -> None:
    user = await created(admin, "hoa.moi", team=str(users["team"]))
    async with Browser(site) as hoa:
        for guess in (PASSWORD, "!", "", "nobody has this password"):
            assert (await hoa.sign_in("hoa.moi", guess)).status_code == 401
    page = await admin.get(f"/admin/people/{user}", Accept="text/html")
    assert "chưa có mật khẩu" in page.text
    drawn = await admin.post(f"/admin/people/{user}/password")
    assert drawn.headers["cache-control"] == "no-store"
    password = drawn.json()["password"]
    async with Browser(site) as hoa:
        assert (await hoa.sign_in("hoa.moi", password)).json()["next"] == "/desk"


async def test_a_drawn_password_is_kept_nowhere(
    admin: Browser, database: Database, users: dict[str, UUID]
) -> None:
    user = await created(admin, "hidden")
    password = (await admin.post(f"/admin/people/{user}/password")).json()["password"]
    async with database.reading() as session:
        for table in ("idempotency_keys", "audit_events", "outbox_facts", "users"):
            rows = (await session.execute(text(f"SELECT t::text FROM {table} t"))).scalars().all()
            assert not any(password in row for row in rows), table


async def test_a_taken_or_misshapen_name_is_said_at_its_field(admin: Browser) -> None:
    await created(admin, "taken")
    for username, code in (("Taken", "USERNAME_TAKEN"), ("hai chữ", "USERNAME_FORM")):
        refused = await admin.post("/admin/people", a_profile(username=username))
        error = refused.json()["error"]
        assert (error["code"], error["field"]) == (code, "username")


@pytest.mark.req("S0a-008")
async def test_am1_another_role_holds_at_the_next_request(site: Site, admin: Browser) -> None:
    user = await created(admin, "climber")
    password = (await admin.post(f"/admin/people/{user}/password")).json()["password"]
    async with Browser(site) as climber:
        await climber.sign_in("climber", password)
        assert (await climber.get("/wall")).status_code == 403
        changed = await admin.post(
            f"/admin/people/{user}",
            a_profile(roles=["TEAM_LEAD"], version=await version(admin, user)),
        )
        assert changed.json()["moved"] is True
        assert (await climber.get("/wall", Accept="text/html")).status_code == 200
        late = await admin.post(f"/admin/people/{user}", a_profile(version=1))
        assert (late.status_code, late.json()["error"]["code"]) == (409, "USER_CHANGED")


async def test_accommodations_reach_the_page_and_the_floor(
    site: Site, admin: Browser, redis_url: str
) -> None:
    user = await created(admin, "slow-hands")
    password = (await admin.post(f"/admin/people/{user}/password")).json()["password"]
    async with Browser(site) as agent, Redis.from_url(redis_url) as redis:
        await agent.sign_in("slow-hands", password)
        told = a_profile(wrapup_multiplier=3, sound_off=True, shortcuts_off=True)
        changed = await admin.post(
            f"/admin/people/{user}", {**told, "version": await version(admin, user)}
        )
        assert changed.json()["moved"] is False
        newest: Any = await redis.xrevrange("intents", count=1)
        heard = decode(next(iter(newest[0][1].values())))
        assert isinstance(heard, SignedIn)
        assert (str(heard.user), heard.wrapup_multiplier) == (user, 3.0)
        page = (await agent.get("/desk", Accept="text/html")).text
    boot = json.loads(page.split('id="boot">')[1].split("</script>")[0])
    assert boot["user"]["sound_off"] is True
    assert boot["user"]["single_keys"] is False


async def version(admin: Browser, user: str) -> int:
    """The version that the user's page shows."""
    page = (await admin.get(f"/admin/people/{user}", Accept="text/html")).text
    return int(page.split('name="version" value="')[1].split('"')[0])


async def test_am2_a_deactivated_person_is_out_and_can_be_let_in_again(
    site: Site, admin: Browser, database: Database
) -> None:
    user = await created(admin, "leaver")
    password = (await admin.post(f"/admin/people/{user}/password")).json()["password"]
    async with Browser(site) as leaver:
        await leaver.sign_in("leaver", password)
        assert (await admin.post(f"/admin/people/{user}/deactivate")).status_code == 200
        assert (await leaver.get("/me")).status_code == 401
        assert (await leaver.sign_in("leaver", password)).status_code == 401
        assert (await admin.post(f"/admin/people/{user}/activate")).status_code == 200
        assert (await leaver.sign_in("leaver", password)).status_code == 200
    async with database.reading() as session:
        rows = await session.execute(
            text("SELECT verb, actor_id FROM audit_events WHERE entity_id = :user ORDER BY at, id"),
            {"user": user},
        )
        verbs = [verb for verb, actor in rows if actor is not None]
    assert [verb for verb in verbs if verb != "signed_in"] == [
        "created",
        "password_changed",
        "deactivated",
        "activated",
    ]


async def test_am4_a_changed_cell_holds_at_the_next_request(
    site: Site, admin: Browser, lead: Browser
) -> None:
    assert (await lead.get("/admin/people/new")).status_code == 403
    await turn(admin, "TEAM_LEAD", "people.edit", "ALL", "NOBODY")
    assert (await lead.get("/admin/people/new", Accept="text/html")).status_code == 200
    made = await lead.post("/admin/people", a_profile(username="made-by-lead", roles=["ADMIN"]))
    assert (made.status_code, made.json()["error"]["code"]) == (403, "KEYS_NEEDED")
    stale = await admin.post("/admin/roles", a_cell("TEAM_LEAD", "people.edit", "ALL", "NOBODY"))
    assert stale.json()["error"]["code"] == "CELL_CHANGED"
    await turn(admin, "TEAM_LEAD", "people.edit", "NOBODY", "ALL")
    assert (await lead.get("/admin/people/new")).status_code == 403


def a_cell(role: str, permission: str, scope: str, was: str) -> dict[str, str]:
    return {"role": role, "permission": permission, "scope": scope, "was": was}


async def turn(admin: Browser, role: str, permission: str, scope: str, was: str) -> None:
    answer = await admin.post("/admin/roles", a_cell(role, permission, scope, was))
    assert answer.status_code == 200, answer.text


@pytest.mark.req("S0c-002")
async def test_a_team_lead_sees_the_people_of_his_team_alone(
    database: Database, lead: Browser, admin: Browser, users: dict[str, UUID]
) -> None:
    stranger = await a_user(database, SetClock(seed=61), "stranger", team_id=users["other"])
    page = (await lead.get("/admin/people", Accept="text/html")).text
    assert f"/admin/people/{users['agent']}" in page
    assert str(stranger) not in page
    assert str(stranger) in (await admin.get("/admin/people", Accept="text/html")).text
    assert (await lead.get(f"/admin/people/{stranger}")).status_code == 403
    own = await lead.get(f"/admin/people/{users['agent']}", Accept="text/html")
    assert own.status_code == 200
    assert 'data-testid="save"' not in own.text


@pytest.mark.req("S1-003")
async def test_a_page_that_is_refused_names_the_roles_that_may(site: Site) -> None:
    async with Browser(site) as agent:
        await agent.sign_in("senior_agent")
        page = await agent.get("/admin/roles", Accept="text/html")
        assert page.status_code == 403
        assert "Việc này cần: Quản trị viên." in page.text
        said = (await agent.get("/admin/people")).json()["error"]["sentence"]
    assert "Trưởng nhóm, Giám sát, Quản trị viên, Kiểm toán" in said


def a_link(issue: str, now_ms: int) -> Link:
    return Link(
        link="n1/3",
        issue=issue,
        hub="web:1",
        noted_ms=now_ms,
        opened_ms=now_ms - 60_000,
        heard_ms=now_ms - 900,
        round_trip_ms=34,
        missed=1,
        waiting_bytes=2_048,
        backlog_bytes=77,
        held=3,
        is_stale=False,
        client="Mozilla/5.0",
        version="desk-OLD",
        positions=(("agent:7", 41),),
    )


async def issue_of(database: Database, user: UUID) -> str:
    async with database.reading() as session:
        digest = await session.scalar(
            text("SELECT token_digest FROM sign_ins WHERE user_id = :user AND ended_at IS NULL"),
            {"user": user},
        )
    return str(digest)[:16]


async def sessions_page(browser: Browser) -> httpx2.Response:
    return await browser.get("/admin/sessions", Accept="text/html")


@pytest.mark.req("S0c-021")
async def test_am3_a_lead_sees_the_sockets_of_his_team_with_all_that_helps(
    site: Site, database: Database, lead: Browser, users: dict[str, UUID]
) -> None:
    house = site.opened.house
    stranger = await a_user(database, SetClock(seed=62), "far-away", team_id=users["other"])
    async with Browser(site) as agent, Browser(site) as other:
        await agent.sign_in("agent", take_over=True)
        await other.sign_in("far-away")
        issue, now_ms = await issue_of(database, users["agent"]), house.clock.now_ms()
        parting = Parting("n1/2", issue, 4012, now_ms - 4_000)
        user = str(users["agent"])
        await house.presence.note("web:1", {user: [a_link(issue, now_ms)]}, {user: parting}, now_ms)
        page = (await sessions_page(lead)).text
    for said in ("34 ms", "n1/3", "desk-OLD", "bản cũ", "web:1", "agent:7 41", "4012", "2048 byte"):
        assert said in page, said
    assert str(stranger) not in page


@pytest.mark.req("S0c-021")
async def test_a_reset_and_an_end_concern_one_sign_in_and_are_on_the_trail(
    site: Site,
    database: Database,
    lead: Browser,
    users: dict[str, UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ordered: list[tuple[str, int, str | None]] = []
    house = site.opened.house

    async def command(user: str, code: int, _reason: str, *, issue: str | None = None) -> None:
        ordered.append((user, code, issue))

    async with Browser(site) as agent:
        await agent.sign_in("agent", take_over=True)
        issue = await issue_of(database, users["agent"])
        monkeypatch.setattr(house.broker, "command", command)
        place, user = f"/admin/sessions/{users['agent']}", str(users["agent"])
        assert (await lead.post(f"{place}/reset", {"issue": issue})).status_code == 200
        assert (await agent.get("/me")).status_code == 200
        monkeypatch.setattr(house.asking, "is_busy", busy)
        refused = await lead.post(f"{place}/end", {"issue": issue})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "IN_CALL")
        ended = await lead.post(f"{place}/end", {"issue": issue, "in_call": True})
        assert (ended.status_code, ended.json()["last"]) == (200, True)
        assert (await agent.get("/me")).status_code == 401
        over = await lead.post(f"{place}/end", {"issue": issue})
        assert (over.status_code, over.json()["error"]["code"]) == (404, "SIGN_IN_OVER")
    assert ordered == [(user, 4001, issue), (user, 4002, issue)]
    async with database.reading() as session:
        rows = await session.execute(
            text("SELECT verb, actor_id FROM audit_events WHERE entity_id = :user"), {"user": user}
        )
        trail = {tuple(row) for row in rows}
    assert ("reset_connection", users["team_lead"]) in trail
    assert ("ended_sign_in", users["team_lead"]) in trail


async def busy(_user: UUID) -> bool:
    return True


async def test_sign_ins_are_shown_also_while_the_hubs_cannot_be_asked(
    site: Site, lead: Browser, users: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    from realtime.broker import BrokerLost

    async def away(*_: object) -> None:
        raise BrokerLost

    monkeypatch.setattr(site.opened.house.presence, "seen", away)
    page = (await sessions_page(lead)).text
    assert f'data-user="{users["team_lead"]}"' in page
    assert "Không hỏi được" in page


async def test_pages_of_the_administration_hold_no_script_but_the_boot_block(
    admin: Browser,
) -> None:
    for path in ("people", "people/new", "roles", "sessions"):
        page = (await admin.get(f"/admin/{path}", Accept="text/html")).text
        assert " style=" not in page
        assert page.count("<script") == 2, path
        assert "⟨" not in page
        english = await admin.get(f"/admin/{path}?lang=en", Accept="text/html")
        assert 'lang="en"' in english.text
