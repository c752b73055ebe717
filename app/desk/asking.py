"""The road from the desk to the room of calls: intents sent, and what the desk's card says just now.

Fulfils `people.service.Floor`. Reads the agent's own cards as the broker keeps them; writes nothing but
the intents' stream.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec
from redis.exceptions import RedisError

from app.desk.intents import (
    CampaignChanged,
    Complete,
    ForceBreak,
    Intent,
    Monitor,
    MonitorKept,
    MonitorLeft,
    Pause,
    ResumeDialing,
    ScreenStale,
    SignedIn,
    SignedOut,
    StopDialing,
    encode,
)
from app.errors import Unavailable
from realtime.broker import BrokerLost, Card, encode_value
from realtime.closing import Close

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from redis.asyncio import Redis

    from app.clock import Clock
    from app.observe import Metrics
    from app.people.service import Identity, Person
    from realtime.broker import Broker
    from realtime.presence import Presence, Seen

STREAM: Final = "intents"
FIELD: Final = "i"
BUSY: Final = frozenset({"RESERVED", "DIALING", "IN_CALL", "HELD", "WRAP_UP", "WRAP_OVER"})
CLOSES: Final = {
    "LOGOUT": Close.SIGNED_OUT,
    "EXPIRED": Close.SIGNED_OUT,
    "FORCED": Close.SIGNED_OUT,
    "TAKEN_OVER": Close.TAKEN_OVER,
    "roles_changed": Close.TICKET_REFUSED,  # the browser comes back with a ticket of the new roles
    "reset": Close.TICKET_REFUSED,
}

if TYPE_CHECKING:
    CampaignsOf = Callable[[UUID, UUID | None], Awaitable[Sequence[UUID]]]


class Asking:
    """Sends intents and answers what sign-in asks of the floor.

    `campaigns_of` names the campaigns of a user and a team. The Redis client must not decode.
    """

    def __init__(
        self,
        *,
        redis: Redis,
        broker: Broker,
        presence: Presence,
        clock: Clock,
        metrics: Metrics,
        campaigns_of: CampaignsOf,
    ) -> None:
        self._redis = redis
        self._broker = broker
        self._presence = presence
        self._clock = clock
        self._metrics = metrics
        self.campaigns_of = campaigns_of

    async def send(self, *intents: Intent) -> None:
        """Put intents on the stream, in order. Raises `Unavailable`."""
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for intent in intents:
                    pipeline.xadd(STREAM, {FIELD: encode(intent)})
                await pipeline.execute()
        except (RedisError, OSError) as fault:
            raise Unavailable(
                "The dialer cannot be told. Try again.", code="ENGINE_AWAY"
            ) from fault
        for intent in intents:
            self._metrics.intents.labels(type(intent).__name__).inc()

    async def desk_cards(self, user_id: UUID) -> dict[str, Any]:
        """What an agent's desk shows now, by key."""
        snapshot = await self._broker.snapshot(f"agent:{user_id}")
        return {key: msgspec.msgpack.decode(value) for _, key, value in snapshot.cards}

    async def agent_card(self, user_id: UUID) -> dict[str, Any]:
        """The card `agent` as the dialer published it last; empty before the first."""
        return await self.card(user_id, "agent")

    async def card(self, user_id: UUID, key: str) -> dict[str, Any]:
        """A card of the agent's own channel as it was published last; empty before the first."""
        snapshot = await self._broker.snapshot(f"agent:{user_id}")
        for _, name, value in snapshot.cards:
            if name == key:
                card: dict[str, Any] = msgspec.msgpack.decode(value)
                return card
        return {}

    async def call_of(self, user_id: UUID) -> UUID | None:
        """The call at this desk; None without one."""
        call = (await self.agent_card(user_id)).get("call")
        return UUID(call) if call else None

    async def heard_at(self, user_id: UUID) -> datetime | None:
        """See `people.service.Floor`."""
        heard_ms = await self._presence.last_heard(str(user_id))
        return None if heard_ms is None else datetime.fromtimestamp(heard_ms / 1000, UTC)

    async def is_busy(self, user_id: UUID) -> bool:
        """See `people.service.Floor`."""
        return (await self.agent_card(user_id)).get("state") in BUSY

    async def signed_in(self, person: Person) -> None:
        """See `people.service.Floor`."""
        campaigns = await self.campaigns_of(person.id, person.team_id)
        await self.send(
            SignedIn(
                user=person.id,
                name=person.full_name,
                team=person.team_id,
                campaigns=tuple(campaigns),
                wrapup_multiplier=float(person.wrapup_multiplier),
                desk_phone=person.desk_phone,
                at_ms=self._clock.now_ms(),
            )
        )

    async def signed_out(self, user_id: UUID, why: str) -> None:
        """See `people.service.Floor`."""
        await self.send(SignedOut(user=user_id, why=why, at_ms=self._clock.now_ms()))

    async def stop(self, campaign: UUID | None, by: UUID, reason: str, at_ms: int) -> None:
        """Stop dialling of one campaign, or (None) of all."""
        await self.send(StopDialing(campaign=campaign, by=by, reason=reason, at_ms=at_ms))

    async def resume(self, campaign: UUID | None, by: UUID, at_ms: int) -> None:
        """Take that back."""
        await self.send(ResumeDialing(campaign=campaign, by=by, at_ms=at_ms))

    async def changed(self, campaign: UUID, at_ms: int) -> None:
        """A campaign's stored settings or state changed."""
        await self.send(CampaignChanged(campaign=campaign, at_ms=at_ms))

    async def complete(
        self, user_id: UUID, by: UUID, at_ms: int, *, name: str, limit_ms: int | None
    ) -> None:
        """A team lead of this name completes what an agent left over; `limit_ms` of back office."""
        await self.send(Complete(user=user_id, by=by, by_name=name, limit_ms=limit_ms, at_ms=at_ms))

    async def grant_break(
        self, user_id: UUID, reason: str, limit_ms: int | None, at_ms: int
    ) -> None:
        """See `supervision.routes.Room`."""
        await self.send(Pause(user=user_id, reason=reason, limit_ms=limit_ms, at_ms=at_ms))

    async def order_break(
        self, user_id: UUID, reason: str, limit_ms: int | None, by: str, at_ms: int
    ) -> None:
        """See `supervision.routes.Room`."""
        await self.send(
            ForceBreak(user=user_id, reason=reason, limit_ms=limit_ms, by=by, at_ms=at_ms)
        )

    async def order_out(self, user_id: UUID, by: str, at_ms: int) -> None:
        """See `supervision.routes.Room`."""
        await self.send(SignedOut(user=user_id, why="FORCED", by=by, at_ms=at_ms))

    async def step_in(
        self, who: Identity, *, agent: UUID, call: UUID, mode: str, visible: bool, at_ms: int
    ) -> None:
        """See `monitor.service.Room`."""
        await self.send(
            Monitor(
                user=agent,
                call=call,
                mode=mode,
                by=who.id,
                name=who.person.short_name,
                visible=visible,
                desk_phone=who.person.desk_phone,
                at_ms=at_ms,
            )
        )

    async def stay_in(self, by: UUID, at_ms: int) -> None:
        """See `monitor.service.Room`."""
        await self.send(MonitorKept(user=by, at_ms=at_ms))

    async def step_out(self, by: UUID, at_ms: int) -> None:
        """See `monitor.service.Room`."""
        await self.send(MonitorLeft(user=by, at_ms=at_ms))

    async def show(self, cards: Iterable[tuple[str, str, Mapping[str, Any] | None]]) -> None:
        """Publish cards, by channel and key; None removes one. Raises `BrokerLost`."""
        batch: dict[str, list[Card]] = {}
        for channel, key, value in cards:
            packed = None if value is None else encode_value(value)
            batch.setdefault(channel, []).append(Card(key, packed))
        if batch:
            await self._broker.publish_many(list(batch.items()))

    async def books_changed(self, calls: Iterable[UUID]) -> None:
        """What the screens of these calls show is not what stands in the books any more."""
        at_ms = self._clock.now_ms()
        stale = [ScreenStale(call=call, at_ms=at_ms) for call in calls]
        if stale:
            await self.send(*stale)

    async def sockets_of(self, users: Sequence[UUID]) -> dict[UUID, Seen]:
        """What the hubs know of these users' sockets. Raises `Unavailable`."""
        try:
            seen = await self._presence.seen([str(user) for user in users], self._clock.now_ms())
        except BrokerLost as fault:
            raise Unavailable("Redis does not answer. Try again.", code="ENGINE_AWAY") from fault
        return {UUID(user): found for user, found in seen.items()}

    async def holds_desk(self, user_id: UUID, issue: str) -> bool:
        """See `people.service.Floor`."""
        try:
            links = (await self.sockets_of([user_id]))[user_id].links
        except Unavailable:
            return True
        desk = f"agent:{user_id}"
        return any(
            channel == desk
            for link in links
            if link.issue == issue
            for channel, _ in link.positions
        )

    async def close_sockets(self, user_id: UUID, why: str, issue: str | None = None) -> None:
        """See `people.service.Floor`."""
        code = CLOSES.get(why, Close.SIGNED_OUT)
        await self._broker.command(str(user_id), int(code), why, issue=issue)
