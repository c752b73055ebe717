"""One suite for `realtime.presence.Presence`, run over memory and over a real Valkey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
import redis.asyncio

from realtime.broker import BrokerLost
from realtime.presence_memory import MemoryPresence
from realtime.presence_redis import RedisPresence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from realtime.presence import Presence

NOW = 1_795_363_167_560


@pytest_asyncio.fixture(params=["memory", "redis"])
async def presence(request: pytest.FixtureRequest) -> AsyncIterator[Presence]:
    if request.param == "memory":
        yield MemoryPresence()
        return
    async with redis.asyncio.Redis.from_url(request.getfixturevalue("redis_url")) as client:
        await client.flushall()
        yield RedisPresence(client)


async def test_who_was_touched_was_heard_then(presence: Presence) -> None:
    await presence.touch(["a", "b"], NOW)
    assert await presence.last_heard("a") == NOW
    assert await presence.last_heard("nobody") is None


async def test_the_silent_are_those_before_the_instant_longest_first(presence: Presence) -> None:
    await presence.touch(["c"], NOW - 20_000)
    await presence.touch(["a", "b"], NOW - 10_000)
    await presence.touch(["d"], NOW)
    assert await presence.silent(NOW) == ["c", "a", "b"]
    assert await presence.silent(NOW - 10_000) == ["c"]
    assert await presence.silent(0) == []


async def test_an_older_word_never_hides_a_newer_one(presence: Presence) -> None:
    await presence.touch(["a"], NOW)
    await presence.touch(["a"], NOW - 5_000)
    assert await presence.last_heard("a") == NOW


async def test_several_are_asked_at_once(presence: Presence) -> None:
    await presence.touch(["a"], NOW)
    await presence.touch(["b"], NOW + 1)
    assert await presence.heard(["a", "x", "b"]) == {"a": NOW, "b": NOW + 1}
    assert await presence.heard([]) == {}


async def test_who_left_in_good_order_is_not_silent(presence: Presence) -> None:
    await presence.touch(["a", "b"], NOW)
    await presence.forget(["a", "x"])
    await presence.forget([])
    assert await presence.silent(NOW + 1) == ["b"]


async def test_nobody_touched_changes_nothing(presence: Presence) -> None:
    await presence.touch([], NOW)
    assert await presence.silent(NOW + 1) == []


async def test_a_store_out_of_reach_is_said_to_be_lost() -> None:
    async with redis.asyncio.Redis.from_url("unix:///nowhere/redis.sock") as client:
        with pytest.raises(BrokerLost):
            await RedisPresence(client).touch(["a"], NOW)
