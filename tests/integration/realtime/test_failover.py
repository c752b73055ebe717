"""Servers that die under sentinels and in a cluster, and slots that move: what listeners and publishers see."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

import pytest

from realtime.broker import BrokerLost
from realtime.broker_redis import PREFIX, RedisBroker
from realtime.redis_client import connect
from realtime.ticket_redis import RedisTicketBook
from tests.contracts.test_broker import listening
from tests.contracts.test_tickets import NOW, opening
from tests.support.realtime import a_card
from tests.support.redis_sets import RedisSet, with_replicas

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

T = TypeVar("T")
CHANNEL = "agent:7"
KEY = f"{PREFIX}{{{CHANNEL}}}"
AGAIN_S = 0.05
BACK_WITHIN_S = 30.0


@pytest.fixture(params=["sentinels", "cluster"])
def servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RedisSet]:
    """Servers that a test may kill; each primary has a replica that can take over."""
    with with_replicas(request.param, tmp_path_factory.mktemp(request.param)) as found:
        yield found


async def once_back(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again until somebody answers."""
    async with asyncio.timeout(BACK_WITHIN_S):
        while True:
            try:
                return await ask()
            except BrokerLost:
                await asyncio.sleep(AGAIN_S)


async def test_when_a_primary_dies_its_replica_goes_on_in_another_life(servers: RedisSet) -> None:
    async with connect(servers.url) as client:
        broker, book = RedisBroker(servers.url, client), RedisTicketBook(client)
        async with listening(broker, CHANNEL) as (ear, _):
            before = await broker.publish(CHANNEL, [a_card("agent", 1)])
            await ear.until(heard=1)
            dead = servers.holder_of(KEY)
            dead.kill()
            await ear.until(losses=1)
            after = await once_back(lambda: broker.publish(CHANNEL, [a_card("agent", 3)]))
            assert after.epoch != before.epoch
            assert await once_back(lambda: broker.since(CHANNEL, before)) is None
            await ear.until(returns=2)
            heard = len(ear.heard)
            await once_back(lambda: broker.publish(CHANNEL, [a_card("agent", 4)]))
            await ear.until(heard=heard + 1)
            whole = await once_back(lambda: broker.snapshot(CHANNEL))
            assert [(key, value) for _, key, value in whole.cards] == [("agent", b"\x04")]
            assert (await once_back(lambda: book.admit(opening("n1"), NOW))).session == "n1"
            dead.start()
            assert (
                await once_back(lambda: broker.publish(CHANNEL, [a_card("agent", 5)]))
            ).epoch == after.epoch


async def test_a_slot_that_moves_takes_its_channels_and_listeners_along(cluster: RedisSet) -> None:
    async with connect(cluster.url) as client:
        await client.flushall()
        broker = RedisBroker(cluster.url, client)
        async with listening(broker, CHANNEL) as (ear, feed):
            before = await broker.publish(CHANNEL, [a_card("agent", 1)])
            await ear.until(heard=1)
            source = cluster.holder_of(KEY)
            target = next(server for server in cluster.servers if server is not source)
            cluster.move(KEY, source, target)
            after = await once_back(lambda: broker.publish(CHANNEL, [a_card("agent", 2)]))
            assert after.epoch != before.epoch
            await ear.until(losses=1, returns=2)
            await broker.publish(CHANNEL, [a_card("agent", 3)])
            await ear.until(heard=2)
            await feed.subscribe(["agent:9"])
            assert cluster.holder_of(KEY) is target
            cluster.move(KEY, target, source)
            await ear.until(losses=2, returns=3)
