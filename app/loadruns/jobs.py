"""Leads load tests one after the other: a turn never waits for the run, it looks how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.errors import Unavailable
from app.loadruns import service
from app.loadruns.child import Running

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from app.clock import Clock
    from app.db import Database

TO_STOP_SECONDS: Final = 90.0  # to put a whole house away


class Leading:
    """At most one run, and the process that does it."""

    def __init__(self, database: Database, clock: Clock, environ: Mapping[str, str]) -> None:
        self._database = database
        self._clock = clock
        self._environ = environ
        self._run: UUID | None = None
        self._child: Running | None = None
        self._stop_by: float | None = None

    async def turn(self) -> None:
        """Begin the run that waits, or see how far the present one is."""
        if self._child is None or self._run is None:
            await self._begin()
        elif self._child.ended:
            await self._finish(self._run, self._child)
        elif self._stop_by is None:
            await self._tell(self._run, self._child)
        elif self._clock.monotonic() > self._stop_by:
            self._forget()

    def close(self) -> None:
        """Have the present one put its house away; it goes on doing so when this process has ended."""
        if self._child is not None:
            self._child.ask_to_stop()

    async def _begin(self) -> None:
        async with self._database.writing() as session:
            taken = await service.take(session, self._clock.now())
        if taken is None:
            return
        self._run, wanted = taken
        try:
            self._child = Running.begin(wanted, self._environ)
        except Unavailable as fault:
            await self._fail(self._run, fault.sentence)
            raise

    async def _tell(self, run: UUID, child: Running) -> None:
        async with self._database.writing() as session:
            wanted = await service.beat(session, run, child.live, self._clock.now())
        if not wanted:
            child.ask_to_stop()
            self._stop_by = self._clock.monotonic() + TO_STOP_SECONDS

    async def _finish(self, run: UUID, child: Running) -> None:
        try:
            live, outcome, kept = child.live, child.outcome(), child.files()
        except Unavailable as fault:
            await self._fail(run, fault.sentence)
            return
        async with self._database.writing() as session:
            await service.beat(session, run, live, self._clock.now())
            await service.finish(session, run, outcome, kept, self._clock.now())
        self._forget()

    async def _fail(self, run: UUID, fault: str) -> None:
        async with self._database.writing() as session:
            await service.fail(session, run, fault, self._clock.now())
        self._forget()

    def _forget(self) -> None:
        if self._child is not None:
            self._child.close()
        self._child = self._run = self._stop_by = None
