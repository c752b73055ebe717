"""The shared raw line: who is answered what, and what becomes of everybody when it breaks."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import hiredis
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from realtime.redis_client import connect, wire_to
from realtime.redis_scripts import Call, Script, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from realtime.redis_wire import Wire

INFO = b"$16\r\nrun_id:abcdefghi\r\n"
ECHO = Script("return ARGV[1]")
LIFE = Script("return ARGV[1]", knows_life=True)


@pytest_asyncio.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    async with connect(redis_url) as client:
        await client.flushall()
        yield client


@pytest.fixture
def wire(client: Redis) -> Wire:
    return wire_to(client)


class Stranger:
    """A server of our own: says who it is to each that comes, then answers as it is told."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = answers
        self.guests = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.guests += 1
        with contextlib.suppress(ConnectionError):
            for answer in (INFO, *self.answers):
                await reader.read(65536)
                writer.write(answer)
            await reader.read()
        writer.close()


@contextlib.asynccontextmanager
async def strange(folder: Path, *answers: bytes) -> AsyncIterator[tuple[Stranger, Wire]]:
    stranger = Stranger(*answers)
    path = folder / "s"
    async with (
        await asyncio.start_unix_server(stranger.talk, path),
        connect(f"unix://{path}") as client,
    ):
        yield stranger, wire_to(client)


async def test_everybody_is_answered_in_order_over_one_connection(
    client: Redis, wire: Wire
) -> None:
    line = await wire.line()
    known = len(await client.client_list())
    asked = [line.ask([("ECHO", number), ("INCR", "n")]) for number in range(50)]
    assert await asyncio.gather(*asked) == [[b"%d" % n, n + 1] for n in range(50)]
    assert len(await client.client_list()) == known
    assert await wire.line() is line


async def test_a_refusal_stands_among_the_replies_and_harms_nobody(wire: Wire) -> None:
    line = await wire.line()
    (wrong, right), after = await asyncio.gather(
        line.ask([("NOSUCH",), ("ECHO", "a")]), line.ask([("ECHO", "b")])
    )
    assert isinstance(wrong, hiredis.ReplyError)
    assert (right, after) == (b"a", [b"b"])


async def test_who_gives_up_leaves_the_others_their_answers(wire: Wire) -> None:
    line = await wire.line()
    given_up = line.ask([("ECHO", "a"), ("ECHO", "b")])
    waiting = line.ask([("ECHO", "c")])
    given_up.cancel()
    assert await waiting == [b"c"]


async def test_a_broken_line_fails_everybody_and_is_opened_anew(client: Redis, wire: Wire) -> None:
    line = await wire.line()
    waiting = [line.ask([("BLPOP", "nothing", 0)]) for _ in range(2)]
    await client.client_kill_filter(_type="normal", skipme=True)
    for one in waiting:
        with pytest.raises(RedisConnectionError, match="broke"):
            await one
    with pytest.raises(RedisConnectionError, match="closed"):
        await line.ask([("PING",)])
    assert await (await wire.line()).ask([("ECHO", "again")]) == [b"again"]


async def test_a_database_is_chosen_before_anything_is_asked(redis_url: str) -> None:
    address = f"{redis_url.partition('?')[0]}?db=3"
    async with connect(address) as client, connect(redis_url) as other:
        await client.flushdb()
        assert await run(client, Script("return redis.call('INCR', KEYS[1])"), [Call("k", ())])
        assert await client.get("k") == b"1"
        assert await other.get("k") is None


async def test_a_script_is_given_the_life_of_its_server_where_it_wants_it(client: Redis) -> None:
    await client.script_flush()
    info = await client.info("server")
    calls = [Call(("k",), ("a",)), Call(("k",), ("b",))]
    assert await run(client, ECHO, calls) == [b"a", b"b"]
    assert await run(client, LIFE, calls) == [info["run_id"][:8].encode()] * 2
    assert await run(client, ECHO, []) == []


async def test_a_silent_server_is_hung_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.redis_wire.SILENT_AFTER_S", 0.05)
    async with strange(tmp_path, b"+first\r\n", b"") as (_, wire):
        line = await wire.line()
        assert await line.ask([("PING",)]) == [b"first"]
        with pytest.raises(RedisConnectionError, match="broke"):
            await line.ask([("PING",)])


@pytest.mark.parametrize("said", [b"+one\r\n+two\r\n", b"no protocol\r\n"])
async def test_what_nobody_asked_for_breaks_the_line(tmp_path: Path, said: bytes) -> None:
    async with strange(tmp_path, said) as (stranger, wire):
        line = await wire.line()
        with contextlib.suppress(RedisConnectionError):
            await line.ask([("PING",)])
        await line.lost
        await wire.line()
        assert stranger.guests == 2


async def test_a_server_that_is_no_primary_any_more_is_left(tmp_path: Path) -> None:
    async with strange(tmp_path, b"-READONLY no\r\n") as (_, wire):
        line = await wire.line()
        (refusal,) = await line.ask([("SET", "a", 1)])
        assert str(refusal) == "READONLY no"
        await line.lost


async def test_one_try_serves_all_who_wait(tmp_path: Path) -> None:
    async with strange(tmp_path) as (stranger, wire):
        lines = await asyncio.gather(*(wire.line() for _ in range(20)))
        assert len(set(lines)) == 1
        assert stranger.guests == 1
    with pytest.raises(RedisConnectionError, match="cannot be reached"):
        await wire.line()


async def test_all_who_wait_for_a_try_share_its_failure(tmp_path: Path) -> None:
    async with connect(f"unix://{tmp_path}/nobody") as client:
        tries = (wire_to(client).line() for _ in range(3))
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [RedisConnectionError] * 3


async def test_a_server_that_says_no_is_not_reached(tmp_path: Path) -> None:
    path = tmp_path / "s"

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(b"-NOAUTH who are you?\r\n")
        writer.close()

    async with await asyncio.start_unix_server(refuse, path), connect(f"unix://{path}") as client:
        with pytest.raises(RedisConnectionError, match="reached"):
            await wire_to(client).line()


async def test_a_server_that_does_not_keep_up_is_asked_no_more(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = await wire.line()
    monkeypatch.setattr("realtime.redis_wire.UNSENT_LIMIT_BYTES", -1)
    with pytest.raises(RedisConnectionError, match="keep up"):
        await line.ask([("PING",)])


async def test_only_a_client_of_ours_has_a_line(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as foreign:
        with pytest.raises(TypeError, match="redis_client"):
            wire_to(foreign)
