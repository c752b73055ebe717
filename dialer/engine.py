"""The loop: events in, the floor folds them, orders out. Decides nothing about calls.

One bounded inbox. What is slow (opening lines, assembling screens, the journal) runs beside the loop;
the loop itself only awaits Redis and the carrier, and measures how late it is.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from app.errors import Unavailable
from dialer.core import events as e
from dialer.core.campaign import Campaign
from dialer.core.floor import Floor
from dialer.core.orders import AboutLeads, Publish
from dialer.errands import ANSWER_SECONDS, Errands
from dialer.fence import Fenced
from dialer.gauges import Gauges
from dialer.intents import as_event
from dialer.keeper import Keeper
from dialer.lookout import Lookout
from dialer.opener import Opener
from dialer.pace_book import PaceBook
from dialer.scribe import Scribe
from dialer.tools import Tools
from realtime.broker import BrokerLost, Card, encode_value

AT_ONCE = 64  # events folded before their cards are published together
OPENERS = 3  # `Dial` orders in work at once


@dataclass(frozen=True, slots=True)
class Timing:
    """How often, and how long at most."""

    tick_ms: int = 250
    inbox: int = 10_000  # events; a full inbox holds the carrier's reader back
    silent_ms: int = 10_000  # a browser not heard for longer is lost (decisions.md 5)
    watch_seconds: float = 1.0
    reload_seconds: float = 30.0
    renew_seconds: float = 1.5
    drain_seconds: float = 10.0  # for live calls to end when the process is asked to
    flush_seconds: float = 5.0  # for the journal after that
    backlog: int = 20_000  # unwritten records beyond which no line is opened


@dataclass(frozen=True, slots=True)
class _Item:
    """Something in the inbox: when it came (monotonic seconds), and the intent to acknowledge."""

    event: e.Event | None
    at: float
    intent: str | None = None


class Engine:
    """One dialer that holds the lease under `fence` until `held_until_ms`."""

    def __init__(
        self, tools: Tools, fence: int, held_until_ms: int, timing: Timing | None = None
    ) -> None:
        self.floor = Floor()
        self._tools = tools
        self._fence = fence
        self._held_until = held_until_ms
        self._timing = timing or Timing()
        self._inbox: asyncio.Queue[_Item] = asyncio.Queue(self._timing.inbox)
        self._leads: asyncio.Queue[AboutLeads] = asyncio.Queue()
        self._scribe = Scribe(tools.journal, tools.clock, fence, tools.log)
        self._urgent: deque[e.Event] = deque()  # words of our own, before everything in the inbox
        self._errands = Errands(
            self.floor, tools, fence, self._leads, self._scribe, self._urgent.append, self._in_force
        )
        self._gauges = Gauges(self.floor, tools, fence, lambda: self._held_until)
        self._paces = PaceBook(tools.paces, fence, tools.metrics, tools.log)
        self._keeper = Keeper(self.floor, tools, fence, self.tell)
        self._cards: dict[tuple[str, str], Publish] = {}
        self._lookout = Lookout(self.floor, tools, self.tell, self._timing.silent_ms)
        self._epochs: dict[str, str] = {}  # the broker's life by channel, as last seen
        self._lost: set[str] = set()  # what cannot be vouched for: REDIS, LEASE, JOURNAL
        self._ticked_at = 0
        # What runs beside the loop looks at this too: redis-py under Python 3.11 may swallow a
        # cancellation that comes together with its answer (asyncio.wait_for does).
        self._working = True
        self._stopping = asyncio.Event()
        self._drain_until: int | None = None

    def stop(self) -> None:
        """Begin to end: see `run`. Safe from a signal handler, and twice."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until `stop`. Raises `Fenced` as soon as another dialer is in force.

        Ending: 1. no new lines; 2. live calls run to their end, at most `drain_seconds`; 3. readers
        stop; 4. the journal is flushed, at most `flush_seconds`; 5. the lease is given back. Calls
        that are still up then are taken over by the next dialer (`Journal.restore`).
        """
        try:
            async with asyncio.TaskGroup() as group:
                self._errands.group = group
                if not await self._begin():
                    await self._release()
                    return
                beside = [group.create_task(self._until_fault(work)) for work in self._beside()]
                try:
                    await self._loop()  # 1 and 2
                    if not self._working:
                        return  # a fault beside the loop, which the group tells
                finally:
                    self._working = False
                for task in beside:  # 3
                    task.cancel()
                await self._finish(group)  # 4 and 5
        except BaseExceptionGroup as group_error:
            fenced = group_error.subgroup(Fenced)
            if fenced is None:
                raise
            self._tools.log.exception("fenced", fence=self._fence)
            raise Fenced(self._fence) from None

    async def _until_fault(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what runs beside the loop; its fault ends everything, heard as a cancellation or not."""
        try:
            await work
        except BaseException:
            self._working = False
            raise

    # --- beginning and end ---

    async def _begin(self) -> bool:
        """Campaigns, then what was going on, then who holds whom; only then anything else.

        What was going on is folded once: folded again it would be counted and ended again. False
        when we were asked to stop before anything could be read.
        """
        while not self._stopping.is_set():
            try:
                campaigns, restored = await self._read()
                break
            except Unavailable as fault:
                self._tools.log.warning("dialer_waits", why=str(fault))
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timing.watch_seconds):
                    await self._stopping.wait()
            await self._renew()
        else:
            return False
        await self._take_over(campaigns, restored)
        await self._publish()
        return True

    async def _read(self) -> tuple[Sequence[Campaign], e.Restored]:
        now = self._tools.clock.now_ms()
        campaigns = await self._tools.leads.campaigns(now)
        agents, calls = await self._tools.journal.restore(now, self._fence)
        alive = await self._tools.carrier.alive()
        return campaigns, e.Restored(tuple(agents), tuple(calls), alive)

    async def _take_over(self, campaigns: Sequence[Campaign], restored: e.Restored) -> None:
        for campaign in campaigns:
            await self._fold(e.CampaignLoaded(campaign))
        await self._fold(await self._keeper.recall())
        await self._fold(restored)
        try:
            await self._errands.assert_held()
        except Unavailable:
            self._lose("REDIS")  # asserted as soon as it is back, and nothing new before that
        agents, calls = len(restored.agents), len(restored.calls)
        self._tools.log.info("dialer_begins", fence=self._fence, agents=agents, calls=calls)

    def _beside(self) -> list[Coroutine[Any, Any, None]]:
        opener = Opener(
            self._tools.leads,
            self._tools.clock,
            self._fence,
            may_dial=self.floor.may_dial,
            tell=self.tell,
            log=self._tools.log,
        )
        return [
            self._hear_carrier(),
            self._hear_people(),
            self._scribe.run(),
            self._paces.run(),
            self._keeper.run(),
            self._watch(),
            self._reload(),
            self._renew_often(),
            self._await_stop(),
            opener.settle(),
            *(opener.run(self._leads) for _ in range(OPENERS)),
        ]

    async def _await_stop(self) -> None:
        await self._stopping.wait()
        self._drain_until = self._tools.clock.now_ms() + int(self._timing.drain_seconds * 1000)
        self._tools.log.info("dialer_drains", calls=self.floor.live_calls())
        await self.tell(e.Draining())

    async def _finish(self, group: asyncio.TaskGroup) -> None:
        self._errands.give_up()
        writer = group.create_task(self._scribe.run())
        with suppress(TimeoutError, Unavailable):
            async with asyncio.timeout(self._timing.flush_seconds):
                await self._scribe.drained()
                await self._paces.finish()
                await self._keeper.keep()
        writer.cancel()
        await self._release()

    async def _release(self) -> None:
        with suppress(Unavailable):
            await self._tools.lease.release(self._fence)
        self._tools.log.info("dialer_ended", unwritten=self._scribe.backlog)

    def _over(self) -> bool:
        """Whether the drain is done, or its time."""
        if self._drain_until is None or not self.floor.room.draining:
            return False
        return self.floor.live_calls() == 0 or self._tools.clock.now_ms() >= self._drain_until

    # --- the loop ---

    async def tell(self, event: e.Event) -> None:
        """Put an event into the inbox; waits while it is full."""
        await self._inbox.put(_Item(event, self._tools.clock.monotonic()))

    async def _loop(self) -> None:
        while self._working and not self._over():
            items = await self._gather()
            await self._in_force()  # before anything is done under a lease that ran out
            await self._turn(items)

    async def _gather(self) -> list[_Item]:
        """Events that wait, or none when time itself is due."""
        items: list[_Item] = []
        try:
            async with asyncio.timeout(self._patience()):
                items.append(await self._inbox.get())
        except TimeoutError:
            return items
        while len(items) < AT_ONCE and not self._inbox.empty():
            items.append(self._inbox.get_nowait())
        return items

    def _patience(self) -> float:
        """Seconds until the next tick or the next due instant of a call."""
        now = self._tools.clock.now_ms()
        due = self._ticked_at + self._timing.tick_ms
        soonest = self.floor.due_at()
        return max(0, min(due, due if soonest is None else soonest) - now) / 1000

    async def _turn(self, items: Sequence[_Item]) -> None:
        now_s = self._tools.clock.monotonic()
        late_ms = int(max((now_s - item.at for item in items), default=0.0) * 1000)
        while self._urgent:
            await self._fold(self._urgent.popleft())
        for item in items:
            if item.event is not None:
                await self._fold(item.event)
        now = self._tools.clock.now_ms()
        due = self.floor.due_at()
        if now >= self._ticked_at + self._timing.tick_ms or (due is not None and now >= due):
            self._ticked_at = now
            await self._fold(e.Tick(late_ms))
            self._gauges.ticked(late_ms)
            self._paces.note(self.floor.room.efforts.values(), now)
        # Screens leave first: a page busy with the agent's new state would look at them later.
        await asyncio.sleep(0)
        await self._publish()
        await self._acknowledge([item.intent for item in items if item.intent is not None])

    async def _fold(self, event: e.Event) -> None:
        """One event, its orders, and the events that they answer with at once."""
        todo: deque[e.Event] = deque([event])
        while todo:
            for order in self.floor.receive(todo.popleft(), self._tools.clock.now_ms()):
                if isinstance(order, Publish):
                    self._keep(order)
                elif (answer := await self._errands.run(order)) is not None:
                    todo.append(answer)
        for what in self._errands.take_lost():
            self._lose(what)

    def _keep(self, order: Publish) -> None:
        """A card for the end of the turn."""
        self._cards[order.channel, order.key] = order
        self._lookout.note(order)

    async def _publish(self) -> None:
        """Publish the cards of this turn in one round trip, the latest of each key."""
        if not self._cards:
            return
        batch: dict[str, list[Card]] = {}
        for (channel, key), order in self._cards.items():
            value = None if order.value is None else encode_value(order.value)
            batch.setdefault(channel, []).append(Card(key, value))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                ends = await self._tools.broker.publish_many(list(batch.items()))
        except (BrokerLost, TimeoutError):
            self._cards.clear()  # all of it is published again when the broker is back
            self._lose("REDIS")
            return
        self._cards.clear()
        epochs = {channel: end.epoch for channel, end in zip(batch, ends, strict=True)}
        forgot = any(self._epochs.get(c, epoch) != epoch for c, epoch in epochs.items())
        self._epochs.update(epochs)
        if forgot:
            self._epochs = epochs  # one new life is noticed once, not by each channel of it
            self._lose("REDIS")  # regained at the next watch: asserted, published, then dialled on

    async def _acknowledge(self, ids: Sequence[str]) -> None:
        if ids:
            with suppress(Unavailable):  # they come again, and change nothing then
                await self._tools.intents.ack(ids)

    # --- what cannot be vouched for ---

    def _lose(self, what: str) -> None:
        """No lines and no reservations until it is back."""
        if what not in self._lost:
            self._lost.add(what)
            self._tools.log.error("state_lost", what=what)
            self._urgent.append(e.StateLost(what))

    async def _regain(self, what: str) -> None:
        """It is back. When nothing else is missing, assert and publish everything (decisions.md 11)."""
        if what not in self._lost:
            return
        if self._lost == {what}:
            await self._errands.assert_held()
        self._lost.discard(what)
        self._tools.log.info("state_back", what=what)
        if not self._lost:
            self._urgent.append(e.StateBack())

    async def _in_force(self) -> bool:
        """Whether the lease holds now, renewed when it ran out. Raises `Fenced`."""
        if self._tools.clock.now_ms() >= self._held_until:
            await self._renew()
        return self._tools.clock.now_ms() < self._held_until

    async def _renew(self) -> None:
        """Prolong the lease. Raises `Fenced`; a store that does not answer leaves it to run out."""
        clock = self._tools.clock
        try:
            self._held_until = await self._tools.lease.renew(self._fence, clock.now_ms())
        except Unavailable:
            if clock.now_ms() >= self._held_until:
                self._lose("LEASE")
            return
        with suppress(Unavailable):
            await self._regain("LEASE")

    # --- beside the loop ---

    async def _hear_carrier(self) -> None:
        async for event in self._tools.carrier.events():
            await self.tell(event)

    async def _hear_people(self) -> None:
        while self._working:
            try:
                asked = await self._tools.intents.read(256, 1_000)
            except Unavailable:
                await asyncio.sleep(self._timing.watch_seconds)
                continue
            for one in asked:
                await self._lookout.heed(one.intent)
                item = _Item(as_event(one.intent), self._tools.clock.monotonic(), one.id)
                await self._inbox.put(item)

    async def _reload(self) -> None:
        while self._working:
            with suppress(Unavailable):
                await self._lookout.roster()
            await asyncio.sleep(self._timing.reload_seconds)
            with suppress(Unavailable):
                await self._lookout.campaigns()

    async def _renew_often(self) -> None:
        while self._working:
            await asyncio.sleep(self._timing.renew_seconds)
            await self._renew()

    async def _watch(self) -> None:
        """Each second: who is heard, the figures of the wall, the health of Redis and the journal."""
        while self._working:
            await asyncio.sleep(self._timing.watch_seconds)
            self._gauges.count(self._lost, self._scribe.backlog, self._errands.carrier_up)
            self._tools.metrics.paces_waiting.set(self._paces.waiting)
            await self._errands.seat()
            try:
                await self._lookout.links()
                await self._lookout.report()
                await self._regain("REDIS")
            except (BrokerLost, Unavailable, TimeoutError):
                self._lose("REDIS")
            if self._scribe.backlog > self._timing.backlog:
                self._lose("JOURNAL")
            else:
                with suppress(Unavailable):
                    await self._regain("JOURNAL")
