"""A dialer that goes on whatever happens: tries each kind of deed under the number it once got, and says so.

Run as a process by the test that stops it: `python -m tests.support.old_dialer`. One line per deed:
`lease N`, then `write|dial|reserve|renew done|fenced|away`, over and over.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING
from uuid import UUID

import redis.asyncio

from app.clock import Clock
from app.db import Database
from app.errors import Unavailable
from dialer.core.records import AgentChanged
from dialer.fence import Fenced
from dialer.journal_postgres import PostgresJournal
from dialer.leads_postgres import PostgresLeads
from dialer.lease import PostgresLease
from dialer.reservations_redis import RedisReservations

if TYPE_CHECKING:
    from collections.abc import Awaitable

AGENT, CALL = UUID(int=0xA1), UUID(int=0xC1)
LASTS_MS = 1_000


def say(*words: object) -> None:
    """One line, at once."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


async def tried(what: str, deed: Awaitable[object]) -> None:
    """Do it and say how it went."""
    try:
        await deed
    except Fenced:
        say(what, "fenced")
    except Unavailable:
        say(what, "away")
    else:
        say(what, "done")


async def main() -> None:
    """Deeds without end; whoever started this ends it."""
    clock, campaign = Clock(), UUID(os.environ["CAMPAIGN"])
    database = Database(os.environ["DATABASE_URL"], pool_size=2)
    agents = RedisReservations(redis.asyncio.Redis.from_url(os.environ["REDIS_URL"]))
    journal, leads = PostgresJournal(database, clock), PostgresLeads(database, clock)
    lease = PostgresLease(database, "the old one", lasts_ms=LASTS_MS)
    fence = await lease.acquire(clock.now_ms())
    if fence is None:
        raise SystemExit("the lease is taken")
    say("lease", fence)

    async def write() -> None:
        told = AgentChanged(
            agent=AGENT, at_ms=clock.now_ms(), status="READY", reason=None, state="IDLE", link="UP",
            call=None, campaign=None, because="AGENT",
        )  # fmt: skip
        await journal.write([told], clock.now_ms(), fence)

    async def dial() -> None:
        for lead in await leads.reserve(campaign, 1, clock.now_ms(), fence):
            await leads.open(lead, clock.now_ms(), fence)

    async def reserve() -> None:
        now_ms = clock.now_ms()
        await agents.reserve(AGENT, CALL, now_ms=now_ms, until_ms=now_ms + 10, fence=fence)

    while True:
        await tried("write", write())
        await tried("dial", dial())
        await tried("reserve", reserve())
        await tried("renew", lease.renew(fence, clock.now_ms()))
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(main())
