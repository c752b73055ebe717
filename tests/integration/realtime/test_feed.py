"""The raw line to the engine, and what a restart of the engine does to positions. An engine of our own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
import redis
import redis.asyncio

from app.launch.binaries import find_valkey
from realtime.broker import BrokerLost
from realtime.broker_redis import RedisBroker
from realtime.feed import RedisFeed
from realtime.redis_client import connect
from tests.contracts.test_broker import Ear, listening
from tests.support.realtime import a_card

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


class Engine:
    """A Valkey that can be killed and started over its own file."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self.socket = folder / "v.sock"
        self.url = f"unix://{self.socket}"
        self._command = [
            str(find_valkey(os.environ).path),
            *("--port", "0", "--unixsocket", str(self.socket), "--dir", str(folder)),
            *("--save", "", "--appendonly", "yes", "--appendfsync", "always", *settings),
        ]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    async def until_up(self, password: str | None = None) -> None:
        async with redis.asyncio.Redis.from_url(self.url, password=password) as client:
            async with asyncio.timeout(20):
                while True:
                    with contextlib.suppress(redis.RedisError, OSError):
                        await client.ping()
                        return
                    await asyncio.sleep(0.02)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rt") as name:  # short: a socket's path has 107 bytes
        yield Path(name)


@pytest_asyncio.fixture
async def engine(folder: Path) -> AsyncIterator[Engine]:
    engine = Engine(folder)
    engine.start()
    await engine.until_up()
    yield engine
    engine.kill()


async def test_a_restart_is_a_new_life_and_loses_no_card(engine: Engine) -> None:
    broker = RedisBroker(engine.url)
    async with listening(broker, "c") as (ear, _):
        before = await broker.publish("c", [a_card("a", 1)])
        await ear.until(heard=1)
        engine.kill()
        await ear.until(losses=1)
        with pytest.raises(BrokerLost):
            await broker.publish("c", [a_card("a", 2)])
        engine.start()
        await ear.until(returns=2)
        assert await broker.since("c", before) is None
        whole = await broker.snapshot("c")
        assert whole.cards == ((1, "a", b"\x01"),)
        assert whole.position.epoch != before.epoch
        after = await broker.publish("c", [a_card("a", 3)])
        await ear.until(heard=2)
        assert after == (whole.position.epoch, before.offset + 1)
    await broker.close()


async def test_two_processes_agree_on_the_life_after_a_restart(engine: Engine) -> None:
    one, other = RedisBroker(engine.url), RedisBroker(engine.url)
    before = [await broker.publish("c", [a_card("a", 1)]) for broker in (one, other)]
    assert before[0].epoch == before[1].epoch
    engine.kill()
    engine.start()
    await engine.until_up()
    after = [await broker.publish("c", [a_card("a", 1)]) for broker in (one, other)]
    assert after[0].epoch == after[1].epoch != before[0].epoch
    assert [end.offset for end in after] == [3, 4]
    await one.close()
    await other.close()


async def test_scripts_flushed_by_somebody_do_not_end_a_life(engine: Engine) -> None:
    broker = RedisBroker(engine.url)
    before = await broker.publish("c", [a_card("a", 1)])
    async with redis.asyncio.Redis.from_url(engine.url) as client:
        await client.script_flush()
        batch = [("c", [a_card("a", 2)]), ("d", [a_card("a", 1)])]
        ends = await broker.publish_many(batch)
    assert ends[0] == (before.epoch, 2)
    await broker.close()


async def test_an_engine_that_refuses_is_said_to_be_lost(engine: Engine) -> None:
    broker = RedisBroker(engine.url)
    await broker.publish("c", [a_card("a", 1)])
    async with redis.asyncio.Redis.from_url(engine.url) as client:
        await client.set("rt:{d}:cards", "not a hash")
        with pytest.raises(BrokerLost, match="WRONGTYPE"):
            await broker.publish("d", [a_card("a", 1)])
    await broker.close()


async def test_a_frozen_engine_is_a_lost_feed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.feed.PING_EVERY_S", 0.05)
    monkeypatch.setattr("realtime.feed.DEAD_AFTER_S", 0.3)
    monkeypatch.setattr("realtime.feed.SUBSCRIBE_WITHIN_S", 0.1)
    broker = RedisBroker(engine.url)
    assert engine.process is not None
    async with listening(broker, "c") as (ear, feed):
        engine.process.send_signal(19)  # SIGSTOP
        with pytest.raises(BrokerLost, match="confirm"):
            await feed.subscribe(["d"])
        await ear.until(losses=1)
        with pytest.raises(BrokerLost, match="no line"):
            await feed.subscribe(["e"])
        engine.process.send_signal(18)
        await ear.until(returns=2)
        await broker.publish("d", [a_card("a", 1)])  # wanted since, so it is subscribed by now
        await ear.until(heard=1)
    await broker.close()


async def test_a_subscription_under_way_when_the_line_breaks_is_lost(engine: Engine) -> None:
    broker = RedisBroker(engine.url)
    async with listening(broker, "c") as (ear, feed):
        assert isinstance(feed, RedisFeed)
        asyncio.get_running_loop().call_soon(feed.cut)
        with pytest.raises(BrokerLost, match="broke"):
            await feed.subscribe(["x"])
        await ear.until(losses=1, returns=2)
    await broker.close()


async def test_a_feed_waits_for_an_engine_that_is_not_there_yet(folder: Path) -> None:
    engine = Engine(folder)
    ear = Ear()
    feed = RedisBroker(engine.url).feed(ear)
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(feed.run())
        await asyncio.sleep(0)
        engine.start()
        await ear.until(returns=1)
        run.cancel()
    engine.kill()


@pytest.mark.parametrize("user", ["", "default"])
async def test_a_password_opens_the_line(folder: Path, user: str) -> None:
    engine = Engine(folder, "--requirepass", "open-sesame")
    engine.start()
    await engine.until_up(password="open-sesame")
    url = f"unix://{user}:open-sesame@{engine.socket}"
    async with listening(RedisBroker(url), "c") as (ear, _):
        async with connect(url) as client:
            await RedisBroker(url, client).publish("c", [a_card("a", 1)])
        await ear.until(heard=1)
    engine.kill()


async def test_a_wrong_password_keeps_the_line_down(folder: Path) -> None:
    engine = Engine(folder, "--requirepass", "open-sesame")
    engine.start()
    await engine.until_up(password="open-sesame")
    ear = Ear()
    feed = RedisBroker(f"unix://:wrong@{engine.socket}").feed(ear)
    assert isinstance(feed, RedisFeed)
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(feed.run())
        async with asyncio.timeout(10):
            while feed._refused is None:  # noqa: ASYNC110 -- nobody is told of a line never up
                await asyncio.sleep(0.01)
        run.cancel()
    assert ear.returns == 0
    engine.kill()


async def test_a_line_over_tcp_works_alike(folder: Path) -> None:
    engine = Engine(folder)
    port = _free_port()
    engine._command[engine._command.index("--port") + 1] = str(port)
    engine.start()
    await engine.until_up()
    broker = RedisBroker(f"redis://127.0.0.1:{port}/0")
    async with listening(broker, "c") as (ear, _):
        await broker.publish("c", [a_card("a", 1)])
        await ear.until(heard=1)
    await broker.close()
    engine.kill()


async def test_bytes_that_are_no_protocol_break_the_line(folder: Path) -> None:
    answered = 0

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answered
        answered += 1
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    ear = Ear()
    path = folder / "web.sock"
    server = await asyncio.start_unix_server(talk, path)
    feed = RedisBroker(f"unix://{path}").feed(ear)
    async with server, asyncio.TaskGroup() as tasks:
        run = tasks.create_task(feed.run())
        async with asyncio.timeout(10):
            while answered < 2:  # noqa: ASYNC110 -- a stranger's server tells nothing
                await asyncio.sleep(0.01)
        run.cancel()
    assert ear.returns == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
