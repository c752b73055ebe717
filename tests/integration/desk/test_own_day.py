"""An agent's own day on real tables and a real broker: figures, targets, and the calls he agreed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
import pytest_asyncio

from app.audit.service import SYSTEM
from app.desk.own_day import OwnDay
from app.desk.presets import snoozed_until
from app.history import service as history
from app.targets import service as targets
from app.targets.service import Metric, Reach, Target
from realtime.broker import Card
from realtime.broker_redis import RedisBroker
from realtime.redis_client import connect
from tests.support import rows
from tests.support.clock import START, SetClock
from tests.support.people import a_user

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database

MORNING = START - timedelta(hours=3)


@dataclass
class Shown:
    """What an agent's desk shows, by key."""

    days: OwnDay
    broker: RedisBroker
    agent: UUID

    async def cards(self) -> dict[str, dict[str, Any]]:
        await self.days.tick(MORNING)
        snapshot = await self.broker.snapshot(f"agent:{self.agent}")
        return {key: msgspec.msgpack.decode(value) for _, key, value in snapshot.cards}

    async def reminders(self) -> list[tuple[str, str]]:
        found = await self.cards()
        return [(c["name"], c["state"]) for key, c in found.items() if key.startswith("reminder:")]


@pytest_asyncio.fixture
async def broker(redis_url: str) -> AsyncIterator[RedisBroker]:
    redis = connect(redis_url)
    await redis.flushall()
    broker = RedisBroker(redis_url, redis)
    yield broker
    await broker.close()
    await redis.aclose()


@pytest_asyncio.fixture
async def agent(database: Database, clock: SetClock) -> UUID:
    """An agent who is signed in."""
    await rows.wipe(database)
    user = await a_user(database, clock, "minh", "AGENT")
    async with database.writing() as session:
        await rows.an_organisation(session)
        await rows.insert(
            session, "sign_ins", token_digest=user.hex, user_id=user, csrf="x", started_at=MORNING,
            last_seen_at=MORNING, expires_at=MORNING + timedelta(hours=12),
        )  # fmt: skip
    return user


@pytest.fixture
def shown(database: Database, broker: RedisBroker, clock: SetClock, agent: UUID) -> Shown:
    days = OwnDay(database=database, broker=broker, clock=clock)
    return Shown(days, broker, agent)


async def agree(database: Database, clock: SetClock, agent: UUID, **customer: Any) -> UUID:
    """A call agreed for twenty minutes from now."""
    async with database.writing() as session:
        who = await rows.a_customer(session, **customer)
        terms = history.CallbackTerms(
            customer_id=who, at=clock.now() + timedelta(minutes=20), user_id=agent
        )
        return await history.create_callback(session, terms, clock=clock)


async def test_an_agreed_call_is_foretold_then_due_then_missed_then_put_away(
    database: Database, clock: SetClock, agent: UUID, shown: Shown
) -> None:
    callback = await agree(database, clock, agent, salutation="ANH", given="Tùng", family="Bùi")
    at_ms = round((clock.now() + timedelta(minutes=20)).timestamp() * 1000)
    assert await shown.reminders() == []
    assert (await shown.cards())["day"]["next"] == {"at": at_ms, "name": "Anh Tùng"}

    clock.advance(seconds=15 * 60)
    assert await shown.reminders() == [("Anh Tùng", "SCHEDULED")]
    card = (await shown.cards())[f"reminder:{callback}"]
    assert (card["at"], card["until"]) == (at_ms, at_ms + 15 * 60_000)

    clock.advance(seconds=5 * 60)
    await turn(database, clock)
    assert await shown.reminders() == [("Anh Tùng", "DUE")]
    clock.advance(seconds=16 * 60)
    await turn(database, clock)
    assert await shown.reminders() == [("Anh Tùng", "MISSED")]
    async with database.writing() as session:
        assert not await history.put_away_callback(session, callback, rows.an_id(), clock.now())
        assert await history.put_away_callback(session, callback, agent, clock.now())
    assert await shown.reminders() == []


@pytest.mark.req("S0a-042")
async def test_a_reminder_is_put_off_and_comes_again_also_after_it_was_missed(
    database: Database, clock: SetClock, agent: UUID, shown: Shown
) -> None:
    callback = await agree(database, clock, agent, salutation="ANH", given="Tùng", family="Bùi")
    clock.advance(seconds=15 * 60)
    tomorrow = snoozed_until("TOMORROW", clock.now(), "Asia/Ho_Chi_Minh")
    assert tomorrow.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).hour == 8
    async with database.writing() as session:
        assert not await history.snooze_callback(session, callback, rows.an_id(), tomorrow)
        assert await history.snooze_callback(session, callback, agent, tomorrow)
    for seconds in (0, 30 * 60, 3 * 3600):
        clock.advance(seconds=seconds)
        await turn(database, clock)
        card = (await shown.cards())[f"reminder:{callback}"]
        assert card["snoozed"] == round(tomorrow.timestamp() * 1000)
    assert card["state"] == "MISSED"
    clock.advance(seconds=(tomorrow - clock.now()).total_seconds() + 60)
    assert await shown.reminders() == [("Anh Tùng", "MISSED")]
    clock.advance(seconds=3 * 3600)
    assert await shown.reminders() == []


async def turn(database: Database, clock: SetClock) -> None:
    """What the worker does every few seconds."""
    async with database.writing() as session:
        await history.due_callbacks(session, now=clock.now())
        await history.missed_callbacks(session, now=clock.now())


async def test_a_customer_who_was_spoken_to_needs_no_reminder(
    database: Database, clock: SetClock, agent: UUID, shown: Shown
) -> None:
    customer = rows.an_id()
    await agree(database, clock, agent, id=customer)
    clock.advance(seconds=21 * 60)
    await turn(database, clock)
    assert len(await shown.reminders()) == 1
    async with database.writing() as session:
        assert await history.meet_callbacks(session, customer) == 1
    assert await shown.reminders() == []


async def test_figures_of_the_day_stand_beside_their_targets(
    database: Database, clock: SetClock, agent: UUID, shown: Shown
) -> None:
    async with database.writing() as session:
        debtor = await rows.a_debtor(session)
        began = clock.now() - timedelta(hours=1)
        for place, (status, state) in enumerate(
            [("READY", "IDLE"), ("READY", "IN_CALL"), ("READY", "WRAP_UP"), ("PAUSED", "IDLE")]
        ):
            await rows.insert(
                session, "agent_state_changes", id=rows.an_id(), agent_id=agent, status=status,
                state=state, at=began + timedelta(minutes=10 * place),
            )  # fmt: skip
        await rows.insert(
            session, "calls", id=rows.an_id(), created_at=START, number="+84912345678",
            agent_id=agent, connected_at=began, ended_at=began + timedelta(minutes=2),
            wrapped_at=began + timedelta(minutes=2, seconds=24), state="ENDED",
        )  # fmt: skip
        await spoke_and_paid(session, agent, debtor, clock)
        target = Target(Reach.AGENT, agent, Metric.COLLECTED, 9_000_000)
        await targets.set_target(session, target, SYSTEM, now=clock.now())
    day = (await shown.cards())["day"]
    assert (day["wrap_up_s"], day["occupancy_pct"]) == (24, 67), "breaks do not count"
    assert (day["collected_minor"], day["currency"]) == (2_000_000, "VND")
    assert day["targets"]["collected"] == 9_000_000
    assert day["targets"]["calls"] == 120


async def spoke_and_paid(session: Any, agent: UUID, debtor: rows.Debtor, clock: SetClock) -> None:
    """A right person was spoken to three days ago and paid this morning; another's money is not his."""
    await rows.insert(
        session, "actions", id=rows.an_id(), at=clock.now() - timedelta(days=3),
        customer_id=debtor.customer, user_id=agent, leaf="PTP_SCHEDULED", tree_version=1, rpc=True,
    )  # fmt: skip
    stranger = await rows.a_debtor(session)
    for owes, minor in ((debtor, 2_000_000), (stranger, 700_000)):
        identifier = rows.an_id()
        await rows.insert(
            session, "payments", id=identifier, customer_id=owes.customer, loan_id=owes.loan,
            amount_minor=minor, currency="VND", paid_on=rows.ZONE_TODAY, paid_at=clock.now(),
            source="test", reference=identifier.hex,
        )  # fmt: skip


async def test_only_what_changed_is_published_and_what_redis_forgot_comes_again(
    database: Database, clock: SetClock, agent: UUID, shown: Shown, broker: RedisBroker
) -> None:
    await agree(database, clock, agent)
    clock.advance(seconds=16 * 60)
    assert await shown.days.tick(MORNING) == 2
    assert await shown.days.tick(MORNING) == 0
    again = OwnDay(database=database, broker=broker, clock=clock)
    assert await again.tick(MORNING) == 0, "another worker finds it on the desk"
    await broker._client.flushall()
    await broker.publish(f"agent:{agent}", [Card("agent", b"\x80")])
    assert await shown.days.tick(MORNING) == 2
