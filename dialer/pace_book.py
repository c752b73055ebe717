"""Keeps, beside the loop, why each campaign was dialled as it was: a page a second, packed by the minute.

Taking a page costs the loop some ten microseconds for each agent and call that changed. Packing and writing
run beside it and may fail: what waits is bounded, and what does not fit is dropped and counted. Nobody's
call ever waits for a book.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from structlog.stdlib import BoundLogger

from app.errors import Unavailable
from app.observe import Metrics
from app.pacing.service import MinuteBook
from dialer.core.effort import Effort
from dialer.core.recount import Page, joined, news_of, page_of
from dialer.paces import Paces

if TYPE_CHECKING:
    from dialer.core.view import View

SECOND_MS, MINUTE_MS = 1_000, 60_000
MOST_WAITING = 2_000  # minutes of campaigns: half an hour of sixty of them
AT_ONCE = 50  # written in one transaction
WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 30.0  # after a store that did not answer


class _Running:
    """A campaign's minute that is not over, and the page of the running second."""

    def __init__(self, campaign: UUID, origin_ms: int, fence: int) -> None:
        self.origin_ms = origin_ms
        self.book = MinuteBook(campaign, datetime.fromtimestamp(origin_ms / 1000, UTC), fence)
        self.second = -1
        self.page: Page | None = None

    def turn(self, second: int, page: Page | None) -> None:
        """The second before is over, and goes into the book."""
        if self.page is not None:
            self.book.add(self.second, self.page)
        self.second, self.page = second, page


class PaceBook:
    """The paces of one engine's campaigns. `note` after each decision; `run` beside the loop."""

    def __init__(self, paces: Paces, fence: int, metrics: Metrics, log: BoundLogger) -> None:
        self._paces = paces
        self._fence = fence
        self._metrics = metrics
        self._log = log
        self._running: dict[UUID, _Running] = {}
        self._noted: dict[UUID, View] = {}  # the last one of each
        self._news: dict[UUID, list[Any]] = {}  # since the page of the running second
        self._over: deque[MinuteBook] = deque()
        self._more = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Minutes that are over and not written yet."""
        return len(self._over)

    @property
    def over(self) -> tuple[MinuteBook, ...]:
        """Minutes that are over and not written yet, the oldest first."""
        return tuple(self._over)

    def note(self, efforts: Iterable[Effort], now_ms: int) -> None:
        """Take the latest decision of every campaign that runs; the first of each second is its page.

        Whatever is wrong with a page costs that page, is logged and counted, and ends nobody's call.
        """
        for effort in efforts:
            view, campaign = effort.view, effort.campaign.id
            if view is not None and view.running and self._noted.get(campaign) is not view:
                self._noted[campaign] = view
                try:
                    self._note(effort, now_ms)
                except Exception:  # noqa: BLE001 - nobody's call ends for a book; `_lose` logs and counts it
                    self._lose(1)
        self._close(now_ms // MINUTE_MS * MINUTE_MS)

    def _note(self, effort: Effort, now_ms: int) -> None:
        campaign, view, pace = effort.campaign.id, effort.view, effort.pace
        assert view is not None  # noqa: S101 - seen by the caller
        origin_ms = now_ms // MINUTE_MS * MINUTE_MS
        running = self._running.get(campaign)
        if running is None or running.origin_ms != origin_ms:
            self._end(campaign)
            running = self._running[campaign] = _Running(campaign, origin_ms, self._fence)
        second = (now_ms - origin_ms) // SECOND_MS
        if running.page is not None and second <= running.second:
            running.page["later"] += pace.lines
            self._news[campaign] = joined(self._news.get(campaign, ()), news_of(view))
            return
        page = page_of(view, effort.limits, pace, origin_ms)
        page["news"] = joined(self._news.pop(campaign, ()), page["news"])
        running.turn(second, page)

    def _close(self, origin_ms: int) -> None:
        """End the minutes of campaigns that are not decided on any more."""
        for campaign in [i for i, each in self._running.items() if each.origin_ms < origin_ms]:
            self._end(campaign)

    def _end(self, campaign: UUID) -> None:
        running = self._running.pop(campaign, None)
        if running is None:
            return
        running.turn(-1, None)
        if len(self._over) >= MOST_WAITING:
            self._over.popleft()
            self._metrics.paces_dropped.inc()
        self._over.append(running.book)
        self._more.set()

    async def run(self) -> None:
        """Write what is over until cancelled. Raises `Fenced`."""
        wait = WAIT_SECONDS
        while True:
            await self._more.wait()
            try:
                await self._write()
                wait = WAIT_SECONDS
            except Unavailable as fault:
                self._log.warning("paces_wait", waiting=self.waiting, why=str(fault))
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    async def finish(self) -> None:
        """Write all that there is, running minutes too; the caller sets the time limit."""
        for campaign in list(self._running):
            self._end(campaign)
        while self._over:
            await self._write()

    def _lose(self, count: int) -> None:
        self._metrics.paces_dropped.inc(count)
        self._log.exception("pace_not_kept")

    async def _write(self) -> None:
        books = [self._over[i] for i in range(min(AT_ONCE, len(self._over)))]
        packed = []
        for book in books:
            try:
                packed.append(await asyncio.to_thread(book.pack))
            except Exception:  # noqa: BLE001 - nobody's call ends for a book; `_lose` logs and counts it
                self._lose(1)
        await self._paces.keep(packed, self._fence)
        written = {id(book) for book in books}  # the oldest may have been dropped meanwhile
        while self._over and id(self._over[0]) in written:
            self._over.popleft()
        if not self._over:
            self._more.clear()
