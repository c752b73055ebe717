"""The walls as their leader draws them, on a real Valkey and real tables. Checks WB1, WB2, LG4; ux.md 6.4."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import text

from app.observe import Metrics
from app.people import service as people
from app.people.service import Browser
from app.wall.leader import FIGURES, Leader
from realtime.broker import Card
from realtime.broker_redis import RedisBroker
from realtime.presence import Link
from realtime.presence_redis import RedisPresence
from realtime.redis_client import connect
from tests.support.clock import SetClock
from tests.support.people import a_team, a_user, an_organisation
from tests.support.rows import a_campaign, insert

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from uuid import UUID

    from redis.asyncio import Redis

    from app.db import Database


@dataclass
class Wall:
    """A leader and what stands around it."""

    redis: Redis
    broker: RedisBroker
    database: Database
    clock: SetClock
    leader: Leader

    @property
    def day(self) -> datetime:
        """When it began."""
        return self.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)

    async def tick(self) -> int:
        return await self.leader.tick(self.day)

    async def shown(self, channel: str) -> dict[str, Any]:
        snapshot = await self.broker.snapshot(channel)
        return {key: msgspec.msgpack.decode(value) for _, key, value in snapshot.cards}

    async def report(self, **figures: Any) -> None:
        """What the dialer reports each second."""
        await self.redis.delete(FIGURES)
        fields: dict[Any, Any] = {
            name: msgspec.msgpack.encode(card) for name, card in figures.items()
        }
        await self.redis.hset(FIGURES, mapping=fields)

    async def agent(self, user: UUID, **card: Any) -> None:
        """What the dialer publishes to an agent's desk."""
        known = {"user": str(user), "status": "READY", "state": "IDLE", "link": "UP", **card}
        cards = [Card("agent", msgspec.msgpack.encode(known))]
        await self.broker.publish(f"agent:{user}", cards)

    async def sign_in(self, user: UUID) -> None:
        async with self.database.writing() as session:
            person = await people.find_person(session, user)
            assert person is not None
            browser = Browser(uuid4().hex, "csrf", None, None)
            await people.admit(session, person, browser, take_over=True, now=self.clock.now())


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> SetClock:
    return SetClock(seed=zlib.crc32(request.node.nodeid.encode()))


def a_leader(wall: Wall, owner: str) -> Leader:
    return Leader(
        redis=wall.redis,
        broker=wall.broker,
        database=wall.database,
        clock=wall.clock,
        metrics=Metrics("test"),
        owner=owner,
        presence=RedisPresence(wall.redis),
    )


@pytest_asyncio.fixture
async def wall(database: Database, redis_url: str, clock: SetClock) -> AsyncIterator[Wall]:
    await an_organisation(database, clock)
    async with database.writing() as session:
        await session.execute(text("DELETE FROM sign_ins"))
    redis = connect(redis_url)
    await redis.flushall()
    broker = RedisBroker(redis_url, redis)
    leader = Leader(
        redis=redis,
        broker=broker,
        database=database,
        clock=clock,
        metrics=Metrics("test"),
        owner="first",
        presence=RedisPresence(redis),
    )
    yield Wall(redis, broker, database, clock, leader)
    await broker.close()
    await redis.aclose()


async def test_campaigns_and_floor_are_shown_as_the_dialer_reports_them(wall: Wall) -> None:
    campaign = str(uuid4())
    await wall.report(**{campaign: {"id": campaign, "ratio": 1.4}, "floor": {"now": 7}})
    await wall.tick()
    shown = await wall.shown("wall:campaigns")
    assert shown[f"campaign:{campaign}"]["ratio"] == 1.4
    assert shown["floor"]["now"] == 7


async def test_only_what_changed_is_published(wall: Wall) -> None:
    one, two = str(uuid4()), str(uuid4())
    await wall.report(**{one: {"id": one, "lines": 1}, two: {"id": two, "lines": 1}})
    assert await wall.tick() == 4  # with the thresholds, and that no dialer leads
    assert await wall.tick() == 0
    await wall.report(**{one: {"id": one, "lines": 2}, two: {"id": two, "lines": 1}})
    before = (await wall.broker.snapshot("wall:campaigns")).position
    assert await wall.tick() == 1
    changed = await wall.broker.since("wall:campaigns", before)
    assert changed is not None
    assert [key for _, key, _ in changed] == [f"campaign:{one}"]


async def test_campaign_that_is_gone_leaves_the_wall(wall: Wall) -> None:
    one = str(uuid4())
    await wall.report(**{one: {"id": one}, "floor": {"now": 1}})
    await wall.tick()
    await wall.report(floor={"now": 1})
    await wall.tick()
    assert set(await wall.shown("wall:campaigns")) == {"floor", "settings"}


@pytest.mark.req("S0c-002")
async def test_agent_is_on_his_own_teams_wall_from_his_sign_in_to_his_sign_out(wall: Wall) -> None:
    team = await a_team(wall.database, wall.clock)
    other = await a_team(wall.database, wall.clock, "Đội Hai")
    lan = await a_user(
        wall.database, wall.clock, f"lan{wall.clock.token_bytes(4).hex()}", team_id=team
    )
    await wall.tick()
    assert await wall.shown(f"wall:team:{team}") == {}
    await wall.sign_in(lan)
    await wall.tick()
    card = (await wall.shown(f"wall:team:{team}"))[f"agent:{lan}"]
    assert (card["status"], card["team"]["id"]) == ("OFFLINE", str(team))
    assert await wall.shown(f"wall:team:{other}") == {}
    async with wall.database.writing() as session:
        await session.execute(text("UPDATE sign_ins SET ended_at = now()"))
    await wall.tick()
    assert await wall.shown(f"wall:team:{team}") == {}
    assert await wall.shown("wall:all") == {}


@pytest.mark.req("S0c-002", "P0-004")
async def test_every_teams_agents_stand_once_more_on_the_channel_of_the_whole_floor(
    wall: Wall,
) -> None:
    agents = {}
    for name in ("Đội Một", "Đội Hai"):
        team = await a_team(wall.database, wall.clock, name)
        user = await a_user(
            wall.database, wall.clock, f"lan{wall.clock.token_bytes(4).hex()}", team_id=team
        )
        await wall.sign_in(user)
        agents[team] = user
    await wall.tick()
    whole = await wall.shown("wall:agents")
    assert set(whole) == {f"agent:{user}" for user in agents.values()}
    for team in agents:
        for key, card in (await wall.shown(f"wall:team:{team}")).items():
            assert whole[key] == card
    async with wall.database.writing() as session:
        await session.execute(text("UPDATE sign_ins SET ended_at = now()"))
    await wall.tick()
    assert await wall.shown("wall:agents") == {}


async def test_state_of_an_agent_is_shown_by_the_next_second(wall: Wall) -> None:
    team = await a_team(wall.database, wall.clock)
    lan = await a_user(
        wall.database, wall.clock, f"lan{wall.clock.token_bytes(4).hex()}", team_id=team
    )
    await wall.sign_in(lan)
    await wall.report(floor={"now": 1})
    for state, group in (("IDLE", "ready"), ("IN_CALL", "in_call"), ("WRAP_UP", "wrap_up")):
        await wall.agent(lan, state=state)
        await wall.tick()
        card = (await wall.shown(f"wall:team:{team}"))[f"agent:{lan}"]
        assert card["state"] == state
        for scope, key in (("wall:all", f"team:{team}"), ("wall:campaigns", "floor")):
            counted = (await wall.shown(scope))[key]["agents"]
            assert {name for name, count in counted.items() if count} == {group, "total"}


async def test_promises_and_calls_of_the_day_come_from_the_books(wall: Wall) -> None:
    team = await a_team(wall.database, wall.clock)
    lan = await a_user(
        wall.database, wall.clock, f"lan{wall.clock.token_bytes(4).hex()}", team_id=team
    )
    await wall.sign_in(lan)
    campaign, action = uuid4(), uuid4()
    async with wall.database.writing() as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        values = {"now": wall.clock.now(), "lan": lan, "campaign": campaign, "action": action}
        await session.execute(
            text(
                "INSERT INTO actions (id, at, leaf, tree_version, campaign_id, user_id)"
                " VALUES (:action, :now, 'PTP_SCHEDULED', 1, :campaign, :lan)"
            ),
            values,
        )
        await session.execute(
            text(
                "INSERT INTO promises (id, customer_id, loan_id, amount_minor, currency, due_on,"
                " created_at, created_by, action_id) VALUES (gen_random_uuid(), gen_random_uuid(),"
                " gen_random_uuid(), 5000000, 'VND', '2026-11-30', :now, :lan, :action)"
            ),
            values,
        )
        await session.execute(
            text(
                "INSERT INTO calls (id, created_at, number, agent_id, connected_at)"
                " VALUES (gen_random_uuid(), :now, '+84912345678', :lan, :now)"
            ),
            values,
        )
    await wall.report(**{str(campaign): {"id": str(campaign)}, "floor": {"now": 1}})
    await wall.tick()
    shown = await wall.shown("wall:campaigns")
    assert shown[f"campaign:{campaign}"]["promises"] == 1
    assert (shown["floor"]["promises"], shown["floor"]["promised_minor"]) == (1, 5_000_000)
    card = (await wall.shown(f"wall:team:{team}"))[f"agent:{lan}"]
    assert (card["calls"], card["promises"]) == (1, 1)


async def test_lead_is_shown_campaigns_of_his_team_and_of_its_single_agents(wall: Wall) -> None:
    team = await a_team(wall.database, wall.clock, f"Đội {wall.clock.token_bytes(3).hex()}")
    lan = await a_user(
        wall.database, wall.clock, f"lan{wall.clock.token_bytes(4).hex()}", team_id=team
    )
    async with wall.database.writing() as session:
        by_team, by_agent = await a_campaign(session), await a_campaign(session)
        stranger = await a_campaign(session)
        await insert(session, "campaign_teams", campaign_id=by_team, team_id=team)
        await insert(session, "campaign_agents", campaign_id=by_agent, user_id=lan)
    every = {str(each): {"id": str(each)} for each in (by_team, by_agent, stranger)}
    await wall.report(**every, floor={"now": 1})
    await wall.tick()
    shown = await wall.shown(f"wall:campaigns:{team}")
    named = {f"campaign:{by_team}", f"campaign:{by_agent}"}
    assert set(shown) == {*named, "floor", "settings"}


async def test_round_trip_and_time_at_work_of_an_agent_are_on_his_row(wall: Wall) -> None:
    team = await a_team(wall.database, wall.clock, f"Đội {wall.clock.token_bytes(3).hex()}")
    lan = await a_user(
        wall.database, wall.clock, f"lan{wall.clock.token_bytes(4).hex()}", team_id=team
    )
    await wall.sign_in(lan)
    now = wall.clock.now_ms()
    link = Link(
        link="s/1", issue="i", hub="hub", noted_ms=now, opened_ms=now, heard_ms=now,
        round_trip_ms=38, missed=0, waiting_bytes=0, backlog_bytes=0, held=0, is_stale=False,
        client="", version="", positions=(),
    )  # fmt: skip
    await wall.agent(lan, state="IN_CALL")
    await wall.tick()
    for state in ("IN_CALL", "IDLE", "IDLE"):
        await wall.agent(lan, state=state)
        wall.clock.advance(seconds=25)
        await wall.leader._presence.note("hub", {str(lan): [link]}, {}, wall.clock.now_ms())
        await wall.tick()
    card = (await wall.shown(f"wall:team:{team}"))[f"agent:{lan}"]
    assert (card["rtt"], card["occupancy"]) == (38, 33)


@pytest.mark.req("S0c-011")
async def test_an_alert_is_shown_to_the_floor_and_to_the_lead_whom_it_concerns(wall: Wall) -> None:
    async with wall.database.writing() as session:
        await session.execute(text("DELETE FROM alerts"))
    team = await a_team(wall.database, wall.clock, f"Đội {wall.clock.token_bytes(3).hex()}")
    other = await a_team(wall.database, wall.clock, f"Đội {wall.clock.token_bytes(3).hex()}")
    async with wall.database.writing() as session:
        own = await a_campaign(session)
        await insert(session, "campaign_teams", campaign_id=own, team_id=team)
    dry = {"id": str(own), "name": "Thẻ", "state": "RUNNING", "leads_left": 0}
    await wall.report(**{str(own): dry}, floor={"now": 1})
    await wall.tick()

    async def shown_on(channel: str) -> list[str]:
        return [
            card["kind"]
            for key, card in (await wall.shown(channel)).items()
            if key.startswith("alert:")
        ]

    assert await shown_on("wall:campaigns") == ["LIST_DRY"]
    assert await shown_on(f"wall:campaigns:{team}") == ["LIST_DRY"]
    assert await shown_on(f"wall:campaigns:{other}") == []
    await wall.report(**{str(own): {**dry, "leads_left": 5}}, floor={"now": 1})
    for _ in range(2):
        wall.clock.advance(seconds=61)
        await wall.tick()
    assert await shown_on("wall:campaigns") == []


async def test_second_process_draws_only_when_the_first_is_gone(wall: Wall) -> None:
    await wall.report(floor={"now": 1})
    assert await wall.tick() > 0
    second, day = a_leader(wall, "second"), wall.day
    await wall.report(floor={"now": 2})
    assert await second.tick(day) == 0
    assert not second.leads
    wall.clock.advance(ms=3_000)
    assert await second.tick(day) > 0
    assert second.leads
    assert await wall.tick() == 0
    await second.leave()
    await wall.report(floor={"now": 3})
    assert await wall.tick() > 0


async def test_wall_is_drawn_anew_after_redis_forgot_everything(wall: Wall) -> None:
    await wall.report(floor={"now": 1})
    await wall.tick()
    await wall.redis.flushall()
    await wall.report(floor={"now": 1})
    assert await wall.tick() > 0
    assert (await wall.shown("wall:campaigns"))["floor"]["now"] == 1


@pytest.mark.req("S0a-015")
async def test_a_call_for_help_is_on_the_agents_row_by_the_next_second(wall: Wall) -> None:
    team = await a_team(wall.database, wall.clock)
    lan = await a_user(
        wall.database, wall.clock, f"lan{wall.clock.token_bytes(4).hex()}", team_id=team
    )
    await wall.sign_in(lan)
    await wall.agent(lan, state="IN_CALL")
    channel, key = f"agent:{lan}", f"agent:{lan}"
    for value, since in (
        (msgspec.msgpack.encode({"since": 7, "reason": "UNSAID"}), 7),
        (None, None),
    ):
        await wall.broker.publish(channel, [Card("help", value)])
        await wall.tick()
        row = (await wall.shown(f"wall:team:{team}"))[key]
        assert (row["help_since"], row["state"]) == (since, "IN_CALL")
        await wall.agent(lan, state="IN_CALL")  # another card of the desk changes nothing of it
        await wall.tick()
        assert (await wall.shown(f"wall:team:{team}"))[key]["help_since"] == since
