"""The other end of the desk's deeds: what the dialer would hear, and what it would show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from app.desk.intents import Intent, decode
from realtime.broker import Card

if TYPE_CHECKING:
    from uuid import UUID

    from redis.asyncio import Redis

    from realtime.broker_redis import RedisBroker


class Room:
    """What the dialer would see and say: the intents' stream, and the agent's card."""

    def __init__(self, redis: Redis, broker: RedisBroker) -> None:
        self.redis: Any = redis
        self.broker = broker
        self._seen = "0-0"

    async def heard(self) -> list[Intent]:
        """Intents since the last time this was asked."""
        found = []
        for identifier, fields in await self.redis.xrange("intents", f"({self._seen}"):
            self._seen = identifier.decode()
            found.append(decode(next(iter(fields.values()))))
        return found

    async def seat(self, user: UUID, call: UUID | None, state: str = "IN_CALL") -> None:
        """Publish the agent's card."""
        card = {"user": str(user), "status": "READY", "state": state, "link": "UP"}
        value = msgspec.msgpack.encode({**card, "call": str(call) if call else None})
        await self.broker.publish(f"agent:{user}", [Card("agent", value)])

    async def cards(self, channel: str) -> dict[str, Any]:
        """What stands in a channel, by key."""
        snapshot = await self.broker.snapshot(channel)
        return {key: msgspec.msgpack.decode(value) for _, key, value in snapshot.cards}
