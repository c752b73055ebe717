"""One WebSocket over a blocking socket, which Locust's gevent makes a cooperative one.

The library that the product's bots use, without its event loop: bytes in, messages out.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidState, ProtocolError
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.typing import Origin
from websockets.uri import parse_uri

from realtime.frames import PIECE_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

OPEN_SECONDS: Final = 15.0
READ_BYTES: Final = 64 * 1024
NARROW_BYTES: Final = 16 * 1024
LOST: Final = 1006


class NoLine(Exception):
    """The socket did not open."""


class Line:
    """One open socket. `messages` ends when it is gone; `code` then says how.

    A `narrow` one has room for little that is not read, so that the server is soon left with the rest.
    """

    def __init__(self, address: str, origin: str, *, narrow: bool = False) -> None:
        uri = parse_uri(address)
        self._protocol = ClientProtocol(uri, origin=Origin(origin), max_size=2 * PIECE_LIMIT_BYTES)
        try:
            self._socket = socket.create_connection((uri.host, uri.port), timeout=OPEN_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._protocol.send_request(self._protocol.connect())
            self._flush()
            self._await_answer()
            if narrow:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_BYTES)
        except (OSError, InvalidHandshake, ProtocolError) as fault:
            raise NoLine(str(fault)) from fault
        self._socket.settimeout(None)

    @property
    def code(self) -> int:
        """The close code, as far as it is known."""
        said = self._protocol.close_rcvd
        return LOST if said is None else said.code

    def send(self, message: bytes) -> None:
        """Send one message. OSError when the line is gone, or about to be."""
        try:
            self._protocol.send_binary(message)
        except InvalidState as gone:
            raise ConnectionResetError(str(gone)) from gone
        self._flush()

    def messages(self) -> Iterator[bytes]:
        """What comes, one message at a time, to the end of the line."""
        while True:
            for event in self._protocol.events_received():
                # The server sends whole messages in one frame each: docs/protocol.md.
                if isinstance(event, Frame) and event.opcode is Opcode.BINARY:
                    yield bytes(event.data)
            try:
                data = self._socket.recv(READ_BYTES)
                if data:
                    self._protocol.receive_data(data)
                else:
                    self._protocol.receive_eof()
                self._flush()  # pongs, and the answer to a close
            except OSError:
                return
            if not data:
                return

    def cut(self) -> None:
        """Be gone without a word, as a pulled plug is."""
        self._socket.close()

    def close(self) -> None:
        """Say goodbye."""
        try:
            self._protocol.send_close(1000)
            self._flush()
        except OSError:
            pass
        self._socket.close()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._socket.sendall(data)

    def _await_answer(self) -> None:
        while True:
            data = self._socket.recv(READ_BYTES)
            if not data:
                raise NoLine("closed before it was open")
            self._protocol.receive_data(data)
            if self._protocol.handshake_exc is not None:
                raise NoLine(str(self._protocol.handshake_exc))
            if self._protocol.state.name == "OPEN":
                answer = next(iter(self._protocol.events_received()), None)
                if not isinstance(answer, Response):
                    raise NoLine("no answer to the handshake")
                return
