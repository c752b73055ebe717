"""The stream of intents in memory: the same promises as the one in Redis, in a few lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.desk.intents import decode
from dialer.intents import Asked

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class MemoryStream:
    """What every reader shares: the entries, and how many of them are carried out."""

    entries: list[bytes] = field(default_factory=list)
    position: int = 0
    fence: int = 0


class MemoryIntents:
    """Fulfils `dialer.intents.Intents`; never waits."""

    def __init__(self, stream: MemoryStream, *, fence: int = 0) -> None:
        self.stream = stream
        self.fence = fence
        self._cursor: int | None = None
        self._done: set[int] = set()

    async def read(self, count: int, wait_ms: int) -> Sequence[Asked]:
        start = self.stream.position if self._cursor is None else self._cursor
        self._cursor = min(start + count, len(self.stream.entries))
        asked = []
        for place in range(start, self._cursor):
            try:
                asked.append(Asked(str(place), decode(self.stream.entries[place])))
            except ValueError:
                self._done.add(place)
        await self.ack([])
        return asked

    async def ack(self, ids: Sequence[str]) -> None:
        self._done.update(int(id_) for id_ in ids)
        if self.fence < self.stream.fence:
            return
        self.stream.fence = self.fence
        while self.stream.position in self._done:
            self.stream.position += 1
