"""The broker on Redis or Valkey: one script per publication, one per reader that catches up.

A channel's keys and its news share the hash tag `{channel}`, so a cluster can hold them; no script
touches two channels. An epoch begins with the run id of the server that holds the channel, which each
script is told by the line that carries it: a server that started anew, or took over from another, is at
the end of another line, and no number of the former life is ever mistaken for one of the new.
"""

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgpack
from redis.exceptions import RedisError

from realtime.broker import (
    CONTROL,
    RISE,
    STREAM_LENGTH,
    BrokerLost,
    Card,
    Command,
    Missed,
    Position,
    Publication,
    Receiver,
    Replay,
    Snapshot,
    bars,
    check,
    order,
    out_key,
    standing_key,
    tag,
)
from realtime.closing import advise
from realtime.feed import RedisFeed
from realtime.frames import FrameCard
from realtime.redis_client import connect
from realtime.redis_scripts import Call, Script, run

if TYPE_CHECKING:
    from redis.asyncio import Redis

PREFIX = "rt:"
KEEP_MS = 7 * 24 * 3600 * 1000  # an untouched channel is forgotten after a week
OUT_MS = 24 * 3600 * 1000  # longer than any ticket or token of an issue that is over can be good
T = TypeVar("T")

# KEYS: life (epoch, offset), cards (key -> "offset value"), stream (entries named by last offset).
_LIFE = """
local run = ARGV[1]
local life = redis.call('HMGET', KEYS[1], 'epoch', 'offset')
local epoch, offset = life[1], tonumber(life[2] or '0')
if not epoch or string.sub(epoch, 1, 8) ~= run then
  local t = redis.call('TIME')  -- makes the life's name unlike any former one; it times nothing
  epoch = run .. string.format('%x%05x', tonumber(t[1]), tonumber(t[2]))
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'offset', string.format('%.0f', offset))
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  redis.call('DEL', KEYS[3])
end
"""

# ARGV: run id, keep_ms, pub/sub channel, stream length, body, then key and value ('' removes) of each card.
_PUBLISH = Script(
    _LIFE
    + """
local first = offset + 1
local last = offset + (#ARGV - 5) / 2
for i = 6, #ARGV, 2 do
  local number = string.format('%.0f ', first + (i - 6) / 2)
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[2], ARGV[i])
  else
    redis.call('HSET', KEYS[2], ARGV[i], number .. ARGV[i + 1])
  end
end
local first_text, last_text = string.format('%.0f', first), string.format('%.0f', last)
redis.call('HSET', KEYS[1], 'offset', last_text)
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], last_text .. '-0', 'f', first_text, 'b', ARGV[5])
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[2]) end
redis.call('SPUBLISH', ARGV[3], epoch .. ' ' .. first_text .. ' ' .. ARGV[5])
return {epoch, last_text}
""",
    knows_life=True,
)

# ARGV: run id, keep_ms, epoch and offset of the reader ('' for none), '1' for no snapshot. More changes
# than cards: a snapshot is the shorter answer and says the same.
_CATCH_UP = Script(
    _LIFE
    + """
local at = tonumber(ARGV[4])
local offset_text = string.format('%.0f', offset)
if ARGV[3] == epoch and at and at <= offset then
  if at == offset then return {epoch, offset_text, 'M', {}} end
  if ARGV[5] ~= '' or offset - at <= 2 * redis.call('HLEN', KEYS[2]) + 8 then
    local entries = redis.call('XRANGE', KEYS[3], string.format('%.0f', at + 1) .. '-0', '+')
    if entries[1] and tonumber(entries[1][2][2]) <= at + 1 then
      return {epoch, offset_text, 'M', entries}
    end
  end
end
if ARGV[5] ~= '' then return {epoch, offset_text, 'N', {}} end
return {epoch, offset_text, 'S', redis.call('HGETALL', KEYS[2])}
""",
    knows_life=True,
)


# KEYS: a user's standing, the issues that are over. ARGV: bars ('' or '1'), code, reason, issue
# ('' for all), keep_ms.
_SEND_AWAY = Script(
    RISE
    + """
local text = rise(KEYS[1])
if ARGV[1] ~= '' and ARGV[4] ~= '' then
  redis.call('HSET', KEYS[2], ARGV[4], ARGV[2] .. ' ' .. ARGV[3])
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
elseif ARGV[1] ~= '' then
  redis.call('HSET', KEYS[1], 'b', text, 'code', ARGV[2], 'reason', ARGV[3])
end
return text
"""
)


class RedisBroker:
    """The contract of broker.py on a Redis server, or the primaries of a cluster.

    `client` (else one to `url`) comes from redis_client.connect; the feed has lines of its own, to where
    the client's lead.
    """

    def __init__(self, url: str, client: "Redis | None" = None, *, prefix: str = PREFIX) -> None:
        self._prefix = prefix
        self._owned = client is None
        self._client: Any = client if client is not None else connect(url)

    async def close(self) -> None:
        """Close the connections that were made here."""
        if self._owned:
            await self._client.aclose()

    async def publish(self, channel: str, cards: Sequence[Card]) -> Position:
        """Apply, number, keep and tell in one script."""
        return (await self.publish_many([(channel, cards)]))[0]

    async def publish_many(self, batch: Sequence[tuple[str, Sequence[Card]]]) -> list[Position]:
        """Send one script per channel in one pipeline."""
        for channel, cards in batch:
            check(channel, cards)
        replies = await self._run(
            _PUBLISH, [self._publish_call(channel, cards) for channel, cards in batch]
        )
        return [Position(epoch.decode(), int(offset)) for epoch, offset in replies]

    async def snapshot(self, channel: str) -> Snapshot:
        """Return the cards by the order of their last change."""
        (reply,) = await self._run(_CATCH_UP, [self._catch_up_call(channel, None)])
        return cast("Snapshot", _read_replay(channel, reply))

    async def since(self, channel: str, position: Position) -> list[FrameCard] | None:
        """Answer from the stream as long as it reaches back far enough."""
        (reply,) = await self._run(
            _CATCH_UP, [self._catch_up_call(channel, position, stream_only=True)]
        )
        if reply[2] == b"N":
            return None
        return list(_read_replay(channel, reply, position).cards)

    async def catch_up(self, questions: Sequence[tuple[str, Position | None]]) -> list[Replay]:
        """Ask one script per question in one pipeline."""
        replies = await self._run(
            _CATCH_UP, [self._catch_up_call(channel, at) for channel, at in questions]
        )
        return [
            _read_replay(channel, reply, at)
            for (channel, at), reply in zip(questions, replies, strict=True)
        ]

    async def forget(self, channel: str, keys: Sequence[str]) -> None:
        """Remove the cards, then the stream that held their values."""
        if keys:
            await self.publish(channel, [Card(key, None) for key in keys])
        _, _, stream = self._keys(channel)
        await self._reach(self._client.delete(stream))

    async def command(
        self,
        user: str,
        code: int,
        reason: str,
        *,
        channel: str | None = None,
        standing: int | None = None,
        issue: str | None = None,
    ) -> None:
        """Raise the user's standing, then publish the order on the control channel."""
        if standing is None:
            over = bars(code) if issue is None else not advise(code).returns
            keys = [standing_key(self._prefix, user), out_key(self._prefix, user)]
            call = Call(keys, ("1" if over else "", int(code), reason, issue or "", OUT_MS))
            (number,) = await self._run(_SEND_AWAY, [call])
            standing = int(number)
        told = Command(user, code, reason, channel, standing, issue)
        await self.publish(CONTROL, [order(told)])

    def feed(self, receiver: Receiver) -> RedisFeed:
        """Return the raw line of one process."""
        return RedisFeed(self._client, self._prefix, read_packet, receiver)

    def _keys(self, channel: str) -> tuple[str, str, str]:
        name = tag(self._prefix, channel)
        return name + ":life", name + ":cards", name + ":stream"

    def _publish_call(self, channel: str, cards: Sequence[Card]) -> Call:
        pairs: list[str | bytes] = []
        for card in cards:
            pairs += (card.key, card.value or b"")
        body = msgpack.packb([part for card in cards for part in (card.key, card.value)])
        news = tag(self._prefix, channel)
        return Call(self._keys(channel), (KEEP_MS, news, STREAM_LENGTH, body, *pairs))

    def _catch_up_call(
        self, channel: str, at: Position | None, *, stream_only: bool = False
    ) -> Call:
        epoch, offset = at if at is not None else ("", "")
        return Call(self._keys(channel), (KEEP_MS, epoch, offset, "1" if stream_only else ""))

    async def _run(self, script: Script, calls: Sequence[Call]) -> list[Any]:
        """Run a script for each call in one round trip to each server concerned."""
        return await self._reach(run(self._client, script, calls))

    async def _reach(self, answer: Awaitable[T]) -> T:
        """Await an answer of a server; its silence is BrokerLost."""
        try:
            return await answer
        except (RedisError, OSError) as error:
            raise BrokerLost(str(error)) from error


def read_packet(channel: str, packet: bytes) -> Publication:
    """Return the publication in a pub/sub payload: `epoch first body`."""
    epoch, first, body = packet.split(b" ", 2)
    return Publication(channel, epoch.decode(), int(first), _read_body(body))


def _read_body(body: bytes) -> list[tuple[str, bytes | None]]:
    flat = msgpack.unpackb(body)
    return list(zip(flat[::2], flat[1::2], strict=True))


def _read_replay(channel: str, reply: Any, at: Position | None = None) -> Replay:
    epoch, offset, kind, rows = reply
    position = Position(epoch.decode(), int(offset))
    if kind == b"S":
        return Snapshot(position, tuple(sorted(_read_cards(rows))))
    missed: list[FrameCard] = []
    for _, fields in rows:
        packet = Publication(channel, position.epoch, int(fields[1]), _read_body(fields[3]))
        missed += packet.cards
    after = at.offset if at is not None else 0
    return Missed(position, tuple(card for card in missed if card[0] > after))


def _read_cards(rows: Any) -> list[tuple[int, str, bytes]]:
    cards = []
    for key, stored in zip(rows[::2], rows[1::2], strict=True):
        offset, value = stored.split(b" ", 1)
        cards.append((int(offset), key.decode(), value))
    return cards
