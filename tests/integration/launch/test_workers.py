"""Two hub processes behind one port: anybody lands on either, and it makes no difference."""

from __future__ import annotations

import asyncio
import os
import signal
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import pytest_asyncio

from app.desk.asking import STREAM
from app.desk.intents import decode
from realtime.broker_redis import RedisBroker
from realtime.client import Changed, Client, Replaced, Welcomed
from realtime.closing import Close
from realtime.presence_redis import RedisPresence
from realtime.redis_client import connect
from tests.integration.realtime.conftest import PATIENCE_S, Browser
from tests.support.house import House, free_port
from tests.support.realtime import a_card, a_ticket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis

AN, BINH, CHI, DUNG, EM = (str(UUID(int=number)) for number in range(7, 12))
TRIES = 60  # one in two lands on the other process
SECRET = bytes.fromhex("5a" * 32)  # the house's


class Hubs:
    """The processes, and pages that come to them."""

    def __init__(self, house: House, client: Redis, figures: int) -> None:
        self.house = house
        self.client = client
        self.broker = RedisBroker("", client)
        self.figures = figures
        self._presence = RedisPresence(client)
        self._pages = 0

    async def page(self, user: str = AN) -> Browser:
        """A page with a ticket of its own, welcomed and whole."""
        self._pages += 1
        ticket = a_ticket(user, [f"agent:{user}"], nonce=f"n{self._pages}", secret=SECRET)
        page = Browser(self.house.port, Client(ticket))
        await page.connect()
        await page.until(page.is_whole)
        return page

    async def process_of(self, page: Browser, user: str = AN) -> str:
        """The process that holds the page's newest socket, as it tells presence itself."""
        link = page.of(Welcomed)[-1].session
        async with asyncio.timeout(PATIENCE_S):
            while True:
                seen = (await self._presence.seen([user], time.time_ns() // 1_000_000))[user]
                for one in seen.links:
                    if one.link == link:
                        return one.hub.split(":")[1]
                await asyncio.sleep(0.05)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hubs(
    redis_url: str, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Hubs]:
    figures = free_port()
    folder = tmp_path_factory.mktemp("hubs")
    settings = {"PACELINE_METRICS_PORT": str(figures - 3)}
    with House(database_url, redis_url, folder, settings) as house:
        house.start("hub", arguments=("2",))
        await asyncio.to_thread(wait_for, house.address + "/readyz")
        await asyncio.to_thread(wait_for, f"http://127.0.0.1:{figures + 10}/metrics")
        async with connect(redis_url) as client:
            yield Hubs(house, client, figures)


def children_of(process: int) -> list[str]:
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def wait_for(address: str) -> None:
    """Wait until something is served there."""
    ends = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            assert time.monotonic() < ends, address
            time.sleep(0.1)


@pytest.mark.req("P0-001")
async def test_a_desk_is_one_desk_over_all_processes(hubs: Hubs) -> None:
    crossings = set()
    page = await hubs.page()
    process = await hubs.process_of(page)
    for _ in range(TRIES):
        newer = await hubs.page()
        assert await page.until_closed() == Close.TAKEN_OVER
        page, former, process = newer, process, await hubs.process_of(newer)
        crossings.add((former, process))
        if {(former, process), (process, former)} <= crossings and former != process:
            break
    assert len({one for pair in crossings for one in pair}) == 2
    await hubs.broker.publish(f"agent:{AN}", [a_card("agent", "here")])
    await page.until(lambda: page.client.store[f"agent:{AN}"] == {"agent": "here"})
    page.leave()


@pytest.mark.req("P0-001")
async def test_the_dialer_is_told_of_sockets_and_screens(hubs: Hubs) -> None:
    page = await hubs.page(EM)
    channel, screen = f"agent:{EM}", f"screen:{UUID(int=1)}"
    await hubs.broker.publish(channel, [a_card(screen, {"name": "An"})])
    await page.until(lambda: screen in page.client.store[channel])
    page.leave()
    told: list[str] = []
    async with asyncio.timeout(PATIENCE_S):
        while "LinkLost" not in told:
            entries: Any = await hubs.client.xrange(STREAM)
            intents = [decode(fields[b"i"]) for _, fields in entries]
            told = [type(one).__name__ for one in intents if str(getattr(one, "user", "")) == EM]
            await asyncio.sleep(0.05)
    assert told == ["Linked", "Received", "LinkLost"]


@pytest.mark.req("P0-001")
async def test_who_comes_back_to_another_process_gets_exactly_what_was_missed(hubs: Hubs) -> None:
    page = await hubs.page(BINH)
    process = former = await hubs.process_of(page, BINH)
    tries = 0
    while former == process:
        tries += 1
        assert tries < TRIES, "it always came back to the same process"
        page.leave()
        page.events.clear()
        missed = [10 * tries + number for number in range(3)]
        for number in missed:
            await hubs.broker.publish(f"agent:{BINH}", [a_card("agent", number)])
        await page.connect()
        await page.until(lambda: len(page.of(Changed)) == 3)
        assert [event.value for event in page.of(Changed)] == missed
        assert not page.of(Replaced)
        former, process = process, await hubs.process_of(page, BINH)
    page.leave()


async def test_one_that_dies_is_replaced_and_its_pages_come_back(hubs: Hubs) -> None:
    page = await hubs.page(CHI)
    dead = await hubs.process_of(page, CHI)
    page.events.clear()
    os.kill(int(dead), signal.SIGKILL)
    assert await page.until_closed() == 1006
    page.code = None
    await hubs.broker.publish(f"agent:{CHI}", [a_card("agent", 1)])
    await page.connect()
    await page.until(lambda: page.of(Welcomed))
    await page.until(lambda: page.client.store[f"agent:{CHI}"] == {"agent": 1})
    assert not page.of(Replaced)
    assert await hubs.process_of(page, CHI) != dead
    for port in (hubs.figures, hubs.figures + 10):  # the new one takes the place of the dead
        await asyncio.to_thread(wait_for, f"http://127.0.0.1:{port}/metrics")
    page.leave()


async def test_a_rolling_restart_sends_everybody_to_a_new_process(hubs: Hubs) -> None:
    page = await hubs.page(DUNG)
    page.events.clear()
    supervisor = hubs.house.running["hub"]
    former = children_of(supervisor.pid)
    supervisor.send_signal(signal.SIGHUP)
    process = former[0]
    while process in former:  # it may come to the other one before that one's turn
        assert await page.until_closed() == Close.DRAIN
        page.code = None
        await page.connect()
        await page.until(lambda: page.of(Welcomed))
        process = await hubs.process_of(page, DUNG)
    await hubs.broker.publish(f"agent:{DUNG}", [a_card("agent", 1)])
    await page.until(lambda: page.client.store[f"agent:{DUNG}"] == {"agent": 1})
    assert not page.of(Replaced)
    page.leave()
