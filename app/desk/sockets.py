"""News of sockets on its way to the dialer: who came, who went, which screens arrived and were painted.

The hub tells synchronously and must not wait; here the news queues up, in order, and one task hands it
to the intents' stream in batches. While Redis is away it waits; beyond the bound the oldest is dropped and
counted, because by then the dialer has long judged those links lost.
"""

from __future__ import annotations

import asyncio
from collections import deque
from math import ceil
from typing import TYPE_CHECKING, Final
from uuid import UUID

from app.desk.intents import Intent, Linked, LinkLost, Painted, Received
from app.errors import Unavailable

if TYPE_CHECKING:
    from structlog.stdlib import BoundLogger

    from app.clock import Clock
    from app.desk.asking import Asking
    from app.observe import Metrics
    from realtime.hub import Receipt

BOUND: Final = 20_000
BATCH: Final = 256
AGAIN_SECONDS: Final = 0.2
SCREEN: Final = "screen:"


class SocketNews:
    """Fulfils `realtime.hub.Listener`."""

    def __init__(self, *, asking: Asking, clock: Clock, metrics: Metrics, log: BoundLogger) -> None:
        self._asking = asking
        self._clock = clock
        self._metrics = metrics
        self._log = log
        self._waiting: deque[Intent] = deque(maxlen=BOUND)
        self._some = asyncio.Event()
        self.dropped = 0

    def opened(self, user: str, session: str, at_ms: int) -> None:
        """A socket was welcomed."""
        self._put(Linked(user=UUID(user), session=session, at_ms=at_ms))

    def closed(self, user: str, session: str, at_ms: int, why: int) -> None:  # noqa: ARG002 - the hub's own figures tell why
        """A socket is gone."""
        self._put(LinkLost(user=UUID(user), session=session, at_ms=at_ms))

    def receipt(self, receipt: Receipt) -> None:
        """A browser has a screen, or has painted it."""
        call = _call_in(receipt.key)
        if call is None:
            return
        user, at_ms = UUID(receipt.user), receipt.at_ms
        if receipt.kind == "got":
            self._put(Received(user=user, call=call, at_ms=at_ms))
            return
        now_ms, error_ms = self._clock.now_ms(), ceil(receipt.error_ms)
        self._put(
            Painted(user=user, call=call, painted_at_ms=at_ms, error_ms=error_ms, at_ms=now_ms)
        )

    async def run(self) -> None:
        """Hand news over until cancelled; what was queued before that is handed over by `flush`."""
        while True:
            await self._some.wait()
            if not await self._hand_over():
                await asyncio.sleep(AGAIN_SECONDS)

    async def flush(self) -> None:
        """Hand over what waits, once; used at the end, when the sockets are closed."""
        while self._waiting and await self._hand_over():
            pass

    def _put(self, intent: Intent) -> None:
        if len(self._waiting) == BOUND:
            self.dropped += 1
            self._metrics.news_dropped.inc()
        self._waiting.append(intent)
        self._metrics.intents_waiting.set(len(self._waiting))
        self._some.set()

    async def _hand_over(self) -> bool:
        batch = [self._waiting[n] for n in range(min(BATCH, len(self._waiting)))]
        try:
            await self._asking.send(*batch)
        except Unavailable:
            self._log.warning("socket news waits", waiting=len(self._waiting))
            return False
        for intent in batch:
            # The bound may have pushed some of the batch out at the left while it was on its way.
            if self._waiting and self._waiting[0] is intent:
                self._waiting.popleft()
        if not self._waiting:
            self._some.clear()
        self._metrics.intents_waiting.set(len(self._waiting))
        return True


def _call_in(key: str) -> UUID | None:
    if not key.startswith(SCREEN):
        return None
    try:
        return UUID(key.removeprefix(SCREEN))
    except ValueError:
        return None
