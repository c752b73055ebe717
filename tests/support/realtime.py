"""What tests of the realtime part share: a wire that remembers, a listener that remembers, one client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgpack

from realtime.broker import Card
from realtime.frames import encode_value, open_seal
from realtime.ticket import Ticket, sign

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from realtime.hub import Receipt

SECRET = b"s" * 32


class StillClock:
    """A clock that stands still until it is moved; its chance is counted, not drawn."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self._drawn = 0

    def now_ms(self) -> int:
        return 1_795_363_000_000 + int(self.now_s * 1000)

    def monotonic(self) -> float:
        return self.now_s

    def token_bytes(self, size: int) -> bytes:
        self._drawn += 1
        return self._drawn.to_bytes(size, "big")


class MemoryWire:
    """A wire whose reader can be made slow: `buffered` is what it has not taken."""

    def __init__(self) -> None:
        self.on_message: Callable[[bytes], object] | None = None
        self.on_writable: Callable[[], None] | None = None
        self.on_shutdown: Callable[[], None] | None = None
        self.written: list[bytes] = []
        self.buffered = 0
        self.finished: tuple[int, str] | None = None

    def write(self, frame: bytes) -> None:
        self.written.append(frame)

    def backlog(self) -> int:
        return self.buffered

    def finish(self, code: int, reason: str) -> None:
        self.finished = (code, reason)

    @property
    def said(self) -> list[dict[str, Any]]:
        """Every frame so far, decoded."""
        return [msgpack.unpackb(open_seal(frame)) for frame in self.written]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The frames of one kind."""
        return [frame for frame in self.said if frame["t"] == kind]


class Witness:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []
        self.receipts: list[Receipt] = []

    def opened(self, user: str, session: str, at_ms: int) -> None:
        self.events.append(("opened", user, session))

    def closed(self, user: str, session: str, at_ms: int, why: int) -> None:
        self.events.append(("closed", user, session, why))

    def receipt(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)


def a_ticket(
    user: str = "7",
    channels: Sequence[str] = ("agent:7",),
    *,
    nonce: str = "n1",
    expires_at_ms: int = 2**45,
    issue: str = "sign-in",
    secret: bytes = SECRET,
) -> str:
    """A sealed ticket."""
    return sign(Ticket(user, tuple(channels), expires_at_ms, nonce, issue), secret)


def a_card(key: str, value: object = None) -> Card:
    """A card; None removes."""
    return Card(key, None if value is None else encode_value(value))
