"""One suite for `dialer.memory.Memory`, run over the fake and over every kind of Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import pytest_asyncio

from app.errors import Unavailable
from dialer.fence import Fenced
from dialer.memory_redis import RedisMemory
from realtime.redis_client import connect
from tests.support.memory import PlainMemory
from tests.support.redis_sets import KINDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from dialer.memory import Memory

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest_asyncio.fixture(params=["plain", *KINDS], loop_scope="session")
async def memory(request: pytest.FixtureRequest) -> AsyncIterator[Memory]:
    if request.param == "plain":
        yield PlainMemory()
        return
    async with connect(request.getfixturevalue(request.param)) as client:
        await client.flushdb()
        yield RedisMemory(client)


@pytest.mark.req("P0-003")
async def test_what_was_kept_last_is_recalled(memory: Memory) -> None:
    assert await memory.recall(fence=1) == {}
    await memory.keep({ONE: b"first", OTHER: b"\x00\xff"}, fence=1)
    await memory.keep({ONE: b"second"}, fence=1)
    assert await memory.recall(fence=1) == {ONE: b"second", OTHER: b"\x00\xff"}


@pytest.mark.req("P0-003")
async def test_the_next_dialer_finds_it_and_the_last_one_keeps_nothing_more(memory: Memory) -> None:
    await memory.keep({ONE: b"old"}, fence=1)
    assert await memory.recall(fence=2) == {ONE: b"old"}
    with pytest.raises(Fenced) as fenced:
        await memory.keep({ONE: b"late"}, fence=1)
    assert fenced.value.seen == 2
    with pytest.raises(Fenced):
        await memory.recall(fence=1)
    assert await memory.recall(fence=2) == {ONE: b"old"}


async def test_hundreds_of_campaigns_are_kept_at_once(memory: Memory) -> None:
    many = {UUID(int=n): bytes([n % 256]) * 4_000 for n in range(1, 501)}
    await memory.keep(many, fence=3)
    assert await memory.recall(fence=3) == many


async def test_redis_that_does_not_answer_is_unavailable() -> None:
    async with connect("redis://127.0.0.1:1") as client:
        with pytest.raises(Unavailable):
            await RedisMemory(client).keep({ONE: b""}, fence=1)
