"""The users: agents who take calls, viewers of the wall, and readers who never read.

Each holds one socket by the documented client (`realtime.client`) and acts by POST, as pages do. What is
measured is told to Locust: `POP` by the screen's own instant of assignment, `STATE` from a deed to its card,
`SOCKET` from the first try to the welcome.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Final

import gevent
import msgpack
from gevent.event import Event
from locust import FastHttpUser, constant, task

from app.floor.outcomes import OUTCOMES, PLAIN, outcome_form
from app.people.doors import SESSION_COOKIE
from loadtests.crowd.ledger import SCREEN, Ledger, holds_cards
from loadtests.crowd.line import LOST, Line, NoLine
from loadtests.crowd.targets import BACK, DEED, POP
from realtime.client import Breach, Changed, Client, Replaced, Return, Welcomed
from realtime.frames import Pong, encode

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Mapping
    from random import Random

    from locust.env import Environment

TALKING: Final = frozenset({"IN_CALL", "HELD"})
AFTERWARDS: Final = frozenset({"WRAP_UP", "WRAP_OVER"})
LOOK_AGAIN_SECONDS: Final = 30.0
ALIVE_SECONDS: Final = 4.0
PAINT_SECONDS: Final = (0.02, 0.08)
OK: Final = 200
QUEUED: Final = 202
UNAVAILABLE: Final = 503
RETRY_SECONDS: Final = (0.25, 0.7, 1.5, 3.0)


class Script:
    """What a run asks of its people; read from the environment by `locustfile`."""

    chance: ClassVar[Random]
    sessions: ClassVar[dict[str, deque[dict[str, Any]]]] = {}
    wrapup_seconds: ClassVar[float] = 17.0
    talk_seconds: ClassVar[float | None] = None  # on the mean; None: as long as the customer
    break_share: ClassVar[float] = 0.01
    break_seconds: ClassVar[float] = 60.0
    people: ClassVar[list[SocketUser]] = []
    password: ClassVar[str] = (
        ""  # by which agents sign in themselves; empty: they have come signed in
    )
    signed_in: ClassVar[int] = 0
    refused_at_the_door: ClassVar[int] = 0
    longest_queue: ClassVar[int] = 0  # the largest place that anybody was told
    leaving: ClassVar[bool] = False
    still: ClassVar[bool] = False  # nobody does anything any more, and all go on listening


def now_ms() -> int:
    """This process's clock; the client knows how far the server's is from it."""
    return time.monotonic_ns() // 1_000_000


class SocketUser(FastHttpUser):
    """Somebody with a session and a socket. Says nothing of what he does with them."""

    abstract = True
    kind: ClassVar[str] = ""
    wait_time = constant(0)
    network_timeout = 20.0
    connection_timeout = 15.0

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.session = Script.sessions[self.kind].popleft()
        self.protocol = Client(self.session["ticket"])
        self.ledger = Ledger(self.session["user"], self.kind)
        self.changed = Event()
        self.line: Line | None = None
        self.is_open = False
        self.cut_until: float = 0.0  # monotonic seconds; nothing comes through before
        self._leaving = False
        self._reader: gevent.Greenlet | None = None

    def on_start(self) -> None:
        """Open the socket, and come back by the protocol's rules for as long as the test lasts."""
        Script.people.append(self)
        self._reader = gevent.spawn(self._hold)

    def on_stop(self) -> None:
        """Leave as a closed page does."""
        self._leaving = True
        if self.line is not None:
            self.line.close()
        if self._reader is not None:
            self._reader.kill(block=False)

    # --- the socket ---

    def _hold(self) -> None:
        lost_at: float = time.perf_counter()
        while not self._leaving:
            code = LOST
            self._await_network()
            try:
                self.line = Line(self.session["socket"], self.session["origin"])
                self.line.send(self.protocol.connected(now_ms()))
                code = self._read(self.line, lost_at)
            except (NoLine, OSError) as fault:
                self.told("SOCKET", "open", lost_at, fault)
            except Breach as fault:
                self.ledger.breaches += 1
                self.told("SOCKET", "follow", lost_at, fault)
            lost_at, self.is_open = time.perf_counter(), False
            back = self.protocol.closed(code, Script.chance.random())
            if back is None or self._leaving:
                return
            self._return(back)

    def _return(self, back: Return) -> None:
        gevent.sleep(back.wait_ms / 1000)
        if not back.fresh_ticket:
            return
        while not self._leaving:
            told = self.post("/ws/ticket", {})
            if told is not None:
                self.protocol.use_ticket(told["ticket"])
                return
            gevent.sleep(Script.chance.uniform(0.5, 2.0))

    def _read(self, line: Line, began: float) -> int:
        """Hear until the line ends; returns its close code."""
        for message in line.messages():
            self._await_network()
            if self.passes_over(message):
                continue
            frame = msgpack.unpackb(message)
            self.ledger.note(frame)
            for event in self.protocol.take(frame, now_ms()):
                if isinstance(event, Welcomed):
                    self.welcomed(began)
                self.hear(event)
            try:
                while self.protocol.outbox:
                    line.send(self.protocol.outbox.pop(0))
            except OSError:
                break
            self.changed.set()
        return line.code

    def passes_over(self, _message: bytes) -> bool:
        """Whether this message is taken off the line and not read."""
        return False

    def _await_network(self) -> None:
        """Nothing comes through while this client is cut off."""
        while (left := self.cut_until - time.monotonic()) > 0:
            gevent.sleep(left)

    def welcomed(self, began: float) -> None:
        """The session is open, or open again."""
        again = self.ledger.opened > 0
        self.ledger.opened += 1
        self.is_open = True
        self.ledger.resumed += again
        self.told("SOCKET", BACK if again else "open", began)

    def hear(self, event: object) -> None:
        """One event of the protocol."""

    def cards(self) -> Mapping[str, Any]:
        """What the server says of this person."""
        return self.protocol.store.get(f"agent:{self.session['user']}", {})

    # --- what is told and asked ---

    def told(self, kind: str, name: str, began: float, fault: BaseException | None = None) -> None:
        """Tell Locust how long something took, from `began` on this process's clock, seconds."""
        self.timed(kind, name, (time.perf_counter() - began) * 1000, fault)

    def timed(
        self, kind: str, name: str, milliseconds: float, fault: BaseException | None = None
    ) -> None:
        """Tell Locust how long something took."""
        self.environment.events.request.fire(
            request_type=kind, name=name, response_time=milliseconds, response_length=0,
            exception=fault, context={},
        )  # fmt: skip

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """A deed by its address, tried again with its key as pages do; None when it was refused."""
        key = uuid.uuid4().hex
        for wait in RETRY_SECONDS:
            answer = self._post_once(path, body, key)
            if answer is not None:
                return answer or None
            gevent.sleep(wait)
        return self._post_once(path, body, key) or None

    def _post_once(self, path: str, body: Mapping[str, Any], key: str) -> dict[str, Any] | None:
        """Its answer, nothing in it when it was refused; None: not now."""
        self._await_network()
        headers = {
            "Cookie": self.session["cookie"],
            "X-CSRF-Token": self.session["csrf"],
            "Idempotency-Key": key,
            "Origin": self.session["origin"],
            "Accept": "application/json",
        }
        with self.client.post(path, json=body, headers=headers, catch_response=True) as answer:
            if answer.status_code == UNAVAILABLE:
                answer.success()  # an answer of the protocol: come again
                return None
            if answer.status_code != OK:
                answer.failure(f"{answer.status_code} {(answer.text or '')[:120]}")
                return {} if answer.status_code else None
            told: dict[str, Any] = answer.json()
            return told

    def until(self, so: Callable[[], bool], seconds: float | None = LOOK_AGAIN_SECONDS) -> bool:
        """Wait until something is so, at most `seconds` (None: however long)."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not so():
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return False
            self.changed.clear()
            self.changed.wait(left)
        return True


class AgentUser(SocketUser):
    """An agent: ready, a call, its outcome, sometimes a break; derived from his cards each time."""

    kind = "agent"
    finished = ""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._shown: set[str] = set()

    def on_start(self) -> None:
        """Sign in first where everybody is to do so himself."""
        if Script.password:
            began = time.perf_counter()
            while not self._sign_in():
                gevent.sleep(Script.chance.uniform(1.0, 3.0))
            self.told("LOGIN", "signed in", began)
            Script.signed_in += 1
        super().on_start()

    def _sign_in(self) -> bool:
        """By name and password, in one's turn; False when that was refused."""
        typed = {
            "username": self.session["username"], "password": Script.password, "take_over": True
        }  # fmt: skip
        headers = {"Accept": "application/json", "Origin": self.session["origin"]}
        form = self.client.get("/login", headers=headers)
        if form.status_code != OK:
            return False
        headers["X-CSRF-Token"] = form.json()["csrf"]
        answer = self.client.post("/login", json=typed, headers=headers)
        while answer.status_code == QUEUED:
            queued = answer.json()["queued"]
            Script.longest_queue = max(Script.longest_queue, queued["place"])
            gevent.sleep(queued["wait_ms"] / 1000)
            again = typed | {"turn": queued["turn"]}
            answer = self.client.post("/login", json=again, headers=headers)
        if answer.status_code != OK:
            Script.refused_at_the_door += 1
            return False
        cookie = next(c for c in self.client.cookiejar if c.name == SESSION_COOKIE)
        self.session |= {
            "cookie": f"{cookie.name}={cookie.value}", "csrf": answer.json()["csrf"]
        }  # fmt: skip
        self.client.cookiejar.clear()  # what follows names its cookie itself
        told = self.post("/ws/ticket", {})
        if told is None:
            return False
        self.protocol.use_ticket(told["ticket"])
        return True

    def hear(self, event: object) -> None:
        """A call's screen is timed from its assignment when it is new, and painted a moment later.

        The same screen comes again after a return, and anew when something of it has changed.
        """
        for key, screen in _screens_in(event):
            assigned_at = (screen.get("call") or {}).get("assigned_at")
            if assigned_at and key not in self._shown:
                self._shown.add(key)
                age = now_ms() + self.protocol.offset_ms - assigned_at
                self.timed("POP", POP, max(0.0, age))
            gevent.spawn_later(Script.chance.uniform(*PAINT_SECONDS), self._paint, key)

    def _paint(self, key: str) -> None:
        self._await_network()
        if self.line is not None and key in self.cards():
            try:
                self.line.send(self.protocol.paint(self._channel, key, now_ms()))
            except OSError:
                return

    @property
    def _channel(self) -> str:
        return f"agent:{self.session['user']}"

    @property
    def _agent(self) -> Mapping[str, Any]:
        card: Mapping[str, Any] = self.cards().get("agent") or {}
        return card

    def _doing(self) -> str:
        return str(self._agent.get("state"))

    @task
    def work(self) -> None:
        """The next thing that an agent would do."""
        if Script.still:
            gevent.sleep(1.0)
            return
        if not self.until(lambda: bool(self._agent)):
            return
        if self._doing() in TALKING | AFTERWARDS:
            self._handle(str(self._agent.get("call") or ""))
        elif self._agent.get("status") == "READY":
            self.until(
                lambda: (
                    self._doing() in TALKING | AFTERWARDS or self._agent.get("status") != "READY"
                )
            )
        elif self._agent.get("status") == "OFFLINE":
            self.until(lambda: self._agent.get("status") != "OFFLINE")
        else:
            gevent.sleep(Script.chance.uniform(0.2, 2.0))
            self._become_ready()

    def _become_ready(self) -> None:
        began = time.perf_counter()
        if self.post("/desk/ready", {}) is None:
            gevent.sleep(2.0)
        elif self.until(lambda: self._agent.get("status") == "READY"):
            self.told("STATE", DEED, began)

    def _handle(self, call: str) -> None:
        if not call or call == self.finished:
            self.until(lambda: str(self._agent.get("call") or "") not in ("", call))
            return
        self._talk(call)
        if self._agent.get("call") != call:
            return
        gevent.sleep(Script.wrapup_seconds * Script.chance.uniform(0.5, 1.5))
        if self._choose(call) and self.post("/desk/finish", {"call": call}) is not None:
            self.finished = call
            self.until(lambda: self._agent.get("call") != call)
            if Script.chance.random() < Script.break_share:
                self.post("/desk/pause", {"reason": "SHORT"})
                gevent.sleep(Script.break_seconds * Script.chance.uniform(0.5, 1.5))

    def _talk(self, call: str) -> None:
        """Until the customer has had enough, or the time that a talk may take is over."""

        def is_over() -> bool:
            """Nobody is on the line any more."""
            return self._agent.get("call") != call or self._doing() in AFTERWARDS

        most = Script.talk_seconds
        if most is not None and not self.until(is_over, most * Script.chance.uniform(0.5, 1.5)):
            self.post("/desk/hangup", {"call": call})
        self.until(is_over, None)

    def _choose(self, call: str) -> bool:
        screen = self.cards().get(f"{SCREEN}{call}") or {}
        leaf, fields = Script.chance.choices(
            [(leaf, fields) for _, leaf, fields in OUTCOMES], [share for share, _, _ in OUTCOMES]
        )[0]
        for form in (outcome_form(call, leaf, fields, screen), outcome_form(call, *PLAIN, screen)):
            if self.post("/desk/outcome", form) is not None:
                return True
        return False


class ViewerUser(SocketUser):
    """A supervisor with the wall open: listens, and sees how old its figures are."""

    kind = "viewer"

    def hear(self, event: object) -> None:
        """The floor's card says when it was computed."""
        if isinstance(event, Changed) and event.key == "floor" and event.value:
            at = event.value.get("now")
            if at:
                age = now_ms() + self.protocol.offset_ms - at
                self.timed("WALL", "computed to received", max(0.0, age))

    @task
    def watch(self) -> None:
        """Look."""
        self.changed.clear()
        self.changed.wait(LOOK_AGAIN_SECONDS)


class GlancingUser(ViewerUser):
    """A viewer whose cards are taken off the line and not read: the server's work, and hardly any of ours."""

    kind = "glance"

    def passes_over(self, message: bytes) -> bool:
        """Cards."""
        return holds_cards(message)


class SlowUser(SocketUser):
    """Opens a wall, says that it is alive and never reads: must be cut off as slow, and must harm nobody."""

    kind = "slow"

    def _hold(self) -> None:
        try:
            self.line = Line(self.session["socket"], self.session["origin"], narrow=True)
            self.line.send(self.protocol.connected(now_ms()))
        except (NoLine, OSError) as fault:
            self.told("SOCKET", "open", time.perf_counter(), fault)

    @task
    def live(self) -> None:
        """Give signs of life, and read nothing; whoever is silent is cut off for that."""
        gevent.sleep(ALIVE_SECONDS)
        if self.line is None:
            return
        began = time.perf_counter()
        try:
            self.line.send(encode(Pong(n=0)))
        except OSError:
            self.line.close()
            self.line = None
            self.told("SOCKET", "slow reader gone", began)


def _screens_in(event: object) -> list[tuple[str, Mapping[str, Any]]]:
    """The screens that an event brings."""
    if isinstance(event, Changed):
        new = event.key.startswith(SCREEN) and event.value is not None
        return [(event.key, event.value)] if new else []
    if isinstance(event, Replaced):
        return [(key, value) for key, value in event.cards.items() if key.startswith(SCREEN)]
    return []
