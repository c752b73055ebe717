"""A hub under a real uvicorn on a loopback port, and browsers that are our own client."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from typing import TYPE_CHECKING, Any

import pytest_asyncio
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from realtime.broker_redis import RedisBroker
from realtime.client import Client, Replaced
from realtime.drain import Leaving
from realtime.house import Manners, Realtime
from realtime.presence_redis import RedisPresence
from realtime.redis_client import connect
from realtime.ticket_redis import RedisTicketBook
from tests.support.realtime import SECRET, Witness, a_ticket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    import redis.asyncio

    from realtime.broker import Card

PATIENCE_S = 20.0
DIRECT = "realtime.transport:DirectProtocol"


class RunningClock:
    """Real time, for real sockets."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    def token_bytes(self, size: int) -> bytes:
        return secrets.token_bytes(size)


class Browser:
    """A page: one client over the sockets that a test opens."""

    def __init__(self, port: int, client: Client) -> None:
        self.port = port
        self.client = client
        self.events: list[Any] = []
        self.code: int | None = None
        self._socket: websockets.ClientConnection | None = None

    async def connect(self, **options: Any) -> None:
        self.leave()
        self._socket = await websockets.connect(
            f"ws://127.0.0.1:{self.port}/ws", max_size=None, ping_interval=None, **options
        )
        with contextlib.suppress(websockets.ConnectionClosed):  # what was said is read later
            await self.socket.send(self.client.connected(self._now()))

    @property
    def socket(self) -> websockets.ClientConnection:
        assert self._socket is not None
        return self._socket

    async def read(self) -> None:
        """Take one message, or learn that the socket is closed."""
        try:
            message = await self.socket.recv()
        except websockets.ConnectionClosed as closed:
            self.code = closed.rcvd.code if closed.rcvd is not None else 1006
            return
        assert isinstance(message, bytes)
        self.events += self.client.receive(message, self._now())
        with contextlib.suppress(websockets.ConnectionClosed):
            for answer in self.client.outbox:
                await self.socket.send(answer)
        self.client.outbox.clear()

    async def until(self, condition: Callable[[], object]) -> None:
        """Read until something holds; a closed socket that does not make it so is a failure."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                assert self.code is None, f"closed with {self.code}"
                await self.read()

    async def until_closed(self) -> int:
        async with asyncio.timeout(PATIENCE_S):
            while self.code is None:
                await self.read()
        return self.code

    def leave(self) -> None:
        """Vanish without a word, as a network does."""
        if self._socket is not None:
            self._socket.transport.abort()

    def is_whole(self) -> bool:
        """Whether a first snapshot has come."""
        return bool(self.of(Replaced))

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def desk(self) -> dict[str, Any]:
        return self.client.store.get("agent:7", {})

    def _now(self) -> int:
        return time.time_ns() // 1_000_000


class Hub:
    """One process's realtime part under its own server."""

    def __init__(self, realtime: Realtime, witness: Witness, server: uvicorn.Server) -> None:
        self.realtime = realtime
        self.witness = witness
        self.server = server
        self.browsers: list[Browser] = []

    @property
    def port(self) -> int:
        return int(self.server.servers[0].sockets[0].getsockname()[1])

    async def publish(self, *cards: Card, channel: str = "agent:7") -> None:
        await self.realtime.broker.publish(channel, cards)

    def browser(
        self, channels: Sequence[str] = ("agent:7",), *, nonce: str = "n1", user: str = "7"
    ) -> Browser:
        page = Browser(self.port, Client(a_ticket(user, channels, nonce=nonce)))
        self.browsers.append(page)
        return page

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something that no frame tells."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 -- conditions of any kind
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def hub_on(url: str, client: redis.asyncio.Redis, ws: str = DIRECT) -> AsyncIterator[Hub]:
    witness = Witness()
    realtime = Realtime(
        RedisBroker(url, client),
        RedisPresence(client),
        RedisTicketBook(client),
        SECRET,
        clock=RunningClock(),
        listener=witness,
        manners=Manners(leaving=Leaving(batch=2, pause_s=0.05, within_s=5)),
    )
    config = uvicorn.Config(
        Starlette(routes=[WebSocketRoute("/ws", realtime.socket)]),
        port=0,
        ws=ws,
        ws_per_message_deflate=False,
        ws_max_size=64 * 1024,
        log_config=None,
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as tasks, realtime.running():
        serving = tasks.create_task(server.serve())
        async with asyncio.timeout(PATIENCE_S):
            while not (server.started and realtime.is_ready):  # noqa: ASYNC110 -- uvicorn tells it by no event
                await asyncio.sleep(0.01)
        hub = Hub(realtime, witness, server)
        try:
            yield hub
        finally:
            for page in hub.browsers:
                page.leave()
            server.should_exit = True
            await serving


@pytest_asyncio.fixture
async def store(redis_url: str) -> AsyncIterator[redis.asyncio.Redis]:
    async with connect(redis_url) as client:
        await client.flushall()
        yield client


@pytest_asyncio.fixture
async def hub(redis_url: str, store: redis.asyncio.Redis) -> AsyncIterator[Hub]:
    async with hub_on(redis_url, store) as running:
        yield running
