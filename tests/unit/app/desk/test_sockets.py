"""News of sockets reaches the dialer in order, whatever Redis does meanwhile."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import structlog

from app.desk import sockets
from app.desk.intents import Intent, Linked, LinkLost, Painted, Received
from app.desk.sockets import SocketNews
from app.errors import Unavailable
from app.observe import Metrics
from realtime.hub import Receipt
from tests.support.clock import SetClock

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "019aaf00-0000-7000-8000-000000000001"
CALL = "019aaf00-0000-7000-8000-000000000002"


class Stream:
    """Fulfils the sending part of `Asking`: keeps what it was sent, or is away."""

    def __init__(self) -> None:
        self.sent: list[Intent] = []
        self.away = False
        self.tried = asyncio.Event()
        self.whole = asyncio.Event()  # a thousand have come

    async def send(self, *intents: Intent) -> None:
        self.tried.set()
        if self.away:
            raise Unavailable("away")
        self.sent += intents
        if len(self.sent) >= 1_000:
            self.whole.set()


@pytest.fixture
def stream() -> Stream:
    return Stream()


@pytest.fixture
def news(stream: Stream) -> SocketNews:
    log = structlog.stdlib.get_logger("test")
    return SocketNews(asking=stream, clock=SetClock(), metrics=Metrics("test"), log=log)  # type: ignore[arg-type]  # its sending part


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.getLogger("test").setLevel(logging.ERROR)
    yield
    logging.getLogger("test").setLevel(logging.NOTSET)


def a_receipt(kind: str, key: str = f"screen:{CALL}") -> Receipt:
    return Receipt(USER, "s/1", f"agent:{USER}", key, 7, kind, 1_000, 3.2)


async def test_news_is_told_in_order(news: SocketNews, stream: Stream) -> None:
    news.opened(USER, "s/1", 10)
    news.receipt(a_receipt("got"))
    news.receipt(a_receipt("painted"))
    news.closed(USER, "s/1", 20, 4009)
    await news.flush()
    assert [type(each) for each in stream.sent] == [Linked, Received, Painted, LinkLost]
    received, painted = stream.sent[1], stream.sent[2]
    assert isinstance(received, Received)
    assert (received.user, received.call, received.at_ms) == (UUID(USER), UUID(CALL), 1_000)
    assert isinstance(painted, Painted)
    assert (painted.painted_at_ms, painted.error_ms) == (1_000, 4)
    assert painted.at_ms == SetClock().now_ms()


@pytest.mark.parametrize("key", ["agent", "screen:", "screen:7", "notice:1"])
async def test_receipt_of_anything_but_a_screen_is_nobodys_business(
    news: SocketNews, stream: Stream, key: str
) -> None:
    news.receipt(a_receipt("got", key))
    await news.flush()
    assert stream.sent == []


async def test_news_waits_while_redis_is_away_and_none_is_lost(
    news: SocketNews, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "AGAIN_SECONDS", 0.001)
    stream.away = True
    async with asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(news.run())
        for number in range(1_000):
            news.opened(USER, f"s/{number}", number)
        await stream.tried.wait()
        assert stream.sent == []
        stream.away = False
        async with asyncio.timeout(10):
            await stream.whole.wait()
        telling.cancel()
    told = [each.session for each in stream.sent if isinstance(each, Linked)]
    assert told == [f"s/{number}" for number in range(1_000)]


async def test_beyond_the_bound_the_oldest_goes_and_is_counted(
    news: SocketNews, stream: Stream
) -> None:
    for number in range(sockets.BOUND + 5):
        news.opened(USER, f"s/{number}", number)
    await news.flush()
    assert news.dropped == 5
    first = stream.sent[0]
    assert isinstance(first, Linked)
    assert first.session == "s/5"
