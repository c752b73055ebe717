"""Intents from one Redis stream, read by position: nobody else's reading takes anything away.

A consumer group would let a dialer that lost its lease swallow intents meant for the next one; so each
reader keeps its own place, and what is carried out is remembered as one position that only moves on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from app.desk.intents import decode
from app.errors import Unavailable
from dialer.intents import Asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio import Redis

STREAM = "intents"
POSITION = "intents:position"  # hash: id (last one carried out), fence (of who said so)
KEEP_MS = 3_600_000  # carried out entries stay this long, for looking into what happened

# Moves the position on, never back, and not for a dialer whose number is old.
_MOVE = """
local fence = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0')
if fence > tonumber(ARGV[2]) then return 0 end
local seen = redis.call('HGET', KEYS[1], 'id') or '0-0'
local function parts(id) local a, b = string.match(id, '(%d+)-(%d+)') return tonumber(a), tonumber(b) end
local a1, b1 = parts(seen)
local a2, b2 = parts(ARGV[1])
if a2 < a1 or (a2 == a1 and b2 <= b1) then return 0 end
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'fence', ARGV[2])
return 1
"""


class RedisIntents:
    """Fulfils `dialer.intents.Intents`.

    `fence` is the number of the lease this reader acts under; an older reader moves nothing. The client
    must not decode responses. `undecodable` counts entries that were no intents.
    """

    def __init__(self, client: Redis, *, fence: int = 0) -> None:
        self.fence = fence
        self.undecodable = 0
        self._client = client
        self._move = client.register_script(_MOVE)
        self._cursor: Any = None  # id of the last entry read; None: not begun
        self._open: dict[str, bool] = {}  # entries read, in order, and whether they are carried out

    async def read(self, count: int, wait_ms: int) -> Sequence[Asked]:
        """Up to `count` intents after our place. See `Intents.read`."""
        try:
            entries = await self._entries(count, wait_ms)
        except (RedisError, OSError) as fault:
            raise Unavailable("Redis does not answer: intents cannot be read.") from fault
        asked = [self._understand(id_, fields) for id_, fields in entries]
        if entries and not any(asked):
            await self.ack([])  # nothing but rubbish: move past it
        return [one for one in asked if one]

    async def ack(self, ids: Sequence[str]) -> None:
        """Move the position to the last entry before the first that is not carried out."""
        for id_ in ids:
            if id_ in self._open:
                self._open[id_] = True
        done = self._finished()
        if done is None:
            return
        try:
            await self._move(keys=[POSITION], args=[done, self.fence])
            oldest_kept = max(0, int(done.partition("-")[0]) - KEEP_MS)
            await self._client.xtrim(STREAM, minid=str(oldest_kept), approximate=True)
        except (RedisError, OSError) as fault:
            raise Unavailable("Redis does not answer: intents cannot be marked.") from fault
        for id_ in list(self._open):
            del self._open[id_]
            if id_ == done:
                return

    async def _entries(self, count: int, wait_ms: int) -> list[tuple[bytes, dict[bytes, bytes]]]:
        if self._cursor is None:
            place: Any = await self._client.hget(POSITION, "id")
            self._cursor = place or b"0-0"
        block = wait_ms if wait_ms > 0 else None  # 0 would wait for ever
        found: Any = await self._client.xread({STREAM: self._cursor}, count=count, block=block)
        if not found:
            return []
        streams = found.values() if isinstance(found, dict) else (entries for _, entries in found)
        entries = [entry for of_stream in streams for entry in _flat(of_stream)]
        self._cursor = entries[-1][0]
        return entries

    def _understand(self, id_: bytes, fields: dict[bytes, bytes]) -> Asked | None:
        name = id_.decode()
        try:
            asked = Asked(name, decode(next(iter(fields.values()))))
        except ValueError:
            self.undecodable += 1
            self._open[name] = True
            return None
        self._open[name] = False
        return asked

    def _finished(self) -> str | None:
        done = None
        for id_, carried_out in self._open.items():
            if not carried_out:
                break
            done = id_
        return done


def _flat(entries: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """The entries of one stream: RESP3 wraps them in one list more than RESP2."""
    if entries and isinstance(entries[0], list) and isinstance(entries[0][0], (list, tuple)):
        return [entry for part in entries for entry in part]
    return list(entries)
