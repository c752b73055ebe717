"""The regular work of a hub: beats, silence, presence, and keeping resume tokens good.

`tick` never waits, so a slow broker cannot delay a beat; `remember` talks to the stores beside it.
"""

import asyncio
import gc
from collections.abc import Callable, Collection

from realtime import frames
from realtime.broker import BrokerLost
from realtime.counters import Counters
from realtime.presence import Presence
from realtime.protocol import State
from realtime.session import BEAT_MS, Clock, Session
from realtime.ticket import Grant, TicketBook

TICK_S = 0.25
SLOTS = int(BEAT_MS / 1000 / TICK_S)  # beats of many sockets are spread over this many ticks
STALL_S = 2.0  # a loop that slept this long has itself to blame, not the sockets
SETTLE_TICKS = 40  # the number of sockets has not moved for this long
CROWD = 50  # sockets that come or go between two ticks: more than people do by themselves
CALM_TICKS = 8  # without a crowd
# Young objects are collected often and few at a time, the old ones hardly ever: they are frozen instead.
# With 2,000 sockets that come back at once a collection takes 9 ms of CPU at most on a busy machine; at
# (5000, 20, 50) it takes 69 ms, and as much in total.
COLLECT_AT = (1_000, 5, 4_000)
KEEP_EVERY_S = 20.0  # tokens are kept good this often; they last 120 s


async def time_pauses(clock: Clock, counters: Counters) -> None:
    """Note, until cancelled, how long each collection of garbage takes: the whole process stands still for it."""
    begun_s = 0.0

    def mark(phase: str, _: object) -> None:
        nonlocal begun_s
        if phase == "start":
            begun_s = clock.monotonic()
        elif counters.sockets:  # else nobody waited
            took_s = clock.monotonic() - begun_s
            counters.longest_pause_s = max(counters.longest_pause_s, took_s)

    gc.callbacks.append(mark)
    try:
        await asyncio.Event().wait()
    finally:
        gc.callbacks.remove(mark)


class Pulse:
    """Beats for the sockets of one process."""

    def __init__(
        self, sessions: Collection[Session], clock: Clock, presence: Presence, book: TicketBook
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._presence = presence
        self._book = book
        self._tick = 0
        self._last_s = clock.monotonic()
        self._remembered_s = float("-inf")
        self._settled = (0, 0)  # how many sockets, since which tick (0: frozen already)
        self._moved = 0  # sockets that came or went since the last tick
        self._crowd_tick = 0  # the last tick of a crowd, 0 when it is over
        self._settles = False
        self._gone: list[Grant] = []

    async def run(self, sweep: Callable[[], None], *, settle_memory: bool) -> None:
        """Tick for ever; call `sweep` once per beat."""
        self._settles = settle_memory
        try:
            while True:
                await asyncio.sleep(TICK_S)
                self.tick()
                if self._tick % SLOTS == 0:
                    sweep()
                if settle_memory:
                    self.settle_memory()
        finally:
            if settle_memory:
                gc.enable()

    async def remember_for_ever(self) -> None:
        """Remember once a tick; when the stores are away, a later time has it all."""
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self.remember()
            except BrokerLost:
                await asyncio.sleep(1.0)

    def tick(self) -> None:
        """Close the silent and send the beats that are due."""
        now_s = self._clock.monotonic()
        slept_s, self._last_s = now_s - self._last_s, now_s
        self._tick += 1
        beat = frames.seal(frames.encode(frames.Beat(n=self._tick, now=self._clock.now_ms())))
        for session in list(self._sessions):
            conversation = session.conversation
            if slept_s > STALL_S:
                conversation.heard_s += slept_s
            overdue = conversation.overdue(now_s)
            if overdue is not None:
                session.end(overdue)
            elif session.slot == self._tick % SLOTS and conversation.state is State.LIVE:
                conversation.beaten(self._tick, now_s)
                session.say(beat)

    def moved(self) -> None:
        """Note that a socket came or went; when it is one of a crowd the collector stops at once."""
        self._moved += 1
        if self._settles and self._moved == CROWD:
            gc.disable()

    def lost(self, session: Session) -> None:
        """Note that a socket is gone: its token stays good from its last sign of life on."""
        if session.grant is not None:
            self._gone.append(session.grant)

    async def remember(self) -> None:
        """Tell presence who was heard, and the book whose token stays good. BrokerLost."""
        now_s, now_ms = self._clock.monotonic(), self._clock.now_ms()
        # Of thousands few are due: no list of all is made, which the collector would look through each time.
        heard = {
            grant.user
            for session in self._sessions
            if (grant := session.grant) is not None
            and session.conversation.heard_s > self._remembered_s
        }
        due = [
            (session, grant)
            for session in self._sessions
            if (grant := session.grant) is not None and now_s >= session.keep_due_s
        ]
        gone = list(self._gone)
        if heard:
            await self._presence.touch(heard, now_ms)
        self._remembered_s = now_s
        if due or gone:
            await self._book.keep([*gone, *(grant for _, grant in due)], now_ms)
        del self._gone[: len(gone)]
        for session, _ in due:
            session.keep_due_s = now_s + KEEP_EVERY_S

    def settle_memory(self) -> None:
        """Freeze what lives once the number of sockets rests, so that collections stay short.

        While a crowd comes or goes nothing is collected: what it brings stays, and would be looked at
        again and again in the very seconds in which everybody waits. Once nobody is there, nobody waits:
        what died while it was frozen is collected then.
        """
        count, since = self._settled
        now = len(self._sessions)
        moved, self._moved = self._moved, 0
        if moved >= CROWD:
            self._crowd_tick = self._tick
            gc.disable()
        elif self._crowd_tick and self._tick - self._crowd_tick >= CALM_TICKS:
            self._crowd_tick = 0
            gc.freeze()
            gc.enable()
        if now != count:
            self._settled = (now, self._tick)
        elif since and self._tick - since >= SETTLE_TICKS:
            self._settled = (now, 0)
            if now == 0:
                gc.unfreeze()
                gc.collect()
            gc.freeze()
