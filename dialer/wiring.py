"""Chooses the carrier and the stores from settings: the only place in dialer that names concrete things."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.errors import NotFound
from app.people import service as people
from app.wiring import open_house
from dialer.carrier_ari import AriCarrier
from dialer.carrier_simulator import Exchange, SimulatedCarrier, admit_carrier
from dialer.engine import Engine, Timing
from dialer.fates import PROFILES
from dialer.intents_redis import RedisIntents
from dialer.journal_postgres import PostgresJournal
from dialer.leads_postgres import PostgresLeads
from dialer.lease import PostgresLease
from dialer.lessons_postgres import PostgresLessons
from dialer.memory_redis import RedisMemory
from dialer.meter_redis import RedisMeter
from dialer.paces_postgres import PostgresPaces
from dialer.reservations_redis import RedisReservations
from dialer.roster_postgres import PostgresRoster
from dialer.screens_desk import DeskScreens
from dialer.tools import Tools

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

    from app.settings import Settings
    from app.wiring import House
    from dialer.carrier import Carrier


@dataclass(frozen=True, slots=True)
class Room:
    """An open house and the tools of the room of calls."""

    house: House
    tools: Tools
    intents: RedisIntents

    def engine(self, fence: int, held_until_ms: int) -> Engine:
        """The engine of one lease."""
        self.intents.fence = fence
        settings = self.house.settings
        timing = Timing(
            renew_seconds=settings.lease_seconds / 3, drain_seconds=settings.drain_seconds
        )
        return Engine(self.tools, fence, held_until_ms, timing)


@asynccontextmanager
async def open_room(
    settings: Settings, owner: str, group: asyncio.TaskGroup
) -> AsyncIterator[Room]:
    """Open everything for one dialer process named `owner`; screens are assembled in `group`."""
    async with open_house(settings, "dialer") as house:
        carrier = await _carrier(house, group)
        intents = RedisIntents(house.redis)
        screens = DeskScreens(
            group=group,
            database=house.database,
            broker=house.broker,
            clock=house.clock,
            metrics=house.metrics,
            log=house.log,
        )
        tools = Tools(
            carrier=carrier,
            leads=PostgresLeads(house.database, house.clock, receipt_ms=settings.receipt_wait_ms),
            journal=PostgresJournal(house.database, house.clock),
            intents=intents,
            reservations=RedisReservations(house.redis),
            screens=screens,
            broker=house.broker,
            presence=house.presence,
            meter=RedisMeter(house.redis),
            paces=PostgresPaces(house.database),
            memory=RedisMemory(house.redis),
            lessons=PostgresLessons(house.database),
            roster=PostgresRoster(house.database),
            lease=PostgresLease(house.database, owner, lasts_ms=int(settings.lease_seconds * 1000)),
            clock=house.clock,
            metrics=house.metrics,
            log=house.log,
        )
        try:
            yield Room(house, tools, intents)
        finally:
            await screens.aclose()
            await carrier.aclose()


async def _carrier(house: House, group: asyncio.TaskGroup) -> Carrier:
    """The telephone network. Raises `Refused` where a demonstration would ring real people."""
    settings = house.settings
    demo = await _is_demo(house)
    if settings.ari is not None:
        host = urlsplit(settings.ari.url).hostname or ""
        admit_carrier(settings.carrier, host, demo=demo)
        return AriCarrier(settings.ari, house.clock, group, house.log)
    exchange = Exchange(PROFILES[settings.carrier_profile], settings.seed)
    return SimulatedCarrier(exchange, house.clock.now_ms, demo=demo)


async def _is_demo(house: House) -> bool:
    async with house.database.reading() as session:
        try:
            return (await people.organisation(session)).demo
        except NotFound:
            return False
