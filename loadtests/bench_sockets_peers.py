"""The servers of bench-sockets: how each is started, greeted and published to, and what it costs.

The floor is a C program that carries bytes and nothing else; ours is the hub as `paceline hub` runs it.
Who else is measured stands in bench_sockets_others.py.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from app.errors import Unavailable
from app.launch.children import Child, start, wait_until
from loadtests.process_cost import MIB, cost
from realtime.broker import Card, encode_value
from realtime.broker_redis import RedisBroker
from realtime.frames import Pong, encode
from realtime.redis_client import connect, wire_to
from realtime.ticket import Ticket, sign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio import Redis

    from app.launch.valkey import Valkey

HERE = Path(__file__).parent
FEW = 200  # the sockets that hear `few`; relay_floor.c knows the number too
START_SECONDS = 30.0
STOP_SECONDS = 15.0
SECRET = b"a bench's secret, of thirty-two."
FOREVER_MS = 2**45
PAUSE = "paceline_socket_longest_pause_seconds "
HEARD_MS = 4_000  # a page answers a beat every 5 s


class NotHere(Exception):
    """This peer cannot run on this machine; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What sockets say, and how one is known to be whole: a frame with `text` came `times` times."""

    lines: Sequence[str]
    text: str = "-"
    times: int = 0
    tick_ms: int = 0


@dataclass
class Peer(ABC):
    """One server under test. `target` None: all sockets; else the number of one."""

    engine: Valkey
    folder: Path
    name: str = ""
    resumes: bool = False
    ports: list[int] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)

    @abstractmethod
    async def open(self) -> None:
        """Start it; return when it takes sockets. Raises `NotHere` or `Unavailable`."""

    @abstractmethod
    def greeting(self, sockets: int) -> Greeting:
        """What so many sockets say."""

    @abstractmethod
    async def publish(self, messages: Sequence[tuple[int, str]]) -> None:
        """Send each payload to the socket of its number, in one round trip where the peer can."""

    @abstractmethod
    async def broadcast(self, few: bool, payload: str) -> None:  # noqa: FBT001 -- the two crowds there are
        """Send one payload to all sockets, or to the FEW first."""

    async def close(self) -> None:
        """End it."""
        for child in self.children:
            child.stop(STOP_SECONDS)
        self.children.clear()
        self.ports.clear()

    def cpu_s(self) -> float:
        """CPU seconds of all its processes so far, as the scheduler counts them (to the nanosecond)."""
        return sum(_scheduled_ns(pid) for child in self.children for pid in _tree(child.pid)) / 1e9

    def memory_mib(self) -> float:
        """Proportional memory of all its processes now; resident where the kernel tells no other."""
        costs = [cost(child.pid) for child in self.children]
        return sum(each.rss_mib if each.pss_mib is None else each.pss_mib for each in costs)

    async def figures(self) -> dict[str, float]:
        """What it tells of itself."""
        return {}

    def _start(self, command: Sequence[str], port: int, environ: dict[str, str]) -> None:
        """Run one process, and wait until something listens there."""
        log = self.folder / f"{self.name.replace(' ', '-')}.log"
        child = start(self.name, command, log=log, environ={**_plain_environ(), **environ})
        self.children.append(child)
        self.ports.append(port)
        wait_until(lambda: listens(port), child, START_SECONDS)


@dataclass
class RedisFed(Peer):
    """A server that hears from Redis pub/sub; all of them are published to over the same raw line."""

    redis: Redis = field(init=False)

    async def open(self) -> None:
        """Start it, and connect to its Redis."""
        await self.serve()
        self.redis = connect(self.engine.url)

    @abstractmethod
    async def serve(self) -> None:
        """Start it."""

    @abstractmethod
    def packet(self, place: str, payload: str) -> tuple[str, bytes]:
        """The channel and the bytes that bring a payload to a place: a socket's number, `few` or `all`."""

    async def publish(self, messages: Sequence[tuple[int, str]]) -> None:
        """PUBLISH each, in one round trip."""
        line = await wire_to(self.redis).line()
        packets = (self.packet(str(number), payload) for number, payload in messages)
        await line.ask([("PUBLISH", *packet) for packet in packets])

    async def broadcast(self, few: bool, payload: str) -> None:  # noqa: FBT001 -- see Peer
        """One PUBLISH."""
        line = await wire_to(self.redis).line()
        await line.ask([("PUBLISH", *self.packet("few" if few else "all", payload))])

    async def close(self) -> None:
        """End it, and our lines to Redis."""
        await self.redis.aclose()
        await super().close()


@dataclass
class Floor(RedisFed):
    """The C relay."""

    async def serve(self) -> None:
        """Compile it, and run it."""
        program = compiled("relay_floor", self.folder)
        port = free_port()
        self._start([str(program), str(port), str(self.engine.socket)], port, {})

    def greeting(self, sockets: int) -> Greeting:
        """A path is all."""
        return Greeting([f"/{number} - -" for number in range(sockets)])

    def packet(self, place: str, payload: str) -> tuple[str, bytes]:
        """The payload itself."""
        return f"bench:{place}", payload.encode()


@dataclass
class Ours(Peer):
    """The hub, alone or several, as `paceline hub` runs it; publishers use the same RedisBroker as the dialer."""

    hubs: int = 1
    redis: Redis = field(init=False)

    async def open(self) -> None:
        """One process for each; any socket may land on any of them."""
        self.resumes = True
        for _ in range(self.hubs):
            port = free_port()
            environ = {
                "REDIS_URL": self.engine.url,
                "PACELINE_SECRET": SECRET.hex(),
                "PACELINE_PORT": str(port),
                "PACELINE_METRICS_PORT": "0",
            }
            words = [sys.executable, "-m", "app.launch.serve", "realtime.main:create_app"]
            self._start(words, port, environ)
        self.redis = connect(self.engine.url)
        self.broker = RedisBroker(self.engine.url, self.redis)

    def greeting(self, sockets: int) -> Greeting:
        """A hello with a ticket; a pong every HEARD_MS. Whole once two snapshots are there."""
        pong = encode(Pong(n=0)).hex()
        lines = []
        for number in range(sockets):
            channels = [f"agent:{number}", "wall:all", *(["wall:few"] if number < FEW else [])]
            ticket = Ticket(str(number), tuple(channels), FOREVER_MS, os.urandom(9).hex(), "bench")
            hello = {"t": "hello", "v": 1, "ticket": sign(ticket, SECRET)}
            lines.append(f"/ws {encode(hello).hex()} {pong}")
        return Greeting(lines, "snapshot", 2, HEARD_MS)

    async def publish(self, messages: Sequence[tuple[int, str]]) -> None:
        """Screens: numbered, kept in the agent's stream, published, in one round trip."""
        await self.broker.publish_many(
            [(f"agent:{n}", [Card("screen:bench", encode_value(text))]) for n, text in messages]
        )

    async def broadcast(self, few: bool, payload: str) -> None:  # noqa: FBT001 -- see Peer
        """One card of a wallboard."""
        channel = "wall:few" if few else "wall:all"
        await self.broker.publish(channel, [Card("tiles", encode_value(payload))])

    async def figures(self) -> dict[str, float]:
        """The longest pause of any of them."""
        longest_s = 0.0
        async with httpx2.AsyncClient(trust_env=False) as client:
            for port in self.ports:
                told = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
                line = next(each for each in told.splitlines() if each.startswith(PAUSE))
                longest_s = max(longest_s, float(line.split()[1]))
        return {"longest_pause_ms": longest_s * 1000}

    async def close(self) -> None:
        """End all of them, and our line to Redis."""
        await self.redis.aclose()
        await super().close()


def compiled(name: str, folder: Path) -> Path:
    """Compile one of our C programs. Raises `Unavailable` with what the compiler said."""
    program = folder / name
    if program.exists():
        return program
    try:
        done = subprocess.run(  # noqa: S603 -- our own sources
            ["cc", "-O2", "-o", str(program), str(HERE / f"{name}.c")],  # noqa: S607 -- the machine's compiler
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise Unavailable("bench-sockets needs a C compiler: install the package gcc.") from error
    if done.returncode:
        raise Unavailable(f"{name}.c does not compile: {done.stderr}")
    return program


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1.0):
            return True
    except OSError:
        return False


def scheduled_s(pid: int) -> float:
    """CPU seconds of one process and what it started."""
    return sum(_scheduled_ns(each) for each in _tree(pid)) / 1e9


def _scheduled_ns(pid: int) -> int:
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(task.read_text().split()[0])
        except OSError:  # it ended while we looked
            continue
    return total


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        try:
            listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        except OSError:
            continue
        found += [int(child) for child in listed]
    return found


def _plain_environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PACELINE_")}


__all__ = [
    "FEW",
    "MIB",
    "Floor",
    "Greeting",
    "NotHere",
    "Ours",
    "Peer",
    "RedisFed",
    "compiled",
    "free_port",
    "listens",
    "scheduled_s",
]
