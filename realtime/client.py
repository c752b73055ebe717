"""A client of the protocol, sans I/O: bytes of WebSocket messages in, events and bytes out.

Bots, Locust, tests and docs/protocol.md use it; the browser's twin is web/src/socket.ts. Who uses
it owns the socket and the clock: `now_ms` is the client's own, `chance` is drawn evenly from 0 to 1.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgpack

from realtime import frames
from realtime.closing import ADVICE, LOST, Close, advise

STALE_AFTER_MS = 7_000  # nothing heard for so long: drop the socket and come back
BACK_OFF_MOST_MS = 15_000


@dataclass(frozen=True, slots=True)
class Welcomed:
    """The session is open."""

    user: str
    session: str
    now_ms: int


@dataclass(frozen=True, slots=True)
class Replaced:
    """A snapshot has replaced the channel's cards."""

    channel: str
    cards: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """One card is new or has a new value; `value` is None when it was removed."""

    channel: str
    key: str
    value: Any
    offset: int


@dataclass(frozen=True, slots=True)
class Stale:
    """The server may be missing changes: show data as old until Freshened."""


@dataclass(frozen=True, slots=True)
class Freshened:
    """Everything missed has been delivered."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """The server is about to close."""

    code: int
    reason: str


Event = Welcomed | Replaced | Changed | Stale | Freshened | Farewell


@dataclass(frozen=True, slots=True)
class Return:
    """When to come back, and whether a new ticket must be fetched first."""

    wait_ms: int
    fresh_ticket: bool


class Breach(Exception):
    """The server broke the protocol: close and come back with a snapshot of everything."""


@dataclass(slots=True)
class _Channel:
    """What is known of one channel."""

    epoch: str = ""
    offset: int = 0
    cards: dict[str, Any] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)  # of each card
    pieces: dict[str, Any] = field(default_factory=dict)  # of a snapshot under way


class Client:
    """One session over any number of sockets.

    For each socket: `connected` gives the first message to send; feed every message to `receive`
    and send what `outbox` holds; when the socket has gone, `closed` says whether and when to
    return. `store` maps channel to key to value.
    """

    def __init__(self, ticket: str, want: tuple[str, ...] = ()) -> None:
        self.outbox: list[bytes] = []
        self.offset_ms = 0.0  # server's clock minus ours
        self.error_ms = 0.0  # bound of that difference
        self.is_stale = False
        self._ticket: str | None = ticket
        self._want = want
        self._token: str | None = None
        self._channels: dict[str, _Channel] = {}
        self._asked_ms = 0
        self._heard_ms = 0
        self._tries = 0
        self._bye: tuple[int, int | None] | None = None

    @property
    def store(self) -> dict[str, dict[str, Any]]:
        """The current cards of every channel."""
        return {name: channel.cards for name, channel in self._channels.items()}

    def use_ticket(self, ticket: str) -> None:
        """Start anew with a fresh ticket; what is shown stays until snapshots replace it."""
        self._ticket = ticket
        self._token = None

    def connected(self, now_ms: int) -> bytes:
        """Return the first message on a new socket: resume when possible, else hello."""
        self._asked_ms = self._heard_ms = now_ms
        self._bye = None
        self.outbox.clear()
        if self._token is not None:
            at = {
                name: (known.epoch, known.offset)
                for name, known in self._channels.items()
                if known.epoch
            }
            return frames.encode(frames.Resume(v=frames.VERSION, token=self._token, at=at))
        if self._ticket is None:
            raise Breach("a ticket is needed first")
        return frames.encode(frames.Hello(v=frames.VERSION, ticket=self._ticket, want=self._want))

    def receive(self, data: bytes, now_ms: int) -> list[Event]:
        """Take one message; answers wait in `outbox`. Breach when it makes no sense.

        What is not known is passed over: a later version of the protocol may say more.
        """
        return self.take(msgpack.unpackb(data), now_ms)

    def take(self, frame: Mapping[str, Any], now_ms: int) -> list[Event]:
        """Take one message that the caller has decoded, because he looks at it too."""
        self._heard_ms = now_ms
        takes: Mapping[str, Callable[[Any], Iterable[Event]]] = {
            "cards": self._take_cards,
            "snapshot": self._take_piece,
            "beat": self._take_beat,
            "welcome": self._take_welcome,
            "stale": self._take_stale,
            "fresh": self._take_fresh,
            "bye": self._take_bye,
        }
        take = takes.get(str(frame.get("t")))
        return list(take(frame)) if take is not None else []

    def paint(self, channel: str, key: str, now_ms: float) -> bytes:
        """Return the receipt for a card that is on the screen since `now_ms` of our clock."""
        known = self._channels[channel]
        return frames.encode(
            frames.Painted(
                ch=channel,
                key=key,
                o=known.offsets.get(key, known.offset),
                at=int(now_ms + self.offset_ms),
                err=self.error_ms,
            )
        )

    def is_dead(self, now_ms: int) -> bool:
        """Tell whether the server has been silent for so long that the socket is of no use."""
        return now_ms - self._heard_ms > STALE_AFTER_MS

    def closed(self, code: int, chance: float) -> Return | None:
        """Return when to come back, or None: wait for a person.

        The wait that `bye` named holds; else the table of closing.py, doubled at each failed try.
        """
        said, again = self._bye or (code, None)
        advice = advise(said)
        if not advice.returns:
            return None
        self._tries += 1
        if advice.fresh_ticket:
            self._token = self._ticket = None
        elif self._token is None:
            advice = ADVICE[Close.TICKET_REFUSED]  # a ticket is good for one socket only
            self._ticket = None
        if again is None:
            most = min(BACK_OFF_MOST_MS, max(advice.most_ms, LOST.most_ms) * 2 ** (self._tries - 1))
            again = advice.least_ms + int(chance * most)
        return Return(again, advice.fresh_ticket)

    def _take_welcome(self, frame: Any) -> Iterator[Event]:
        """Learn the token and the server's clock: `now` was read between asking and now."""
        self._token = frame["token"]
        self._ticket = None
        self._tries = 0
        self.is_stale = False
        self.error_ms = (self._heard_ms - self._asked_ms) / 2
        self.offset_ms = frame["now"] - (self._heard_ms + self._asked_ms) / 2
        yield Welcomed(frame["user"], frame["session"], frame["now"])

    def _take_beat(self, frame: Any) -> Iterator[Event]:
        self.outbox.append(frames.encode(frames.Pong(n=frame["n"])))
        yield from ()

    def _take_stale(self, _: Any) -> Iterator[Event]:
        self.is_stale = True
        yield Stale()

    def _take_fresh(self, _: Any) -> Iterator[Event]:
        self.is_stale = False
        yield Freshened()

    def _take_bye(self, frame: Any) -> Iterator[Event]:
        self._bye = (frame["code"], frame["again"])
        yield Farewell(frame["code"], frame["reason"])

    def _take_cards(self, frame: Any) -> Iterator[Event]:
        """Apply changes in order; what is not newer than the position is known already."""
        name = frame["ch"]
        known = self._channels.get(name)
        if known is None or known.epoch != frame["ep"]:
            self._channels.pop(name, None)
            raise Breach(f"cards of {name} do not follow what is known")
        for offset, key, value in frame["cards"]:
            if offset <= known.offset:
                continue
            known.offset = offset
            if value is None:
                known.cards.pop(key, None)
                known.offsets.pop(key, None)
            else:
                known.cards[key] = value
                known.offsets[key] = offset
            self._thank(name, key, offset, value)
            yield Changed(name, key, value, offset)

    def _take_piece(self, frame: Any) -> Iterator[Event]:
        """Gather the pieces of a snapshot; the last one puts it in place."""
        name = frame["ch"]
        known = self._channels.setdefault(name, _Channel())
        if frame["part"] == 0:
            known.pieces = {}
        known.pieces.update((key, (offset, value)) for offset, key, value in frame["cards"])
        if not frame["last"]:
            return
        pieces, known.pieces = known.pieces, {}
        known.epoch, known.offset = frame["ep"], frame["o"]
        known.cards = {key: value for key, (_, value) in pieces.items()}
        known.offsets = {key: offset for key, (offset, _) in pieces.items()}
        for key, (offset, value) in pieces.items():
            self._thank(name, key, offset, value)
        yield Replaced(name, known.cards)

    def _thank(self, channel: str, key: str, offset: int, value: Any) -> None:
        """Send a receipt for a screen at once."""
        if key.startswith(frames.URGENT) and value is not None:
            self.outbox.append(frames.encode(frames.Got(ch=channel, key=key, o=offset)))
