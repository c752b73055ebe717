"""One raw pub/sub connection to Redis: RESP bytes in, a callback out, no task per message.

A third of the CPU that a general client takes per message. It reconnects, subscribes again, and
says when it was away; what was missed meanwhile is the hub's to fetch.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import hiredis
from redis.asyncio.connection import parse_url

from realtime.broker import BrokerLost, Publication, Receiver

PING_EVERY_S = 2.0
DEAD_AFTER_S = 6.0  # without any byte from the server
CONNECT_WITHIN_S = 3.0
SUBSCRIBE_WITHIN_S = 5.0
BACK_OFF_S = (0.05, 0.1, 0.25, 0.5, 1.0)

Parse = Callable[[str, bytes], Publication]


class _Line(asyncio.Protocol):
    """The bytes of one connection."""

    def __init__(self, hear: Callable[[Any], None]) -> None:
        loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._hear = hear
        self._clock = loop.time
        self.heard_s = loop.time()
        self.lost: asyncio.Future[None] = loop.create_future()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.heard_s = self._clock()
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not False:
                self._hear(reply)
        except hiredis.ProtocolError:
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- asyncio's signature
        if not self.lost.done():
            self.lost.set_result(None)

    def send(self, *command: str | bytes) -> None:
        """Send one command; silently nothing when the line is gone."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(hiredis.pack_command(command))  # type: ignore[arg-type] # its stub names a 1-tuple

    def cut(self) -> None:
        """Drop the connection at once."""
        if self.transport is not None:
            self.transport.abort()


class RedisFeed:
    """A live line from Redis for one process."""

    def __init__(self, url: str, prefix: str, parse: Parse, receiver: Receiver) -> None:
        self._url = url
        self._prefix = prefix
        self._parse = parse
        self._receiver = receiver
        self._line: _Line | None = None
        self._wanted: set[str] = set()
        self._confirmed: set[str] = set()
        self._waiters: dict[str, list[asyncio.Future[None]]] = {}
        self._refused: str | None = None

    async def run(self) -> None:
        """Keep the line up until cancelled."""
        tries = 0
        while True:
            try:
                async with asyncio.timeout(CONNECT_WITHIN_S):
                    line = await self._connect()
                    await self._subscribe_again(line)
            except (OSError, TimeoutError, BrokerLost):
                self._hang_up()
                await asyncio.sleep(BACK_OFF_S[min(tries, len(BACK_OFF_S) - 1)])
                tries += 1
                continue
            tries = 0
            self._receiver.feed_back()
            try:
                await self._watch(line)
            finally:
                self._hang_up()
            self._receiver.feed_lost()

    async def subscribe(self, channels: Sequence[str]) -> None:
        """Return once Redis has confirmed every channel; BrokerLost when the line is down."""
        line = self._line
        missing = [name for name in channels if name not in self._confirmed]
        self._wanted.update(channels)
        if not missing:
            return
        if line is None:
            raise BrokerLost("no line to Redis")
        waiting = [self._wait_for(name) for name in missing]
        line.send("SUBSCRIBE", *(self._prefix + name for name in missing))
        try:
            async with asyncio.timeout(SUBSCRIBE_WITHIN_S):
                await asyncio.gather(*waiting)
        except TimeoutError as error:
            line.cut()
            raise BrokerLost("Redis did not confirm a subscription in time") from error

    def unsubscribe(self, channels: Sequence[str]) -> None:
        """Stop hearing these channels."""
        self._wanted.difference_update(channels)
        self._confirmed.difference_update(channels)
        if self._line is not None and channels:
            self._line.send("UNSUBSCRIBE", *(self._prefix + name for name in channels))

    def cut(self) -> None:
        """Break the line, as a network does; it comes back by itself. For tests."""
        if self._line is not None:
            self._line.cut()

    async def _connect(self) -> _Line:
        options = parse_url(self._url)
        loop = asyncio.get_running_loop()
        path = options.get("path")
        if path:
            _, line = await loop.create_unix_connection(lambda: _Line(self._hear), path)
        else:
            secure = "SSL" in getattr(options.get("connection_class"), "__name__", "")
            _, line = await loop.create_connection(
                lambda: _Line(self._hear),
                options.get("host", "localhost"),
                options.get("port", 6379),
                ssl=ssl.create_default_context() if secure else None,
            )
        self._line = line
        self._refused = None
        if options.get("password"):
            line.send("AUTH", options.get("username") or "default", options["password"])
        return line

    async def _subscribe_again(self, line: _Line) -> None:
        """Put every wanted subscription in force; a private channel proves the line itself."""
        proof = ".proof"
        self._wanted.add(proof)
        waiting = [self._wait_for(name) for name in self._wanted]
        for names in _chunks(self._prefix + name for name in self._wanted):
            line.send("SUBSCRIBE", *names)
        everything: asyncio.Future[Any] = asyncio.gather(*waiting)
        try:
            await asyncio.wait([everything, line.lost], return_when=asyncio.FIRST_COMPLETED)
            if not everything.done():
                raise BrokerLost(self._refused or "Redis hung up")
            everything.result()
        finally:
            everything.cancel()

    async def _watch(self, line: _Line) -> None:
        """Return when the line is lost; silence counts as lost."""
        clock = asyncio.get_running_loop().time
        while not line.lost.done():
            await asyncio.wait({line.lost}, timeout=PING_EVERY_S)
            if clock() - line.heard_s > DEAD_AFTER_S:
                line.cut()
            line.send("PING")

    def _hear(self, reply: Any) -> None:
        """Take one reply of the server."""
        if isinstance(reply, hiredis.ReplyError):
            self._refused = str(reply)
            if self._line is not None:
                self._line.cut()
            return
        if not isinstance(reply, list) or reply[0] not in (b"message", b"subscribe"):
            return  # OK of AUTH, pong of our ping, leave to unsubscribe
        kind, name, payload = reply
        if kind == b"message":
            channel = name.decode().removeprefix(self._prefix)
            self._receiver.published(self._parse(channel, payload))
        else:
            self._confirm(name.decode().removeprefix(self._prefix))

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
        """Forget the line; who waits for a confirmation must try again."""
        line, self._line = self._line, None
        self._confirmed.clear()
        waiting, self._waiters = self._waiters, {}
        for waiters in waiting.values():
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_exception(BrokerLost("the line to Redis broke"))
                    waiter.exception()  # seen: a waiter may have given up already
        if line is not None:
            line.cut()


def _chunks(names: Iterable[str], size: int = 500) -> Iterable[list[str]]:
    """Cut many names into commands of a bearable length."""
    everything = list(names)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]
