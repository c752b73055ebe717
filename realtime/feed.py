"""A raw pub/sub line to each Redis server: RESP bytes in, a callback out, no task per message.

A third of the CPU that a general client takes per message. A channel is heard on the line to the
server that holds its keys (sharded pub/sub). When one line breaks all are opened anew and everything
is subscribed again; the feed says when it was away; what was missed meanwhile is the hub's to fetch.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import hiredis
from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime.broker import BrokerLost, Publication, Receiver, tag
from realtime.redis_client import door_to, doubt, ready, shard_of, shards_of
from realtime.redis_wire import Command, Line, open_line

PING_EVERY_S = 2.0
DEAD_AFTER_S = 6.0  # without any byte from the server
CONNECT_WITHIN_S = 3.0
SUBSCRIBE_WITHIN_S = 5.0
BACK_OFF_S = (0.05, 0.1, 0.25, 0.5, 1.0)

Parse = Callable[[str, bytes], Publication]


class _Ear(Line):
    """A line that hears publications."""

    def __init__(self, hear: Callable[["_Ear", Any], None]) -> None:
        super().__init__()
        self._hear = hear
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()  # a ping

    def hear(self, reply: Any) -> None:
        """Tell the feed."""
        self._hear(self, reply)


class RedisFeed:
    """A live line from Redis for one process; to a cluster, one line to each primary."""

    def __init__(self, client: Redis, prefix: str, parse: Parse, receiver: Receiver) -> None:
        self._client = client
        self._prefix = prefix
        self._parse = parse
        self._receiver = receiver
        self._lines: dict[Redis, _Ear] = {}
        self._wanted: set[str] = set()
        self._confirmed: set[str] = set()
        self._waiters: dict[str, list[asyncio.Future[None]]] = {}
        self._refused: str | None = None

    async def run(self) -> None:
        """Keep the lines up until cancelled."""
        tries = 0
        while True:
            try:
                async with asyncio.timeout(CONNECT_WITHIN_S):
                    await self._connect()
                    await self._subscribe_again()
            except (OSError, TimeoutError, RedisError, BrokerLost):
                self._hang_up()
                await asyncio.sleep(BACK_OFF_S[min(tries, len(BACK_OFF_S) - 1)])
                tries += 1
                continue
            tries = 0
            self._receiver.feed_back()
            try:
                await self._watch()
            finally:
                self._hang_up()
            self._receiver.feed_lost()

    async def subscribe(self, channels: Sequence[str]) -> None:
        """Return once Redis has confirmed every channel; BrokerLost when a line is down."""
        missing = [name for name in channels if name not in self._confirmed]
        self._wanted.update(channels)
        if not missing:
            return
        if not self._lines:
            raise BrokerLost("no line to Redis")
        waiting = [self._wait_for(name) for name in missing]
        try:
            self._ask("SSUBSCRIBE", missing)
            async with asyncio.timeout(SUBSCRIBE_WITHIN_S):
                await asyncio.gather(*waiting)
        except TimeoutError as error:
            self.cut()
            raise BrokerLost("Redis did not confirm a subscription in time") from error

    def unsubscribe(self, channels: Sequence[str]) -> None:
        """Stop hearing these channels."""
        self._wanted.difference_update(channels)
        self._confirmed.difference_update(channels)
        with contextlib.suppress(BrokerLost):
            self._ask("SUNSUBSCRIBE", channels)

    def cut(self) -> None:
        """Break the lines, as a network does; they come back by themselves."""
        for line in self._lines.values():
            line.cut()

    async def _connect(self) -> None:
        """Open a line to every server that holds channels."""
        self._refused = None
        await ready(self._client)
        for shard in shards_of(self._client):
            self._lines[shard] = await self._open(shard)

    async def _open(self, shard: Redis) -> _Ear:
        door = await door_to(shard)
        line = await open_line(door, lambda: _Ear(self._hear))
        line.send(door.words)
        return line

    async def _subscribe_again(self) -> None:
        """Put every wanted subscription in force; a ping proves each line, with none at all too."""
        self._ask("SSUBSCRIBE", self._wanted)
        for line in self._lines.values():
            line.send([("PING",)])
        lines = self._lines.values()
        proof: asyncio.Future[Any] = asyncio.gather(*(line.answered for line in lines))
        try:
            await asyncio.wait(
                [proof, *(line.lost for line in lines)], return_when=asyncio.FIRST_COMPLETED
            )
            if self._refused or not proof.done():
                raise BrokerLost(self._refused or "Redis hung up")
        finally:
            proof.cancel()

    async def _watch(self) -> None:
        """Return when a line is lost; silence counts as lost."""
        clock = asyncio.get_running_loop().time
        lines = list(self._lines.values())
        while not any(line.lost.done() for line in lines):
            await asyncio.wait(
                [line.lost for line in lines],
                timeout=PING_EVERY_S,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for line in lines:
                if clock() - line.heard_s > DEAD_AFTER_S:
                    line.cut()
                line.send([("PING",)])

    def _ask(self, verb: str, channels: Iterable[str]) -> None:
        """Send a command for each channel, on the line to the server that holds it.

        One each, because a cluster takes no command over two slots. BrokerLost when there is no
        such line: the channel has moved since the lines were opened, which are then opened anew.
        """
        commands: dict[_Ear, list[Command]] = {}
        try:
            for channel in channels:
                name = tag(self._prefix, channel)
                line = self._lines[shard_of(self._client, name)]
                commands.setdefault(line, []).append((verb, name))
        except (KeyError, RedisError) as error:
            self.cut()
            raise BrokerLost("a channel has moved to another server") from error
        for line, asked in commands.items():
            line.send(asked)

    def _hear(self, line: _Ear, reply: Any) -> None:
        """Take one reply of a server."""
        if isinstance(reply, list) and reply[0] == b"smessage":
            self._receiver.published(self._parse(self._channel(reply[1]), reply[2]))
        elif isinstance(reply, list) and reply[0] == b"ssubscribe":
            self._confirm(self._channel(reply[1]))
        elif isinstance(reply, hiredis.ReplyError):
            self._refused = str(reply)
            line.cut()
        elif isinstance(reply, list) and reply[0] == b"sunsubscribe":
            if reply[1] is not None and self._channel(reply[1]) in self._wanted:
                line.cut()  # it moved to another server
        elif not line.answered.done() and (reply == b"PONG" or reply[0] == b"pong"):
            line.answered.set_result(None)

    def _channel(self, name: bytes) -> str:
        """Return the channel in `prefix{channel}`."""
        return name[len(self._prefix) + 1 : -1].decode()

    def _wait_for(self, name: str) -> asyncio.Future[None]:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(name, []).append(waiter)
        return waiter

    def _confirm(self, name: str) -> None:
        """A subscription is in force."""
        if name in self._wanted:
            self._confirmed.add(name)
        for waiter in self._waiters.pop(name, ()):
            if not waiter.done():
                waiter.set_result(None)

    def _hang_up(self) -> None:
        """Forget the lines; who waits for a confirmation must try again."""
        lines, self._lines = self._lines, {}
        self._confirmed.clear()
        waiting, self._waiters = self._waiters, {}
        for waiters in waiting.values():
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_exception(BrokerLost("the line to Redis broke"))
                    waiter.exception()  # seen: a waiter may have given up already
        for line in lines.values():
            line.cut()
        doubt(self._client)
