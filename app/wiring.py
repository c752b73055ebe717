"""The only place in app that names concrete things: engines, broker, presence, tickets.

`open_house` opens them for one process and closes them again; everything else is handed what it needs.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.campaigns import service as campaigns
from app.clock import Clock
from app.db import Database
from app.desk.asking import Asking
from app.errors import NotFound
from app.observe import Metrics, configure_logging
from app.people import service as people
from realtime.broker_redis import RedisBroker
from realtime.presence_redis import RedisPresence
from realtime.redis_client import connect
from realtime.ticket_redis import RedisTicketBook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from redis.asyncio import Redis
    from structlog.stdlib import BoundLogger

    from app.settings import Settings

# For a connection to PostgreSQL. A page gives an answer up after eight seconds (`http.ts`): what waits longer
# than it does is work for nobody, and a busy floor drowned in it.
PAGE_WAITS_SECONDS: Final = 5.0
JOB_WAITS_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class House:
    """What one process stands on. Closed by whoever opened it."""

    settings: Settings
    clock: Clock
    database: Database
    redis: Redis
    broker: RedisBroker
    presence: RedisPresence
    tickets: RedisTicketBook
    asking: Asking
    metrics: Metrics
    log: BoundLogger


@asynccontextmanager
async def open_house(settings: Settings, process: str) -> AsyncIterator[House]:
    """Open the engines for `process` (web, dialer, worker): it names the metrics and the log."""
    metrics = Metrics(process)
    waits = PAGE_WAITS_SECONDS if process == "web" else JOB_WAITS_SECONDS
    database = Database(settings.database_url, pool_size=settings.pool_size, wait_seconds=waits)
    database.measure(metrics.sql_connections, metrics.sql_connections_limit)
    redis = connect(settings.redis_url)
    broker = RedisBroker(settings.redis_url, redis)
    presence = RedisPresence(redis)
    clock = Clock(await _offset_ms(database))
    log = configure_logging(process, now=lambda: clock.now().isoformat(timespec="milliseconds"))

    async def campaigns_of(user: UUID, team: UUID | None) -> Sequence[UUID]:
        """The campaigns whose calls he takes, read in a transaction of their own."""
        async with database.reading() as session:
            return await campaigns.campaigns_of(session, user, team)

    asking = Asking(
        redis=redis,
        broker=broker,
        presence=presence,
        clock=clock,
        metrics=metrics,
        campaigns_of=campaigns_of,
    )
    try:
        yield House(
            settings=settings,
            clock=clock,
            database=database,
            redis=redis,
            broker=broker,
            presence=presence,
            tickets=RedisTicketBook(redis),
            asking=asking,
            metrics=metrics,
            log=log,
        )
    finally:
        await broker.close()
        await redis.aclose()
        await database.close()


async def _offset_ms(database: Database) -> int:
    """The organisation's clock offset; 0 before there is an organisation."""
    async with database.reading() as session:
        try:
            return (await people.organisation(session)).clock_offset_ms
        except NotFound:
            return 0
