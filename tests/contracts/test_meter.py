"""The figures of the wall: one suite over the meter in memory and the one in every kind of Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import pytest_asyncio

from app.errors import Unavailable
from dialer.meter_redis import AGENTS, CAMPAIGNS, FLOOR, RedisMeter
from realtime.redis_client import connect
from tests.support.dialer import uid
from tests.support.dialing import MemoryMeter
from tests.support.redis_sets import KINDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis

    from dialer.meter import Meter

HERE, GONE = {"status": "READY", "call": None}, {"status": "OFFLINE", "call": None}


class InMemory:
    """What a reader of the memory meter sees."""

    def __init__(self) -> None:
        self.meter: Meter = MemoryMeter()

    async def seen(self) -> dict[str, dict[str, Any]]:
        assert isinstance(self.meter, MemoryMeter)
        campaigns = {str(i): dict(card) for i, card in self.meter.campaigns.items()}
        agents = {str(i): dict(card) for i, card in self.meter.agents.items()}
        return {"campaigns": campaigns, "floor": dict(self.meter.floor), "agents": agents}


class InValkey:
    """What the wall's leader reads from Valkey."""

    def __init__(self, client: Redis) -> None:
        self.client = client
        self.meter: Meter = RedisMeter(client)

    async def seen(self) -> dict[str, dict[str, Any]]:
        figures = await self._hash(CAMPAIGNS)
        return {
            "floor": figures.pop(FLOOR),
            "campaigns": figures,
            "agents": await self._hash(AGENTS),
        }

    async def _hash(self, key: str) -> dict[str, Any]:
        fields: Any = await self.client.hgetall(key)
        return {name.decode(): msgspec.msgpack.decode(value) for name, value in fields.items()}


@pytest_asyncio.fixture(params=["memory", *KINDS])
async def wall(request: pytest.FixtureRequest) -> AsyncIterator[InMemory | InValkey]:
    if request.param == "memory":
        yield InMemory()
        return
    client = connect(request.getfixturevalue(request.param))
    await client.delete(CAMPAIGNS, AGENTS)
    yield InValkey(client)
    await client.aclose()


async def test_figures_are_replaced_whole(wall: InMemory | InValkey) -> None:
    await wall.meter.report({uid(1): {"dialed": 1}, uid(2): {"dialed": 2}}, {"now": 1}, {})
    await wall.meter.report({uid(2): {"dialed": 3}}, {"now": 2}, {})
    assert await wall.seen() == {
        "campaigns": {str(uid(2)): {"dialed": 3}},
        "floor": {"now": 2},
        "agents": {},
    }


async def test_agents_stay_until_they_change_or_leave(wall: InMemory | InValkey) -> None:
    await wall.meter.report({}, {"now": 1}, {uid(1): HERE, uid(2): HERE})
    await wall.meter.report({}, {"now": 2}, {uid(2): {"status": "PAUSED", "call": None}})
    await wall.meter.report({}, {"now": 3}, {uid(1): GONE})
    assert (await wall.seen())["agents"] == {str(uid(2)): {"status": "PAUSED", "call": None}}


async def test_a_valkey_that_is_away_is_said_so() -> None:
    client = connect("unix:///nowhere/valkey.sock")
    with pytest.raises(Unavailable):
        await RedisMeter(client).report({}, {"now": 1}, {})
    await client.aclose()
