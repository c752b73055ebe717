"""TLS in front of a server that speaks none: a relay on loopback with a certificate of the test's own.

The bundled Valkey is built without TLS. Who begins with a TLS handshake is decrypted; who does not is passed on as
he is, because sentinels watch their primary at the same port that they name to clients.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HANDSHAKE = b"\x16"


def own_authority(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that is its own authority, and its key."""
    certificate, key = folder / "ca.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


class Relay:
    """Listens on a port of its own and passes everything on to another. `secured` counts handshakes."""

    def __init__(self, to_port: int, certificate: Path, key: Path) -> None:
        self._to_port = to_port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.secured = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more; what is open ends with its other end."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                comer, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(comer,), daemon=True).start()

    def _serve(self, comer: socket.socket) -> None:
        try:
            if comer.recv(1, socket.MSG_PEEK) == HANDSHAKE:
                comer = self._context.wrap_socket(comer, server_side=True)
                self.secured += 1
        except OSError:  # he does not know our authority
            comer.close()
            return
        with comer, socket.create_connection(("127.0.0.1", self._to_port)) as inside:
            back = threading.Thread(target=_pass_on, args=(inside, comer), daemon=True)
            back.start()
            _pass_on(comer, inside)
            back.join()


def _pass_on(from_: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := from_.recv(65_536):
            to.sendall(data)
    for end in (from_, to):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def relay(to_port: int, certificate: Path, key: Path) -> Iterator[Relay]:
    """A relay for the time of the block."""
    opened = Relay(to_port, certificate, key)
    try:
        yield opened
    finally:
        opened.close()
