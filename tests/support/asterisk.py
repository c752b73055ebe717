"""Two Asterisks of a worker's own, and what they say when asked: see `deploy/asterisk-lab`.

They are held by a small process that ends them when its input ends, however this one does.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING
from uuid import uuid4

import structlog

from app.clock import Clock
from app.settings import AriServer
from dialer.carrier_ari import AriCarrier
from tests.support.engines import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

FOLDER = ROOT / "deploy" / "asterisk-lab"
BUILT = Path(os.environ.get("PACELINE_ASTERISK") or ROOT / ".cache" / "asterisk") / "built"
BLOCKS = range(20_000, 32_000, 1_000)  # of ports; the demonstration's are below
QUIET_S = 20.0
WHY_NOT = "Asterisk is not built on this machine: make asterisk (root, Debian)"
CARRIER = "PJSIP/{digits}@carrier"
PHONES = "PJSIP/32{agent}@phones"


@dataclass
class Lab:
    """A running pair. `base` is its first port, `told` what it printed."""

    base: int
    told: Mapping[str, str]

    def server(
        self, app: str, *, dial: str = CARRIER, phone: str = PHONES, pages: bool = False
    ) -> AriServer:
        """How to dial by it, under an application name of the test's own."""
        return AriServer(
            url=self.told["PACELINE_ARI_URL"],
            user=self.told["PACELINE_ARI_USER"],
            password=self.told["PACELINE_ARI_PASSWORD"],
            dial=dial,
            phone=phone,
            app=app,
            message="sound:beep",
            pages=self.told["PACELINE_ARI_PAGES"] if pages else "",
            network={"media_address": "127.0.0.1", "bind_rtp_to_media_address": "yes"},
        )

    def heard(self, number: str) -> Path:
        """What a party of prefix 30 has heard: a WAV, whole when his call is over."""
        return Path(self.told["LAB_HEARD"]) / f"{number}-heard.wav"

    def kill(self, who: str) -> None:
        """End one of the two as a power cut would."""
        os.kill(int(self.told[f"LAB_{who.upper()}"]), signal.SIGKILL)

    def start(self) -> None:
        """Start again what was killed; whatever it had is gone."""
        line = [FOLDER / "start"]
        subprocess.run(line, check=True, env=_environ(self.base), capture_output=True, timeout=60)

    def console(self, who: str, command: str) -> str:
        """What the console of `pbx` or `pstn` answers."""
        root = BUILT.parent / "root"
        configuration = f"/lab/{self.base}/{who}/etc/asterisk.conf"
        line = ["chroot", str(root), "asterisk", "-C", configuration, "-rx", command]
        return subprocess.run(line, check=True, capture_output=True, text=True, timeout=20).stdout

    async def until_quiet(self, name: str = "") -> list[str]:
        """Wait until the PBX has no channel, or none of this name; those that stayed."""
        return await asyncio.to_thread(self._quiet, name)

    def _quiet(self, name: str) -> list[str]:
        ends = time.monotonic() + QUIET_S
        while (left := [line for line in self.channels() if name in line]) and (
            time.monotonic() < ends
        ):
            time.sleep(0.1)
        return left

    def hang_up(self, name: str) -> None:
        """End every channel of the PBX in whose line this name stands."""
        for line in self.channels():
            if name in line:
                self.console("pbx", f"channel request hangup {line.partition('!')[0]}")

    def channels(self) -> list[str]:
        """What the PBX has at this moment, a line for each channel."""
        return self.console("pbx", "core show channels concise").splitlines()


@contextmanager
def running() -> Iterator[Lab]:
    """A pair on a block of ports that nobody has."""
    with _block() as base:
        holder = subprocess.Popen(
            [FOLDER / "hold"],
            env=_environ(base),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Lab(base, _told(holder.stdout))
        finally:
            holder.communicate(timeout=30)


def _environ(base: int) -> dict[str, str]:
    block = {"PACELINE_ASTERISK_BASE": str(base), "PACELINE_ASTERISK_PORTS": "1000"}
    return {**os.environ, **block}


def _told(lines: IO[str] | None) -> dict[str, str]:
    told: dict[str, str] = {}
    for line in lines or ():
        if line == "ready\n":
            return told
        name, _, value = line.rstrip("\n").partition("=")
        told[name] = value
    raise RuntimeError("Asterisk did not start: see the logs beside `built`")


@asynccontextmanager
async def dialled_by(
    lab: Lab, *, dial: str = CARRIER, phone: str = PHONES, app: str = "", pages: bool = False
) -> AsyncIterator[AriCarrier]:
    """A carrier of a test's own, connected; whatever it has left is taken down at the end."""
    server = lab.server(app or f"test-{uuid4().hex[:12]}", dial=dial, phone=phone, pages=pages)
    async with asyncio.TaskGroup() as group:
        carrier = AriCarrier(server, Clock(), group, structlog.get_logger())
        await carrier.alive()
        try:
            yield carrier
        finally:
            await carrier.aclose()
            lab.hang_up(server.app)


@contextmanager
def _block() -> Iterator[int]:
    for base in BLOCKS:
        with (Path(tempfile.gettempdir()) / f"paceline-asterisk-{base}.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if all(_free(base + port) for port in (88, 89)):
                yield base
                return
    raise RuntimeError("every block of ports is taken by another run")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
