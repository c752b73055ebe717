"""The client of a cluster, command by command: where each goes, and what happens when that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from realtime.redis_client import connect, door_to, ready, shard_of, shards_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis

    from tests.support.redis_sets import RedisSet

KEYS = [f"k{number}" for number in range(30)]  # on all three primaries


@pytest_asyncio.fixture
async def client(cluster: RedisSet) -> AsyncIterator[Redis]:
    async with connect(cluster.url) as client:
        await client.flushall()
        yield client


async def test_each_command_goes_where_its_key_is(client: Redis, cluster: RedisSet) -> None:
    for key in KEYS:
        await client.set(key, key)
    assert [await client.get(key) for key in KEYS] == [key.encode() for key in KEYS]
    for key in KEYS:
        assert (await door_to(shard_of(client, key))).port == cluster.holder_of(key).port
    assert len({shard_of(client, key) for key in KEYS}) == 3


async def test_a_pipeline_answers_in_the_order_of_its_commands(client: Redis) -> None:
    async with client.pipeline(transaction=False) as pipe:
        for key in KEYS:
            pipe.rpush(key, 1)
            pipe.rpush(key, 2)
        assert await pipe.execute() == [1, 2] * len(KEYS)
        pipe.get(KEYS[0])
        pipe.set(KEYS[1], "over")
        with pytest.raises(ResponseError, match=r"Command # 1 .*WRONGTYPE"):
            await pipe.execute()
        assert await pipe.execute() == []
    assert await client.get(KEYS[1]) == b"over"


async def test_a_script_in_a_pipeline_is_known_wherever_it_runs(client: Redis) -> None:
    script = client.register_script("return redis.call('INCR', KEYS[1])")
    async with client.pipeline(transaction=False) as pipe:
        for key in KEYS:
            await script(keys=[key], client=pipe)
        assert await pipe.execute() == [1] * len(KEYS)


async def test_a_transaction_stays_with_one_hash_tag(client: Redis) -> None:
    async with client.pipeline(transaction=True) as pipe:
        pipe.set("{wall}:a", 1)
        pipe.set("{wall}:b", 2)
        assert await pipe.execute() == [True, True]
        for key in KEYS:
            pipe.set(key, 1)
        with pytest.raises(ResponseError, match="hash tag"):
            await pipe.execute()
    assert await client.exists(KEYS[0]) == 0


async def test_what_has_no_key_is_done_by_every_primary(client: Redis) -> None:
    for key in KEYS:
        await client.set(key, 1)
    assert await client.ping()
    await client.flushall()
    assert sum([await client.exists(key) for key in KEYS]) == 0


async def test_a_slot_that_moved_is_followed_by_commands_and_pipelines(
    client: Redis, cluster: RedisSet
) -> None:
    key = KEYS[0]
    await client.set(key, "here")
    source = cluster.holder_of(key)
    target = next(server for server in cluster.servers if server is not source)
    cluster.move(key, source, target)
    assert await client.get(key) == b"here"
    cluster.move(key, target, source)
    async with client.pipeline(transaction=False) as pipe:
        for each in KEYS:
            pipe.get(each)
        assert (await pipe.execute())[0] == b"here"
    await ready(client)
    assert (await door_to(shard_of(client, key))).port == source.port


async def test_a_slot_on_the_move_takes_new_keys_where_it_goes(
    client: Redis, cluster: RedisSet
) -> None:
    key = KEYS[0]
    await client.ping()
    source = cluster.holder_of(key)
    target = next(server for server in cluster.servers if server is not source)
    slot = source.ask("CLUSTER", "KEYSLOT", key)
    here, there = (server.ask("CLUSTER", "MYID").decode() for server in (source, target))
    target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", here)
    source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", there)
    try:
        await client.set(key, "new")
        async with client.pipeline(transaction=False) as pipe:
            pipe.get(key)
            assert await pipe.execute() == [b"new"]
        assert target.ask("CLUSTER", "COUNTKEYSINSLOT", slot) == 1
    finally:
        for server in (target, source):
            server.ask("CLUSTER", "SETSLOT", slot, "STABLE")
        target.ask("FLUSHALL")


async def test_a_cluster_that_is_away_is_a_lost_connection() -> None:
    async with connect("redis+cluster://127.0.0.1:1,127.0.0.1:2") as client:
        with pytest.raises(RedisConnectionError, match="who holds what"):
            await client.get("k")
        async with client.pipeline(transaction=False) as pipe:
            pipe.get("k")
            with pytest.raises(RedisConnectionError):
                await pipe.execute()


async def test_a_server_that_is_no_cluster_says_so(sentinels: RedisSet) -> None:
    port, password = sentinels.servers[0].port, sentinels.servers[0].password
    async with connect(f"redis+cluster://:{password}@127.0.0.1:{port}") as client:
        with pytest.raises(RedisConnectionError, match="cluster support disabled"):
            await client.get("k")


async def test_one_server_and_sentinels_have_one_shard(sentinels: RedisSet) -> None:
    for url in ("unix:///nowhere", sentinels.url):
        async with connect(url) as client:
            assert list(shards_of(client)) == [client]
            assert shard_of(client, "k") is client
