"""Starts the dialer, installs signals, waits for a clean end. A standby waits for the lease."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import uvloop

from app.errors import PacelineError, Unavailable
from app.settings import load
from dialer.fence import Fenced
from dialer.wiring import Room, open_room

if TYPE_CHECKING:
    from dialer.engine import Engine

ASK_SECONDS = 0.5  # how often a standby asks for the lease
EXIT_FENCED = 3


class Process:
    """One dialer process: a standby until the lease is its own, then an engine until a signal."""

    def __init__(self) -> None:
        self._stopping = asyncio.Event()
        self._engine: Engine | None = None

    def stop(self) -> None:
        """End cleanly; safe from a signal handler, and twice."""
        self._stopping.set()
        if self._engine is not None:
            self._engine.stop()

    async def lead(self, room: Room) -> None:
        """Wait for the lease, then work. Raises `Fenced` when another dialer takes over."""
        lasts_ms = int(room.house.settings.lease_seconds * 1000)
        while not self._stopping.is_set():
            now_ms = room.house.clock.now_ms()
            fence = await self._ask(room, now_ms)
            if fence is not None:
                self._engine = room.engine(fence, now_ms + lasts_ms)
                await self._engine.run()
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(ASK_SECONDS):
                    await self._stopping.wait()

    async def _ask(self, room: Room, now_ms: int) -> int | None:
        try:
            return await room.tools.lease.acquire(now_ms)
        except Unavailable as fault:
            room.house.log.warning("lease_not_asked", why=str(fault))
            return None


async def serve() -> int:
    """Be the dialer until a signal; the exit code."""
    settings = load(os.environ)
    process = Process()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, process.stop)
    owner = f"{socket.gethostname()}:{os.getpid()}"
    async with asyncio.TaskGroup() as group, open_room(settings, owner, group) as room:
        stop_metrics = room.house.metrics.serve(settings.metrics_port, settings.metrics_host)
        # What lives by now lives as long as we: looking through all of it would stop every call 60 ms.
        gc.freeze()
        try:
            await process.lead(room)
        except Fenced as fenced:
            room.house.log.warning("dialer_fenced", why=str(fenced))
            return EXIT_FENCED
        finally:
            stop_metrics()
    return 0


def main() -> None:
    """Exit 0 after a clean end, 2 for wrong settings, 3 when another dialer took over."""
    try:
        sys.exit(uvloop.run(serve()))
    except PacelineError as error:
        sys.stderr.write(error.sentence + "\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
