"""Outcomes that nobody finished: the worker records them, and one that cannot be holds up no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import outbox
from app.audit.service import Actor
from app.campaigns import jobs as campaigns
from app.desk import drafts
from app.desk import service as desk
from app.desk.outcomes import CallbackTerms, Form, PromiseTerms
from app.settings import load
from app.values.ids import RANDOM_BYTES, new_id
from app.wall.leader import Leader
from app.wiring import House, open_house
from app.worker import Work
from tests.support import rows
from tests.support.people import a_user
from tests.support.scripts import CODES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID


@pytest_asyncio.fixture
async def house(database_url: str, redis_url: str) -> AsyncIterator[House]:
    environ = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "PACELINE_SECRET": "5" * 64}
    async with open_house(load(environ), "worker") as house:
        await rows.wipe(house.database)
        async with house.database.writing() as session:
            await rows.an_organisation(session)
        yield house
        await rows.wipe(house.database)
    await house.redis.connection_pool.disconnect()


@pytest.fixture
def work(house: House) -> Work:
    leader = Leader(
        redis=house.redis,
        broker=house.broker,
        database=house.database,
        clock=house.clock,
        metrics=house.metrics,
        owner="test",
        presence=house.presence,
    )
    return Work(house, leader)


@pytest_asyncio.fixture
async def agent(house: House) -> UUID:
    return await a_user(house.database, house.clock, "minh", "AGENT")


async def run(house: House, sql: str, **values: Any) -> None:
    async with house.database.writing() as session:
        await session.execute(text(sql), values)


async def chosen(house: House, agent: UUID, minutes_ago: int = 1, **form: Any) -> UUID:
    """A call that has ended and been left, its outcome chosen and a draft still."""
    ended_ms = house.clock.now_ms() - minutes_ago * 60_000
    ended = datetime.fromtimestamp(ended_ms / 1000, UTC)
    call = new_id(ended_ms, house.clock.token_bytes(RANDOM_BYTES))
    async with house.database.writing() as session:
        debtor = await rows.a_debtor(session)
        campaign = await rows.a_campaign(session, name=f"c {call}")
        lead = await rows.a_lead(session, campaign, debtor, state="IN_FLIGHT")
        await rows.a_call(
            session, debtor, agent, id=call, created_at=ended, connected_at=ended, state="ENDED",
            campaign_id=campaign, lead_id=lead,
        )  # fmt: skip
    form = {"leaf": "HUNG_UP_BEFORE_ID", "ticked": CODES, **form}
    async with house.database.writing() as session:
        await desk.save_outcome(
            session, Form(call=call, **form), Actor(agent, role="AGENT"), house.clock
        )
    await run(
        house,
        "UPDATE calls SET ended_at = :at, wrapped_at = :at WHERE id = :call",
        at=ended,
        call=call,
    )
    return call


async def recorded(house: House) -> set[UUID]:
    return {
        row["call_id"] for row in await rows.read(house.database, "SELECT call_id FROM actions")
    }


def failures(house: House) -> float:
    found = house.metrics.registry.get_sample_value(
        "paceline_job_failures_total", {"job": "left over"}
    )
    return found or 0.0


async def promised(house: House, agent: UUID, minutes_ago: int) -> UUID:
    """A promise chosen, on a loan that was closed before it could be recorded."""
    due = house.clock.today("Asia/Ho_Chi_Minh") + timedelta(days=3)
    terms = PromiseTerms(amount_minor=2_000_000, currency="VND", due_on=due)
    call = await chosen(house, agent, minutes_ago, leaf="PTP_SCHEDULED", promise=terms)
    await run(
        house,
        "UPDATE loans SET closed_at = :at WHERE id = (SELECT loan_id FROM calls WHERE id = :call)",
        at=house.clock.now(),
        call=call,
    )
    return call


async def test_one_that_cannot_be_recorded_holds_up_none_after_it(
    house: House, work: Work, agent: UUID
) -> None:
    await promised(house, agent, minutes_ago=20)
    later = await chosen(house, agent, minutes_ago=10)
    await work.finish_left_over()
    assert await recorded(house) == {later}
    assert failures(house) == 1


async def test_what_cannot_be_recorded_is_left_to_a_person_once(
    house: House, work: Work, agent: UUID
) -> None:
    call = await promised(house, agent, minutes_ago=20)
    for _ in range(3):
        await work.finish_left_over()
    assert failures(house) == 1
    (fact,) = await rows.read(
        house.database, "SELECT body FROM outbox_facts WHERE kind = 'outcome.left_over'"
    )
    assert (fact["body"]["call"], fact["body"]["user"]) == (str(call), str(agent))
    assert fact["body"]["leaf"] == "PTP_SCHEDULED"
    (event,) = await rows.read(
        house.database, "SELECT entity_id, reason FROM audit_events WHERE verb = 'left_over'"
    )
    assert event == {"entity_id": str(call), "reason": fact["body"]["reason"]}
    (draft,) = await rows.read(house.database, "SELECT body FROM drafts")
    assert draft["body"]["stuck"] == event["reason"]
    assert draft["body"]["outcome"]["leaf"] == "PTP_SCHEDULED"
    async with house.database.reading() as session:
        assert (await outbox.waiting(session))[0] >= 1
        assert "stuck" not in (await drafts.read(session, call, agent) or {})


@pytest.mark.parametrize("owner", ["nobody", "another"])
async def test_outcome_of_a_call_that_was_taken_back_is_of_who_chose_it(
    house: House, work: Work, agent: UUID, owner: str
) -> None:
    call = await chosen(house, agent)
    to = await a_user(house.database, house.clock, "lan", "AGENT") if owner == "another" else None
    await run(house, "UPDATE calls SET agent_id = :to", to=to)
    await work.finish_left_over()
    (action,) = await rows.read(house.database, "SELECT call_id, user_id FROM actions")
    assert action == {"call_id": call, "user_id": agent}
    assert await rows.read(house.database, "SELECT * FROM drafts") == []


async def test_callback_whose_hour_has_passed_is_agreed_for_a_minute_from_now(
    house: House, work: Work, agent: UUID
) -> None:
    call = await chosen(
        house,
        agent,
        leaf="CALLBACK_SCHEDULED",
        callback=CallbackTerms(at=house.clock.now_ms() + 3_600_000),
    )
    await run(
        house,
        "UPDATE drafts SET body = jsonb_set(body, '{outcome,callback,at}', to_jsonb(CAST(:at AS bigint)))",
        at=house.clock.now_ms() - 60_000,
    )
    before = house.clock.now()
    await work.finish_left_over()
    assert await recorded(house) == {call}
    (callback,) = await rows.read(house.database, "SELECT * FROM callbacks")
    ahead = callback["at"] - before
    assert timedelta(seconds=59) < ahead < timedelta(seconds=90)


async def test_draft_of_a_call_that_has_its_outcome_is_dropped(
    house: House, work: Work, agent: UUID
) -> None:
    call = await chosen(house, agent)
    body = await rows.read(house.database, "SELECT body::text AS body FROM drafts")
    await work.finish_left_over()
    await run(
        house,
        "INSERT INTO drafts (call_id, user_id, body, updated_at)"
        " VALUES (:call, :user, CAST(:body AS jsonb), now())",
        call=call,
        user=agent,
        body=body[0]["body"],
    )
    await work.finish_left_over()
    assert len(await rows.read(house.database, "SELECT 1 FROM actions")) == 1
    assert await rows.read(house.database, "SELECT * FROM drafts") == []


async def test_database_that_is_away_for_a_moment_sets_nothing_aside(
    house: House, work: Work, agent: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await chosen(house, agent)
    with monkeypatch.context() as away:
        away.setattr(desk, "finish_left_over", _raise_away)
        await work.finish_left_over()
    assert await recorded(house) == set()
    await work.finish_left_over()
    assert await recorded(house) == {call}


async def test_campaign_that_cannot_be_refilled_holds_up_no_other(
    house: House, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.database.writing() as session:
        wanted = {await rows.a_campaign(session, name=name, where_tree={}) for name in "ab"}
    tried: list[UUID] = []

    async def refill(_session: object, campaign: UUID, _clock: object) -> int:
        tried.append(campaign)
        return await _raise_away()

    monkeypatch.setattr(campaigns, "refill", refill)
    await work.refill_campaigns()
    assert set(tried) == wanted


async def _raise_away(*_: object) -> int:
    raise OperationalError("SELECT 1", {}, Exception("away"))
