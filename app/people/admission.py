"""Turns at the door: when the whole floor signs in at once, who comes later is told his place and when to knock.

A sign-in costs a core some 32 ms of hashing and the process as much again for its pages. 2,000 of them at 08:00
would wait behind each other in requests that proxies give up, and calls would wait behind them. So each comer is
given an instant from which he is let in; one that is near he waits for inside, a later one he is told, sealed so
that any process of ours honours it. Nobody is refused and nobody overtakes. Pure but for what is passed in.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.errors import TooMany

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_APART_MS: Final = 40.0  # 25 a second: 2,000 in 80 s, and most of the loop is left for calls
PATIENCE_MS: Final = 2_000  # waited for inside the request
MOST_WAIT_MS: Final = 600_000  # a queue that long is no floor's, it is somebody knocking at random
GRACE_MS: Final = 60_000  # how late one may be for one's turn
MEMORY: Final = 0.1  # weight of the newest check in their mean


@dataclass(frozen=True, slots=True)
class Turn:
    """Come back later: so many stand before you, in so many ms it is your turn; show `token` then."""

    place: int
    wait_ms: int
    token: str


class Admission:
    """The door of one process. `cores` check passwords side by side; `secret` seals turns."""

    def __init__(self, *, cores: int, secret: bytes) -> None:
        self._cores = max(1, cores)
        self._secret = secret
        self._check_ms = LEAST_APART_MS
        self._next_ms = 0.0  # the first instant that is nobody's yet
        self._told_ms = 0.0  # the latest that somebody was told
        self._inside = 0

    @property
    def apart_ms(self) -> float:
        """How far turns are apart: what the last checks took, and never less than the pages cost."""
        return max(LEAST_APART_MS, self._check_ms / self._cores)

    def ask(self, username: str, token: str, now_ms: int) -> Turn | None:
        """None: come in. Raises `TooMany` when the queue is longer than any floor."""
        held_ms = self._read(username, token)
        if held_ms is not None and now_ms - held_ms <= GRACE_MS:
            wait_ms = held_ms - now_ms
        else:
            at_ms = max(float(now_ms), self._next_ms)
            if at_ms - now_ms > MOST_WAIT_MS:
                raise TooMany(
                    "Too many sign in at once. Try again in a minute.",
                    retry_after_seconds=60,
                    code="SIGN_IN_QUEUE",
                )
            self._next_ms = at_ms + self.apart_ms
            held_ms, wait_ms = math.ceil(at_ms), math.ceil(at_ms) - now_ms
        if wait_ms <= PATIENCE_MS:
            return None
        self._told_ms = max(self._told_ms, held_ms)
        return Turn(math.ceil(wait_ms / self.apart_ms), wait_ms, self._seal(username, held_ms))

    @contextmanager
    def inside(self) -> Iterator[None]:
        """One sign-in from the door to its end."""
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    def rest(self, now_ms: int) -> None:
        """Nobody inside and nobody told to come: whoever comes next need not wait for a guess of ours."""
        if not self._inside and self._told_ms <= now_ms:
            self._next_ms = min(self._next_ms, now_ms)

    def learn(self, check_ms: float) -> None:
        """How long a check of a password took, its queue for a core not counted."""
        self._check_ms += MEMORY * (check_ms - self._check_ms)

    def _seal(self, username: str, at_ms: int) -> str:
        mark = hmac.new(self._secret, f"turn:{username}:{at_ms}".encode(), hashlib.sha256)
        return f"{at_ms}.{mark.hexdigest()}"

    def _read(self, username: str, token: str) -> int | None:
        """The instant in a token of this name; None for one that is not ours."""
        at, _, _ = token.partition(".")
        if not at.isdecimal() or len(at) > 16:  # noqa: PLR2004 - no instant has more digits
            return None
        right = self._seal(username, int(at))
        return int(at) if hmac.compare_digest(right.encode(), token.encode()) else None
