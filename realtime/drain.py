"""Leaving: sockets go in batches, and each is told a moment of its own to come back.

Otherwise a restart sends the whole floor away and back in the same instant.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leaving:
    """How sockets leave: `batch` at a time, `pause_s` apart, back within `spread_ms`."""

    batch: int = 100
    pause_s: float = 0.1
    spread_ms: int = 3_000
    within_s: float = 8.0  # then who is still here is left to the server


@dataclass(frozen=True, slots=True)
class Departure:
    """When one socket leaves, from now, and how long it stays away."""

    after_s: float
    again_ms: int


def plan(count: int, leaving: Leaving, chance: Callable[[], float]) -> Iterator[Departure]:
    """Yield a departure for each of `count` sockets, in order, all within `leaving.within_s`.

    `chance` draws evenly from 0 up to 1. More sockets than fit make the batches larger, not the
    drain longer.
    """
    most = max(1, int(leaving.within_s / 2 / leaving.pause_s)) if leaving.pause_s else 1
    batch = max(leaving.batch, -(-count // most))
    for number in range(count):
        yield Departure(
            after_s=(number // batch) * leaving.pause_s,
            again_ms=int(chance() * leaving.spread_ms),
        )
