"""The ASGI side of a socket: origin, accept, read until it is gone, clean up."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qs

from realtime.closing import Close
from realtime.protocol import Conversation
from realtime.session import House, Session, converse
from realtime.transport import WIRE, AsgiWire, Wire

CLIENT_LETTERS = 200
VERSION_LETTERS = 40

log = logging.getLogger("realtime")


class Host(House, Protocol):
    """What the endpoint asks of the process beyond what sessions ask."""

    def enter(self, session: Session) -> None:
        """Take in a socket that was accepted."""
        ...

    def depart(self, session: Session, code: int) -> None:
        """Forget a socket that is gone."""
        ...

    def begin_drain(self) -> None:
        """Begin to send everybody away."""
        ...


class Endpoint:
    """An ASGI app for one path. Mount it ahead of middleware: sockets need none of it."""

    def __init__(self, host: Host, origins: Collection[str]) -> None:
        self._host = host
        self._origins = frozenset(origins)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one WebSocket; anything else is refused."""
        if scope["type"] != "websocket":
            raise RuntimeError("the socket endpoint serves WebSockets only")
        await receive()  # websocket.connect
        if not is_welcome(read_headers(scope), self._origins, scope.get("scheme", "ws")):
            await send({"type": "websocket.close", "code": 1008})  # before accept: HTTP 403
            return
        await send({"type": "websocket.accept"})
        wire: Wire | None = scope.get("extensions", {}).get(WIRE)
        if wire is not None:
            await self._serve(wire, receive, scope)
            return
        queue = AsgiWire()
        async with asyncio.TaskGroup() as group:
            pump = group.create_task(queue.pump(send))
            await self._serve(queue, receive, scope)
            pump.cancel()

    async def _serve(self, wire: Wire, receive: Any, scope: Any) -> None:
        """Converse until the socket is gone."""
        session = Session(
            self._host,
            wire,
            Conversation(self._host.clock.monotonic()),
            client=read_headers(scope).get("user-agent", "")[:CLIENT_LETTERS],
            version=read_version(scope),
        )
        session.start()
        wire.on_shutdown = self._host.begin_drain
        self._host.enter(session)
        code = int(Close.INTERNAL)
        try:
            code = await converse(session, receive)
        except Exception:
            log.exception("a session failed")
            session.end(Close.INTERNAL)
        finally:
            self._host.depart(session, code)


def read_headers(scope: Any) -> Mapping[str, str]:
    """Return the handshake's headers by lower-case name; of repeated ones the last."""
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }


def read_version(scope: Any) -> str:
    """Return what the page says of its own version: `v` of the address; empty when it says nothing."""
    asked: bytes = scope.get("query_string", b"")
    return parse_qs(asked.decode("latin-1")).get("v", [""])[0][:VERSION_LETTERS]


def is_welcome(headers: Mapping[str, str], origins: Collection[str], scheme: str) -> bool:
    """Tell whether the page that opens the socket is ours. `scheme` is the request's: ws or wss.

    A browser always names its origin: it must be the host that was asked, or a listed one. The scheme
    counts where it can be known: over wss always, and over ws once `origins` says how we are called
    (without them a proxy may end TLS, and the host decides). A listed host is ours only as listed.
    What names no origin is no browser, cannot be misled by a foreign page, and still needs a ticket.
    """
    origin = headers.get("origin")
    if origin is None or origin in origins:
        return True
    origin_scheme, _, host = origin.lower().partition("://")
    listed = {each.partition("://")[2] for each in origins}
    if not host or host in listed or host != headers.get("host", "").lower():
        return False
    secure = scheme == "wss"
    return (origin_scheme == "https") is secure if secure or origins else True
