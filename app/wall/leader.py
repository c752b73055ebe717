"""The one who computes the walls: a lease in Redis, once a second, each card encoded once.

The lease's instants are ours and are compared with the clock that is passed in; no server's clock decides.
Two leaders for a moment publish the same figures twice, which harms nobody: so there is no fence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from redis.exceptions import RedisError

from app.alerts import service as alerts
from app.errors import Unavailable
from app.wall import hours, rules, store, watch
from app.wall.books import Books
from app.wall.watch import Picture
from realtime.broker import Card

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from redis.asyncio import Redis

    from app.alerts.service import Alert
    from app.clock import Clock
    from app.db import Database
    from app.observe import Metrics
    from app.wall.rules import Cards, Seat
    from realtime.broker import Broker
    from realtime.frames import Position
    from realtime.presence import Presence

LEASE: Final = "wall:leader"
LEASE_MS: Final = 3_000
FIGURES: Final = "{wall}:campaigns"  # the dialer's hash: campaign id, or `floor`, to a card
FLOOR: Final = "floor"
LINKS_MS: Final = 5_000  # between two beats of a socket

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
        presence: Presence,
    ) -> None:
        self._redis: Any = redis
        self._broker = broker
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._owner = owner
        self._presence = presence
        self._round_trips: dict[str, int] = {}  # of each user's newest socket, ms
        self._links_read_ms = 0
        self._take = redis.register_script(_TAKE)
        self._leave = redis.register_script(_LEAVE)
        self.leads = False
        self._shown: dict[str, dict[str, bytes]] = {}  # what is published, by channel and key
        self._agents: dict[str, tuple[Position | None, dict[str, Any]]] = {}
        self._stats: dict[str, bytes] = {}  # each agent's own day, as published last
        self._books = Books(clock)
        self._paces: dict[str, dict[str, Any]] = {}  # why each campaign is dialled so, since when
        self._told: dict[tuple[UUID, int], bytes] = {}  # alerts as encoded, by id and version

    async def tick(self, day_began: datetime) -> int:
        """One round: returns how many cards were published; 0 also when another process leads."""
        now_ms = self._clock.now_ms()
        if not await self._lead(now_ms):
            return 0
        with self._metrics.wall_seconds.time():
            await self._books.read(self._database, day_began)
            campaigns, floor = await self._figures()
            seats = await self._people()
            picture = self._picture(campaigns, floor, seats, now_ms)
            standing = await self._watch(picture)
            shown = self._draw(picture, standing)
            shown[rules.FLOOR] = {"dialer": rules.dialer_card(floor, now_ms)}
            published = await self._publish(self._encode(shown, standing))
            return published + await self._publish_stats(seats)

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
            self._books = Books(self._clock)
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

    async def _people(self) -> list[Seat]:
        async with self._database.reading() as session:
            members = await store.members(session)
        users = [str(member.id) for member in members]
        cards = await self._agent_cards(users)
        self._books.count(cards)
        await self._read_links(users)
        trips = self._round_trips
        return [
            self._books.seat(each, cards[user], trips.get(user))
            for user, each in zip(users, members, strict=True)
        ]

    async def _read_links(self, users: Sequence[str]) -> None:
        """What the hubs measured of these users' sockets, as often as they tell."""
        now_ms = self._clock.now_ms()
        if now_ms - self._links_read_ms < LINKS_MS:
            return
        seen = await self._presence.seen(users, now_ms)
        newest = {user: one.links[0].round_trip_ms for user, one in seen.items() if one.links}
        before = self._round_trips
        self._round_trips = {
            user: rules.steady_trip(before.get(user), ms)
            for user, ms in newest.items()
            if ms is not None
        }
        self._links_read_ms = now_ms

    def _picture(
        self,
        campaigns: dict[str, dict[str, Any]],
        floor: dict[str, Any],
        seats: list[Seat],
        now_ms: int,
    ) -> Picture:
        books = self._books
        return Picture(
            now_ms=now_ms,
            campaigns=campaigns,
            floor=floor,
            seats=seats,
            day=books.day,
            settings=books.settings,
            hours=books.hours(),
            trouble={str(name): found for name, found in books.fast.trouble.items()},
            breaks=books.slow.breaks,
        )

    async def _watch(self, picture: Picture) -> list[Alert]:
        """The open alerts after this second's readings; what changed is written first."""
        async with self._database.reading() as session:
            known = await alerts.standing(session, self._clock.now())
        found = watch.readings(picture)
        changed = alerts.judge(found, picture.settings, known, self._clock)
        if changed:
            async with self._database.writing() as session:
                changed = await alerts.save(session, changed)
        after = {alert.id: alert for alert in [*known, *changed]}
        return [alert for alert in after.values() if alert.is_open]

    def _draw(self, picture: Picture, standing: list[Alert]) -> Cards:
        """Every card but the alerts'."""
        level = watch.levels(standing)
        campaigns = {
            name: {
                **card,
                "abandon_60m": _percent_of(picture, name),
                "abandon_level": level.get(f"ABANDONMENT:{name}", "ok"),
                "pop_level": level.get(f"POP_SLOW:{name}", "ok"),
                "paced": self._paced(name, card, picture.now_ms),
            }
            for name, card in picture.campaigns.items()
        }
        shown = rules.cards(campaigns, picture.floor, picture.seats, picture.day)
        settings = alerts.document(picture.settings)
        now = self._clock.now()
        for channel, cards in shown.items():
            if not channel.startswith(rules.CAMPAIGNS):
                continue
            cards["settings"] = settings
            for name in [key for key in cards if key.startswith("campaign:")]:
                hour = picture.hours.get(name.removeprefix("campaign:"))
                if hour is not None:
                    cards[f"hour:{name.removeprefix('campaign:')}"] = hours.hour_card(hour, now)
        return shown

    def _paced(self, name: str, card: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
        """Since when it is dialled as it is, and at which ratio and why it was before."""
        known = self._paces.get(name)
        if known is None or known["because"] != card.get("because"):
            before = known or {}
            known = {
                "because": card.get("because"),
                "at": now_ms,
                "from": before.get("ratio"),
                "was": before.get("because"),
            }
        self._paces[name] = {**known, "ratio": card.get("ratio")}
        return {name: known[name] for name in ("at", "from", "was")}

    def _encode(self, shown: Cards, standing: list[Alert]) -> dict[str, dict[str, bytes]]:
        """Cards as bytes. An agent and an alert are encoded once, for however many channels."""
        encoded = {
            channel: {key: msgspec.msgpack.encode(value) for key, value in cards.items()}
            for channel, cards in shown.items()
        }
        teams = [cards for channel, cards in encoded.items() if channel.startswith(rules.TEAM)]
        encoded[rules.AGENTS] |= {key: value for cards in teams for key, value in cards.items()}
        told, self._told = self._told, {}
        for alert in standing:
            place = alert.id, alert.version
            value = told.get(place) or msgspec.msgpack.encode(watch.alert_card(alert))
            self._told[place] = value
            for channel in watch.channels_of(alert, self._books.day.campaigns_of):
                encoded.setdefault(channel, {})[f"alert:{alert.id}"] = value
        return encoded

    async def _agent_cards(self, users: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The card `agent` of each desk. One round trip asks only for what changed since the last."""
        known = {user: self._agents.get(user, (None, {})) for user in users}
        asked = [(f"agent:{user}", place) for user, (place, _) in known.items()]
        replies = await self._broker.catch_up(asked) if asked else []
        self._agents = {}
        for (user, (_, card)), reply in zip(known.items(), replies, strict=True):
            for _, key, value in reply.cards:
                if key == "agent":
                    told = msgspec.msgpack.decode(value) if value is not None else {}
                    card = {**told, **rules.help_of(card)}  # noqa: PLW2901 - the newest wins
                elif key == "help":
                    called = None if value is None else msgspec.msgpack.decode(value)
                    card = {**card, **rules.help_told(called)}  # noqa: PLW2901 - the same
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

    async def _publish_stats(self, seats: Sequence[Seat]) -> int:
        """The card `stats` of each desk, when it has changed; the desk's other cards are the dialer's."""
        day = self._books.day
        fresh = {seat.user: msgspec.msgpack.encode(rules.stats_card(seat, day)) for seat in seats}
        changed = [user for user, value in fresh.items() if self._stats.get(user) != value]
        if changed:
            await self._broker.publish_many(
                [(f"agent:{user}", [Card("stats", fresh[user])]) for user in changed]
            )
        self._stats = fresh
        return len(changed)


def _percent_of(picture: Picture, campaign: str) -> float | None:
    hour = picture.hours.get(campaign)
    return None if hour is None else hour.abandon_pct
