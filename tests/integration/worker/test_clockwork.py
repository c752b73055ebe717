"""The clockwork: each job's round, what a failure does, and the ending."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from app import outbox
from app.audit import service as audit
from app.desk.asking import FIELD, STREAM
from app.desk.intents import CampaignChanged, ScreenStale, decode
from app.history import service as history
from app.loadruns.jobs import Leading
from app.payments import service as payments
from app.people import service as people
from app.people.matrix import CellChange, change_cell
from app.people.rules import DEFAULTS
from app.settings import load
from app.supervision import service as supervision
from app.wall.leader import Leader
from app.whatif.jobs import Answering
from app.wiring import House, open_house
from app.worker import Clockwork, Job, Work, jobs_of
from realtime.closing import Close
from tests.support import rows
from tests.support.clock import SetClock
from tests.support.people import a_user, an_organisation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database
    from app.desk.intents import Intent


@pytest.fixture(scope="module")
def environ(database_url: str, redis_url: str) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "PACELINE_SECRET": "5" * 64}


@pytest_asyncio.fixture
async def house(environ: dict[str, str]) -> AsyncIterator[House]:
    async with open_house(load(environ), "worker") as house:
        yield house
    await house.redis.connection_pool.disconnect()


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> SetClock:
    return SetClock(seed=zlib.crc32(request.node.nodeid.encode()))


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


@pytest.fixture
def answering(house: House) -> Answering:
    return Answering(house.database, house.clock, {})


@pytest.fixture
def leading(house: House) -> Leading:
    return Leading(house.database, house.clock, {})


async def test_every_job_can_be_done_on_an_empty_bank(
    house: House, work: Work, answering: Answering, leading: Leading
) -> None:
    for job in jobs_of(house, work.leader, answering, leading):
        await job.run()


async def test_jobs_have_names_of_their_own(
    house: House, work: Work, answering: Answering, leading: Leading
) -> None:
    names = [job.name for job in jobs_of(house, work.leader, answering, leading)]
    assert len(set(names)) == len(names)


async def test_trail_is_chained_to_its_end(house: House, work: Work) -> None:
    async with house.database.writing() as session:
        for number in range(audit.BATCH + 3):
            audit.record(
                session,
                audit.SYSTEM,
                verb="x",
                entity="y",
                entity_id=number,
                now=house.clock.now(),
            )
    await work.chain_audit()
    async with house.database.reading() as session:
        verdict = await audit.verify(session)
        left = await session.scalar(text("SELECT count(*) FROM audit_events WHERE NOT chained"))
    assert verdict.whole
    assert left == 0


async def test_months_ahead_have_their_partitions(house: House, work: Work) -> None:
    await work.make_partitions()
    later = house.clock.now() + timedelta(days=60)
    async with house.database.writing() as session:
        audit.record(session, audit.SYSTEM, verb="x", entity="y", entity_id=1, now=later)


@pytest.mark.parametrize(
    ("change", "code"), [("roles", Close.TICKET_REFUSED), ("deactivate", Close.SIGNED_OUT)]
)
async def test_change_of_access_closes_the_users_sockets(
    house: House,
    work: Work,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    code: Close,
) -> None:
    user = await a_user(house.database, clock, f"u{clock.token_bytes(4).hex()}")
    ordered: list[tuple[str, int]] = []

    async def command(user: str, code: int, reason: str, **_: Any) -> None:
        ordered.append((user, code))

    monkeypatch.setattr(house.broker, "command", command)
    async with house.database.writing() as session:
        now = clock.now()
        if change == "roles":
            await people.change_roles(session, audit.SYSTEM, user, ["SENIOR_AGENT"], now=now)
        else:
            await people.deactivate(session, audit.SYSTEM, user, now=now)
    await work.relay_facts()
    assert ordered == [(str(user), int(code))]
    await work.relay_facts()
    assert len(ordered) == 1


@pytest.mark.req("S0c-002")
async def test_a_changed_matrix_closes_the_sockets_that_it_concerns(
    house: House, work: Work, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await an_organisation(house.database, clock)
    users = {}
    for role in ("AGENT", "SUPERVISOR"):
        users[role] = await a_user(house.database, clock, f"m{clock.token_bytes(4).hex()}", role)
        async with house.database.writing() as session:
            person = await people.find_person(session, users[role])
            assert person is not None
            browser = people.Browser(clock.token_bytes(16).hex(), "c", None, None)
            await people.admit(
                session, person, browser, rights=DEFAULTS, take_over=True, now=clock.now()
            )
    ordered: list[tuple[str, int]] = []

    async def command(user: str, code: int, reason: str, **_: Any) -> None:
        ordered.append((user, code))

    monkeypatch.setattr(house.broker, "command", command)
    async with house.database.writing() as session:
        shut = CellChange("AGENT", "desk.use", "NOBODY", was="ALL")
        await change_cell(session, audit.SYSTEM, shut, now=clock.now())
    await work.relay_facts()
    mine = [order for order in ordered if order[0] in {str(user) for user in users.values()}]
    assert mine == [(str(users["AGENT"]), int(Close.TICKET_REFUSED))]
    async with house.database.writing() as session:
        back = CellChange("AGENT", "desk.use", "ALL", was="NOBODY")
        await change_cell(session, audit.SYSTEM, back, now=clock.now())


async def test_who_left_the_floor_is_signed_out_unless_he_has_come_back(
    house: House, work: Work, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await a_user(house.database, clock, f"u{clock.token_bytes(4).hex()}")
    closed: list[tuple[str, str]] = []

    async def command(user: str, code: int, reason: str, **_: Any) -> None:
        closed.append((user, reason))

    monkeypatch.setattr(house.broker, "command", command)
    left_at = clock.now() + timedelta(seconds=5)
    for name, at in (("old", clock.now()), ("new", left_at)):
        async with house.database.writing() as session:
            person = await people.find_person(session, user)
            assert person is not None
            browser = people.Browser(f"{user}{name}", "csrf", None, None)
            await people.admit(session, person, browser, rights=DEFAULTS, take_over=True, now=at)
            # Only the desk's own rule keeps one; here both stay, to see which one is ended.
            await session.execute(
                text("UPDATE sign_ins SET ended_at = NULL WHERE user_id = :user"), {"user": user}
            )
    for _ in range(2):
        async with house.database.writing() as session:
            await supervision.tell_left(session, user, "LOGOUT", left_at)
        await work.relay_facts()
    async with house.database.reading() as reading:
        still_open = await reading.scalars(
            text("SELECT started_at FROM sign_ins WHERE user_id = :user AND ended_at IS NULL"),
            {"user": user},
        )
        assert list(still_open) == [left_at]
    assert [each for each in closed if each[1] == "LOGOUT"] == [(str(user), "LOGOUT")]
    async with house.database.writing() as session:
        await supervision.tell_left(session, user, "LINK_LOST", clock.now() + timedelta(seconds=9))
    await work.relay_facts()
    assert [each for each in closed if each[1] == "LINK_LOST"] == [], (
        "whose line is lost comes back"
    )


@pytest.mark.req("S0b-033")
async def test_who_keeps_a_promise_is_known_for_it(house: House, work: Work) -> None:
    async with house.database.writing() as session:
        keeper, strained = await rows.a_debtor(session), await rows.a_debtor(session)
        now = house.clock.now()
        await rows.insert(
            session, "customer_statuses", id=rows.an_id(), customer_id=strained.customer,
            type="HARDSHIP", since=now, source="OUTCOME",
        )  # fmt: skip
        for debtor in (keeper, strained):
            body = {"promise": str(uuid4()), "customer": str(debtor.customer)}
            outbox.record(session, outbox.Fact(rows.an_id(), "promise.kept", body, now))
    await work.relay_facts()
    async with house.database.reading() as session:
        found = await session.execute(
            text(
                "SELECT customer_id, type, source FROM customer_statuses"
                " WHERE until IS NULL AND customer_id IN (:keeper, :strained)"
            ),
            {"keeper": keeper.customer, "strained": strained.customer},
        )
    assert {row.customer_id: (row.type, row.source) for row in found} == {
        keeper.customer: ("PROMISE_KEEPER", "SYSTEM"),
        strained.customer: ("HARDSHIP", "OUTCOME"),
    }


async def test_money_told_renews_the_screens_of_who_is_spoken_with(
    house: House, work: Work, clock: SetClock
) -> None:
    async with house.database.writing() as session:
        debtor, other = await rows.a_debtor(session), await rows.a_debtor(session)
        spoken, over = rows.an_id(), rows.an_id()
        now = house.clock.now()
        for call, wrapped in ((spoken, None), (over, now)):
            await rows.insert(
                session,
                "calls",
                id=call,
                created_at=now - timedelta(minutes=2),
                number="+84500000001",
                customer_id=debtor.customer,
                agent_id=uuid4(),
                wrapped_at=wrapped,
            )
        listings = [
            payments.Listing(each.customer, each.loan, 1_000, "VND", rows.ZONE_TODAY, "CASH", ref)
            for each, ref in ((debtor, f"{spoken}/1"), (other, f"{spoken}/2"))
        ]
        await payments.write_listings(session, listings, "Asia/Ho_Chi_Minh", audit.SYSTEM, clock)
    await house.redis.delete(STREAM)
    await work.relay_facts()
    assert [each.call for each in await told_of(house) if isinstance(each, ScreenStale)] == [spoken]
    async with house.database.writing() as session:  # the same file again is no news
        await payments.write_listings(session, listings, "Asia/Ho_Chi_Minh", audit.SYSTEM, clock)
    await house.redis.delete(STREAM)
    await work.relay_facts()
    assert await told_of(house) == []


async def test_lapsed_sign_in_is_ended_and_its_sockets_closed(
    house: House, work: Work, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await an_organisation(house.database, clock)
    user = await a_user(house.database, clock, f"u{clock.token_bytes(4).hex()}")
    async with house.database.writing() as session:
        person = await people.find_person(session, user)
        assert person is not None
        long_ago = house.clock.now() - timedelta(hours=1)
        browser = people.Browser(uuid4().hex, "c", None, None)
        await people.admit(session, person, browser, rights=DEFAULTS, take_over=True, now=long_ago)
    closed: list[UUID] = []

    async def close(user_id: UUID, why: str, issue: str) -> None:
        closed.append(user_id)

    monkeypatch.setattr(type(house.asking), "close_sockets", staticmethod(close))
    await work.end_sign_ins()
    assert user in closed
    async with house.database.reading() as reading:
        reason = await reading.scalar(
            text("SELECT end_reason FROM sign_ins WHERE user_id = :user"), {"user": user}
        )
    assert reason == "EXPIRED"


@pytest_asyncio.fixture
async def list_of_one(house: House) -> AsyncIterator[tuple[UUID, rows.Debtor]]:
    """A running campaign of everybody; its only lead is called already."""
    await rows.wipe(house.database)
    async with house.database.writing() as session:
        await rows.an_organisation(session)
        debtor = await rows.a_debtor(session)
        campaign = await rows.a_campaign(session, where_tree={})
        await rows.a_lead(session, campaign, debtor, state="DONE")
    await house.redis.delete(STREAM)
    yield campaign, debtor
    await rows.wipe(house.database)


async def told_of(house: House) -> list[Intent]:
    entries: Any = await house.redis.xrange(STREAM)
    return [decode(entry[FIELD.encode()]) for _, entry in entries]


async def test_campaign_without_anybody_left_is_completed_and_the_dialer_hears_once(
    house: House, work: Work, list_of_one: tuple[UUID, rows.Debtor]
) -> None:
    campaign, _ = list_of_one
    await asyncio.gather(work.complete_campaigns(), work.complete_campaigns())
    async with house.database.reading() as session:
        state = await session.scalar(text("SELECT state FROM campaigns"))
    assert state == "COMPLETED"
    told = await told_of(house)
    assert [type(each) for each in told] == [CampaignChanged]
    assert isinstance(told[0], CampaignChanged)
    assert told[0].campaign == campaign


async def test_who_belongs_by_now_is_taken_in_once(
    house: House, work: Work, list_of_one: tuple[UUID, rows.Debtor]
) -> None:
    async with house.database.writing() as session:
        await rows.a_debtor(session)
    await asyncio.gather(work.refill_campaigns(), work.refill_campaigns())
    async with house.database.reading() as session:
        states = (await session.scalars(text("SELECT state FROM leads ORDER BY state"))).all()
    assert states == ["DONE", "PENDING"]


async def test_callback_due_is_told(house: House, work: Work) -> None:
    async with house.database.writing() as session:
        terms = history.CallbackTerms(customer_id=uuid4(), at=house.clock.now())
        await history.create_callback(session, terms, clock=house.clock)
    await work.call_back()
    async with house.database.reading() as session:
        assert (await outbox.waiting(session))[0] >= 1
    await work.relay_facts()
    async with house.database.reading() as session:
        assert (await outbox.waiting(session))[0] == 0


async def test_job_that_fails_is_counted_and_tried_again_and_stops_nobody(house: House) -> None:
    rounds = {"good": 0, "bad": 0}
    clockwork: Clockwork

    async def good() -> None:
        rounds["good"] += 1

    async def bad() -> None:
        rounds["bad"] += 1
        if rounds["bad"] == 3:
            clockwork.stop()
        raise ValueError

    clockwork = Clockwork(house, [Job("good", 0.001, good), Job("bad", 0.001, bad)])
    async with asyncio.timeout(20):
        await clockwork.run()
    assert rounds["bad"] == 3
    assert rounds["good"] >= 1
    assert b'paceline_job_failures_total{job="bad"} 3.0' in house.metrics.text()


async def test_round_in_hand_is_finished_when_told_to_stop(house: House) -> None:
    begun, finished = asyncio.Event(), False

    async def slow() -> None:
        nonlocal finished
        begun.set()
        await asyncio.sleep(0.05)
        finished = True

    clockwork = Clockwork(house, [Job("slow", 60.0, slow)])
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(clockwork.run())
        await begun.wait()
        clockwork.stop()
    assert finished


def test_worker_ends_by_itself_at_a_signal(environ: dict[str, str], database: Database) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-m", "app.worker"],
        env={**environ, "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stderr is not None
    try:
        assert "worker is at work" in worker.stderr.readline()
        began = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        said = worker.stderr.read()
        assert worker.wait(timeout=20) == 0
        assert "worker has ended" in said
        assert "job failed" not in said
        assert time.monotonic() - began < 10
    finally:
        worker.kill()
        worker.wait()
        worker.stderr.close()
