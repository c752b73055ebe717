"""Keeps what is to be written until it is written: batches, order, patience."""

import asyncio
from collections import deque

from structlog.stdlib import BoundLogger

from app.clock import Clock
from app.errors import Unavailable
from dialer.journal import Journal, Record

BATCH = 500
GATHER_SECONDS = 0.05  # records of many calls are written by as few statements as those of one
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.2, 2.0


class Scribe:
    """One writer. `backlog` is what is not written yet; nothing is ever dropped."""

    def __init__(self, journal: Journal, clock: Clock, fence: int, log: BoundLogger) -> None:
        self._journal = journal
        self._clock = clock
        self._fence = fence
        self._log = log
        self._backlog: deque[Record] = deque()
        self._more = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def backlog(self) -> int:
        """Records that are not written yet."""
        return len(self._backlog)

    def add(self, record: Record) -> None:
        """Have it written soon."""
        self._backlog.append(record)
        self._empty.clear()
        self._more.set()

    async def run(self) -> None:
        """Write until cancelled. Raises `Fenced`."""
        wait = FIRST_WAIT_SECONDS
        while True:
            await self._more.wait()
            await asyncio.sleep(GATHER_SECONDS)
            try:
                await self._write()
                wait = FIRST_WAIT_SECONDS
            except Unavailable as fault:
                self._log.warning("journal_waits", backlog=self.backlog, why=str(fault))
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    async def _write(self) -> None:
        batch = [self._backlog[i] for i in range(min(BATCH, len(self._backlog)))]
        await self._journal.write(batch, self._clock.now_ms(), self._fence)
        for _ in batch:
            self._backlog.popleft()
        if not self._backlog:
            self._more.clear()
            self._empty.set()

    async def drained(self) -> None:
        """Return when everything is written; the caller sets the time limit."""
        await self._empty.wait()
