"""The realtime part of a process: its sockets, hub, pulse and drain.

Mounted by the app through main.py. Numbered comments say the order of starting and ending.
"""

import asyncio
import contextlib
import gc
import os
from collections.abc import AsyncIterator, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime.broker import Broker, BrokerLost, Command
from realtime.closing import Close, advise
from realtime.counters import Counters
from realtime.drain import Leaving, plan
from realtime.endpoint import Endpoint
from realtime.frames import Hello, Position, Resume
from realtime.gate import Gate
from realtime.hub import Hub, Listener, Receipt, listen_for_orders
from realtime.presence import Presence
from realtime.pulse import COLLECT_AT, KEEP_EVERY_S, SLOTS, Pulse, time_pauses
from realtime.rollcall import RollCall
from realtime.session import Clock, Session
from realtime.ticket import Grant, TicketBook

CANCEL_AGAIN_S = 0.5
LAST_WORDS_WITHIN_S = 2.0


class NobodyListens:
    """A listener for hubs whose sockets nobody watches."""

    def opened(self, user: str, session: str, at_ms: int) -> None:
        """Pass."""

    def closed(self, user: str, session: str, at_ms: int, why: int) -> None:
        """Pass."""

    def receipt(self, receipt: Receipt) -> None:
        """Pass."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How this process treats its sockets.

    `origins` are the allowed values of the Origin header beside the page's own host.
    `exclusive_prefix`: of these channels a user's newest socket is the only holder.
    `settle_memory`: freeze the collector when the number of sockets rests (process-wide).
    """

    origins: Collection[str] = ()
    exclusive_prefix: str = "agent:"
    leaving: Leaving = field(default_factory=Leaving)
    settle_memory: bool = False


class Realtime:
    """Everything between the broker and the browsers of one process. `start` it, then mount it."""

    def __init__(
        self,
        broker: Broker,
        presence: Presence,
        book: TicketBook,
        secret: bytes,
        *,
        clock: Clock,
        listener: Listener | None = None,
        manners: Manners | None = None,
    ) -> None:
        self.broker = broker
        self.presence = presence
        self.clock = clock
        self.counters = Counters()
        self.hub = Hub(broker, self.counters)
        self.socket = Endpoint(self, (manners or Manners()).origins)
        self.manners = manners or Manners()
        self.is_draining = False
        self._gate = Gate(book, secret, clock, self.manners.exclusive_prefix)
        self._listener: Listener = listener or NobodyListens()
        self._sessions: dict[Session, None] = {}
        self._by_user: dict[str, dict[Session, None]] = {}
        self._pulse = Pulse(self._sessions.keys(), clock, presence, book)
        self.name = f"{os.uname().nodename}:{os.getpid()}:{clock.token_bytes(2).hex()}"
        self._roll = RollCall(self.name, self._by_user, self.hub, clock, presence)
        self._tasks: asyncio.TaskGroup | None = None
        self._running: list[asyncio.Task[None]] = []
        self._next_slot = 0
        self._empty = asyncio.Event()
        listen_for_orders(self.hub, self.obey)

    # -- starting and ending

    async def start(self) -> None:
        """Bring up feed and pulse; returns at once, `is_ready` tells when the broker is there."""
        # 1. one group holds everything that runs beside the sockets
        self._tasks = await asyncio.TaskGroup().__aenter__()
        # 2. the line to the broker, and who mends what it misses
        self._run(self.hub.feed.run())
        self._run(self.hub.mend())
        # 3. beats, and what is remembered of them
        self._run(self._pulse.run(self._sweep, settle_memory=self.manners.settle_memory))
        self._run(self._pulse.remember_for_ever())
        self._run(self._roll.call_for_ever())
        # 4. what lives by now will live for good: keep the collector off it
        if self.manners.settle_memory:
            self._run(time_pauses(self.clock, self.counters))
            gc.set_threshold(*COLLECT_AT)
            gc.freeze()

    async def drain(self) -> None:
        """End: send everybody away in batches, wait for them, stop. Safe to call twice."""
        # 1. no hello is answered any more; sockets leave batch by batch
        self.begin_drain()
        # 2. wait for them, but not for ever
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.manners.leaving.within_s):
                await self._empty.wait()
        # 3. tokens of those who left are kept good a last time
        with contextlib.suppress(BrokerLost, TimeoutError):
            async with asyncio.timeout(LAST_WORDS_WITHIN_S):
                await self._pulse.remember()
                await self._roll.call()
        # 4. stop what runs beside; asked again, because redis-py under Python 3.11 swallows a
        #    cancellation that comes together with its answer (asyncio.wait_for does)
        group, self._tasks = self._tasks, None
        while running := [task for task in self._running if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=CANCEL_AGAIN_S)
        if group is not None:
            await group.__aexit__(None, None, None)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Realtime"]:
        """Start, and drain at the end."""
        await self.start()
        try:
            yield self
        finally:
            await self.drain()

    def begin_drain(self) -> None:
        """Begin to send sockets away; returns at once. Safe to call again."""
        if self.is_draining:
            return
        self.is_draining = True
        loop = asyncio.get_running_loop()
        present = list(self._sessions)
        if not present:
            self._empty.set()
        for session, departure in zip(
            present, plan(len(present), self.manners.leaving, self._chance), strict=True
        ):
            loop.call_later(departure.after_s, session.end, Close.DRAIN, "", departure.again_ms)

    @property
    def is_ready(self) -> bool:
        """Whether publications arrive."""
        return self.hub.is_up and not self.is_draining

    # -- what a session asks of its house

    async def admit(self, hello: Hello) -> Grant:
        """Check a ticket."""
        grant = await self._gate.admit(hello)
        self.counters.admitted += 1
        return grant

    async def readmit(self, resume: Resume) -> Grant:
        """Check a token."""
        return await self._gate.readmit(resume)

    async def welcome(self, session: Session, at: Mapping[str, Position]) -> None:
        """Let a granted session in; older holders of its exclusive channel go."""
        grant = session.grant
        if grant is None:  # a session is welcomed only with its grant
            raise RuntimeError("no grant")
        # The book has just noted the admission; the next notes of a crowd are spread.
        later_s = KEEP_EVERY_S * (1 + session.slot / SLOTS) / 2
        session.keep_due_s = self.clock.monotonic() + later_s
        self._by_user.setdefault(grant.user, {})[session] = None
        self._roll.came(grant.user)
        self.counters.sockets += 1
        self.hub.join(session, grant.channels, at)
        if grant.exclusive is None:
            return
        self._listener.opened(grant.user, grant.link, self.clock.now_ms())
        # A former socket of this very session is dead or it would not have been resumed.
        for mate in list(self._by_user[grant.user]):
            if mate is not session and mate.session_name == grant.session:
                mate.end(Close.TAKEN_OVER)
        if grant.taken_over:  # the former holder may live in another process
            await self.broker.command(
                grant.user,
                Close.TAKEN_OVER,
                advise(Close.TAKEN_OVER).sentence,
                channel=grant.exclusive,
                standing=grant.standing,
            )

    def is_behind(self, session: Session) -> bool:
        """Tell whether any channel of the session is still out of step."""
        return self.hub.is_behind(session, session.channels)

    def receive(self, receipt: Receipt) -> None:
        """Pass a receipt on."""
        self.counters.receipts += 1
        self._listener.receipt(receipt)

    # -- what the endpoint and the feed ask

    def enter(self, session: Session) -> None:
        """Take in a socket that was accepted just now."""
        session.slot = self._next_slot = (self._next_slot + 1) % SLOTS
        self._sessions[session] = None
        self._pulse.moved()
        self.counters.opened += 1
        if self.is_draining:
            session.end(Close.DRAIN)

    def depart(self, session: Session, code: int) -> None:
        """Forget a socket that is gone."""
        del self._sessions[session]
        self._pulse.moved()
        self.counters.close(code)
        if self.is_draining and not self._sessions:
            self._empty.set()
        grant = session.grant
        if grant is None or session not in self._by_user.get(grant.user, ()):
            return
        self.counters.sockets -= 1
        self.hub.leave(session, grant.channels)
        mates = self._by_user[grant.user]
        del mates[session]
        if not mates:
            del self._by_user[grant.user]
        self._pulse.lost(session)
        self._roll.left(session, code)
        if grant.exclusive is not None:
            self._listener.closed(grant.user, grant.link, self.clock.now_ms(), code)

    def obey(self, command: Command) -> None:
        """Close the sockets that an order names."""
        for session in list(self._by_user.get(command.user, ())):
            grant = session.grant
            if grant is None or grant.standing >= command.standing:
                continue
            if command.issue is not None and command.issue != grant.issue:
                continue
            if command.channel is None or command.channel in grant.channels:
                session.end(command.code, command.reason)

    def round_trips_ms(self) -> dict[str, int]:
        """Return each user's last measured round trip of a beat; who has none yet is absent."""
        return {
            user: int(session.conversation.round_trip_s * 1000)
            for user, sessions in self._by_user.items()
            for session in sessions
            if session.conversation.round_trip_s is not None
        }

    # -- beside the sockets

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        if self._tasks is not None:
            self._running.append(self._tasks.create_task(work))

    def _sweep(self) -> None:
        """Once per beat: drop idle channels."""
        self.hub.sweep()

    def _chance(self) -> float:
        return int.from_bytes(self.clock.token_bytes(4), "big") / 2**32
