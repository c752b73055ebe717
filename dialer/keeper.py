"""Keeps what pacing remembers every other second, beside the loop, and gives it to the next dialer's room.

Not answering costs nothing but learning: a campaign that nothing is remembered of begins with the curves of
earlier days.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec

from app.errors import Unavailable
from dialer.core import events as e
from dialer.core.floor import Floor
from dialer.errands import ANSWER_SECONDS
from dialer.tools import Tools

if TYPE_CHECKING:
    from uuid import UUID

KEEP_SECONDS = 2.0
AT_ONCE = 10  # campaigns packed before the loop has its turn
QUICK = 1  # of zlib: a third of the best one's time, nearly its size


class Keeper:
    """Keeper of one floor's memories; `tell` puts an event into the inbox."""

    def __init__(
        self, floor: Floor, tools: Tools, fence: int, tell: Callable[[e.Event], Awaitable[None]]
    ) -> None:
        self._floor = floor
        self._tools = tools
        self._fence = fence
        self._tell = tell
        self._asked: set[UUID] = set()  # whose lessons were looked for

    async def recall(self) -> e.Recalled:
        """What the last dialer remembered; nothing when Redis does not answer. Raises `Fenced`."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                found = await self._tools.memory.recall(fence=self._fence)
        except (Unavailable, TimeoutError) as fault:
            self._tools.log.warning("memory_not_recalled", why=str(fault))
            found = {}
        memories = {i: read for i, packed in found.items() if (read := unpacked(packed))}
        self._tools.log.info("memory_recalled", campaigns=len(memories))
        return e.Recalled(memories)

    async def run(self) -> None:
        """Keep and teach until cancelled. Raises `Fenced`."""
        while True:
            try:
                await self.teach()
                await self.keep()
            except (Unavailable, TimeoutError) as fault:
                self._tools.log.warning("memory_waits", why=str(fault))
            await asyncio.sleep(KEEP_SECONDS)

    async def keep(self) -> None:
        """Keep the memory of every campaign once. Raises `Fenced`, `Unavailable` or TimeoutError."""
        kept: dict[UUID, bytes] = {}
        for campaign, memory in self._floor.memories():
            kept[campaign] = packed(memory)
            if len(kept) % AT_ONCE == 0:
                await asyncio.sleep(0)
        if not kept:
            return
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._tools.memory.keep(kept, fence=self._fence)

    async def teach(self) -> None:
        """Give a campaign that knows nothing what its earlier days taught. Raises `Unavailable`."""
        for campaign in self._floor.unschooled():
            if campaign in self._asked:
                continue
            lessons = await self._tools.lessons.of(campaign, self._tools.clock.now_ms())
            self._asked.add(campaign)
            if lessons:
                await self._tell(e.Taught(campaign, tuple(lessons)))


def packed(memory: dict[str, Any]) -> bytes:
    """As it is kept."""
    return zlib.compress(msgspec.msgpack.encode(memory), QUICK)


def unpacked(kept: bytes) -> dict[str, Any] | None:
    """What was packed; None when it is not to be read."""
    try:
        return msgspec.msgpack.decode(zlib.decompress(kept), type=dict[str, Any])
    except (zlib.error, msgspec.MsgspecError):
        return None
