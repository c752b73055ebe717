"""Presence on Redis: one sorted set of the instants that callers pass in; no server time."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from redis.exceptions import RedisError

from realtime.broker import BrokerLost

if TYPE_CHECKING:
    from redis.asyncio import Redis

KEY = "rt:presence"
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


async def _reach(answer: Awaitable[T]) -> T:
    """Await Redis; its silence is BrokerLost."""
    try:
        return await answer
    except (RedisError, OSError) as error:
        raise BrokerLost(str(error)) from error
