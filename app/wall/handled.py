"""Each agent's calls of the day, asked every few seconds without looking at the whole day again.

What was wrapped up some minutes ago does not change any more: it is added up once. Each time only the
calls since then and those that are still open are read, by their own indexes. Once an hour the day is
added up anew, for what was written down late (the dialer keeps records while the database is away).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.wall import store
from app.wall.store import Handled, Wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from app.db import ReadSession

SETTLED: Final = timedelta(minutes=10)  # no call is wrapped up in the books later than this
STEP: Final = timedelta(minutes=1)  # how often the sum is carried on
ANEW: Final = timedelta(hours=1)


class HandledDay:
    """The running sum of one leader. `read` gives what a scan of the whole day would."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._summed_at: datetime | None = None
        self._until: datetime | None = None
        self._sum: dict[UUID, Wrapped] = {}

    async def read(
        self, session: ReadSession, since: datetime, now: datetime
    ) -> dict[UUID, Handled]:
        """Calls connected since an instant, by agent."""
        until = max(since, now - SETTLED)
        if since != self._since or self._summed_at is None or now - self._summed_at >= ANEW:
            self._sum = _add(await store.wrapped(session, since, since, until))
            self._since, self._until, self._summed_at = since, until, now
        elif self._until is not None and until - self._until >= STEP:
            step = await store.wrapped(session, since, self._until, until)
            self._sum = _add([*self._sum.items(), *step])
            self._until = until
        latest = await store.wrapped(session, since, self._until or since, None)
        return {
            agent: Handled(total.calls, total.seconds / total.timed if total.timed else None)
            for agent, total in _add([*self._sum.items(), *latest]).items()
        }


@dataclass(slots=True)
class _Total:
    calls: int = 0
    timed: int = 0
    seconds: float = 0.0


def _add(parts: Iterable[tuple[UUID, Wrapped]]) -> dict[UUID, Wrapped]:
    totals: dict[UUID, _Total] = defaultdict(_Total)
    for agent, part in parts:
        total = totals[agent]
        total.calls += part.calls
        total.timed += part.timed
        total.seconds += part.seconds
    return {agent: Wrapped(t.calls, t.timed, t.seconds) for agent, t in totals.items()}
