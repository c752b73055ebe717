"""One dialer at a time: the fencing number and what becomes of him who holds an old one.

The number is granted by PostgreSQL and only grows (decisions.md 10). `dialer.lease` implements it.
"""

from typing import Protocol


class Fenced(Exception):
    """Another dialer has a higher number. The holder stops at once and ends; it never retries."""

    def __init__(self, held: int, seen: int | None = None) -> None:
        super().__init__(
            f"fencing number {held} is old" + (f", {seen} is in force" if seen else "")
        )
        self.held = held
        self.seen = seen


class Lease(Protocol):
    """The right to be the dialer. Time comes as argument; no server's clock decides (decisions.md 18)."""

    async def acquire(self, now_ms: int) -> int | None:
        """The new fencing number, or None while another holder's lease runs."""
        ...

    async def renew(self, fence: int, now_ms: int) -> int:
        """Prolong and return the instant (ms) until which it holds. Raises `Fenced`.

        Raises `app.errors.Unavailable` when the store does not answer: the lease then runs out at the
        instant returned last, and the holder must not act beyond it.
        """
        ...

    async def release(self, fence: int) -> None:
        """Give it back so that another need not wait. Does nothing when it is not held any more."""
        ...
