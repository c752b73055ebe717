"""Keeps a set of programs running: starts again what crashed, later each time, and ends all of them.

Knows nothing of what they do. What they leave behind when we are killed is the guard's business.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from app.launch.children import Child

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_AFTER_SECONDS = 60.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.1
STARTS_BEFORE_GIVING_UP = 4
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to end: Ctrl-C, SIGTERM, or the terminal went away."""


@dataclass(slots=True)
class Service:
    """One program to keep running.

    `start` makes a new child of it. `pause_seconds` is how long the next crash waits before a new start;
    `due_at` (monotonic) is None while it runs. A `foundation` ends only when the rest has ended.
    """

    name: str
    start: Callable[[], Child]
    child: Child | None = None
    started_at: float = 0.0
    pause_seconds: float = FIRST_PAUSE_SECONDS
    due_at: float | None = None
    crashes: int = 0
    foundation: bool = False


@dataclass(slots=True)
class Supervisor:
    """Runs services in the order given and ends them in the opposite one. `say` tells people."""

    say: Callable[[str], None]
    guard: Guard
    services: list[Service] = field(default_factory=list)

    def add(self, name: str, start: Callable[[], Child]) -> Service:
        """Start a service and keep it running from now on."""
        service = Service(name, start)
        self.services.append(service)
        self._started(service, start())
        return service

    def adopt(self, name: str, running: Child, start: Callable[[], Child]) -> Service:
        """Keep a foundation running that was started before us, and end it after the rest."""
        service = Service(name, start, foundation=True)
        self.services.append(service)
        self._started(service, running)
        return service

    def run(self) -> None:
        """Watch until `Stopped` is raised."""
        while True:
            self.look()
            time.sleep(POLL_SECONDS)

    def wait_until(self, ready: Callable[[], bool], what: str, within_seconds: float) -> None:
        """Watch until something is ready.

        Raises `Unavailable` when it does not come, or when a service keeps ending at once.
        """
        deadline = time.monotonic() + within_seconds
        while not ready():
            self.look()
            for service in self.services:
                if service.crashes >= STARTS_BEFORE_GIVING_UP:
                    raise Unavailable(_gave_up(service))
            if time.monotonic() > deadline:
                raise Unavailable(f"{what} did not come up in {within_seconds:.0f} s.")
            time.sleep(POLL_SECONDS)

    def look(self) -> None:
        """Look at each service once: bury what ended, start what is due."""
        now = time.monotonic()
        for service in self.services:
            if service.due_at is not None:
                if now >= service.due_at:
                    self._start_again(service)
            elif service.child and not service.child.alive():
                self._ended(service, service.child, now)

    def stop(self) -> None:
        """End everything, within its time, and whatever it started.

        1. What stands on the foundations is asked all at once, so that each can drain.
        2. What has not ended by the deadline is killed with its children.
        3. The foundations end in the same way: nobody is using them any more.
        """
        self._stop([service for service in self.services if not service.foundation])
        self._stop([service for service in self.services if service.foundation])

    def _stop(self, services: list[Service]) -> None:
        children = [service.child for service in reversed(services) if service.child]
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            child.stop(max(0.0, deadline - time.monotonic()))
            self.guard.release(child.pid)
        for service in services:
            service.child, service.due_at = None, None

    def _started(self, service: Service, child: Child) -> None:
        service.child = child
        service.started_at = time.monotonic()
        service.due_at = None
        self.guard.watch(child.pid)

    def _start_again(self, service: Service) -> None:
        try:
            self._started(service, service.start())
        except Unavailable as error:
            self.say(error.sentence)
            self._pause(service)
        else:
            self.say(f"{service.name} runs again.")

    def _ended(self, service: Service, child: Child, now: float) -> None:
        if now - service.started_at >= STEADY_AFTER_SECONDS:
            service.pause_seconds, service.crashes = FIRST_PAUSE_SECONDS, 0
        code = child.bury()
        self.guard.release(child.pid)
        self.say(
            f"{service.name} ended by itself ({_meaning(code)}; log: {child.log}); "
            f"starting it again in {service.pause_seconds:g} s."
        )
        self._pause(service)

    def _pause(self, service: Service) -> None:
        service.crashes += 1
        service.due_at = time.monotonic() + service.pause_seconds
        service.pause_seconds = min(service.pause_seconds * 2, LONGEST_PAUSE_SECONDS)


class Guard:
    """The launcher's end of the pipe to `guard.py`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("guard.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch(self, group: int) -> None:
        """End this process group when we end."""
        self._tell(f"+{group}\n")

    def release(self, group: int) -> None:
        """This group has ended by itself."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """Everything has ended: let the guard go, too."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        # A guard that somebody killed is no reason to end the floor.
        with contextlib.suppress(OSError):
            os.write(self._process.stdin.fileno() if self._process.stdin else -1, line.encode())


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Turn the first stop signal into `Stopped`; later ones do not disturb the ending."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, way in before.items():
            signal.signal(number, way)


def _meaning(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _gave_up(service: Service) -> str:
    child = service.child
    words = child.last_words().splitlines() if child else []
    said = words[-1] if words else "it said nothing"
    place = f"; its log is {child.log}" if child else ""
    return f"{service.name} does not start: {said}{place}."
