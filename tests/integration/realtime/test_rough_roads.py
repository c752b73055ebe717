"""Whatever happens on the way, a page ends with what a fresh snapshot holds, and shows each pop once.

Real sockets, a real server and Valkey. Chance cuts sockets after some frames, keeps readers from reading,
breaks the line to Valkey, and between Valkey and the hub doubles, withholds and reorders publications.
"""

from __future__ import annotations

import asyncio
import random
import socket
from typing import TYPE_CHECKING, Any

import msgpack
import pytest

from realtime.client import Changed, Replaced, Welcomed
from realtime.closing import Close
from tests.integration.realtime.conftest import PATIENCE_S
from tests.support.realtime import a_card, a_ticket

if TYPE_CHECKING:
    from realtime.broker import Card, Publication, Receiver
    from tests.integration.realtime.conftest import Browser, Hub

CHANNELS = ["agent:7", "wall:all"]
STEPS = 60
SMALL_WINDOW = 8 * 1024  # of the page's socket, so that a reader who waits is soon behind
HEAVY = "x" * 40_000
AT_ONCE = 3  # pops; a desk has one, and for a moment two


class Jumble:
    """Between the feed and the hub: hands on most publications as they come, some twice, late or never."""

    def __init__(self, receiver: Receiver, chance: random.Random) -> None:
        self._receiver = receiver
        self._chance = chance
        self._late: list[Publication] = []
        self.rough = True
        self.jumbled = 0

    def published(self, publication: Publication) -> None:
        drawn = self._chance.random() if self.rough else 1.0
        self.jumbled += drawn < 0.35
        if drawn < 0.1:
            return
        if drawn < 0.25:
            self._late.append(publication)
            return
        self._receiver.published(publication)
        if drawn < 0.35:
            self._receiver.published(publication)
        while self._late and (not self.rough or self._chance.random() < 0.5):
            self._receiver.published(self._late.pop())

    def feed_lost(self) -> None:
        self._receiver.feed_lost()

    def feed_back(self) -> None:
        self._receiver.feed_back()


class Road:
    """One desk whose page comes and goes, and what was published to it."""

    def __init__(self, hub: Hub, chance: random.Random) -> None:
        self.hub = hub
        self.chance = chance
        feed: Any = hub.realtime.hub.feed
        self.jumble = feed._receiver = Jumble(feed._receiver, chance)
        self.page: Browser = hub.browser(CHANNELS)
        self.tickets = 1
        self.value = 0
        self.pops: list[str] = []  # those whose call is not over
        self.there: set[str] = set()  # pops on the page now
        self.judged = 0  # events so far
        self.shown: list[str] = []  # pops that came up on it

    async def come(self) -> None:
        """Open a socket until one is welcomed; a token that a lost welcome used up needs a new ticket."""
        page = self.page
        while True:
            page.code = None
            welcomes = len(page.of(Welcomed))
            plug = socket.socket()
            plug.setblocking(False)  # noqa: FBT003 -- its signature
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_WINDOW)
            await asyncio.get_running_loop().sock_connect(plug, ("127.0.0.1", page.port))
            await page.connect(sock=plug, max_queue=1)
            while page.code is None and len(page.of(Welcomed)) == welcomes:
                await self.hear()
            if page.code is None:
                return
            assert page.code in (Close.TICKET_REFUSED, Close.INTERNAL)
            back = page.client.closed(page.code, 0.0)
            assert back is not None
            if back.fresh_ticket:
                self.tickets += 1
                page.client.use_ticket(a_ticket(channels=CHANNELS, nonce=f"n{self.tickets}"))

    async def leave(self) -> None:
        """The socket breaks, with whatever is under way."""
        self.page.leave()
        self.page.client.closed(1006, 0.0)

    async def publish(self, count: int) -> None:
        """News of the desk and, now and then, a pop; each value is higher than all before."""
        for _ in range(count):
            self.value += 1
            cards: list[Card] = [a_card(self.chance.choice(["agent", "call"]), self.value)]
            if self.chance.random() < 0.3:
                self.pops.append(f"screen:{self.value}")
                cards.append(a_card(self.pops[-1], self.value))
                if len(self.pops) > AT_ONCE:  # its call is over
                    cards.append(a_card(self.pops.pop(0)))
            await self.hub.publish(*cards)

    async def overwhelm(self) -> None:
        """More of the wall than a reader who does not read can take."""
        for _ in range(12):
            self.value += 1
            await self.hub.publish(a_card("tiles", f"{HEAVY}{self.value}"), channel="wall:all")

    async def read(self, most: int) -> None:
        """Take a few messages, if there are any."""
        for _ in range(most):
            try:
                async with asyncio.timeout(0.02):
                    await self.hear()
            except TimeoutError:
                return
            if self.page.code is not None:
                await self.return_from_a_close()
                return

    async def return_from_a_close(self) -> None:
        code = self.page.code
        assert code in (Close.SLOW, 1006), f"closed with {code}"
        self.page.client.closed(code, 0.0)
        await self.come()

    async def step(self) -> None:
        """One thing happens."""
        drawn = self.chance.random()
        if drawn < 0.45:
            await self.publish(self.chance.randint(1, 4))
        elif drawn < 0.75:
            await self.read(self.chance.randint(1, 6))
        elif drawn < 0.87:
            await self.leave()
            await self.publish(self.chance.choice([0, 1, 3, 90]))
            await self.come()
        elif drawn < 0.95:
            await self.overwhelm()
        else:
            self.hub.realtime.hub.feed.cut()  # type: ignore[attr-defined]  # for tests, not of the contract

    async def is_whole(self) -> bool:
        """Whether the page holds what a fresh snapshot does."""
        for channel in CHANNELS:
            fresh = await self.hub.realtime.broker.snapshot(channel)
            cards = {key: msgpack.unpackb(value) for _, key, value in fresh.cards}
            if self.page.client.store.get(channel) != cards:
                return False
        return True

    async def hear(self) -> None:
        """Read one message, and see which pops come up."""
        try:
            await self.page.read()
        finally:  # also when the patience ended while an answer was sent
            news, self.judged = self.page.events[self.judged :], len(self.page.events)
            self.judge(news)

    def judge(self, news: list[Any]) -> None:
        """Note which pops come up: they were not there, then they are."""
        for event in news:
            if isinstance(event, Replaced) and event.channel == "agent:7":
                now = {key for key in event.cards if key.startswith("screen:")}
                assert not (self.there - now) & set(self.pops), "a pop vanished"
                self.shown += now - self.there
                self.there = now
            elif isinstance(event, Changed) and event.key.startswith("screen:"):
                if event.value is None:
                    self.there.discard(event.key)
                    continue
                assert event.key not in self.there, f"{event.key} came again while it was shown"
                self.shown.append(event.key)
                self.there.add(event.key)


@pytest.mark.req("P0-001")
@pytest.mark.parametrize("seed", range(5))
async def test_a_page_ends_with_a_fresh_snapshot_and_shows_each_pop_once(
    hub: Hub, seed: int
) -> None:
    road = Road(hub, random.Random(seed))
    await road.come()
    for _ in range(STEPS):
        await road.step()
    road.jumble.rough = False
    await road.publish(1)  # what was withheld shows as a hole now
    await hub.publish(a_card("tiles", "last"), channel="wall:all")
    async with asyncio.timeout(PATIENCE_S):
        while not await road.is_whole():
            await road.read(50)
    assert road.jumble.jumbled > 0
    assert len(road.shown) == len(set(road.shown)), "a pop came up twice"
    assert set(road.pops) <= set(road.shown)
