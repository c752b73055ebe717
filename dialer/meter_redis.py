"""The figures of the wall in two hashes of Redis, replaced in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from app.errors import Unavailable
from realtime.frames import encode_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from redis.asyncio import Redis

    from dialer.meter import Value

CAMPAIGNS = "{wall}:campaigns"  # one hash tag, because both are replaced in one transaction
AGENTS = "{wall}:agents"
FLOOR = "floor"  # the field beside the campaigns' ids


class RedisMeter:
    """Fulfils `dialer.meter.Meter`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def report(
        self, campaigns: Mapping[UUID, Value], floor: Value, agents: Mapping[UUID, Value]
    ) -> None:
        """See `dialer.meter.Meter`."""
        figures: dict[Any, Any] = {
            str(i): encode_value(dict(card)) for i, card in campaigns.items()
        }
        figures[FLOOR] = encode_value(dict(floor))
        gone = [str(i) for i, card in agents.items() if card["status"] == "OFFLINE"]
        here: dict[Any, Any] = {
            str(i): encode_value(dict(card))
            for i, card in agents.items()
            if card["status"] != "OFFLINE"
        }
        try:
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.delete(CAMPAIGNS)
                pipe.hset(CAMPAIGNS, mapping=figures)
                if here:
                    pipe.hset(AGENTS, mapping=here)
                if gone:
                    pipe.hdel(AGENTS, *gone)
                await pipe.execute()
        except (RedisError, OSError) as fault:
            raise Unavailable("Redis does not answer: the wall stands still.") from fault
