"""One socket: bytes in to its Conversation, cards out through its mailbox to its wire.

Writing never waits. What a slow reader cannot take is held, newest card per key, and leaves when
the wire is writable again; screens are never held; a reader that falls too far behind is closed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from realtime import frames
from realtime.broker import BrokerLost
from realtime.closing import Close, advise, again_ms
from realtime.counters import Counters
from realtime.frames import (
    FrameCard,
    Got,
    Hello,
    Inbound,
    Painted,
    Position,
    Publication,
    Resume,
    seal,
)
from realtime.hub import Answer, Receipt
from realtime.mailbox import Mailbox
from realtime.protocol import Conversation, State
from realtime.ticket import Grant, TicketRefused
from realtime.transport import Wire

HOLD_ABOVE_BYTES = 256 * 1024  # in the wire: from here on only screens are written at once
CUT_ABOVE_BYTES = 2 * 1024 * 1024  # in the wire: this reader is not reading
BEAT_MS = 5_000


class Clock(Protocol):
    """Where time and chance come from; the app passes its own."""

    def now_ms(self) -> int:
        """Return the instant, in ms since 1970 of business time."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never step back."""
        ...

    def token_bytes(self, size: int, /) -> bytes:
        """Return that many unguessable bytes."""
        ...


class House(Protocol):
    """What a session asks of the process it lives in."""

    clock: Clock
    counters: Counters

    async def admit(self, hello: Hello) -> Grant:
        """Return the grant for a ticket; TicketRefused or BrokerLost."""
        ...

    async def readmit(self, resume: Resume) -> Grant:
        """Return the grant for a token; TicketRefused or BrokerLost."""
        ...

    async def welcome(self, session: "Session", at: Mapping[str, Position]) -> None:
        """Let a granted session hear its channels, and tell who wants to know; or BrokerLost."""
        ...

    def is_behind(self, session: "Session") -> bool:
        """Tell whether any channel of the session is still out of step."""
        ...

    def receive(self, receipt: Receipt) -> None:
        """Pass a receipt on."""
        ...


@dataclass(eq=False, slots=True)
class Session:
    """One socket. Compared by identity; `grant` is None until the ticket is accepted."""

    house: House
    wire: Wire
    conversation: Conversation
    mailbox: Mailbox = field(default_factory=Mailbox)
    grant: Grant | None = None
    is_stale: bool = False
    ended_with: int | None = None
    slot: int = 0  # which tick of a beat is this socket's
    keep_due_s: float = 0.0  # when its token must be kept good again
    client: str = ""  # the browser's User-Agent, as it says itself
    version: str = ""  # of the page, as it says itself
    opened_ms: int = 0  # business time of the welcome
    held: int = 0  # publications that had to wait

    def start(self) -> None:
        """Take the wire's calls."""
        self.wire.on_writable = self.flush

    @property
    def session_name(self) -> str | None:
        """The session granted, None before."""
        return self.grant.session if self.grant is not None else None

    @property
    def channels(self) -> Sequence[str]:
        """The channels granted, none before."""
        return self.grant.channels if self.grant is not None else ()

    async def receive(self, data: bytes) -> None:
        """Take one message of the peer; a ticket or token is checked before this returns."""
        heard = self.hear(data)
        if isinstance(heard, Hello | Resume):
            await self._open(heard)

    def hear(self, data: bytes) -> Inbound | Close | None:
        """Take one message of the peer but for what opens the talk; who is closing is not heard."""
        if self.conversation.state is State.CLOSED:
            return None
        self.house.counters.frames_in += 1
        heard = self.conversation.receive(data, self.house.clock.monotonic())
        if isinstance(heard, Close):
            self.end(heard)
        elif isinstance(heard, Got | Painted):
            self._receipt(heard)
        return heard

    def end(self, code: int, reason: str = "", again: int | None = None) -> None:
        """Say bye and close; only the first call counts. `again` replaces the usual wait in ms."""
        if self.ended_with is not None:
            return
        self.ended_with = code
        self.conversation.ended()
        reason = reason or advise(code).sentence
        if again is None:
            again = again_ms(code, self._chance())
        self.say(seal(frames.encode(frames.Bye(int(code), reason, again))))
        self.wire.finish(int(code), reason)

    def say(self, frame: bytes) -> None:
        """Write a sealed frame now."""
        counters = self.house.counters
        counters.frames_out += 1
        counters.bytes_out += len(frame)
        self.wire.write(frame)

    def deliver(self, publication: Publication) -> None:
        """Write the shared frames, or hold their cards when the reader is behind.

        Once for each viewer of a wall: what `say` and `_may_write` do stands here without the calls.
        """
        wire = self.wire
        if (
            self.ended_with is None
            and self.mailbox.size_bytes == 0
            and wire.backlog() <= HOLD_ABOVE_BYTES
        ):
            counters = self.house.counters
            for frame in publication.frames:
                counters.frames_out += 1
                counters.bytes_out += len(frame)
                wire.write(frame)
        elif self._may_hold():
            self._hold(publication)

    def replay(self, answer: Answer) -> None:
        """Write what was missed, behind the cards of that channel that wait already."""
        self._flush_channel(answer.channel)
        self._say_all(answer.pieces)

    def restore(self, answer: Answer) -> None:
        """Write a whole channel in the place of whatever waits of it."""
        self.mailbox.drop(answer.channel)
        self._say_all(answer.pieces)

    def grow_stale(self) -> None:
        """Tell the reader once that changes may be missing."""
        if not self.is_stale:
            self.is_stale = True
            self.say(frames.STALE)

    def grow_fresh(self) -> None:
        """Tell the reader once that nothing is missing in any of its channels."""
        if self.is_stale and not self.house.is_behind(self):
            self.is_stale = False
            self.say(frames.FRESH)

    def flush(self) -> None:
        """Write all that was held: the wire is writable again."""
        for channel, epoch, cards in self.mailbox.take_all():
            self._say_cards(channel, epoch, cards)

    async def _open(self, asked: Hello | Resume) -> None:
        """Check ticket or token, and begin."""
        try:
            if isinstance(asked, Hello):
                grant = await self.house.admit(asked)
            else:
                grant = await self.house.readmit(asked)
            await self._begin(grant, asked)
        except TicketRefused as refusal:
            self.house.counters.refused += 1
            self.end(refusal.code, refusal.reason)
        except BrokerLost:
            self.end(Close.INTERNAL, "the broker cannot be reached")

    async def _begin(self, grant: Grant, asked: Hello | Resume) -> None:
        """Say welcome and join; nothing when the peer left while we asked."""
        clock = self.house.clock
        if not self.conversation.welcomed(clock.monotonic()):
            return
        self.grant = grant
        self.opened_ms = clock.now_ms()
        welcome = frames.Welcome(
            v=frames.VERSION,
            now=self.opened_ms,
            user=grant.user,
            session=grant.link,
            token=grant.token,
            beat=BEAT_MS,
        )
        self.say(seal(frames.encode(welcome)))
        at = asked.at if isinstance(asked, Resume) else {}
        await self.house.welcome(self, {channel: Position(*place) for channel, place in at.items()})
        self.wire.on_message = self.hear  # from here on nothing that is said takes time

    def _receipt(self, heard: Got | Painted) -> None:
        """Pass a receipt on for a channel of this socket; others are a breach."""
        grant = self.grant
        if grant is None or heard.ch not in grant.channels:
            self.end(Close.FORBIDDEN)
            return
        painted = isinstance(heard, Painted)
        self.house.receive(
            Receipt(
                user=grant.user,
                session=grant.link,
                channel=heard.ch,
                key=heard.key,
                offset=heard.o,
                kind="painted" if painted else "got",
                at_ms=heard.at if isinstance(heard, Painted) else self.house.clock.now_ms(),
                error_ms=heard.err if isinstance(heard, Painted) else 0.0,
            )
        )

    def _may_hold(self) -> bool:
        """Tell whether cards may wait for this reader; one that does not read is closed."""
        if self.ended_with is None and self.wire.backlog() > CUT_ABOVE_BYTES:
            self.end(Close.SLOW)
        return self.ended_with is None

    def _hold(self, publication: Publication) -> None:
        """Keep cards for later; a screen goes now, behind what waits of its channel."""
        counters = self.house.counters
        if publication.urgent:
            self._flush_channel(publication.channel)
            self._say_all(publication.frames)
            return
        before = self.mailbox.coalesced
        fits = self.mailbox.put(publication.channel, publication.epoch, publication.cards)
        counters.held += 1
        self.held += 1
        counters.coalesced += self.mailbox.coalesced - before
        if not fits:
            self.end(Close.SLOW)

    def _flush_channel(self, channel: str) -> None:
        held = self.mailbox.take(channel)
        if held is not None:
            self._say_cards(channel, *held)

    def _say_cards(self, channel: str, epoch: str, cards: Sequence[FrameCard]) -> None:
        self._say_all([seal(piece) for piece in frames.cards_in_pieces(channel, epoch, cards)])

    def _say_all(self, pieces: Sequence[bytes]) -> None:
        if self.ended_with is None:
            for piece in pieces:
                self.say(piece)

    def _chance(self) -> float:
        """Draw evenly from 0 up to 1."""
        return int.from_bytes(self.house.clock.token_bytes(4), "big") / 2**32


async def converse(session: Session, receive: Any) -> int:
    """Read the ASGI messages of an accepted socket until it is gone; return the close code."""
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            session.conversation.ended()
            return int(session.ended_with or message.get("code") or 1006)
        data = message.get("bytes")
        if session.conversation.state is State.CLOSED:
            continue  # closing: what the peer still says is not heard
        if data is None:
            session.end(Close.PROTOCOL, "text frames are not spoken here")
        else:
            await session.receive(data)


__all__ = ["BEAT_MS", "Clock", "House", "Inbound", "Session", "converse"]
