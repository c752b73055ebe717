"""Calls per second: how many may still be asked for, so that no second ever holds more than a cap.

A second begins anywhere: whatever was placed within the last one counts, and so does what was asked for and
is not placed yet. Who never asks for more than `left` never has more than the cap placed within any second,
however late the lines that he asked for are opened.
"""

from collections import deque
from dataclasses import dataclass, field

SECOND_MS = 1_000


@dataclass(slots=True)
class Flow:
    """The calls placed within the last second, of one campaign or of all."""

    _placed: deque[int] = field(default_factory=deque)  # instants, ms

    def place(self, now: int) -> None:
        """One more."""
        self._placed.append(now)
        self._forget(now)

    def left(self, cap: int | None, pending: int, now: int) -> int | None:
        """How many may be asked for beside the `pending` ones; None without a cap."""
        if cap is None:
            return None
        self._forget(now)
        return max(0, cap - len(self._placed) - pending)

    def _forget(self, now: int) -> None:
        while self._placed and now - self._placed[0] >= SECOND_MS:
            self._placed.popleft()
