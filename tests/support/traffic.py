"""Somebody at a socket who keeps every frame, both ways, as it travelled."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2
import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from app.floor.visitor import Refusal, Visitor
from realtime.client import Client, Replaced
from tests.support.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from app.clock import Clock

TRY_AGAIN = 503
AGAIN_S = 0.2
PATIENCE_S = 90.0  # a call must be dialled and answered meanwhile, on a shared machine


@dataclass
class Sitting:
    """One person, signed in, over any number of sockets. `heard` and `said` are the decoded frames."""

    visitor: Visitor
    client: Client
    address: str
    heard: list[dict[str, Any]] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    code: int | None = None
    _socket: ClientConnection | None = None

    async def connect(self) -> None:
        """Open a socket and say hello, or resume."""
        self.code = None
        self._socket = await connect(
            self.address.replace("http", "ws", 1) + "/ws",
            origin=Origin(self.address),
            compression=None,
            ping_interval=None,
            max_size=None,
        )
        await self._say(self.client.connected(_now_ms()))

    async def hear(self) -> None:
        """Take one frame and answer as a page does: receipts at once, painted beside them."""
        assert self._socket is not None
        try:
            data = await self._socket.recv(decode=False)
        except ConnectionClosed as closed:
            self.code = closed.rcvd.code if closed.rcvd else 1006
            return
        frame = msgpack.unpackb(data)
        self.heard.append(frame)
        for event in self.client.receive(data, _now_ms()):
            for channel, key in _screens(event):
                await self._say(self.client.paint(channel, key, _now_ms()))
        while self.client.outbox:
            await self._say(self.client.outbox.pop(0))

    async def until(self, condition: Callable[[], object]) -> None:
        """Hear until something holds. Raises `TimeoutError`, and `AssertionError` at a close."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await self.hear()
                assert self.code is None, f"closed with {self.code}"

    async def do(self, path: str, **body: Any) -> None:
        """A deed; sent again, as a page does, while what it is about is still being written down."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    await self.visitor.do(path, **body)
                except Refusal as refusal:
                    if refusal.status != TRY_AGAIN:
                        raise
                    await asyncio.sleep(AGAIN_S)
                else:
                    return

    async def until_closed(self) -> int:
        """Hear to the end; the close code."""
        async with asyncio.timeout(PATIENCE_S):
            while self.code is None:
                await self.hear()
        return self.code

    def vanish(self) -> None:
        """Be cut off, as a network does."""
        if self._socket is not None:
            self._socket.transport.abort()

    def shown(self) -> set[tuple[str, str]]:
        """Every card that has travelled, by channel and key."""
        return {(frame["ch"], key) for frame in self.heard for _, key, _ in frame.get("cards", ())}

    async def _say(self, data: bytes) -> None:
        assert self._socket is not None
        self.said.append(msgpack.unpackb(data))
        try:
            await self._socket.send(data)
        except ConnectionClosed:
            return  # the next `hear` tells


@asynccontextmanager
async def sitting(address: str, username: str, clock: Clock) -> AsyncIterator[Sitting]:
    """Sign in, take a ticket, and be cut off at the end."""
    async with httpx2.AsyncHTTPTransport() as transport:
        visitor = Visitor(address, transport, clock.token_bytes)
        await visitor.sign_in(username, PASSWORD)
        await visitor.http.get("/desk", headers={"Accept": "text/html"})
        ticket = (await visitor.do("/ws/ticket"))["ticket"]
        person = Sitting(visitor, Client(ticket), address)
        try:
            yield person
        finally:
            person.vanish()


def _screens(event: object) -> list[tuple[str, str]]:
    if isinstance(event, Replaced):
        return [(event.channel, key) for key in event.cards if key.startswith("screen:")]
    key, value = getattr(event, "key", ""), getattr(event, "value", None)
    return [(event.channel, key)] if key.startswith("screen:") and value is not None else []  # type: ignore[attr-defined]  # only Changed has both


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
