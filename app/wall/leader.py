"""The one who computes the walls: a lease in Redis, once a second, each card encoded once.

The lease's instants are ours and are compared with the clock that is passed in; no server's clock decides.
Two leaders for a moment publish the same figures twice, which harms nobody: so there is no fence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from redis.exceptions import RedisError

from app.errors import Unavailable
from app.wall import rules, store
from app.wall.rules import Day, Seat
from realtime.broker import Card

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from redis.asyncio import Redis

    from app.clock import Clock
    from app.db import Database
    from app.observe import Metrics
    from app.wall.store import Member, Promised
    from realtime.broker import Broker
    from realtime.frames import Position

LEASE: Final = "wall:leader"
LEASE_MS: Final = 3_000
FIGURES: Final = "wall:campaigns"  # the dialer's hash: campaign id, or `floor`, to a card
FLOOR: Final = "floor"
BOOKS_MS: Final = 4_000  # how old the figures from the database may be

# Takes the lease when it is free, over, or ours (owner, until, now): 0 no, 1 anew, 2 still.
_TAKE: Final = """
local held = redis.call('HMGET', KEYS[1], 'owner', 'until')
if held[1] and held[1] ~= ARGV[1] and tonumber(held[2]) > tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'until', ARGV[2])
return held[1] == ARGV[1] and 2 or 1
"""
_ANEW: Final = 1
_LEAVE: Final = """
if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""


class Leader:
    """Computes and publishes, while it holds the lease. Call `tick` once a second.

    `owner` names this process; `day_start` says when the business day of an instant began. The Redis
    client must not decode.
    """

    def __init__(
        self,
        *,
        redis: Redis,
        broker: Broker,
        database: Database,
        clock: Clock,
        metrics: Metrics,
        owner: str,
    ) -> None:
        self._redis: Any = redis
        self._broker = broker
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._owner = owner
        self._take = redis.register_script(_TAKE)
        self._leave = redis.register_script(_LEAVE)
        self.leads = False
        self._shown: dict[str, dict[str, bytes]] = {}  # what is published, by channel and key
        self._agents: dict[str, tuple[Position | None, dict[str, Any]]] = {}
        self._stats: dict[str, bytes] = {}  # each agent's own day, as published last
        self._books: _Books | None = None

    async def tick(self, day_began: datetime) -> int:
        """One round: returns how many cards were published; 0 also when another process leads."""
        now_ms = self._clock.now_ms()
        if not await self._lead(now_ms):
            return 0
        with self._metrics.wall_seconds.time():
            campaigns, floor = await self._figures()
            seats, day = await self._people(day_began, now_ms)
            cards = rules.cards(campaigns, floor, seats, day)
            encoded = {
                channel: {key: msgspec.msgpack.encode(value) for key, value in of_channel.items()}
                for channel, of_channel in cards.items()
            }
            return await self._publish(encoded) + await self._publish_stats(seats, day)

    async def leave(self) -> None:
        """Give the lease back, so that another process need not wait for its end."""
        if self.leads:
            await self._leave(keys=[LEASE], args=[self._owner])
            self.leads = False

    async def _lead(self, now_ms: int) -> bool:
        try:
            taken = await self._take(keys=[LEASE], args=[self._owner, now_ms + LEASE_MS, now_ms])
        except (RedisError, OSError) as fault:
            raise Unavailable("Redis does not answer: the walls stand still.") from fault
        if taken == _ANEW or not self.leads:
            # Somebody else published since, or Redis forgot: what is shown is read again.
            self._shown.clear()
            self._agents.clear()
            self._stats.clear()
        self.leads = bool(taken)
        return self.leads

    async def _figures(self) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
        """What the dialer reported last: campaigns by id, and the floor."""
        try:
            found: dict[bytes, bytes] = await self._redis.hgetall(FIGURES)
        except (RedisError, OSError) as fault:
            raise Unavailable("Redis does not answer: the walls stand still.") from fault
        cards = {
            name.decode(): msgspec.msgpack.decode(value, type=dict[str, Any])
            for name, value in found.items()
        }
        return cards, cards.pop(FLOOR, {})

    async def _people(self, day_began: datetime, now_ms: int) -> tuple[list[Seat], Day]:
        async with self._database.reading() as session:
            members = await store.members(session)
            if self._books is None or now_ms - self._books.read_ms >= BOOKS_MS:
                self._books = _Books(
                    now_ms,
                    await store.handled(session, day_began),
                    await store.contacts(session, day_began),
                    await store.promised(session, day_began),
                    await store.team_campaigns(session),
                )
        agents = await self._agent_cards([str(member.id) for member in members])
        return [_seat(member, agents, self._books) for member in members], self._books.day

    async def _agent_cards(self, users: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The card `agent` of each desk. One round trip asks only for what changed since the last."""
        known = {user: self._agents.get(user, (None, {})) for user in users}
        asked = [(f"agent:{user}", place) for user, (place, _) in known.items()]
        replies = await self._broker.catch_up(asked) if asked else []
        self._agents = {}
        for (user, (_, card)), reply in zip(known.items(), replies, strict=True):
            for _, key, value in reply.cards:
                if key == "agent":
                    card = msgspec.msgpack.decode(value) if value is not None else {}  # noqa: PLW2901 - the newest wins
            self._agents[user] = (reply.position, card)
        return {user: card for user, (_, card) in self._agents.items()}

    async def _publish(self, encoded: dict[str, dict[str, bytes]]) -> int:
        for channel in encoded:
            if channel not in self._shown:
                snapshot = await self._broker.snapshot(channel)
                self._shown[channel] = {key: value for _, key, value in snapshot.cards}
        changed = rules.changes(self._shown, encoded)
        batch = [
            (channel, [Card(key, value) for key, value in cards]) for channel, cards in changed
        ]
        if batch:
            await self._broker.publish_many(batch)
        self._shown = {channel: encoded.get(channel, {}) for channel in {*self._shown, *encoded}}
        return sum(len(cards) for _, cards in batch)

    async def _publish_stats(self, seats: Sequence[Seat], day: Day) -> int:
        """The card `stats` of each desk, when it has changed; the desk's other cards are the dialer's."""
        fresh = {seat.user: msgspec.msgpack.encode(rules.stats_card(seat, day)) for seat in seats}
        changed = [user for user, value in fresh.items() if self._stats.get(user) != value]
        if changed:
            await self._broker.publish_many(
                [(f"agent:{user}", [Card("stats", fresh[user])]) for user in changed]
            )
        self._stats = fresh
        return len(changed)


class _Books:
    """Figures of the day from the database, and when they were read."""

    def __init__(
        self,
        read_ms: int,
        handled: Mapping[UUID, int],
        contacts: Mapping[UUID, int],
        promised: Sequence[Promised],
        campaigns_of: Mapping[UUID, set[UUID]],
    ) -> None:
        self.read_ms = read_ms
        self.calls = {str(user): count for user, count in handled.items()}
        self.contacts = {str(user): count for user, count in contacts.items()}
        self.promises: dict[str, int] = {}
        by_campaign: dict[str, int] = {}
        money: dict[str, int] = {}
        for each in promised:
            user, campaign = str(each.user_id), str(each.campaign_id)
            self.promises[user] = self.promises.get(user, 0) + each.count
            by_campaign[campaign] = by_campaign.get(campaign, 0) + each.count
            money[each.currency] = money.get(each.currency, 0) + each.minor
        currency = max(money, key=lambda code: money[code], default="VND")
        minor: dict[str, int] = {}
        for each in promised:
            if each.currency == currency:
                user = str(each.user_id)
                minor[user] = minor.get(user, 0) + each.minor
        self.day = Day(
            promises=sum(each.count for each in promised),
            promised_minor=money.get(currency, 0),
            currency=currency,
            by_campaign=by_campaign,
            minor_by_user=minor,
            campaigns_of={
                str(team): {str(campaign) for campaign in own} for team, own in campaigns_of.items()
            },
        )


def _seat(member: Member, agents: Mapping[str, Mapping[str, Any]], books: _Books) -> Seat:
    user = str(member.id)
    return Seat(
        user=user,
        name=member.name,
        team_id=str(member.team_id) if member.team_id else None,
        team=member.team,
        card=agents.get(user, {}),
        calls=books.calls.get(user, 0),
        contacts=books.contacts.get(user, 0),
        promises=books.promises.get(user, 0),
    )
