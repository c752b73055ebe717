"""What a deed leaves behind: rows in one transaction, then the dialer's intents, once per key.

Decisions 1, 10 and 12 rest on this road; checks CB10 (stop within a second) and LG7.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.desk.intents import (
    CancelPending,
    Complete,
    Disposed,
    Extend,
    Finish,
    HangUp,
    Hold,
    Mute,
    Pause,
    Ready,
    ResumeDialing,
    SignedIn,
    StopDialing,
)
from tests.support.browser import Browser
from tests.support.rows import a_campaign, a_debtor, an_id, insert

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database
    from app.main import Site
    from tests.support.room import Room


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def agent(site: Site, database: Database, users: dict[str, UUID]) -> AsyncIterator[Browser]:
    """An agent with a campaign, signed in."""
    async with database.writing() as session:
        campaign = await a_campaign(session, state="RUNNING")
        await insert(session, "campaign_teams", campaign_id=campaign, team_id=users["team"])
    async with Browser(site) as browser:
        assert (await browser.sign_in("agent")).status_code == 200
        yield browser


async def a_call(database: Database, user: UUID) -> UUID:
    """A call in progress at this desk."""
    call, now = an_id(), datetime.now(UTC)
    born = datetime.fromtimestamp((call.int >> 80) / 1000, UTC)
    async with database.writing() as session:
        debtor = await a_debtor(session)
        await insert(
            session,
            "calls",
            id=call,
            created_at=born,
            number="+84912345678",
            customer_id=debtor.customer,
            loan_id=debtor.loan,
            agent_id=user,
            state="BRIDGED",
            connected_at=now,
        )
    return call


async def test_opening_the_desk_puts_the_agent_on_the_floor(
    agent: Browser, room: Room, users: dict[str, UUID]
) -> None:
    await room.heard()
    assert (await agent.get("/desk", Accept="text/html")).status_code == 200
    (told,) = await room.heard()
    assert isinstance(told, SignedIn)
    assert (told.user, told.team) == (users["agent"], users["team"])
    assert len(told.campaigns) == 1


async def test_controls_tell_the_dialer_what_was_pressed(
    agent: Browser, room: Room, database: Database, users: dict[str, UUID]
) -> None:
    call = await a_call(database, users["agent"])
    await room.seat(users["agent"], call)
    await room.heard()
    for path, body in (
        ("ready", {}),
        ("pause", {"reason": "LUNCH"}),
        ("cancel-pending", {}),
        ("mute", {"on": True}),
        ("hold", {"on": True}),
        ("extend", {}),
        ("hangup", {"call": str(call)}),
    ):
        answer = await agent.post(f"/desk/{path}", body)
        assert answer.status_code == 200, f"{path}: {answer.text}"
    told = await room.heard()
    assert [type(each) for each in told] == [
        Ready,
        Pause,
        CancelPending,
        Mute,
        Hold,
        Extend,
        HangUp,
    ]
    assert all(each.user == users["agent"] for each in told)  # type: ignore[union-attr]  # all name one
    assert [each.call for each in told[4:]] == [call] * 3  # type: ignore[union-attr]  # these name it


async def test_pause_without_a_known_reason_is_refused_and_not_told(
    agent: Browser, room: Room
) -> None:
    await room.heard()
    for body in ({}, {"reason": ""}, {"reason": "HOLIDAY"}):
        assert (await agent.post("/desk/pause", body)).status_code == 422
    assert await room.heard() == []


async def test_late_press_does_not_hang_up_the_next_call(
    agent: Browser, room: Room, users: dict[str, UUID]
) -> None:
    await room.seat(users["agent"], uuid4())
    await room.heard()
    refused = await agent.post("/desk/hangup", {"call": str(uuid4())})
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "CALL_OVER"
    assert refused.json()["error"]["sentence"] == "Cuộc gọi đó đã kết thúc."
    assert await room.heard() == []


async def test_ready_is_refused_without_the_headset_that_a_campaign_demands(
    agent: Browser, room: Room, database: Database, users: dict[str, UUID]
) -> None:
    async with database.writing() as session:
        careful = await a_campaign(session, settings={"headset_check": True})
        await insert(session, "campaign_agents", campaign_id=careful, user_id=users["agent"])
    refused = await agent.post("/desk/ready", {"headset": "FAILED"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "HEADSET")
    assert await room.heard() == []
    for result in ("PASSED", "NOT_REQUIRED"):  # the simulator needs none
        assert (await agent.post("/desk/ready", {"headset": result})).status_code == 200
    async with database.writing() as session:
        await session.execute(text("DELETE FROM campaign_agents"))


async def test_a_missed_call_is_put_away_by_its_own_agent_only(
    agent: Browser, database: Database, users: dict[str, UUID]
) -> None:
    found = {}
    for name, user, state in (
        ("mine", users["agent"], "MISSED"),
        ("due", users["agent"], "DUE"),
        ("hers", users["team_lead"], "MISSED"),
    ):
        found[name] = an_id()
        async with database.writing() as session:
            await insert(
                session,
                "callbacks",
                id=found[name],
                customer_id=an_id(),
                user_id=user,
                at=datetime.now(UTC),
                state=state,
                created_at=datetime.now(UTC),
            )
    answers = {
        name: (await agent.post("/desk/reminder/seen", {"callback": str(callback)})).status_code
        for name, callback in found.items()
    }
    assert answers == {"mine": 200, "due": 404, "hers": 404}


async def test_ready_without_a_campaign_says_why(
    site: Site, room: Room, database: Database, users: dict[str, UUID]
) -> None:
    async with Browser(site) as lead:
        await lead.sign_in("team_lead")
        async with database.writing() as session:
            await session.execute(text("DELETE FROM campaign_teams"))
        refused = await lead.post("/desk/ready")
        async with database.writing() as session:
            campaign = await a_campaign(session, "again", state="RUNNING")
            await insert(session, "campaign_teams", campaign_id=campaign, team_id=users["team"])
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "NO_CAMPAIGN"


async def test_outcome_and_finish_are_on_record_before_the_dialer_hears(
    agent: Browser, room: Room, database: Database, users: dict[str, UUID]
) -> None:
    call = await a_call(database, users["agent"])
    await room.seat(users["agent"], call, "WRAP_UP")
    await room.heard()
    bare = await agent.post("/desk/finish", {"call": str(call)})
    assert (bare.status_code, bare.json()["error"]["code"]) == (409, "NO_OUTCOME")
    body = {"call": str(call), "leaf": "REFUSED", "fields": {"reason": "Chưa có tiền"}}
    unsaid = (await agent.post("/desk/outcome", body)).json()["error"]
    assert (unsaid["code"], unsaid["field"]) == ("STATEMENT_UNTICKED", "RECORDING_NOTICE")
    ticked = {"ticked": ["RECORDING_NOTICE", "IDENTITY_CHECK"]}
    assert (await agent.post("/desk/outcome", {**body, **ticked})).status_code == 200
    done = await agent.post("/desk/finish", {"call": str(call)})
    assert done.status_code == 200, done.text
    told = await room.heard()
    assert [type(each) for each in told] == [Disposed, Disposed, Finish]
    async with database.reading() as session:
        leaf = await session.scalar(
            text("SELECT leaf FROM actions WHERE call_id = :call"), {"call": call}
        )
    assert leaf == "REFUSED"


async def test_outcome_that_lacks_something_names_the_field(
    agent: Browser, database: Database, users: dict[str, UUID]
) -> None:
    call = await a_call(database, users["agent"])
    refused = await agent.post("/desk/outcome", {"call": str(call), "leaf": "PTP_SCHEDULED"})
    assert refused.status_code == 422
    assert refused.json()["error"]["field"] == "promise"


async def test_call_of_somebody_else_does_not_exist_here(
    agent: Browser, database: Database
) -> None:
    call = await a_call(database, uuid4())
    for path in ("outcome", "correct"):
        body = {"call": str(call), "leaf": "HUNG_UP_BEFORE_ID"}
        assert (await agent.post(f"/desk/{path}", body)).status_code == 404
    assert (await agent.post("/desk/finish", {"call": str(call)})).status_code == 404
    assert (await agent.post("/desk/draft", {"call": str(call)})).status_code == 404


async def test_draft_comes_back_as_it_was_typed(
    agent: Browser, room: Room, database: Database, users: dict[str, UUID]
) -> None:
    call = await a_call(database, users["agent"])
    await room.seat(users["agent"], call)
    assert (await agent.get("/desk/draft")).json()["draft"] is None
    typed = {"call": str(call), "note": "Hẹn chị Hà", "ticked": ["RECORDING_NOTICE"]}
    assert (await agent.post("/desk/draft", typed)).status_code == 200
    kept = (await agent.get("/desk/draft")).json()["draft"]
    assert kept.items() >= typed.items()
    assert (kept["version"], kept["saved"]) == (1, None)


async def test_one_key_is_one_deed_however_often_it_is_sent(
    agent: Browser, room: Room, database: Database, users: dict[str, UUID]
) -> None:
    call = await a_call(database, users["agent"])
    body = {"call": str(call), "leaf": "HUNG_UP_BEFORE_ID"}
    assert (await agent.post("/desk/outcome", body)).status_code == 200
    key = f"finish-{call}"
    answers = await asyncio.gather(
        *(agent.post("/desk/finish", {"call": str(call)}, key=key) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    async with database.reading() as session:
        counted = await session.scalar(
            text("SELECT count(*) FROM actions WHERE call_id = :call"), {"call": call}
        )
    assert counted == 1


async def test_refused_deed_leaves_no_key_behind_and_may_be_tried_again(
    agent: Browser, database: Database, users: dict[str, UUID]
) -> None:
    call = await a_call(database, users["agent"])
    key = f"again-{call}"
    assert (await agent.post("/desk/finish", {"call": str(call)}, key=key)).status_code == 409
    body = {"call": str(call), "leaf": "HUNG_UP_BEFORE_ID"}
    assert (await agent.post("/desk/outcome", body)).status_code == 200
    assert (await agent.post("/desk/finish", {"call": str(call)}, key=key)).status_code == 200


@pytest.mark.req("S0c-044")
async def test_stop_key_is_on_record_and_told_within_a_second(
    supervisor: Browser, room: Room, database: Database, users: dict[str, UUID]
) -> None:
    await room.heard()
    loop = asyncio.get_running_loop()
    began = loop.time()
    answer = await supervisor.post("/wall/stop", {"reason": "Sự cố tổng đài"})
    assert answer.status_code == 200
    (told,) = await room.heard()
    assert loop.time() - began < 1.0
    assert isinstance(told, StopDialing)
    assert (told.campaign, told.by, told.reason) == (None, users["supervisor"], "Sự cố tổng đài")
    async with database.reading() as session:
        stopped = await session.scalar(text("SELECT dialing_stopped FROM organisations"))
        audited = await session.scalar(
            text("SELECT count(*) FROM audit_events WHERE reason = 'Sự cố tổng đài'")
        )
    assert stopped is True
    assert audited == 1
    assert (await supervisor.post("/wall/resume")).status_code == 200
    told_again = await room.heard()
    assert isinstance(told_again[0], ResumeDialing)


async def test_one_campaign_is_stopped_alone(
    supervisor: Browser, room: Room, database: Database
) -> None:
    async with database.writing() as session:
        one, other = await a_campaign(session, "one"), await a_campaign(session, "other")
    await room.heard()
    assert (await supervisor.post("/wall/stop", {"campaign": str(one)})).status_code == 200
    (told,) = await room.heard()
    assert isinstance(told, StopDialing)
    assert told.campaign == one
    async with database.reading() as session:
        rows = await session.execute(
            text("SELECT id, stopped FROM campaigns WHERE id IN (:one, :other)"),
            {"one": one, "other": other},
        )
        assert {row.id: row.stopped for row in rows} == {one: True, other: False}


async def test_campaign_that_does_not_exist_cannot_be_stopped(
    supervisor: Browser, room: Room
) -> None:
    await room.heard()
    assert (await supervisor.post("/wall/stop", {"campaign": str(uuid4())})).status_code == 404
    assert (await supervisor.post("/campaigns/none/start")).status_code == 404
    assert await room.heard() == []


async def test_team_lead_completes_his_own_agents_only(
    site: Site, room: Room, database: Database, users: dict[str, UUID]
) -> None:
    from tests.support.clock import SetClock
    from tests.support.people import a_user

    stranger = await a_user(database, SetClock(seed=77), "stranger", team_id=users["other"])
    async with Browser(site) as lead:
        await lead.sign_in("team_lead")
        await room.heard()
        refused = await lead.post("/wall/complete", {"user": str(stranger)})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "OTHER_TEAM")
        own = await lead.post("/wall/complete", {"user": str(users["agent"])})
        assert own.status_code == 200
    (told,) = [each for each in await room.heard() if isinstance(each, Complete)]
    assert (told.user, told.by) == (users["agent"], users["team_lead"])


async def test_deed_is_not_done_when_the_dialer_cannot_be_told_but_its_key_is_kept(
    agent: Browser, site: Site, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page tries again with the same key and is answered from the store; then the dialer is told."""
    from redis.exceptions import ConnectionError as RedisAway

    await room.heard()

    def away(*_: object, **__: object) -> None:
        raise RedisAway

    monkeypatch.setattr(site.opened.house.redis, "pipeline", away)
    refused = await agent.post("/desk/mute", {"on": True}, key="away-0001")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "1"
    monkeypatch.undo()
    answered = await agent.post("/desk/mute", {"on": True}, key="away-0001")
    assert answered.status_code == 200
    assert [type(each) for each in await room.heard()] == [Mute]
