"""One bot: what an agent does, derived from his own cards. It knows nothing that a browser does not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Origin

from app.floor.outcomes import OUTCOMES, PLAIN, outcome_form
from app.floor.visitor import ANSWER_SECONDS, Refusal, Visitor
from realtime.client import Breach, Changed, Client, Replaced
from realtime.frames import PIECE_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random  # noqa: TID251 - only the type; the generator is passed in

    from structlog.stdlib import BoundLogger

    from app.clock import Clock

SCREEN: Final = "screen:"
TALKING: Final = frozenset({"IN_CALL", "HELD"})
AFTERWARDS: Final = frozenset({"WRAP_UP", "WRAP_OVER"})
OWN: Final = frozenset({"REVIEW", "DIALING"})  # he decides on a call, or hears it ring
SKIP_SHARE: Final = 0.1  # of offers passed over
PICKED_SECONDS: Final = 5.0  # whom he picked is before him by then, or somebody else has him
LOOK_AGAIN_SECONDS: Final = 30.0
PAINT_SECONDS: Final = (0.02, 0.08)  # a page's own time from frame to glass
SIGNED_OUT: Final = 401
LOST: Final = 1006
STUMBLE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How a bot behaves. Seconds; `break_share` of finished calls is followed by a break.

    `talk_seconds`: it hangs up after so long, where customers never would; None leaves that to them.
    """

    wrapup_seconds: float = 8.0
    settle_seconds: float = 1.0
    look_seconds: float = 4.0  # at whom he is offered, before he has him called
    break_seconds: float = 45.0
    break_share: float = 0.02
    early_share: float = 0.4  # of outcomes chosen while the customer still speaks
    talk_seconds: float | None = None


MANNERS: Final = {
    "demo": Manner(),
    "realistic": Manner(wrapup_seconds=20.0, break_seconds=300.0),
    "floor": Manner(wrapup_seconds=17.0, break_share=0.0),
    "brisk": Manner(wrapup_seconds=4.0, settle_seconds=0.2, look_seconds=1.0, break_share=0.0),
    "patient": Manner(wrapup_seconds=4.0, break_share=0.0, talk_seconds=12.0),
}


@dataclass(slots=True)
class Tally:
    """What the floor has done so far."""

    signed_in: int = 0
    calls: int = 0
    breaks: int = 0
    refused: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Tools:
    """What all bots share."""

    url: str
    transport: httpx2.AsyncBaseTransport
    clock: Clock
    manner: Manner
    tally: Tally
    log: BoundLogger


class Bot:
    """One agent. `run` never returns but when somebody else took the desk over."""

    def __init__(self, tools: Tools, username: str, password: str, chance: Random) -> None:
        self._tools = tools
        self._username = username
        self._password = password
        self._chance = chance
        self._visitor = Visitor(tools.url, tools.transport, tools.clock.token_bytes)
        self._client: Client | None = None
        self._needs_ticket = False
        self._channel = ""
        self._changed = asyncio.Event()
        self._finished = ""  # the call whose outcome is on record

    async def run(self) -> None:
        """Work, coming back after every mishap: with the old session while it is good for it."""
        while True:
            code = LOST
            try:
                code = await self._shift()
            except (Refusal, Breach) as mishap:
                self._stumble(mishap)
                if isinstance(mishap, Breach) or mishap.status == SIGNED_OUT:
                    self._client = None
                await asyncio.sleep(self._spread(STUMBLE_SECONDS))
            except (httpx2.HTTPError, OSError, WebSocketException) as mishap:
                self._stumble(mishap)
            if not await self._wait_to_return(code):
                return

    async def _shift(self) -> int:
        """Sign in when needed, hold one socket to its end; returns its close code."""
        client = self._client or await self._come()
        if self._needs_ticket:
            client.use_ticket((await self._visitor.do("/ws/ticket"))["ticket"])
            self._needs_ticket = False
        address = self._tools.url.replace("http", "ws", 1) + "/ws"
        async with connect(
            address,
            origin=Origin(self._tools.url),
            compression=None,
            ping_interval=None,
            max_size=2 * PIECE_LIMIT_BYTES,
            open_timeout=ANSWER_SECONDS,
        ) as socket:
            await socket.send(client.connected(self._now()))
            await self._hold(socket, client)
            return socket.close_code or LOST

    async def _wait_to_return(self, code: int) -> bool:
        """Wait as the protocol asks after such a close; False when it says not to come back."""
        if self._client is None:
            await asyncio.sleep(self._spread(STUMBLE_SECONDS))
            return True
        back = self._client.closed(code, self._chance.random())
        if back is None:
            self._tools.log.info("bot leaves", bot=self._username, code=code)
            return False
        self._needs_ticket = back.fresh_ticket
        await asyncio.sleep(back.wait_ms / 1000)
        return True

    def _stumble(self, mishap: Exception) -> None:
        self._tools.log.info("bot stumbled", bot=self._username, why=repr(mishap))

    async def _come(self) -> Client:
        user = await self._visitor.sign_in(self._username, self._password)
        self._tools.tally.signed_in += 1
        self._channel = f"agent:{user}"
        ticket = (await self._visitor.do("/ws/ticket"))["ticket"]
        self._client, self._needs_ticket = Client(ticket, (self._channel,)), False
        return self._client

    async def _hold(self, socket: ClientConnection, client: Client) -> None:
        """Hear and work until the socket ends; other faults of the work end the socket."""
        try:
            async with asyncio.TaskGroup() as tasks:
                working = tasks.create_task(self._work())
                try:
                    async for message in socket:
                        await self._hear(socket, client, message, tasks)
                except ConnectionClosed:
                    pass
                finally:
                    working.cancel()
        except* (Refusal, httpx2.HTTPError, Breach, OSError) as mishaps:
            raise mishaps.exceptions[0] from None

    async def _hear(
        self,
        socket: ClientConnection,
        client: Client,
        message: str | bytes,
        tasks: asyncio.TaskGroup,
    ) -> None:
        data = message if isinstance(message, bytes) else message.encode()
        for event in client.receive(data, self._now()):
            for key in _screens_in(event):
                tasks.create_task(self._paint(socket, client, key))
        while client.outbox:
            await socket.send(client.outbox.pop(0))
        self._changed.set()

    async def _paint(self, socket: ClientConnection, client: Client, key: str) -> None:
        await asyncio.sleep(self._chance.uniform(*PAINT_SECONDS))
        if key in client.store.get(self._channel, {}):
            try:
                await socket.send(client.paint(self._channel, key, self._now()))
            except ConnectionClosed:
                return

    # --- what an agent does ---

    async def _work(self) -> None:
        """Ready, a call, its outcome, sometimes a break; derived anew from the cards each time."""
        await self._until(lambda: bool(self._agent), None)
        while True:
            if self._state() in TALKING | AFTERWARDS:
                await self._handle(str(self._agent.get("call") or ""))
            elif self._state() in OWN and self._agent.get("call"):
                await self._decide(str(self._agent["call"]))
            elif self._waits() and self._agent.get("dialing") == "MANUAL":
                await self._pick()
            elif self._waits():
                await self._until(
                    lambda: self._state() in TALKING | AFTERWARDS | OWN or not self._waits()
                )
            elif self._agent.get("status") == "OFFLINE":
                await self._until(lambda: self._agent.get("status") != "OFFLINE")
            else:
                await asyncio.sleep(self._spread(self._tools.manner.settle_seconds))
                await self._visitor.do("/desk/ready")
                await self._until(lambda: self._agent.get("status") == "READY")

    async def _decide(self, call: str) -> None:
        """Look at whom he is offered, have him called or now and then pass him over; then hear it ring."""

        def looks() -> bool:
            return self._state() == "REVIEW" and self._agent.get("call") == call

        if not looks():
            await self._until(lambda: self._state() != "DIALING")
            return
        await self._until(lambda: not looks(), self._spread(self._tools.manner.look_seconds))
        barred = (self._cards().get("call") or {}).get("rule")
        if not looks():
            return
        if barred or self._chance.random() < SKIP_SHARE:
            await self._try("/desk/skip", call=call, reason="LATER")
        else:
            await self._try("/desk/dial", call=call)
        await self._until(lambda: not looks())

    async def _pick(self) -> None:
        """Somebody of his list; any of them, so that bots do not all want the same."""
        await asyncio.sleep(self._spread(self._tools.manner.settle_seconds))
        work = (await self._visitor.see("/desk/work"))["work"]
        if work:
            await self._try("/desk/pick", lead=self._chance.choice(work)["lead"])
        await self._until(
            lambda: bool(self._agent.get("call")) or not self._waits(), PICKED_SECONDS
        )

    async def _try(self, path: str, **body: str) -> None:
        """A deed that may come too late."""
        try:
            await self._visitor.do(path, **body)
        except Refusal as refusal:
            if refusal.status == SIGNED_OUT:
                raise
            self._tools.log.info("deed refused", path=path, code=refusal.code)

    async def _handle(self, call: str) -> None:
        """One call, from the screen to the finish."""
        if not call or call == self._finished:
            await self._until(lambda: str(self._agent.get("call") or "") not in ("", call))
            return
        chosen = False
        if self._state() in TALKING and self._chance.random() < self._tools.manner.early_share:
            await asyncio.sleep(self._spread(4.0))
            chosen = await self._choose(call)
        await self._talk(call)
        if self._agent.get("call") != call:
            return
        await asyncio.sleep(self._spread(self._tools.manner.wrapup_seconds))
        if chosen or await self._choose(call):
            await self._finish(call)

    async def _talk(self, call: str) -> None:
        """Until the call is over, by whomever."""

        def over() -> bool:
            return self._agent.get("call") != call or self._state() in AFTERWARDS

        patience = self._tools.manner.talk_seconds
        await self._until(over, patience and self._spread(patience))
        if over():
            return
        await self._try("/desk/hangup", call=call)  # unless the customer is quicker
        await self._until(over, None)

    async def _choose(self, call: str) -> bool:
        """Choose an outcome that fits the screen; a refused one is replaced by one that needs nothing."""
        screen = self._cards().get(f"{SCREEN}{call}") or {}
        leaf, fields = self._chance.choices(
            [(leaf, fields) for _, leaf, fields in OUTCOMES], [share for share, _, _ in OUTCOMES]
        )[0]
        form = outcome_form(call, leaf, fields, screen)
        for body in (form, outcome_form(call, *PLAIN, screen)):
            try:
                told = await self._visitor.do("/desk/outcome", **body)
            except Refusal as refusal:
                if refusal.status == SIGNED_OUT:
                    raise
                self._tools.tally.refused += 1
                self._tools.log.info("outcome refused", leaf=body["leaf"], code=refusal.code)
                continue
            leaf = str(told["leaf"])
            self._tools.tally.outcomes[leaf] = self._tools.tally.outcomes.get(leaf, 0) + 1
            return True
        return False

    async def _finish(self, call: str) -> None:
        try:
            await self._visitor.do("/desk/finish", call=call)
        except Refusal as refusal:
            if refusal.status == SIGNED_OUT:
                raise
            self._tools.tally.refused += 1
            self._tools.log.info("finish refused", code=refusal.code)
            return
        self._finished = call
        self._tools.tally.calls += 1
        await self._until(lambda: self._agent.get("call") != call)
        if self._chance.random() < self._tools.manner.break_share:
            await self._rest()

    async def _rest(self) -> None:
        self._tools.tally.breaks += 1
        await self._visitor.do("/desk/pause", reason="SHORT")
        await asyncio.sleep(self._spread(self._tools.manner.break_seconds))

    # --- what it knows ---

    def _cards(self) -> Mapping[str, Any]:
        return self._client.store.get(self._channel, {}) if self._client else {}

    @property
    def _agent(self) -> Mapping[str, Any]:
        card: Mapping[str, Any] = self._cards().get("agent") or {}
        return card

    def _state(self) -> str:
        return str(self._agent.get("state"))

    def _waits(self) -> bool:
        return self._agent.get("status") == "READY"

    async def _until(
        self, so: Callable[[], bool], seconds: float | None = LOOK_AGAIN_SECONDS
    ) -> None:
        """Wait until something is so, at most `seconds` (None: however long)."""
        try:
            async with asyncio.timeout(seconds):
                while not so():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return

    def _now(self) -> int:
        return self._tools.clock.now_ms()

    def _spread(self, seconds: float) -> float:
        """Around `seconds`, so that forty bots do not move in step."""
        return seconds * self._chance.uniform(0.5, 1.5)


def _screens_in(event: object) -> list[str]:
    """The keys of screens that an event brings."""
    if isinstance(event, Changed):
        return [event.key] if event.key.startswith(SCREEN) and event.value is not None else []
    if isinstance(event, Replaced):
        return [key for key in event.cards if key.startswith(SCREEN)]
    return []
