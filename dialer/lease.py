"""The right to be the dialer, granted by PostgreSQL with a number that only grows (decisions.md 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.campaigns import lease
from dialer.fence import Fenced
from dialer.fence_postgres import answering, instant

if TYPE_CHECKING:
    from app.db import Database


class PostgresLease:
    """Fulfils `dialer.fence.Lease`.

    `owner` names this process and no other (host, pid and chance); `lasts_ms` is how long the lease runs
    from each renewal.
    """

    def __init__(self, database: Database, owner: str, *, lasts_ms: int = 5_000) -> None:
        self.owner = owner
        self.lasts_ms = lasts_ms
        self._database = database

    async def acquire(self, now_ms: int) -> int | None:
        """The new number; None while another's lease runs."""
        async with answering(), self._database.writing() as session:
            until = instant(now_ms + self.lasts_ms)
            return await lease.take(session, self.owner, instant(now_ms), until)

    async def renew(self, fence: int, now_ms: int) -> int:
        """Prolong; the instant (ms) until which it holds now. Raises `Fenced` or `Unavailable`."""
        until_ms = now_ms + self.lasts_ms
        async with answering(), self._database.writing() as session:
            if await lease.prolong(session, self.owner, fence, instant(until_ms)):
                return until_ms
            raise Fenced(fence, await lease.guard(session))

    async def release(self, fence: int) -> None:
        """Give it back so that another need not wait."""
        async with answering(), self._database.writing() as session:
            await lease.release(session, self.owner, fence)
