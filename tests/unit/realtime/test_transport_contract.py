"""What realtime/transport.py takes for granted of uvicorn and websockets.

Their protocol is subclassed and its transport written to past their own send. None of this is promised by
them: when an upgrade changes it, this file says what, before a floor finds out.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import weakref
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from realtime.frames import seal
from realtime.transport import WIRE, DirectHandshake, DirectProtocol, DirectWire

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Line(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.closing = False
        self.reading = True
        self.protocol: asyncio.BaseProtocol | None = None

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def write(self, data: Any) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = True

    def get_write_buffer_size(self) -> int:
        return len(self.written)

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


async def a_silent_app(_: Any, receive: Any, __: Any) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def shaken() -> tuple[DirectProtocol, Line, DirectWire]:
    """A protocol after its handshake, with its wire, under an app that accepts and waits."""
    seen: list[DirectWire] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["extensions"][WIRE])
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    config = uvicorn.Config(app, ws=DirectProtocol, ws_per_message_deflate=False, log_config=None)
    config.load()
    line = Line()
    protocol = DirectProtocol(config=config, server_state=ServerState(), app_state={})
    protocol.connection_made(line)
    protocol.data_received(HANDSHAKE)
    async with asyncio.timeout(5):
        while not protocol.handshake_complete:  # noqa: ASYNC110 -- uvicorn tells it by no event
            await asyncio.sleep(0)
    assert bytes(line.written).startswith(b"HTTP/1.1 101")
    line.written.clear()
    return protocol, line, seen[0]


def test_the_methods_that_are_overridden_are_there_with_the_same_arguments() -> None:
    for name in ("run_asgi", "resume_writing", "shutdown", "send_receive_event_to_app"):
        theirs, ours = getattr(WebSocketsSansIOProtocol, name), getattr(DirectProtocol, name)
        assert list(inspect.signature(theirs).parameters) == list(
            inspect.signature(ours).parameters
        )
    assert not hasattr(WebSocketsSansIOProtocol, "finish"), "uvicorn has one of its own now"
    assert inspect.iscoroutinefunction(WebSocketsSansIOProtocol.run_asgi)


async def test_the_attributes_that_are_used_are_there() -> None:
    protocol, line, _ = await shaken()
    assert protocol.transport is line
    assert protocol.close_sent is False
    assert protocol.read_paused is False
    assert protocol.close_timer is None
    assert isinstance(protocol.queue, asyncio.Queue)
    assert protocol.loop is asyncio.get_running_loop()
    assert protocol.conn.state is State.OPEN
    protocol.connection_lost(None)


async def test_a_connection_that_became_a_socket_leaves_no_ring_behind() -> None:
    config = uvicorn.Config(
        a_silent_app, http=DirectHandshake, ws=DirectProtocol, log_config=None, lifespan="off"
    )
    config.load()
    line = Line()
    pages = DirectHandshake(config=config, server_state=ServerState(), app_state={})
    pages.connection_made(line)
    gone = weakref.ref(pages)
    pages.data_received(HANDSHAKE)
    sockets = line.protocol
    assert isinstance(sockets, DirectProtocol)
    gc.disable()
    try:
        del pages
        assert gone() is None, "only the collector of garbage would free it"
    finally:
        gc.enable()
    sockets.connection_lost(None)


async def test_our_seal_is_the_frame_that_websockets_itself_would_write() -> None:
    for size in (0, 1, 125, 126, 1_500, 65_535, 65_536):
        theirs = Frame(Opcode.BINARY, b"x" * size).serialize(mask=False)
        assert seal(b"x" * size) == theirs


async def test_frames_leave_past_the_send_and_none_behind_a_close() -> None:
    protocol, line, wire = await shaken()
    wire.write(seal(b"one"))
    assert bytes(line.written) == seal(b"one")
    assert wire.backlog() == len(line.written)
    wire.finish(4000, "bye")
    told = seal(b"one") + b"\x88\x05" + (4000).to_bytes(2, "big") + b"bye"
    assert bytes(line.written) == told
    wire.write(seal(b"too late"))
    wire.finish(4009, "again")
    assert bytes(line.written) == told
    assert protocol.close_timer is not None
    protocol.connection_lost(None)
    assert protocol.close_timer is None, "uvicorn forgets the timer with the connection"


async def test_the_peers_close_ends_our_writing() -> None:
    protocol, line, wire = await shaken()
    protocol.data_received(
        b"\x88\x82" + bytes(4) + (1000).to_bytes(2, "big")
    )  # masked by four zeros
    before = bytes(line.written)
    wire.write(seal(b"too late"))
    wire.finish(4000, "too late")
    assert bytes(line.written) == before
    with pytest.raises(InvalidState):
        protocol.conn.send_close(4000, "too late")
    protocol.connection_lost(None)


def masked(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
    """A short frame of a client, masked by four zeros."""
    return bytes((0x80 * fin | opcode, 0x80 | len(payload))) + bytes(4) + payload


async def test_messages_reach_a_session_at_once_and_without_a_pause_in_reading() -> None:
    protocol, line, wire = await shaken()
    heard: list[bytes] = []
    wire.on_message = heard.append
    protocol.data_received(masked(2, b"one") + masked(2, b"tw", fin=False) + masked(0, b"o"))
    assert heard == [b"one", b"two"]
    assert protocol.queue.empty()
    assert line.reading
    protocol.data_received(masked(1, b"text"))
    assert protocol.queue.get_nowait() == {"type": "websocket.receive", "text": "text"}
    assert heard == [b"one", b"two"]
    wire.finish(4000, "bye")
    protocol.data_received(masked(2, b"too late"))
    assert heard == [b"one", b"two"]
    protocol.connection_lost(None)


async def test_messages_stay_behind_those_that_wait_for_the_task() -> None:
    protocol, line, wire = await shaken()
    heard: list[bytes] = []
    protocol.data_received(masked(2, b"one"))
    wire.on_message = heard.append
    protocol.data_received(masked(2, b"two"))
    assert heard == []
    assert not line.reading
    async with asyncio.timeout(5):
        while not protocol.queue.empty():  # noqa: ASYNC110 -- uvicorn tells it by no event
            await asyncio.sleep(0)
    protocol.data_received(masked(2, b"three"))
    assert heard == [b"three"]
    protocol.connection_lost(None)


async def test_a_reader_that_catches_up_is_told_to_the_session() -> None:
    protocol, _, wire = await shaken()
    told: list[str] = []
    wire.on_writable = lambda: told.append("writable")
    wire.on_shutdown = lambda: told.append("shutdown")
    protocol.pause_writing()
    protocol.resume_writing()
    protocol.shutdown()
    assert told == ["writable", "shutdown"]
    protocol.connection_lost(None)
