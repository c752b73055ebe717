"""Calls on an Asterisk 20 or newer by its REST interface: fulfils `dialer.carrier.Carrier`.

A thin shell: what is to be done is decided by `carrier_ari_board`, sent by `carrier_ari_link`. The link is
opened when the first verb needs it, never by a standby: a second socket of one application takes the first
one's events away.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from app.errors import Unavailable
from dialer.carrier_ari_board import HEARD, Board
from dialer.carrier_ari_gap import compare
from dialer.carrier_ari_link import UNREACHED, Gone, Link, pause
from dialer.carrier_ari_supervision import Supervision
from dialer.carrier_ari_words import Ask, Names, Plan
from dialer.core.events import CarrierBack, CarrierLost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from typing import Any
    from uuid import UUID

    from structlog.stdlib import BoundLogger

    from app.clock import Clock
    from app.settings import AriServer
    from dialer.carrier import Placement
    from dialer.carrier_ari_board import Word
    from dialer.core.events import CarrierEvent
    from dialer.core.monitor import MonitorMode

OPEN_S: Final = 5.0  # until a first verb gives up waiting for the link
AGAIN_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Between tries to open the link: the first time, the second time, and so on."""
DUE_S: Final = 0.25  # how often agents' legs are looked after


class Replaced(Exception):
    """Another process listens under our application's name: ours is deaf and must end."""


class AriCarrier:
    """One Asterisk server. Its work runs in `group`."""

    def __init__(
        self, server: AriServer, clock: Clock, group: asyncio.TaskGroup, log: BoundLogger
    ) -> None:
        pages = bool(server.pages)
        plan = Plan(server.dial, server.phone, server.message, server.sounds, pages)
        self.board = Board(Names(server.app, server.server), plan)
        self.supervision = Supervision(self.board)
        self._link = Link(server)
        self._clock = clock
        self._group = group
        self._log = log.bind(server=server.server)
        self._told: asyncio.Queue[CarrierEvent | Exception | None] = asyncio.Queue()
        self._lanes: dict[UUID, deque[Ask]] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._up = asyncio.Event()
        self._closing = asyncio.Event()
        self._first = True

    # --- verbs ---

    async def seat(
        self, agents: frozenset[UUID], desk_phones: frozenset[UUID] = frozenset()
    ) -> None:
        """Keep a leg of each of these agents up. See `Carrier.seat`."""
        self._reach()
        self._do(self.board.desks.seat(agents, desk_phones, self._clock.now_ms()))

    async def place(self, placement: Placement) -> None:
        """Ring. A refusal comes as `HungUp` with CARRIER_ERROR: the room does not wait for the answer."""
        self._reach()
        self._do(self.board.place(placement))

    async def bridge(self, call: UUID, agent: UUID) -> None:
        """Join the customer to the agent's leg."""
        self._reach()
        self._do(self.board.bridge(call, agent, self._clock.now_ms()))

    async def unbridge(self, call: UUID, agent: UUID) -> None:
        """Take the agent off."""
        self._reach()
        self._do(self.board.unbridge(call, agent))

    async def play_message(self, call: UUID, text: str, sound: str = "") -> None:  # noqa: ARG002 - Asterisk has no voice that reads
        """Play the campaign's recording, or the server's and then the number that called."""
        self._reach()
        self._do(self.board.play(call, sound))

    async def hold(self, call: UUID, *, on: bool) -> None:
        """Hold music, or back to the agent."""
        self._reach()
        self._do(self.board.hold(call, on=on))

    async def mute(self, call: UUID, *, on: bool) -> None:
        """Close the agent's microphone, or open it."""
        self._reach()
        self._do(self.board.mute(call, on=on))

    async def supervise(self, call: UUID, by: UUID, mode: MonitorMode) -> None:
        """Let somebody's telephone be in a call."""
        self._reach()
        self._do(self.supervision.supervise(call, by, mode, self._clock.now_ms()))

    async def withdraw(self, call: UUID, by: UUID) -> None:
        """Take it out again."""
        self._reach()
        self._do(self.supervision.withdraw(call, by))

    async def hang_up(self, call: UUID, cause: str) -> None:
        """End it."""
        self._reach()
        self._do(self.board.hang_up(call, cause))

    async def alive(self) -> frozenset[UUID]:
        """Our calls at the server; opens the link if need be."""
        self._begin()
        if not self._up.is_set() and not await pause(OPEN_S, self._up):
            raise Unavailable("Asterisk cannot be reached.")
        return frozenset(self.board.lines)

    async def events(self) -> AsyncIterator[CarrierEvent]:
        """What happens. Raises `Replaced` when another process has taken our name."""
        self._begin()
        while (told := await self._told.get()) is not None:
            if isinstance(told, Exception):
                raise told
            yield told

    async def aclose(self) -> None:
        """End the stream; calls and legs stay up for whoever comes next."""
        self._closing.set()
        self._up.clear()
        self._told.put_nowait(None)
        if self._keeper is not None:
            self._keeper.cancel()
        await self._link.aclose()

    # --- the link's life ---

    def _begin(self) -> None:
        if self._keeper is None and not self._closing.is_set():
            self._keeper = self._group.create_task(self._keep())

    def _reach(self) -> None:
        if not self._up.is_set():
            raise Unavailable("Asterisk cannot be reached.")

    async def _keep(self) -> None:
        """Open, listen until it breaks, open again."""
        tries = 0
        while not self._closing.is_set():
            try:
                await self._open()
            except Gone as fault:
                if tries == 0:
                    self._log.warning("carrier_not_reached", why=str(fault))
                await pause(AGAIN_S[min(tries, len(AGAIN_S) - 1)], self._closing)
                tries += 1
                continue
            tries = 0
            looking = self._group.create_task(self._look_after())
            try:
                await self._listen()
            finally:
                looking.cancel()
            self._lose()

    async def _open(self) -> None:
        await self._link.open(HEARD, self.board.plan.trunk)
        while self._lanes:  # what was under way must not come after the comparison
            await pause(DUE_S / 10, self._closing)
        channels = await self._link.listed("/channels")
        bridges = await self._link.listed("/bridges")
        if self.board.plan.pages:
            self.board.desks.know(await self._link.told("/endpoints/PJSIP"))
        now = self._clock.now_ms()
        gap = compare(self.board, channels, bridges, now, first=self._first)
        alive = frozenset(self.board.lines)
        self._log.info("carrier_back", alive=len(alive), lost=gap.lost, orphans=gap.orphans)
        if not self._first:
            self._told.put_nowait(CarrierBack(now, alive))
        self._first = False
        self._up.set()
        self._do(gap.words)
        self._do(self.supervision.compare(channels, now))

    async def _listen(self) -> None:
        async for event in self._link.events():
            if event.get("type") == "ApplicationReplaced":
                self._log.error("carrier_replaced", application=self.board.names.app)
                self._closing.set()
                self._told.put_nowait(Replaced(self.board.names.app))
                return
            try:
                self._do(self.supervision.hear(event, self._clock.now_ms()))
            except (KeyError, TypeError, ValueError):
                self._log.exception("carrier_misunderstood", kind=str(event.get("type")))

    def _lose(self) -> None:
        """Nothing is known any more: requests that wait would be about a world that went on."""
        for lane in self._lanes.values():
            lane.clear()
        if self._up.is_set():
            self._up.clear()
            self._log.warning("carrier_socket_lost", calls=len(self.board.lines))
            self._told.put_nowait(CarrierLost(self._clock.now_ms()))

    async def _look_after(self) -> None:
        while not await pause(DUE_S, self._closing):
            self._do(self.supervision.due(self._clock.now_ms()))

    # --- requests ---

    def _do(self, words: Iterable[Word]) -> None:
        """Tell what is to be told, send what is to be sent."""
        for word in words:
            if not isinstance(word, Ask):
                self._told.put_nowait(word)
            elif word.lane in self._lanes:
                self._lanes[word.lane].append(word)
            else:
                self._lanes[word.lane] = deque([word])
                self._group.create_task(self._run(word.lane))

    async def _run(self, name: UUID) -> None:
        """One lane's requests in their order."""
        lane = self._lanes[name]
        try:
            while lane:
                ask = lane.popleft()
                status = await self._link.send(ask)
                if status == UNREACHED:
                    lane.clear()
                    await self._doubt(ask)
                elif self._up.is_set():
                    self._note(ask, status)
                    self._do(self.supervision.answer(ask, status, self._clock.now_ms()))
        finally:
            del self._lanes[name]

    def _note(self, ask: Ask, status: int) -> None:
        if ask.why and status >= 400:  # noqa: PLR2004 - HTTP's own border
            about: Mapping[str, Any] = {"call": str(ask.about), "status": status}
            self._log.info("carrier_refused", why=ask.why, **about)

    async def _doubt(self, ask: Ask) -> None:
        """A request without an answer: open the link anew, so that everything is compared."""
        if self._up.is_set():
            self._log.warning("carrier_no_answer", why=ask.why, path=ask.method)
            await self._link.close_socket()
