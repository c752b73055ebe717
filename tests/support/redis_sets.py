"""Valkeys that stand together on loopback: a primary and its replica under three sentinels, and a cluster.

Started by the test process that asks, each on a port of its own; they die with it. Passwords are set
everywhere that can have one, so that every suite that runs on them proves that they are sent.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import redis

from app.launch.binaries import find_valkey
from app.launch.children import Child, start
from tests.support.house import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

KINDS = ("redis_url", "sentinel_url", "cluster_url")  # fixtures: one server, sentinels, a cluster
NAME = "paceline"
PASSWORD = "open-sesame"
SENTINELS_PASSWORD = "who goes there"
SLOTS = 16_384
UP_SECONDS = 40.0
DEAD_AFTER_MS = 1_000  # a server that is silent so long is dead to its sentinels, or to its cluster
PLAIN = ("--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--databases", "1")


@dataclass
class Server:
    """One Valkey on `port`. It holds nothing on disk: started again it is empty."""

    folder: Path
    arguments: Sequence[str]
    port: int = field(default_factory=free_port)
    password: str = PASSWORD
    child: Child | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        program = str(find_valkey(os.environ).path)
        command = [program, *self.arguments, "--port", str(self.port), "--dir", str(self.folder)]
        log = self.folder / "log"
        self.child = start("Valkey", command, log=log, environ={"LC_ALL": "C"})
        wait_until(self.answers, f"no server on {self.port}:\n{log.read_text()}")

    def answers(self) -> bool:
        """Whether it takes commands."""
        with contextlib.suppress(redis.RedisError):
            return bool(self.ask("PING"))
        return False

    def ask(self, *command: object) -> Any:
        """Send one command."""
        with redis.Redis(port=self.port, password=self.password, protocol=2) as client:
            return client.execute_command(*command)

    def says(self, section: str, line: str) -> bool:
        """Whether a line stands in a section of INFO, or of CLUSTER INFO."""
        command = ("CLUSTER", "INFO") if section == "cluster" else ("INFO", section)
        with redis.Redis(port=self.port, password=self.password) as client:
            client.response_callbacks.clear()
            told: bytes = client.execute_command(*command)
        return line in told.decode().splitlines()

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Send it a signal; a dead one is buried."""
        if self.child is not None:
            os.kill(self.child.pid, how)
            if how is signal.SIGKILL:
                self.child.bury()
                self.child = None

    def end(self) -> None:
        """End it, also where it was stopped."""
        self.kill()


def wait_until(is_so: Callable[[], bool], else_say: str) -> None:
    """Look until it is so."""
    ends = time.monotonic() + UP_SECONDS
    while not is_so():
        assert time.monotonic() < ends, else_say
        time.sleep(0.02)


@dataclass
class RedisSet:
    """Servers that belong together, and the address that names them."""

    url: str
    servers: list[Server]
    sentinels: list[Server] = field(default_factory=list)

    def holder_of(self, key: str) -> Server:
        """The primary that holds a key: asked of the sentinels, or of the cluster."""
        if self.sentinels:
            _, port = next(
                one.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)
                for one in self.sentinels
                if one.child is not None
            )
            return self._on(int(port))
        known = next(one for one in self.servers if one.child is not None)
        slot = known.ask("CLUSTER", "KEYSLOT", key)
        for first, last, (_, port, *_), *_ in known.ask("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return self._on(port)
        raise LookupError(key)

    def move(self, key: str, source: Server, target: Server) -> None:
        """Move a key's slot with all that it holds to another primary of the cluster."""
        slot = source.ask("CLUSTER", "KEYSLOT", key)
        there = target.ask("CLUSTER", "MYID").decode()
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.ask("CLUSTER", "MYID").decode())
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", there)
        keys = source.ask("CLUSTER", "GETKEYSINSLOT", slot, 100)
        if keys:
            place = ("MIGRATE", "127.0.0.1", target.port, "", 0, 5_000)
            source.ask(*place, "AUTH", PASSWORD, "KEYS", *keys)
        for server in (target, source, *self.servers):
            server.ask("CLUSTER", "SETSLOT", slot, "NODE", there)

    def _on(self, port: int) -> Server:
        return next(server for server in self.servers if server.port == port)


@contextlib.contextmanager
def under_sentinels(folder: Path) -> Iterator[RedisSet]:
    """A primary, its replica, and three sentinels that know of each other."""
    common = (*PLAIN, "--requirepass", PASSWORD, "--masterauth", PASSWORD)
    primary = Server(folder / "primary", (*common, "--repl-diskless-sync-delay", "0"))
    replica = Server(folder / "replica", (*common, "--replicaof", f"127.0.0.1 {primary.port}"))
    sentinels = [a_sentinel(folder / f"sentinel{n}", primary.port) for n in range(3)]
    hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in sentinels)
    options = f"sentinel_password={SENTINELS_PASSWORD.replace(' ', '%20')}"
    url = f"redis+sentinel://:{PASSWORD}@{hosts}/{NAME}?{options}"
    with _running([primary, replica, *sentinels]):
        wait_until(
            lambda: replica.says("replication", "master_link_status:up"),
            "the replica is not in step",
        )
        yield RedisSet(url, [primary, replica], sentinels)


def a_sentinel(folder: Path, primary: int) -> Server:
    """A sentinel of the primary at that port."""
    folder.mkdir(parents=True)
    settings = folder / "sentinel.conf"  # it writes what it learns into it
    settings.write_text(
        f"bind 127.0.0.1\n"
        f'requirepass "{SENTINELS_PASSWORD}"\n'
        f"sentinel monitor {NAME} 127.0.0.1 {primary} 2\n"
        f"sentinel auth-pass {NAME} {PASSWORD}\n"
        f'sentinel sentinel-pass "{SENTINELS_PASSWORD}"\n'
        f"sentinel down-after-milliseconds {NAME} {DEAD_AFTER_MS}\n"
        f"sentinel failover-timeout {NAME} 10000\n"
    )
    return Server(folder, (str(settings), "--sentinel"), password=SENTINELS_PASSWORD)


def wait_for_quorum(found: RedisSet) -> None:
    """Wait until the sentinels know of each other and of the replica: from then on they can fail over."""

    def is_so() -> bool:
        for sentinel in found.sentinels:
            told = sentinel.ask("SENTINEL", "MASTER", NAME)
            known = (
                told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=True))
            )
            others = {str(k): str(v) for k, v in _decoded(known).items()}
            if (others["num-slaves"], others["num-other-sentinels"]) != ("1", "2"):
                return False
        return True

    wait_until(is_so, "the sentinels do not know of each other")


def _decoded(told: dict[Any, Any]) -> dict[Any, Any]:
    def text(it: object) -> object:
        return it.decode() if isinstance(it, bytes) else it

    return {text(key): text(value) for key, value in told.items()}


@contextlib.contextmanager
def in_cluster(folder: Path, *, replicas: bool = False) -> Iterator[RedisSet]:
    """Three primaries that share the slots; with `replicas`, one of each."""
    count = 6 if replicas else 3
    servers = [_node(folder / f"node{n}") for n in range(count)]
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    with _running(servers):
        _form(servers)
        yield RedisSet(f"redis+cluster://:{PASSWORD}@{hosts}", servers)


@contextlib.contextmanager
def with_replicas(kind: str, folder: Path) -> Iterator[RedisSet]:
    """`sentinels` or a `cluster` whose servers a test may kill: each primary's replica can take over."""
    if kind == "sentinels":
        with under_sentinels(folder) as found:
            wait_for_quorum(found)
            yield found
    else:
        with in_cluster(folder, replicas=True) as found:
            yield found


def _node(folder: Path) -> Server:
    settings = ("--requirepass", PASSWORD, "--masterauth", PASSWORD, "--cluster-enabled", "yes")
    timing = ("--cluster-node-timeout", str(DEAD_AFTER_MS), "--repl-diskless-sync-delay", "0")
    bus = ("--cluster-port", str(free_port()))
    return Server(folder, (*PLAIN, *settings, *timing, *bus))


def _form(servers: Sequence[Server]) -> None:
    """Share the slots among the first three; each of the others follows one of them."""
    primaries, followers = servers[:3], servers[3:]
    first = servers[0]
    for number, server in enumerate(primaries):
        ends = (number * SLOTS // 3, (number + 1) * SLOTS // 3 - 1)
        server.ask("CLUSTER", "ADDSLOTSRANGE", *ends)
        server.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    for server in servers[1:]:
        at = server.arguments.index("--cluster-port")
        first.ask("CLUSTER", "MEET", "127.0.0.1", server.port, server.arguments[at + 1])
    known = f"cluster_known_nodes:{len(servers)}"
    for server in servers:
        wait_until(
            lambda it=server: it.says("cluster", known) and it.says("cluster", "cluster_state:ok"),  # type: ignore[misc] # bound at once
            "the cluster does not form",
        )
    for number, follower in enumerate(followers):
        followed = primaries[number].ask("CLUSTER", "MYID").decode()
        follower.ask("CLUSTER", "REPLICATE", followed)
    for follower in followers:
        wait_until(
            lambda it=follower: it.says("replication", "master_link_status:up"),  # type: ignore[misc] # the same
            "a replica is not in step",
        )


@contextlib.contextmanager
def _running(servers: Sequence[Server]) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for server in servers:
            server.start()
            stack.callback(server.end)
        yield
