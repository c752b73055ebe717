"""Real sockets through uvicorn and Valkey: the whole conversation of docs/protocol.md."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgpack
import pytest
import websockets

from realtime.client import Changed, Farewell, Freshened, Replaced, Stale, Welcomed
from realtime.closing import Close
from realtime.frames import encode_value
from realtime.session import BEAT_MS
from tests.integration.realtime.conftest import hub_on
from tests.support.realtime import a_card, a_ticket

if TYPE_CHECKING:
    import redis.asyncio

    from tests.integration.realtime.conftest import Hub


@pytest.mark.req("P0-001")
async def test_a_page_is_welcomed_sees_the_whole_and_then_every_change(hub: Hub) -> None:
    await hub.publish(a_card("agent", {"state": "IDLE"}))
    page = hub.browser(["agent:7", "wall:all"])
    await page.connect()
    await page.until(lambda: len(page.of(Replaced)) == 2)
    (welcome,) = page.of(Welcomed)
    assert (welcome.user, welcome.session) == ("7", "n1/1")
    assert page.desk == {"agent": {"state": "IDLE"}}
    await hub.publish(a_card("call", {"id": "c1"}), a_card("agent"))
    await page.until(lambda: "call" in page.desk)
    assert page.client.store == {"agent:7": {"call": {"id": "c1"}}, "wall:all": {}}
    assert hub.witness.events == [("opened", "7", "n1/1")]


async def test_a_screen_is_acknowledged_at_once_and_its_painting_is_reported(hub: Hub) -> None:
    page = hub.browser()
    await page.connect()
    await page.until(page.is_whole)
    await hub.publish(a_card("screen:c1", {"name": "An"}))
    await page.until(lambda: "screen:c1" in page.desk)
    await page.socket.send(page.client.paint("agent:7", "screen:c1", 1000.0))
    await hub.until(lambda: len(hub.witness.receipts) == 2)
    got, painted = hub.witness.receipts
    assert (got.kind, got.key, got.offset, got.session) == ("got", "screen:c1", 1, "n1/1")
    assert (painted.kind, painted.offset) == ("painted", 1)
    assert painted.at_ms == int(1000 + page.client.offset_ms)


@pytest.mark.req("P0-001")
async def test_a_page_that_was_away_gets_exactly_what_it_missed(hub: Hub) -> None:
    page = hub.browser()
    await page.connect()
    await page.until(page.is_whole)
    await hub.publish(a_card("agent", 1))
    await page.until(lambda: page.desk == {"agent": 1})
    page.leave()
    for value in range(2, 6):
        await hub.publish(a_card("agent", value), a_card("screen:c1", value))
    page.events.clear()
    await page.connect()
    await page.until(lambda: page.desk.get("screen:c1") == 5)
    assert [(e.key, e.value) for e in page.of(Changed)] == [
        (key, value) for value in range(2, 6) for key in ("agent", "screen:c1")
    ]
    assert not page.of(Replaced)
    await hub.until(lambda: len(hub.witness.events) == 3)
    assert {event[:3] for event in hub.witness.events} == {
        ("opened", "7", "n1/1"),
        ("closed", "7", "n1/1"),
        ("opened", "7", "n1/2"),
    }


async def test_a_page_away_for_too_long_takes_a_snapshot(hub: Hub) -> None:
    page = hub.browser()
    await page.connect()
    await page.until(page.is_whole)
    page.leave()
    for value in range(400):
        await hub.publish(a_card("agent", value))
    page.events.clear()
    await page.connect()
    await page.until(lambda: page.desk == {"agent": 399})
    assert len(page.of(Replaced)) == 1
    assert hub.realtime.counters.resumes_miss == 1


async def test_a_ticket_opens_one_socket_only(hub: Hub) -> None:
    first, second = hub.browser(), hub.browser()
    await first.connect()
    await first.until(lambda: first.of(Welcomed))
    await second.connect()
    assert await second.until_closed() == Close.TICKET_REFUSED
    (bye,) = second.of(Farewell)
    assert bye.reason == "the ticket was used before"
    back = second.client.closed(Close.TICKET_REFUSED, 0.5)
    assert back is not None
    assert back.fresh_ticket


@pytest.mark.parametrize(
    "ticket",
    [
        "nonsense",
        a_ticket(secret=b"another secret of 32 bytes......"),
        a_ticket(expires_at_ms=1_000),
    ],
)
async def test_a_ticket_that_is_not_ours_or_too_late_is_refused(hub: Hub, ticket: str) -> None:
    page = hub.browser()
    page.client.use_ticket(ticket)
    await page.connect()
    assert await page.until_closed() == Close.TICKET_REFUSED
    assert hub.witness.events == []


@pytest.mark.parametrize("channel", ["agent:8", "control"])
async def test_a_channel_beyond_the_ticket_is_forbidden(hub: Hub, channel: str) -> None:
    async with websockets.connect(f"ws://127.0.0.1:{hub.port}/ws") as socket:
        hello = {"t": "hello", "v": 1, "ticket": a_ticket(channels=["agent:7"]), "want": [channel]}
        await socket.send(msgpack.packb(hello))
        bye = msgpack.unpackb(await socket.recv())
        assert (bye["t"], bye["code"], bye["again"]) == ("bye", Close.FORBIDDEN, None)


@pytest.mark.req("P0-001")
async def test_a_newer_desk_takes_over_from_another_process(
    hub: Hub, redis_url: str, store: redis.asyncio.Redis
) -> None:
    async with hub_on(redis_url, store) as other:
        old, wall = hub.browser(), hub.browser(["wall:all"], nonce="w1")
        for page in (old, wall):
            await page.connect()
            await page.until(page.is_whole)
        new = other.browser(nonce="n2")
        await new.connect()
        assert await old.until_closed() == Close.TAKEN_OVER
        assert old.client.closed(Close.TAKEN_OVER, 0.5) is None
        await new.until(lambda: new.of(Replaced))
        await hub.publish(a_card("agent", 1))
        await hub.publish(a_card("x", 1), channel="wall:all")
        await new.until(lambda: new.desk == {"agent": 1})
        await wall.until(lambda: wall.client.store["wall:all"] == {"x": 1})
        await old.connect()  # even if it tried
        assert await old.until_closed() == Close.TAKEN_OVER


async def test_a_sign_out_reaches_every_socket_everywhere(
    hub: Hub, redis_url: str, store: redis.asyncio.Redis
) -> None:
    async with hub_on(redis_url, store) as other:
        desk, wall = hub.browser(), other.browser(["wall:all"], nonce="w1")
        stranger = other.browser(["agent:8"], nonce="x1", user="8")
        for page in (desk, wall, stranger):
            await page.connect()
            await page.until(page.is_whole)
        await hub.realtime.broker.command("7", Close.SIGNED_OUT, "signed out")
        assert await desk.until_closed() == Close.SIGNED_OUT
        assert await wall.until_closed() == Close.SIGNED_OUT
        await wall.connect()
        wall.code = None
        assert await wall.until_closed() == Close.SIGNED_OUT
        await other.publish(a_card("agent", 1), channel="agent:8")
        await stranger.until(lambda: stranger.client.store["agent:8"] == {"agent": 1})


async def test_a_lost_broker_is_said_and_everything_missed_follows(
    hub: Hub, store: redis.asyncio.Redis
) -> None:
    page = hub.browser()
    await page.connect()
    await page.until(page.is_whole)
    await store.client_kill_filter(_type="pubsub")
    await page.until(lambda: page.of(Stale))
    await hub.publish(a_card("screen:c1", 1))
    await page.until(lambda: page.of(Freshened))
    assert page.desk == {"screen:c1": 1}
    assert not page.client.is_stale
    await hub.publish(a_card("screen:c1", 2))
    await page.until(lambda: page.desk == {"screen:c1": 2})


async def test_a_slow_reader_is_cut_and_the_others_lose_nothing(hub: Hub) -> None:
    slow, quick = hub.browser(["wall:all"], nonce="s1"), hub.browser(["wall:all"], nonce="q1")
    await quick.connect()
    await quick.until(lambda: quick.of(Replaced))
    await slow.connect(max_queue=1)
    await hub.until(lambda: hub.realtime.counters.sockets == 2)
    page = "x" * 40_000
    sent = 0
    async with asyncio.timeout(60):
        while not hub.realtime.counters.closed.get(Close.SLOW):
            # Many keys: what coalesces is never too much, what does not ends the patience.
            await hub.publish(a_card(f"k{sent}", page + str(sent)), channel="wall:all")
            sent += 1
            await quick.until(lambda: len(quick.of(Changed)) == sent)  # noqa: B023 -- awaited here
            if sent > 40:
                slow.socket.transport.pause_reading()
            assert sent < 2000
    seen = [event.key for event in quick.of(Changed)]
    assert seen == [f"k{number}" for number in range(sent)]
    assert hub.realtime.counters.held > 0


async def test_a_slow_reader_that_recovers_has_the_newest_of_everything(hub: Hub) -> None:
    slow = hub.browser(["wall:all", "agent:7"])
    await slow.connect(max_queue=1)
    await slow.until(lambda: len(slow.of(Replaced)) == 2)
    slow.socket.transport.pause_reading()
    page = "x" * 40_000
    sent = 0
    async with asyncio.timeout(60):
        while hub.realtime.counters.coalesced < 20:
            await hub.publish(a_card("floor", page + str(sent)), channel="wall:all")
            sent += 1
            await asyncio.sleep(0)
    await hub.publish(a_card("screen:c1", "first"))
    await hub.publish(a_card("agent", "later"))
    slow.socket.transport.resume_reading()
    await slow.until(lambda: slow.desk == {"screen:c1": "first", "agent": "later"})
    await slow.until(lambda: slow.client.store["wall:all"]["floor"] == page + str(sent - 1))
    values = [event.value for event in slow.of(Changed) if event.key == "floor"]
    assert len(values) < sent
    numbers = [int(value[40_000:]) for value in values]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([msgpack.packb({"t": "pong", "n": 1})] * 200, Close.FLOOD),
        ([b"x" * 20_000], Close.FLOOD),
        ([b"\xc1"], Close.PROTOCOL),
        (["text"], Close.PROTOCOL),
        ([msgpack.packb({"t": "got", "ch": "agent:8", "key": "k", "o": 1})], Close.FORBIDDEN),
    ],
)
async def test_who_breaks_the_rules_is_closed_with_the_reason(
    hub: Hub, frames: list[bytes | str], code: Close
) -> None:
    page = hub.browser()
    await page.connect()
    await page.until(page.is_whole)
    try:
        for frame in frames:
            await page.socket.send(frame)
    except websockets.ConnectionClosed:
        pass
    assert await page.until_closed() == code
    assert [bye.code for bye in page.of(Farewell)] == [code]


async def test_a_frame_above_the_servers_own_limit_is_not_read(hub: Hub) -> None:
    page = hub.browser()
    await page.connect()
    await page.until(page.is_whole)
    await page.socket.send(b"x" * 100_000)
    assert await page.until_closed() == 1009


@pytest.mark.parametrize(
    ("origin", "host_is_ours"),
    [("http://evil.example", False), ("null", False), ("http://127.0.0.1:1", False), (None, True)],
)
async def test_a_foreign_page_gets_no_socket(
    hub: Hub, origin: str | None, *, host_is_ours: bool
) -> None:
    own = f"http://127.0.0.1:{hub.port}"
    if host_is_ours:
        async with websockets.connect(
            f"ws://127.0.0.1:{hub.port}/ws", origin=websockets.Origin(own)
        ):
            return
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(
            f"ws://127.0.0.1:{hub.port}/ws", origin=websockets.Origin(origin or "")
        )
    assert refused.value.response.status_code == 403


async def test_a_page_that_answers_no_beat_is_silent_and_closed(hub: Hub) -> None:
    page = hub.browser()
    await page.connect()
    await page.until(page.is_whole)
    assert BEAT_MS == 5_000
    (session,) = hub.realtime._sessions
    session.conversation.heard_s -= 10.0
    assert await page.until_closed() == Close.SILENT
    await hub.until(lambda: ("closed", "7", "n1/1", 4012) in hub.witness.events)


async def test_who_is_heard_is_present(hub: Hub) -> None:
    page = hub.browser()
    await page.connect()
    await page.until(page.is_whole)
    presence = hub.realtime.presence
    async with asyncio.timeout(10):
        while await presence.last_heard("7") is None:  # noqa: ASYNC110 -- a store tells nothing
            await asyncio.sleep(0.02)
    heard = await presence.last_heard("7")
    assert heard is not None
    assert await presence.silent(heard + 1) == ["7"]


@pytest.mark.parametrize("ws", ["realtime.transport:DirectProtocol", "websockets-sansio"])
async def test_everybody_leaves_in_batches_with_a_moment_to_return(
    redis_url: str, store: redis.asyncio.Redis, ws: str
) -> None:
    async with hub_on(redis_url, store, ws) as hub:
        pages = [hub.browser([f"agent:{n}"], nonce=f"n{n}", user=str(n)) for n in range(7)]
        for page in pages:
            await page.connect()
            await page.until(page.is_whole)
        hub.realtime.begin_drain()
        assert [await page.until_closed() for page in pages] == [Close.DRAIN] * 7
        returns = [page.client.closed(Close.DRAIN, 0.5) for page in pages]
        assert all(back is not None and not back.fresh_ticket for back in returns)
        assert len({back.wait_ms for back in returns if back is not None}) > 1
        late = hub.browser(["agent:9"], nonce="n9", user="9")
        await late.connect()
        assert await late.until_closed() == Close.DRAIN


async def test_a_server_that_ends_drains_by_itself(
    redis_url: str, store: redis.asyncio.Redis
) -> None:
    async with hub_on(redis_url, store) as hub:
        page = hub.browser()
        await page.connect()
        await page.until(page.is_whole)
        hub.server.should_exit = True
        assert await page.until_closed() == Close.DRAIN
    async with hub_on(redis_url, store) as hub:  # another process, the same broker
        page.port, page.code = hub.port, None
        page.events.clear()
        await hub.publish(a_card("agent", encode_value(1)))
        await page.connect()
        await page.until(lambda: page.desk)
        assert page.of(Changed)
        assert not page.of(Replaced)
