"""The raw line to a Redis server: one connection for everybody in the process, RESP out, replies in order.

For what is done with every message: publish, keep, catch up, resume, hear. Whoever asks shares the line:
the first question of a turn of the loop leaves at once, the others of that turn together, and nobody waits
for the replies of others. Everything else is redis-py's, whose errors are raised here too.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar, cast

import hiredis
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.connection import SSLConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from realtime.redis_address import REDIS_PORT

CONNECT_WITHIN_S = 3.0
SILENT_AFTER_S = 5.0  # while something is asked: the line is cut
UNSENT_LIMIT_BYTES = 32 * 2**20  # not yet taken by the kernel: the server does not keep up
CLOSE_WITHIN_S = 1.0
# Said by a server that is no place to ask any more; the next question looks for one that is.
ELSEWHERE = ("READONLY", "MASTERDOWN", "LOADING", "CLUSTERDOWN", "NOAUTH")

Command = Sequence[str | bytes | int]
L = TypeVar("L", bound="Line")


@dataclass(frozen=True, slots=True)
class Door:
    """Where a line is opened, and how it is let in. A socket's path, or a host."""

    path: str | None
    host: str
    port: int
    secure: ssl.SSLContext | None
    username: str | None
    password: str | None
    database: int = 0

    @property
    def words(self) -> list[Command]:
        """What is said first."""
        said: list[Command] = []
        if self.password:
            said.append(("AUTH", self.username or "default", self.password))
        if self.database:
            said.append(("SELECT", self.database))
        return said


class Line(asyncio.Protocol):
    """The bytes of one connection: `hear` is called with each reply; a refusal is a hiredis.ReplyError."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._clock = loop.time
        self.heard_s = loop.time()
        self.lost: asyncio.Future[None] = loop.create_future()
        self.transport: asyncio.Transport | None = None

    def hear(self, reply: Any) -> None:
        """Take one reply."""
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read every reply that is whole."""
        self.heard_s = self._clock()
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not False:
                self.hear(reply)
        except hiredis.ProtocolError:
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- asyncio's signature
        """Tell who waits for the end."""
        if not self.lost.done():
            self.lost.set_result(None)

    def send(self, commands: Sequence[Command]) -> None:
        """Send commands in one write; silently nothing when the line is gone."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(packed(commands))

    def cut(self) -> None:
        """Drop the connection at once."""
        if self.transport is not None:
            self.transport.abort()


def packed(commands: Sequence[Command]) -> bytes:
    """Return the commands in RESP."""
    return b"".join(map(hiredis.pack_command, commands))  # type: ignore[arg-type] # its stub names a 1-tuple


async def open_line(door: Door, make: Callable[[], L]) -> L:
    """Connect; the door's words are for the line to say. Raises OSError."""
    loop = asyncio.get_running_loop()
    if door.path:
        _, line = await loop.create_unix_connection(make, door.path)
    else:
        _, line = await loop.create_connection(make, door.host, door.port, ssl=door.secure)
    return line


class _Asked(NamedTuple):
    """Commands that await so many replies."""

    wanted: int
    replies: list[Any]
    answer: "asyncio.Future[list[Any]]"


class SharedLine(Line):
    """Questions of many, answered in order. `run` names the life of the server at the other end."""

    def __init__(self) -> None:
        super().__init__()
        self.run = ""
        self._loop = asyncio.get_running_loop()
        self._asked: deque[_Asked] = deque()
        self._unsent: list[bytes] = []
        self._has_sent = False  # in this turn of the loop
        self._watch: asyncio.TimerHandle | None = None

    def ask(self, commands: Sequence[Command]) -> "asyncio.Future[list[Any]]":
        """Send commands; the future holds a reply for each, refusals among them.

        It fails with ConnectionError when the line breaks: whether they were done is unknown.
        """
        answer: asyncio.Future[list[Any]] = self._loop.create_future()
        transport = self.transport
        if transport is None or transport.is_closing():
            answer.set_exception(RedisConnectionError("the line to Redis is closed"))
        elif transport.get_write_buffer_size() > UNSENT_LIMIT_BYTES:
            answer.set_exception(RedisConnectionError("Redis does not keep up"))
        else:
            self._asked.append(_Asked(len(commands), [], answer))
            if self._has_sent:
                self._unsent.append(packed(commands))
            else:
                transport.write(packed(commands))
                self._has_sent = True
                self._loop.call_soon(self._turn)
            if self._watch is None:
                self._watch = self._loop.call_later(SILENT_AFTER_S, self._look)
        return answer

    def hear(self, reply: Any) -> None:
        """Give a reply to who asked first; one that nobody asked for breaks the line."""
        if not self._asked:
            self.cut()
            return
        wanted, replies, answer = self._asked[0]
        replies.append(reply)
        if len(replies) == wanted:
            self._asked.popleft()
            if not answer.done():  # who asked may have gone
                answer.set_result(replies)
        if isinstance(reply, hiredis.ReplyError) and str(reply).startswith(ELSEWHERE):
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what has no answer."""
        super().connection_lost(exc)
        if self._watch is not None:
            self._watch.cancel()
        asked, self._asked = self._asked, deque()
        for _, _, answer in asked:
            if not answer.done():
                answer.set_exception(RedisConnectionError("the line to Redis broke"))
                answer.exception()  # seen: who asked may have gone

    def _turn(self) -> None:
        """Send what was asked behind the first question of a turn."""
        self._has_sent = False
        if self._unsent and self.transport is not None:
            self.transport.write(b"".join(self._unsent))
            self._unsent.clear()

    def _look(self) -> None:
        """Cut a line that has said nothing for SILENT_AFTER_S although something is asked."""
        self._watch = None
        if not self._asked:
            return
        silent_s = self._clock() - self.heard_s
        if silent_s >= SILENT_AFTER_S:
            self.cut()
        else:
            self._watch = self._loop.call_later(SILENT_AFTER_S - silent_s, self._look)


class Wire:
    """The shared line to one server, opened when it is needed and again after it broke."""

    def __init__(self, find_door: Callable[[], Awaitable[Door]]) -> None:
        self._find_door = find_door
        self._line: SharedLine | None = None
        self._opening = asyncio.Lock()
        self._tries = 0

    async def line(self) -> SharedLine:
        """Return the line. Raises ConnectionError when there is none to be had; one try serves all who wait."""
        line = self._line
        if line is not None and not line.lost.done():
            return line
        before = self._tries
        async with self._opening:
            if self._tries == before:
                try:
                    self._line = await self._open()
                finally:
                    self._tries += 1
            if self._line is None or self._line.lost.done():
                raise RedisConnectionError("Redis cannot be reached")
            return self._line

    async def close(self) -> None:
        """Hang up; who waits for an answer learns that the line broke."""
        line, self._line = self._line, None
        if line is not None:
            line.cut()
            await asyncio.wait([line.lost], timeout=CLOSE_WITHIN_S)

    async def _open(self) -> SharedLine:
        """Connect, and ask which life of the server this is: it cannot change while the line stands."""
        line: SharedLine | None = None
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                door = await self._find_door()
                line = await open_line(door, SharedLine)
                replies = await line.ask([*door.words, ("INFO", "server")])
            refused = next((one for one in replies if isinstance(one, hiredis.ReplyError)), None)
            if refused is not None:
                raise RedisConnectionError(str(refused))
            line.run = _run_id(replies[-1])
        except (OSError, TimeoutError, RedisError) as error:
            if line is not None:
                line.cut()
            raise RedisConnectionError(f"Redis cannot be reached: {error}") from error
        return line


class WiredPool(BlockingConnectionPool):
    """redis-py's connections to one server, for which callers wait, and the raw line beside them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.wire = Wire(self.door)
        self._secure = None  # TLS as the address asks for it, with its own authorities
        if issubclass(self.connection_class, SSLConnection):
            self._secure = SSLConnection(**tls_options(self.connection_kwargs)).ssl_context.get()

    async def door(self) -> Door:
        """Return where the server is now."""
        options: dict[str, Any] = self.connection_kwargs
        return self._door(options.get("host", "localhost"), options.get("port", REDIS_PORT))

    async def disconnect(self, inuse_connections: bool = True) -> None:  # noqa: FBT001, FBT002 -- redis-py's signature
        """Close the line too."""
        if inuse_connections:
            await self.wire.close()
        await super().disconnect(inuse_connections)

    def _door(self, host: str, port: int) -> Door:
        options: dict[str, Any] = self.connection_kwargs
        return Door(
            path=options.get("path"),
            host=host,
            port=port,
            secure=self._secure,
            username=options.get("username"),
            password=options.get("password"),
            database=options.get("db") or 0,
        )


def tls_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of redis-py's options that are about TLS."""
    return {name: value for name, value in options.items() if name.startswith("ssl_")}


def _run_id(info: bytes) -> str:
    """Return the server's run id: eight letters of it tell lives apart."""
    (line,) = (one for one in info.splitlines() if one.startswith(b"run_id:"))
    return line.removeprefix(b"run_id:").decode()[:8]
