"""What pacing remembers, in one hash of Redis: a field a campaign, and the highest fencing number seen.

One key, so Redis Cluster stays possible; its own expiry is only for cleanliness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from redis.exceptions import RedisError

from app.errors import Unavailable
from dialer.fence import Fenced

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from redis.asyncio import Redis

KEY = "pacing:memory"
FENCE = b"fence"
# Every script answers {the highest number seen, ...}: one above the caller's means that nothing was done.
_GUARD = """
local seen = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0')
if seen > tonumber(ARGV[1]) then return {seen} end
redis.call('HSET', KEYS[1], 'fence', ARGV[1])
redis.call('EXPIRE', KEYS[1], 172800)
"""
_KEEP = (
    _GUARD
    + """
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
return {seen}
"""
)
_RECALL = (
    _GUARD
    + """
return {seen, redis.call('HGETALL', KEYS[1])}
"""
)


class RedisMemory:
    """Fulfils `dialer.memory.Memory`."""

    def __init__(self, client: Redis) -> None:
        self._keep = client.register_script(_KEEP)
        self._recall = client.register_script(_RECALL)

    async def keep(self, memories: Mapping[UUID, bytes], *, fence: int) -> None:
        """Replace the memory of these campaigns."""
        pairs = [part for campaign, memory in memories.items() for part in (str(campaign), memory)]
        await _asked(self._keep(keys=[KEY], args=[fence, *pairs]), fence)

    async def recall(self, *, fence: int) -> Mapping[UUID, bytes]:
        """Every campaign's memory."""
        _, pairs = await _asked(self._recall(keys=[KEY], args=[fence]), fence)
        fields = dict(zip(pairs[::2], pairs[1::2], strict=True))
        fields.pop(FENCE, None)
        return {UUID(name.decode()): memory for name, memory in fields.items()}


async def _asked(asking: Awaitable[list[Any]], fence: int) -> list[Any]:
    try:
        answer = await asking
    except (RedisError, OSError) as fault:
        raise Unavailable("Redis does not answer: pacing's memory is not kept.") from fault
    if answer[0] > fence:
        raise Fenced(fence, answer[0])
    return answer
