"""One suite for `dialer.intents.Intents`, run over the fake and over every kind of Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import pytest
import pytest_asyncio

from app.desk.intents import Intent, Ready, encode
from app.errors import Unavailable
from dialer.intents_redis import STREAM, RedisIntents
from realtime.redis_client import connect
from tests.support.intents import MemoryIntents, MemoryStream
from tests.support.redis_sets import KINDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis

    from dialer.intents import Intents


class Desk(Protocol):
    """The other end: what web processes do, and a dialer that starts."""

    async def send(self, *packed: bytes) -> None: ...

    def reader(self, fence: int = 1) -> Intents: ...


class MemoryDesk:
    def __init__(self) -> None:
        self.stream = MemoryStream()

    async def send(self, *packed: bytes) -> None:
        self.stream.entries.extend(packed)

    def reader(self, fence: int = 1) -> Intents:
        return MemoryIntents(self.stream, fence=fence)


class RedisDesk:
    def __init__(self, client: Redis) -> None:
        self.client = client

    async def send(self, *packed: bytes) -> None:
        for one in packed:
            await self.client.xadd(STREAM, {"i": one})

    def reader(self, fence: int = 1) -> Intents:
        return RedisIntents(self.client, fence=fence)


@pytest_asyncio.fixture(params=["memory", *KINDS], loop_scope="session")
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    if request.param == "memory":
        yield MemoryDesk()
        return
    async with connect(request.getfixturevalue(request.param)) as client:
        await client.flushdb()
        yield RedisDesk(client)


def ready(n: int) -> Intent:
    return Ready(user=UUID(int=n), at_ms=n)


def packed(*numbers: int) -> list[bytes]:
    return [encode(ready(n)) for n in numbers]


async def take(reader: Intents, count: int = 10) -> list[int]:
    """What is read, as numbers, acknowledged at once."""
    asked = await reader.read(count, 10)
    await reader.ack([one.id for one in asked])
    return [one.intent.at_ms for one in asked]


async def test_intents_come_in_the_order_in_which_they_were_sent(desk: Desk) -> None:
    await desk.send(*packed(1, 2, 3))
    reader = desk.reader()
    assert await take(reader, 2) == [1, 2]
    assert await take(reader, 2) == [3]
    assert await take(reader) == []


async def test_a_reader_waits_no_longer_than_it_says(desk: Desk) -> None:
    reader = desk.reader()
    assert list(await reader.read(10, 0)) == []
    assert list(await reader.read(10, 20)) == []


async def test_what_was_not_acknowledged_comes_again_after_a_restart(desk: Desk) -> None:
    await desk.send(*packed(1, 2, 3))
    first = await desk.reader().read(10, 10)
    assert len(first) == 3
    before_the_crash = desk.reader()
    asked = await before_the_crash.read(10, 10)
    await before_the_crash.ack([asked[0].id])
    assert await take(desk.reader()) == [2, 3]


async def test_the_position_survives_a_restart(desk: Desk) -> None:
    await desk.send(*packed(1, 2))
    assert await take(desk.reader()) == [1, 2]
    await desk.send(*packed(3))
    assert await take(desk.reader()) == [3]


async def test_a_gap_in_what_was_acknowledged_is_kept(desk: Desk) -> None:
    """At least once: acknowledging the third does not lose the second."""
    await desk.send(*packed(1, 2, 3))
    reader = desk.reader()
    asked = await reader.read(10, 10)
    await reader.ack([asked[0].id, asked[2].id])
    assert await take(desk.reader()) == [2, 3]


async def test_what_cannot_be_decoded_is_left_out_and_never_comes_again(desk: Desk) -> None:
    await desk.send(b"rubbish", *packed(1), b"\x81\xa1t\xa4Nope")
    reader = desk.reader()
    assert await take(reader) == [1]
    assert await take(desk.reader()) == []
    await desk.send(b"rubbish alone")
    assert await take(reader) == []
    assert await take(desk.reader()) == []


async def test_a_dialer_that_lost_its_lease_takes_nothing_away(desk: Desk) -> None:
    """The old one reads on after the new one began: both see everything, only the new one counts."""
    old, new = desk.reader(fence=1), desk.reader(fence=2)
    assert await take(old) == []
    await desk.send(*packed(1, 2))
    assert await take(new) == [1, 2]
    await desk.send(*packed(3))
    assert await take(old) == [1, 2, 3]
    assert await take(desk.reader(fence=3)) == [3]


async def test_redis_that_does_not_answer_is_unavailable() -> None:
    client = connect("redis://127.0.0.1:1")
    async with client:
        reader = RedisIntents(client)
        with pytest.raises(Unavailable):
            await reader.read(1, 1)
        reader._open["1-1"] = False
        with pytest.raises(Unavailable):
            await reader.ack(["1-1"])
