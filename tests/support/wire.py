"""A line between a browser and the house that can be cut: TCP, so that requests and sockets both feel it."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import msgpack

if TYPE_CHECKING:
    from playwright.async_api import Page, WebSocket


# Lets a test say that the page's own clock, which measures how long something lasts, is so many ms on.
HASTY = """
(() => {
  const real = performance.now.bind(performance);
  performance.now = () => real() + (window.__ahead ?? 0);
})();
"""


class Wire:
    """Carries bytes to a port of loopback. `cut` breaks all lines and refuses new ones until `mend`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._whole = True
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._server.close()
        self._abort()
        await self._server.wait_closed()

    @property
    def address(self) -> str:
        """Where the browser goes."""
        assert self._server
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """Break every line."""
        self._whole = False
        self._abort()

    def mend(self) -> None:
        """Carry again."""
        self._whole = True

    def _abort(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self._open.add(back)
        try:
            if self._whole:
                with suppress(ConnectionError):
                    await self._join(near, back)
        finally:
            self._open.discard(back)
            back.transport.abort()

    async def _join(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, forth = await asyncio.open_connection("127.0.0.1", self._port)
        self._open.add(forth)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pour(near, forth))
                both.create_task(_pour(far, back))
        finally:
            self._open.discard(forth)
            forth.transport.abort()


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await source.read(65_536):
            sink.write(piece)
            await sink.drain()
    sink.close()


class Ear:
    """What a page hears on one channel: the offsets of its cards, over every socket it opens."""

    def __init__(self, page: Page, channel: str) -> None:
        self._channel = channel
        self.sockets = 0
        self.snapshots = 0
        self.offsets: list[int] = []
        page.on("websocket", self._opened)

    def _opened(self, socket: WebSocket) -> None:
        self.sockets += 1
        socket.on("framereceived", self._heard)

    def _heard(self, raw: bytes | str) -> None:
        frame = msgpack.unpackb(raw) if isinstance(raw, bytes) else {}
        if frame.get("ch") != self._channel:
            return
        if frame["t"] == "snapshot" and frame["last"]:
            self.snapshots += 1
            self.offsets = [frame["o"]]
        if frame["t"] == "cards":
            self.offsets += [offset for offset, *_ in frame["cards"]]

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Neighbours that are not next to each other: something between them was never heard."""
        heard = sorted(set(self.offsets))
        return [(a, b) for a, b in itertools.pairwise(heard) if b != a + 1]
