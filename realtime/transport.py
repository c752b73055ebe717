"""The wire under a session: frames go to the transport as they are, past the ASGI send.

Run uvicorn with `ws="realtime.transport:DirectProtocol"`: it puts a Wire into the ASGI scope; and with
`http="realtime.transport:DirectHandshake"`, which leaves no litter. On any other server AsgiWire does the
same more slowly, with a queue of its own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from realtime.frames import open_seal

WIRE = "paceline.wire"  # the key among the scope's extensions
LINGER_S = 5.0  # how long a closing socket may take to read its last frames

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class Wire(Protocol):
    """One socket's way out. Nothing here waits."""

    on_message: Callable[[bytes], object] | None  # takes a message at once, past the ASGI receive
    on_writable: Callable[[], None] | None  # called when what was buffered has mostly left
    on_shutdown: Callable[[], None] | None  # called when the server wants to end

    def write(self, frame: bytes) -> None:
        """Send a sealed WebSocket frame; nothing happens on a socket that is closing."""
        ...

    def backlog(self) -> int:
        """Return the bytes written but not yet taken by the kernel."""
        ...

    def finish(self, code: int, reason: str) -> None:
        """Send a close frame behind what is buffered; after LINGER_S the socket is cut."""
        ...


class DirectWire:
    """The way out through uvicorn's transport."""

    __slots__ = (
        *("_is_closing", "_protocol", "_send", "backlog"),
        *("on_message", "on_shutdown", "on_writable"),
    )

    def __init__(self, protocol: "DirectProtocol") -> None:
        self._protocol = protocol
        # The transport's own methods, so that a frame costs no call but theirs.
        self._send = protocol.transport.write
        self._is_closing = protocol.transport.is_closing
        self.backlog = protocol.transport.get_write_buffer_size
        self.on_message: Callable[[bytes], object] | None = None
        self.on_writable: Callable[[], None] | None = None
        self.on_shutdown: Callable[[], None] | None = None

    def write(self, frame: bytes) -> None:
        """Write to the transport; a closing one takes nothing."""
        if not (self._protocol.close_sent or self._is_closing()):
            self._send(frame)

    def finish(self, code: int, reason: str) -> None:
        """Close as uvicorn would, but without waiting for a reader that does not read."""
        self._protocol.finish(code, reason)


class DirectProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with a wire in the scope and an orderly end."""

    wire: DirectWire | None = None

    async def run_asgi(self) -> None:
        """Put the wire into the scope, then run the app."""
        self.wire = DirectWire(self)
        extensions: Any = self.scope["extensions"]  # uvicorn's type lists only the standard ones
        extensions[WIRE] = self.wire
        try:
            await super().run_asgi()
        finally:
            self.wire.on_message = self.wire.on_writable = self.wire.on_shutdown = None

    def send_receive_event_to_app(self) -> None:
        """Hand a message to a session that takes it at once: no queue, no pause in reading, no task to wake.

        Behind messages that still wait for the task it queues up as they do.
        """
        take = self.wire.on_message if self.wire is not None else None
        if (
            take is None
            or self.close_sent
            or self.curr_msg_data_type != "bytes"
            or not self.queue.empty()
        ):
            super().send_receive_event_to_app()
            return
        frames, self.frames = self.frames, []
        take(frames[0] if len(frames) == 1 else b"".join(frames))

    def resume_writing(self) -> None:
        """Tell the session that the reader has caught up."""
        super().resume_writing()
        if self.wire is not None and self.wire.on_writable is not None:
            self.wire.on_writable()

    def shutdown(self) -> None:
        """Let the hub drain in batches instead of closing everybody at once."""
        if self.wire is not None and self.wire.on_shutdown is not None and not self.close_sent:
            self.wire.on_shutdown()
        else:
            super().shutdown()

    def finish(self, code: int, reason: str) -> None:
        """Send a close frame and give the peer LINGER_S to answer it."""
        if self.close_sent or self.transport.is_closing():
            return
        try:
            self.conn.send_close(code, reason)
        except InvalidState:  # the peer has closed meanwhile
            return
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER_S, self.transport.abort)


class DirectHandshake(HttpToolsProtocol):
    """uvicorn's HTTP, which lets go of its parser once a connection has become a WebSocket.

    Else the two hold each other until the collector comes: all the rings that sockets leave behind.
    """

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over for good."""
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment] # as uvicorn itself does when a connection is lost


class AsgiWire:
    """The way out on any ASGI server; `pump` must run beside the session."""

    __slots__ = ("_close", "_frames", "_ready", "_size", "on_message", "on_shutdown", "on_writable")

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()
        self._size = 0
        self._ready = asyncio.Event()
        self._close: tuple[int, str] | None = None
        self.on_message: Callable[[bytes], object] | None = (
            None  # never called: ASGI has its receive
        )
        self.on_writable: Callable[[], None] | None = None
        self.on_shutdown: Callable[[], None] | None = None

    def write(self, frame: bytes) -> None:
        """Queue the frame."""
        if self._close is None:
            self._frames.append(frame)
            self._size += len(frame)
            self._ready.set()

    def backlog(self) -> int:
        """Return what is queued."""
        return self._size

    def finish(self, code: int, reason: str) -> None:
        """Close once the queue has left, or after LINGER_S without it."""
        if self._close is None:
            self._close = (code, reason)
            self._ready.set()

    async def pump(self, send: Send) -> None:
        """Send what is queued until closed."""
        while self._frames or self._close is None:
            await self._ready.wait()
            self._ready.clear()
            while self._frames:
                frame = self._frames.popleft()
                await send({"type": "websocket.send", "bytes": open_seal(frame)})
                self._size -= len(frame)
            if self.on_writable is not None and self._close is None:
                self.on_writable()
        code, reason = self._close
        await send({"type": "websocket.close", "code": code, "reason": reason})
