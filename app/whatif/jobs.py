"""Answers questions one after the other: a turn never waits for the simulation, it looks how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.errors import Unavailable
from app.whatif import service
from app.whatif.child import Simulating

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from app.clock import Clock
    from app.db import Database

FAILED = "SIMULATION"


class Answering:
    """At most one simulation, on `processes` cores, and the question that it answers."""

    def __init__(
        self, database: Database, clock: Clock, environ: Mapping[str, str], processes: int = 1
    ) -> None:
        self._database = database
        self._clock = clock
        self._environ = environ
        self._processes = processes
        self._question: UUID | None = None
        self._child: Simulating | None = None

    @property
    def busy(self) -> bool:
        """Whether a simulation runs."""
        return self._child is not None

    async def turn(self) -> None:
        """Begin the next question, or see how far the present one is."""
        if self._child is None or self._question is None:
            await self._begin()
        elif self._child.ended:
            await self._finish(self._question, self._child)
        else:
            await self._tell(self._question, self._child)

    def close(self) -> None:
        """End what runs; whoever comes next begins it anew."""
        if self._child is not None:
            self._child.close()
        self._child = self._question = None

    async def _begin(self) -> None:
        async with self._database.writing() as session:
            taken = await service.take(session, self._clock.now())
        if taken is None:
            return
        self._question, asked = taken
        asked = msgspec.structs.replace(asked, processes=self._processes)
        try:
            self._child = Simulating.begin(asked, self._environ)
        except Unavailable:
            await self._fail(self._question)
            raise

    async def _tell(self, question: UUID, child: Simulating) -> None:
        done, of = child.progress
        async with self._database.writing() as session:
            wanted = await service.beat(session, question, done, of, self._clock.now())
        if not wanted:
            self.close()

    async def _finish(self, question: UUID, child: Simulating) -> None:
        try:
            answer = child.answer()
        except Unavailable:
            await self._fail(question)
            raise
        async with self._database.writing() as session:
            await service.finish(session, question, answer, self._clock.now())
        self.close()

    async def _fail(self, question: UUID) -> None:
        async with self._database.writing() as session:
            await service.fail(session, question, FAILED, self._clock.now())
        self.close()
