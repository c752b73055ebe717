"""Presence on Redis: a sorted set of the instants that callers pass in; no server time decides.

What hubs know of their sockets is one hash per hub, by user, and a sorted set of the hubs with the
instant of their last word; the engine's own expiry only sweeps up after hubs that are long gone.
"""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from redis.exceptions import RedisError

from realtime.broker import BrokerLost
from realtime.presence import BELIEVED_MS, Link, Parting, Seen, newest_first

if TYPE_CHECKING:
    from redis.asyncio import Redis

KEY = "rt:{presence}"  # all of it on one server of a cluster, so that a round is one trip
SWEEP_MS = 24 * 3600 * 1000

_read_links = msgspec.msgpack.Decoder(tuple[Link, ...]).decode
_read_parting = msgspec.msgpack.Decoder(Parting).decode
T = TypeVar("T")


class RedisPresence:
    """The contract of presence.py on a sorted set."""

    def __init__(self, client: "Redis", *, key: str = KEY) -> None:
        self._client: Any = client
        self._key = key

    async def touch(self, users: Iterable[str], now_ms: int) -> None:
        """Raise the scores; GT keeps the newer instant."""
        scores = dict.fromkeys(users, now_ms)
        if scores:
            await _reach(self._client.zadd(self._key, scores, gt=True))

    async def silent(self, since_ms: int) -> list[str]:
        """Read the lowest scores."""
        rows: list[bytes] = await _reach(
            self._client.zrangebyscore(self._key, "-inf", f"({since_ms}")
        )
        return [row.decode() for row in rows]

    async def last_heard(self, user: str) -> int | None:
        """Read one score."""
        score: float | None = await _reach(self._client.zscore(self._key, user))
        return None if score is None else int(score)

    async def heard(self, users: Sequence[str]) -> Mapping[str, int]:
        """Read several scores."""
        if not users:
            return {}
        scores: list[float | None] = await _reach(self._client.zmscore(self._key, list(users)))
        return {
            user: int(score) for user, score in zip(users, scores, strict=True) if score is not None
        }

    async def forget(self, users: Iterable[str]) -> None:
        """Remove the members."""
        members = list(users)
        if members:
            await _reach(self._client.zrem(self._key, *members))

    async def note(
        self,
        hub: str,
        links: Mapping[str, Sequence[Link]],
        partings: Mapping[str, Parting],
        now_ms: int,
    ) -> None:
        """Write everything in one pipeline."""
        here = {user: msgspec.msgpack.encode(his) for user, his in links.items() if his}
        gone = [user for user, his in links.items() if not his]
        told = {user: msgspec.msgpack.encode(one) for user, one in partings.items()}
        await _reach(self._write(hub, here, gone, told, now_ms))

    async def _write(
        self,
        hub: str,
        here: Mapping[str, bytes],
        gone: Sequence[str],
        partings: Mapping[str, bytes],
        now_ms: int,
    ) -> None:
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.zadd(self._hubs, {hub: now_ms})
            pipe.zremrangebyscore(self._hubs, "-inf", now_ms - SWEEP_MS)
            if here:
                pipe.hset(self._of(hub), mapping=here)
                pipe.pexpire(self._of(hub), SWEEP_MS)
            if gone:
                pipe.hdel(self._of(hub), *gone)
            if partings:
                pipe.hset(self._partings, mapping=partings)
                pipe.pexpire(self._partings, 7 * SWEEP_MS)
            await pipe.execute()

    async def seen(self, users: Sequence[str], now_ms: int) -> Mapping[str, Seen]:
        """Read the hubs that are believed, then all of them in one pipeline."""
        if not users:
            return {}
        hubs: list[bytes] = await _reach(
            self._client.zrangebyscore(self._hubs, now_ms - BELIEVED_MS, "+inf")
        )
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.hmget(self._partings, list(users))
            for hub in hubs:
                pipe.hmget(self._of(hub.decode()), list(users))
            partings, *by_hub = await _reach(pipe.execute())
        found = {}
        for user, parting, *told in zip(users, partings, *by_hub, strict=True):
            links = (link for one in told if one is not None for link in _read_links(one))
            last = _read_parting(parting) if parting is not None else None
            found[user] = Seen(newest_first(links), last)
        return found

    @property
    def _hubs(self) -> str:
        return self._key + ":hubs"

    @property
    def _partings(self) -> str:
        return self._key + ":partings"

    def _of(self, hub: str) -> str:
        return f"{self._key}:links:{hub}"


async def _reach(answer: Awaitable[T]) -> T:
    """Await Redis; its silence is BrokerLost."""
    try:
        return await answer
    except (RedisError, OSError) as error:
        raise BrokerLost(str(error)) from error
