"""The conversation with one socket, sans I/O: states as a table, and where a reader stands.

Pure: bytes and seconds come in, frames or a reason to close go out. session.py moves the bytes,
hub.py moves the publications. The page for strangers is docs/protocol.md.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from realtime.closing import Close
from realtime.frames import (
    FRAME_LIMIT_BYTES,
    VERSION,
    Got,
    Hello,
    Inbound,
    Malformed,
    Painted,
    Pong,
    Position,
    Publication,
    Resume,
    decode,
)

FRAMES_PER_SECOND = 20.0  # inward, sustained; a desk sends about one in two seconds
FRAMES_AT_ONCE = 60.0  # inward, after a quiet spell: receipts of a replay come in a burst
HELLO_WITHIN_S = 10.0  # an accepted socket that says nothing is closed
SILENT_AFTER_S = 10.0  # two beats of 5 s without any frame


class State(StrEnum):
    """Where a conversation stands."""

    OPENING = "OPENING"  # accepted, nothing said yet
    ADMITTING = "ADMITTING"  # the ticket or token is being checked
    LIVE = "LIVE"  # welcomed
    CLOSED = "CLOSED"


class Said(StrEnum):
    """What moves a conversation on."""

    ASKED = "ASKED"  # hello or resume came
    WELCOMED = "WELCOMED"  # we sent welcome
    PONG = "PONG"
    RECEIPT = "RECEIPT"  # got or painted came
    ENDED = "ENDED"  # either side closed


# A missing entry is a breach of the protocol and closes the socket with Close.PROTOCOL.
STEPS: Mapping[State, Mapping[Said, State]] = MappingProxyType(
    {
        State.OPENING: {Said.ASKED: State.ADMITTING, Said.ENDED: State.CLOSED},
        State.ADMITTING: {Said.WELCOMED: State.LIVE, Said.ENDED: State.CLOSED},
        State.LIVE: {
            Said.PONG: State.LIVE,
            Said.RECEIPT: State.LIVE,
            Said.ENDED: State.CLOSED,
        },
        State.CLOSED: {Said.ENDED: State.CLOSED},
    }
)

_SAID: Mapping[type, Said] = MappingProxyType(
    {
        Hello: Said.ASKED,
        Resume: Said.ASKED,
        Pong: Said.PONG,
        Got: Said.RECEIPT,
        Painted: Said.RECEIPT,
    }
)


class Allowance:
    """A bucket of frames that refills evenly; what a peer may send."""

    __slots__ = ("_at_s", "_left", "_most", "_per_second")

    def __init__(
        self, now_s: float, per_second: float = FRAMES_PER_SECOND, most: float = FRAMES_AT_ONCE
    ) -> None:
        self._per_second = per_second
        self._most = most
        self._left = most
        self._at_s = now_s

    def spend(self, now_s: float) -> bool:
        """Take one frame out; False when the bucket is empty."""
        refill = (now_s - self._at_s) * self._per_second
        self._left = min(self._most, self._left + refill)
        self._at_s = now_s
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class Conversation:
    """One socket's side of the talk. Seconds are of a clock that never steps back."""

    __slots__ = ("_allowance", "_beat", "heard_s", "missed", "opened_s", "round_trip_s", "state")

    def __init__(self, now_s: float) -> None:
        self.state = State.OPENING
        self.opened_s = now_s
        self.heard_s = now_s
        self.round_trip_s: float | None = None  # None until the first pong
        self.missed = 0  # beats without an answer by the time of the next
        self._beat: tuple[int, float] | None = None
        self._allowance = Allowance(now_s)

    def receive(self, data: bytes, now_s: float) -> Inbound | Close:
        """Return the frame in `data`, or why the socket must close; an ended talk stays ended."""
        self.heard_s = now_s
        if len(data) > FRAME_LIMIT_BYTES:
            return self._end(Close.FLOOD)
        if not self._allowance.spend(now_s):
            return self._end(Close.FLOOD)
        try:
            frame = decode(data)
        except Malformed:
            return self._end(Close.PROTOCOL)
        if isinstance(frame, Hello | Resume) and frame.v != VERSION:
            return self._end(Close.PROTOCOL)
        if not self._step(_SAID[type(frame)]):
            return self._end(Close.PROTOCOL)
        if isinstance(frame, Pong):
            self._answered(frame.n, now_s)
        return frame

    def welcomed(self, now_s: float) -> bool:
        """Note that welcome was sent; False when the talk has ended meanwhile."""
        self.heard_s = now_s
        return self._step(Said.WELCOMED)

    def beaten(self, number: int, now_s: float) -> None:
        """Note that beat `number` was sent, to time its pong; a former one has none coming any more."""
        self.missed += self._beat is not None
        self._beat = (number, now_s)

    def ended(self) -> bool:
        """End the talk; False when it had ended before."""
        first = self.state is not State.CLOSED
        self._step(Said.ENDED)
        return first

    def overdue(self, now_s: float) -> Close | None:
        """Return why the socket must close by now because of its silence, or None."""
        if self.state is State.LIVE:
            return Close.SILENT if now_s - self.heard_s >= SILENT_AFTER_S else None
        if self.state is State.OPENING:
            return Close.PROTOCOL if now_s - self.opened_s >= HELLO_WITHIN_S else None
        return None

    def _answered(self, number: int, now_s: float) -> None:
        """Time the round trip of the newest beat; an older number proves life and no more."""
        if self._beat is not None and self._beat[0] == number:
            self.round_trip_s = now_s - self._beat[1]
            self._beat = None

    def _step(self, said: Said) -> bool:
        """Move along the table; False and unmoved when the table has no such step."""
        following = STEPS[self.state].get(said)
        if following is None:
            return False
        self.state = following
        return True

    def _end(self, why: Close) -> Close:
        """Leave for good with a reason."""
        self._step(Said.ENDED)
        return why


class Subscription:
    """Where one reader stands in one channel.

    While it is `behind`, publications wait in order; `ask` names the position to catch up from and
    `settle` takes the answer and lets the waiting ones through that it does not cover. In step, a
    publication either follows on at once, is old, or shows a hole: then the reader is behind
    again. Nothing is ever skipped: a hole is closed by the stream or by a snapshot.
    """

    __slots__ = ("_asked", "_waiting", "behind", "channel", "position")

    def __init__(self, channel: str, position: Position | None = None) -> None:
        self.channel = channel
        self.position = position  # None: nothing seen yet, a snapshot is needed
        self.behind = True
        self._waiting: list[Publication] = []
        self._asked = 0

    def take(self, publication: Publication) -> Publication | None:
        """Return what the reader must see of a publication now; None: nothing, or not yet."""
        if self.behind:
            self._waiting.append(publication)
            return None
        at = self.position
        if at is None or publication.epoch != at.epoch or publication.first > at.offset + 1:
            self.behind = True
            self._waiting.append(publication)
            return None
        if publication.last <= at.offset:
            return None
        self.position = Position(at.epoch, publication.last)
        if publication.first == at.offset + 1:
            return publication
        return publication.after(at.offset)

    def lose(self) -> None:
        """Note that publications may have been missed: the reader is behind."""
        self.behind = True

    def ask(self) -> Position | None:
        """Begin to catch up; return the position to ask from (None: ask for a snapshot)."""
        self._asked = len(self._waiting)
        return self.position

    def settle(self, position: Position) -> list[Publication]:
        """Stand at the answer's position; return what has come since and follows on.

        Call it once the answer itself went out. When a hole remains the reader stays `behind`.
        What waited before the question and is of another epoch was older than the answer; of what
        came during the question that cannot be said, so it waits for the next question.
        """
        self.position = position
        self.behind = False
        waiting, self._waiting = self._waiting, []
        settled = [
            publication
            for publication in waiting[: self._asked]
            if publication.epoch == position.epoch
        ]
        return [
            taken
            for publication in (*settled, *waiting[self._asked :])
            if (taken := self.take(publication)) is not None
        ]


def permitted(allowed: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...] | None:
    """Return the channels to join: the wanted ones, or all; None when one is not allowed."""
    if not wanted:
        return tuple(dict.fromkeys(allowed))
    if not set(wanted) <= set(allowed):
        return None
    return tuple(dict.fromkeys(wanted))
