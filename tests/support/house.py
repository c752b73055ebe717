"""The whole house as an operator runs it: web, dialer and worker as processes on the run's engines.

Started by command, reached by address; nothing is patched. Ended by the processes' own ids.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from app.launch.programs import command_of, environ_for

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 100.0  # the machine is shared
END_SECONDS = 15.0


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class House:
    """The processes of one house, their environment and their logs in `folder`."""

    database_url: str
    redis_url: str
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where the browser goes."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        """What every process of this house is told."""
        told = {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "PACELINE_SECRET": "5a" * 32,
            "PACELINE_STATE": str(self.folder),
            "PACELINE_HOST": "127.0.0.1",
            "PACELINE_PORT": str(self.port),
            "PACELINE_CARRIER": "simulator",
            "PACELINE_CARRIER_PROFILE": "brisk",
            "PACELINE_RECEIPT_WAIT_MS": "1500",  # browsers of a busy machine are slow to say that they have it
            **self.settings,
        }
        return environ_for(told)

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.running):
            self.stop(name)

    def start(self, *names: str, arguments: tuple[str, ...] = (), called: str = "") -> None:
        """Start processes by their role, or one `called` otherwise; the web is waited for."""
        for name in names:
            with self.log(called or name).open("ab") as output:
                self.running[called or name] = subprocess.Popen(
                    command_of(name, arguments),
                    cwd=ROOT,
                    env=self.environ,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
        if "web" in names:
            self.await_web()

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> int:
        """End one process and return its exit code; one that does not end in time is killed."""
        process = self.running.pop(name)
        if process.poll() is None:
            process.send_signal(how)
        try:
            return process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def await_web(self) -> None:
        """Wait until the web process says that it is ready; show its log when it does not."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.running["web"].poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.address}/healthz", timeout=2):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise RuntimeError(f"the web process is not there:\n{self.log('web').read_text()[-4000:]}")

    def log(self, name: str) -> Path:
        """Where one process writes."""
        return self.folder / f"{name}.log"

    def paceline(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the `paceline` command in this house."""
        return subprocess.run(
            command_of("paceline", words),
            cwd=ROOT,
            env=self.environ,
            check=check,
            capture_output=True,
            text=True,
            timeout=120,
        )
