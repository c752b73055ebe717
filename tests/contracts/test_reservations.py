"""One suite for `dialer.reservations.Reservations`, run over the fake and over every kind of Redis."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import pytest_asyncio

from app.errors import Unavailable
from dialer.fence import Fenced
from dialer.reservations_redis import RedisReservations
from realtime.redis_client import connect
from tests.support.redis_sets import KINDS
from tests.support.reservations import MemoryReservations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from dialer.reservations import Reservations

AGENT, OTHER_AGENT = UUID(int=1), UUID(int=2)
CALL, OTHER_CALL = UUID(int=11), UUID(int=12)
NOW = 1_000_000


@pytest_asyncio.fixture(params=["memory", *KINDS], loop_scope="session")
async def reservations(request: pytest.FixtureRequest) -> AsyncIterator[Reservations]:
    if request.param == "memory":
        yield MemoryReservations()
        return
    async with connect(request.getfixturevalue(request.param)) as client:
        await client.flushdb()
        yield RedisReservations(client)


async def reserve(
    kept: Reservations, call: UUID = CALL, *, now_ms: int = NOW, for_ms: int = 2_000, fence: int = 5
) -> bool:
    return await kept.reserve(AGENT, call, now_ms=now_ms, until_ms=now_ms + for_ms, fence=fence)


async def test_an_agent_is_taken_for_one_call_only(reservations: Reservations) -> None:
    assert await reserve(reservations)
    assert await reserve(reservations)  # the same call again: still his
    assert not await reserve(reservations, OTHER_CALL)


async def test_an_agent_let_go_can_be_taken_again(reservations: Reservations) -> None:
    await reserve(reservations)
    assert not await reservations.release(AGENT, OTHER_CALL, fence=5)
    assert not await reserve(reservations, OTHER_CALL)
    assert await reservations.release(AGENT, CALL, fence=5)
    assert not await reservations.release(AGENT, CALL, fence=5)
    assert await reserve(reservations, OTHER_CALL)


async def test_a_reservation_ends_by_the_time_that_is_passed_in(reservations: Reservations) -> None:
    await reserve(reservations, for_ms=2_000)
    assert not await reserve(reservations, OTHER_CALL, now_ms=NOW + 1_999)
    assert await reserve(reservations, OTHER_CALL, now_ms=NOW + 2_000)


async def test_an_old_number_is_refused_for_every_verb(reservations: Reservations) -> None:
    await reserve(reservations, fence=5)
    assert not await reservations.release(AGENT, OTHER_CALL, fence=6)  # a refusal is remembered too
    with pytest.raises(Fenced) as fenced:
        await reserve(reservations, fence=5)
    assert (fenced.value.held, fenced.value.seen) == (5, 6)
    with pytest.raises(Fenced):
        await reservations.release(AGENT, CALL, fence=5)
    with pytest.raises(Fenced):
        await reservations.assert_held({AGENT: OTHER_CALL}, until_ms=NOW + 9_000, fence=5)
    assert await reserve(reservations, fence=6)  # untouched by all of it


@pytest.mark.parametrize("first", ["reserve", "release"])
async def test_a_hold_under_a_lower_number_counts_for_nothing(
    reservations: Reservations, first: str
) -> None:
    """A dialer that died may have left it; what still stands, the next one asserts before anything."""
    await reserve(reservations, fence=5)
    if first == "release":
        assert not await reservations.release(AGENT, OTHER_CALL, fence=6)
    assert await reserve(reservations, OTHER_CALL, fence=6)
    assert not await reserve(reservations, CALL, fence=6)


async def test_what_is_asserted_holds_whatever_was_there(reservations: Reservations) -> None:
    await reserve(reservations)
    await reservations.assert_held(
        {AGENT: OTHER_CALL, OTHER_AGENT: CALL}, until_ms=NOW + 60_000, fence=6
    )
    assert not await reserve(reservations, CALL, fence=6)
    assert await reserve(reservations, OTHER_CALL, fence=6)
    assert await reservations.release(OTHER_AGENT, CALL, fence=6)


async def test_of_many_who_want_one_agent_exactly_one_gets_him(reservations: Reservations) -> None:
    taken = await asyncio.gather(*(reserve(reservations, UUID(int=100 + n)) for n in range(50)))
    assert taken.count(True) == 1


async def test_redis_that_does_not_answer_is_unavailable() -> None:
    async with connect("redis://127.0.0.1:1") as client:
        with pytest.raises(Unavailable):
            await reserve(RedisReservations(client))
