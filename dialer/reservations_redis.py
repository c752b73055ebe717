"""Taking an agent by compare-and-set on the one hash `{agent:ID}` (decisions.md 12).

Each script touches that key alone, so Redis Cluster stays possible. Times are those passed in; the
key's own expiry is only for cleanliness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from app.errors import Unavailable
from dialer.fence import Fenced

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping
    from uuid import UUID

    from redis.asyncio import Redis

# Fields: fence (highest number seen), call (who holds; absent when free), until (ms).
# A hold that was made under a lower number goes with that number.
# Every script answers {verdict, fence}: 1 done, 0 not, -1 the number is old.
_GUARD = """
local seen = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0')
if seen > tonumber(ARGV[1]) then return {-1, seen} end
if seen < tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1], 'call', 'until') end
redis.call('HSET', KEYS[1], 'fence', ARGV[1])
redis.call('EXPIRE', KEYS[1], 86400)
"""
_RESERVE = (
    _GUARD
    + """
local held = redis.call('HGET', KEYS[1], 'call')
local ends = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if held and held ~= ARGV[2] and ends > tonumber(ARGV[3]) then return {0, seen} end
redis.call('HSET', KEYS[1], 'call', ARGV[2], 'until', ARGV[4])
return {1, seen}
"""
)
_RELEASE = (
    _GUARD
    + """
if redis.call('HGET', KEYS[1], 'call') ~= ARGV[2] then return {0, seen} end
redis.call('HDEL', KEYS[1], 'call', 'until')
return {1, seen}
"""
)
_ASSERT = (
    _GUARD
    + """
redis.call('HSET', KEYS[1], 'call', ARGV[2], 'until', ARGV[3])
return {1, seen}
"""
)


class RedisReservations:
    """Fulfils `dialer.reservations.Reservations`."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._reserve = client.register_script(_RESERVE)
        self._release = client.register_script(_RELEASE)
        self._assert = client.register_script(_ASSERT)

    async def reserve(
        self, agent: UUID, call: UUID, *, now_ms: int, until_ms: int, fence: int
    ) -> bool:
        """Take the agent for this call. See `Reservations.reserve`."""
        return await _asked(
            self._reserve(keys=[_key(agent)], args=[fence, str(call), now_ms, until_ms]), fence
        )

    async def release(self, agent: UUID, call: UUID, *, fence: int) -> bool:
        """Let go, if held for this call."""
        return await _asked(self._release(keys=[_key(agent)], args=[fence, str(call)]), fence)

    async def assert_held(self, held: Mapping[UUID, UUID], *, until_ms: int, fence: int) -> None:
        """Write these whatever the keys say; the first old number ends it."""
        for agent, call in held.items():
            await _asked(self._assert(keys=[_key(agent)], args=[fence, str(call), until_ms]), fence)


def _key(agent: UUID) -> str:
    return f"{{agent:{agent}}}"


async def _asked(asking: Awaitable[list[int]], fence: int) -> bool:
    try:
        verdict, seen = await asking
    except (RedisError, OSError) as fault:
        raise Unavailable("Redis does not answer: agents cannot be reserved.") from fault
    if verdict < 0:
        raise Fenced(fence, seen)
    return verdict == 1
