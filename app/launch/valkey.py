"""One Valkey in the foreground, on a socket, with its append-only file.

What it holds can be rebuilt, but a restart should not cost forty agents their place.
"""

from __future__ import annotations

import os
import signal
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from app.launch.account import own
from app.launch.children import Child, start, wait_until
from app.launch.orphans import end_orphan

if TYPE_CHECKING:
    from pathlib import Path

    from app.launch.account import Account
    from app.launch.binaries import Program

START_SECONDS = 30.0
STOP_SECONDS = 10.0
SOCKET = "valkey.sock"
SETTINGS = (
    ("port", "0"),
    ("unixsocketperm", "700"),
    ("databases", "16"),
    ("maxclients", "10000"),
    ("tcp-backlog", "4096"),  # a floor that reconnects all at once queues here
    ("appendonly", "yes"),
    ("appendfsync", "everysec"),
    ("save", ""),
    ("client-output-buffer-limit", "pubsub 256mb 64mb 60"),  # a slow hub is cut, not fed for ever
    ("daemonize", "no"),
)


@dataclass(frozen=True, slots=True)
class Valkey:
    """A running server and its socket."""

    child: Child
    socket: Path
    program: Program

    @property
    def url(self) -> str:
        """What redis-py connects to."""
        return self.url_of(0)

    def url_of(self, number: int) -> str:
        """The URL of one numbered database. Published messages know no numbers."""
        return f"unix://{quote(str(self.socket))}?db={number}"

    def stop(self) -> None:
        """Ask it to write what it holds and end."""
        self.child.stop(STOP_SECONDS)


def start_valkey(
    program: Program,
    data: Path,
    sockets: Path,
    log: Path,
    account: Account | None,
    *,
    socket_name: str = SOCKET,
) -> Valkey:
    """Start the server over `data`. Raises `Unavailable` with its last words."""
    own(account, data)
    pid_file = data / "valkey.pid"
    end_orphan(pid_file, data, signal.SIGTERM)
    path = sockets / socket_name
    places = (("dir", str(data)), ("unixsocket", str(path)), ("pidfile", str(pid_file)))
    command = [str(program.path)]
    for name, value in SETTINGS + places:
        command += [f"--{name}", value]
    child = start(
        "Valkey",
        command,
        log=log,
        environ={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        account=account,
    )
    wait_until(lambda: answers(path), child, START_SECONDS)
    return Valkey(child, path, program)


def answers(path: Path) -> bool:
    """Does a server answer PING on this socket? While it still loads its file, not yet."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2.0)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False
