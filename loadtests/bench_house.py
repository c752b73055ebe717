"""A house of its own for a bench: engines, tables, a portfolio and our processes, in a temporary folder.

Everything is started through `app.launch` and ended by its own process id; nothing is left behind.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.clock import Clock
from app.errors import Unavailable
from app.launch.children import POLL_SECONDS, start
from app.launch.demo import Wish, is_ready, prepare, run_step, settings_of
from app.launch.engines import Engines, running_engines
from app.launch.programs import command_of, environ_for, start_program
from app.launch.state import StateDirectory
from app.launch.supervisor import Guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.launch.children import Child

READY_SECONDS = 90.0
STOP_SECONDS = 20.0
OURS = ("DATABASE_URL", "REDIS_URL", "PACELINE_")


@dataclass
class BenchHouse:
    """Settings and running processes of one house, by name."""

    state: StateDirectory
    wish: Wish
    engines: Engines
    settings: dict[str, str]
    guard: Guard
    children: dict[str, Child] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where browsers and bots go."""
        return f"http://{self.wish.host}:{self.wish.port}"

    def paceline(self, *words: str) -> None:
        """Run the `paceline` command in this house. Raises `Unavailable` with its last words."""
        run_step(self.state, "-".join(words[:2]), command_of("paceline", words), self.settings)

    def start(self, name: str, *arguments: str) -> None:
        """Start one of our processes."""
        child = start_program(name, self.settings, self.state.logs, arguments)
        self._keep(name, child)

    def start_module(self, name: str, module: str, *arguments: str) -> Path:
        """Start a module of this tree that is no process of the product; where it writes."""
        log = self.state.logs / f"{name}.log"
        command = [sys.executable, "-m", module, *arguments]
        self._keep(name, start(name, command, log=log, environ=environ_for(self.settings)))
        return log

    def stop(self, name: str) -> int:
        """End one and return its exit code."""
        child = self.children.pop(name)
        code = child.stop(STOP_SECONDS)
        self.guard.release(child.pid)
        return code

    def wait_for(self, name: str, seconds: float) -> int:
        """Let one come to its own end; one that does not is ended."""
        deadline = time.monotonic() + seconds
        while self.children[name].alive() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return self.stop(name)

    def await_web(self) -> None:
        """Wait until the site says that it is ready. Raises `Unavailable`."""
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready(self.wish.host, self.wish.port):
            self.check()
            if time.monotonic() > deadline:
                raise Unavailable(f"The site is not ready: see {self.state.logs}.")
            time.sleep(POLL_SECONDS)

    def check(self, *, but: str = "") -> None:
        """Raise `Unavailable` when a process (`but` this one) has ended by itself."""
        for name, child in self.children.items():
            if name != but and not child.alive():
                raise Unavailable(f"{name} ended by itself: {child.last_words()[-2000:]}")

    def pids(self) -> dict[str, int]:
        """Process ids by name, engines included."""
        found = {name: child.pid for name, child in self.children.items()}
        for child in self.engines.children():
            found[child.name.lower()] = child.pid
        return found

    def sign_ins(self) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        """People and agents of the seed, with their passwords."""
        told = json.loads((self.state.path / "sign-ins.json").read_text("utf-8"))
        return told["people"], told["bots"]

    def _keep(self, name: str, child: Child) -> None:
        self.children[name] = child
        self.guard.watch(child.pid)

    def stop_all(self) -> None:
        """End what still runs, the youngest first."""
        for name in reversed(list(self.children)):
            self.stop(name)


@contextmanager
def open_bench_house(
    *, agents: int, customers: int, seed: int, say: Callable[[str], None], profile: str = "brisk"
) -> Iterator[BenchHouse]:
    """A seeded house with nothing running but its engines; gone after the block."""
    environ = {n: v for n, v in os.environ.items() if not n.startswith(OURS)}
    folder = Path(tempfile.mkdtemp(prefix="paceline-bench-"))
    folder.chmod(0o755)  # the engines' account must reach its files below
    state = StateDirectory(folder / "state")
    wish = Wish(port=_free_port(), profile=profile, bots=agents, seed=seed, customers=customers)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(state.empty)
        stack.enter_context(state.held())
        guard = Guard()
        stack.callback(guard.close)
        engines = stack.enter_context(running_engines(state, environ))
        for child in engines.children():
            guard.watch(child.pid)
        settings = settings_of(state, wish, engines, environ, Clock())
        prepare(state, wish, settings, say)
        house = BenchHouse(state, wish, engines, settings, guard)
        stack.callback(house.stop_all)
        yield house


def stop_campaigns(house: BenchHouse, names: Sequence[str]) -> None:
    """End the campaigns that the seed has started."""
    for name in names:
        house.paceline("campaign", "stop", name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
