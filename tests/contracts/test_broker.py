"""One suite for `realtime.broker.Broker`, run over memory and over every kind of Redis."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

import msgspec
import pytest
import pytest_asyncio

from realtime.broker import CONTROL, STREAM_LENGTH, BrokerLost, Card, Missed, Snapshot, read_order
from realtime.broker_memory import MemoryBroker
from realtime.broker_redis import RedisBroker
from realtime.frames import CARD_LIMIT_BYTES, Position
from realtime.redis_client import connect
from tests.support.realtime import a_card
from tests.support.redis_sets import KINDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis

    from realtime.broker import Broker, Feed, Publication

PATIENCE_S = 30.0


class Ear:
    """A receiver that keeps what it hears and can be waited on."""

    def __init__(self) -> None:
        self.heard: list[Publication] = []
        self.losses = 0
        self.returns = 0
        self._news = asyncio.Event()

    def published(self, publication: Publication) -> None:
        self.heard.append(publication)
        self._news.set()

    def feed_lost(self) -> None:
        self.losses += 1
        self._news.set()

    def feed_back(self) -> None:
        self.returns += 1
        self._news.set()

    async def until(self, *, heard: int = 0, losses: int = 0, returns: int = 0) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.heard) < heard or self.losses < losses or self.returns < returns:
                self._news.clear()
                await self._news.wait()


class Place(Protocol):
    """A broker that a test can hurt."""

    @property
    def broker(self) -> Broker: ...

    async def forget_everything(self) -> None: ...

    async def break_feeds(self) -> None: ...


class MemoryPlace:
    def __init__(self) -> None:
        self.broker = MemoryBroker()

    async def forget_everything(self) -> None:
        self.broker.restart()

    async def break_feeds(self) -> None:
        self.broker.cut()
        self.broker.mend()


class RedisPlace:
    def __init__(self, url: str, client: Redis) -> None:
        self.client = client
        self.broker = RedisBroker(url, client)

    async def forget_everything(self) -> None:
        await self.client.flushall()

    async def break_feeds(self) -> None:
        await self.client.client_kill_filter(_type="pubsub")


@pytest_asyncio.fixture(params=["memory", *KINDS])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    if request.param == "memory":
        yield MemoryPlace()
        return
    url = request.getfixturevalue(request.param)
    async with connect(url) as client:
        await client.flushall()
        yield RedisPlace(url, client)


@pytest.fixture
def broker(place: Place) -> Broker:
    return place.broker


@asynccontextmanager
async def listening(broker: Broker, *channels: str) -> AsyncIterator[tuple[Ear, Feed]]:
    ear = Ear()
    feed = broker.feed(ear)
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(feed.run())
        await ear.until(returns=1)
        await feed.subscribe(channels)
        yield ear, feed
        run.cancel()


async def test_an_unknown_channel_is_empty_and_its_life_begins(broker: Broker) -> None:
    first = await broker.snapshot("c")
    assert first.cards == ()
    assert first.position.offset == 0
    assert await broker.publish("c", [a_card("k", 1)]) == Position(first.position.epoch, 1)


async def test_cards_are_numbered_one_by_one(broker: Broker) -> None:
    assert (await broker.publish("c", [a_card("a", 1), a_card("b", 2)])).offset == 2
    assert (await broker.publish("c", [a_card("a", 3)])).offset == 3


async def test_a_snapshot_holds_the_last_value_of_every_key_and_its_number(broker: Broker) -> None:
    await broker.publish("c", [a_card("a", 1), a_card("b", 2)])
    await broker.publish("c", [a_card("a", 3), a_card("gone", 4)])
    end = await broker.publish("c", [a_card("gone")])
    assert await broker.snapshot("c") == Snapshot(end, ((2, "b", b"\x02"), (3, "a", b"\x03")))


async def test_values_and_keys_travel_untouched(broker: Broker) -> None:
    value = bytes(range(256)) * 8
    await broker.publish("kênh", [Card("khóa với dấu cách", value)])
    assert (await broker.snapshot("kênh")).cards == ((1, "khóa với dấu cách", value),)
    start = Position((await broker.snapshot("kênh")).position.epoch, 0)
    assert await broker.since("kênh", start) == [(1, "khóa với dấu cách", value)]


async def test_since_gives_every_change_in_order_removals_too(broker: Broker) -> None:
    start = await broker.publish("c", [a_card("a", 1)])
    await broker.publish("c", [a_card("a", 2), a_card("b", 3)])
    await broker.publish("c", [a_card("a")])
    assert await broker.since("c", start) == [
        (2, "a", b"\x02"),
        (3, "b", b"\x03"),
        (4, "a", None),
    ]


async def test_since_starts_in_the_middle_of_a_publication_when_asked(broker: Broker) -> None:
    end = await broker.publish("c", [a_card("a", 1), a_card("b", 2), a_card("d", 3)])
    assert await broker.since("c", Position(end.epoch, 1)) == [(2, "b", b"\x02"), (3, "d", b"\x03")]


async def test_nothing_missed_is_an_empty_answer(broker: Broker) -> None:
    end = await broker.publish("c", [a_card("a", 1)])
    assert await broker.since("c", end) == []


@pytest.mark.parametrize("offset", [0, 2, 10**9])
async def test_a_position_of_another_life_needs_a_snapshot(broker: Broker, offset: int) -> None:
    await broker.publish("c", [a_card("a", 1)])
    assert await broker.since("c", Position("another", offset)) is None


async def test_a_position_ahead_of_the_stream_needs_a_snapshot(broker: Broker) -> None:
    end = await broker.publish("c", [a_card("a", 1)])
    assert await broker.since("c", Position(end.epoch, end.offset + 1)) is None


async def test_a_position_that_fell_out_of_the_stream_needs_a_snapshot(broker: Broker) -> None:
    start = await broker.publish("c", [a_card("a", 1)])
    for value in range(4 * STREAM_LENGTH):  # an engine may trim in whole nodes
        await broker.publish("c", [a_card("a", value)])
    assert await broker.since("c", start) is None
    end = (await broker.snapshot("c")).position
    near = Position(end.epoch, end.offset - STREAM_LENGTH + 1)
    assert len(await broker.since("c", near) or ()) == STREAM_LENGTH - 1


async def test_many_readers_catch_up_in_one_answer(broker: Broker) -> None:
    first = await broker.publish("c", [a_card("a", 1)])
    last = await broker.publish("c", [a_card("a", 2)])
    await broker.publish("d", [a_card("x", 9)])
    missed, whole, lost = await broker.catch_up(
        [("c", first), ("d", None), ("c", Position("x", 1))]
    )
    assert missed == Missed(last, ((2, "a", b"\x02"),))
    assert isinstance(whole, Snapshot)
    assert [card[1] for card in whole.cards] == ["x"]
    assert lost == Snapshot(last, ((2, "a", b"\x02"),))


async def test_many_channels_are_published_in_order(broker: Broker) -> None:
    ends = await broker.publish_many(
        [("c", [a_card("a", 1)]), ("d", [a_card("a", 1), a_card("b", 1)]), ("c", [a_card("a", 2)])]
    )
    assert [end.offset for end in ends] == [1, 2, 2]
    assert (await broker.snapshot("c")).cards == ((2, "a", b"\x02"),)


async def test_a_whole_floor_in_one_publication_with_removals_between(broker: Broker) -> None:
    await broker.publish("c", [a_card("k1", 0), a_card("k700", 0)])
    cards = [a_card(f"k{n}", n) for n in range(1_300)]
    end = await broker.publish("c", [*cards[:700], a_card("k1"), *cards[700:], a_card("k1", 7)])
    whole = await broker.snapshot("c")
    assert whole.position == end
    assert end.offset == 1_304
    assert len(whole.cards) == 1_300
    assert whole.cards[0] == (3, "k0", b"\x00")
    assert whole.cards[-1] == (1_304, "k1", b"\x07")
    assert len(await broker.since("c", Position(end.epoch, 2)) or ()) == 1_302


async def test_nothing_to_publish_is_no_round_trip(broker: Broker) -> None:
    assert await broker.publish_many([]) == []


@pytest.mark.parametrize(
    ("channel", "cards"),
    [
        ("c", []),
        ("", [Card("k", b"\x01")]),
        ("c" * 201, [Card("k", b"\x01")]),
        ("c", [Card("", b"\x01")]),
        ("c", [Card("k" * 201, b"\x01")]),
        ("c", [Card("k", b"")]),
        ("c", [Card("k", b"v" * (CARD_LIMIT_BYTES + 1))]),
    ],
)
async def test_what_no_frame_could_carry_is_refused(
    broker: Broker, channel: str, cards: list[Card]
) -> None:
    with pytest.raises(ValueError, match=r"."):
        await broker.publish(channel, cards)


async def test_everything_forgotten_begins_another_life(place: Place) -> None:
    before = await place.broker.publish("c", [a_card("a", 1)])
    await place.forget_everything()
    after = await place.broker.publish("c", [a_card("a", 2)])
    assert after.epoch != before.epoch
    assert await place.broker.since("c", before) is None


async def test_a_feed_hears_exactly_the_channels_it_asked_for(broker: Broker) -> None:
    async with listening(broker, "c") as (ear, feed):
        end = await broker.publish("c", [a_card("a", 1), a_card("b")])
        await broker.publish("d", [a_card("a", 1)])
        await feed.subscribe(["d"])
        await broker.publish("d", [a_card("a", 2)])
        await ear.until(heard=2)
        first, second = ear.heard
        assert (first.channel, first.epoch) == ("c", end.epoch)
        assert first.cards == ((1, "a", b"\x01"), (2, "b", None))
        assert (second.channel, second.first) == ("d", 2)
        feed.unsubscribe(["c"])
        await broker.publish("c", [a_card("a", 1)])
        await broker.publish("d", [a_card("a", 3)])
        await ear.until(heard=3)
        assert [heard.channel for heard in ear.heard] == ["c", "d", "d"]


async def test_two_processes_hear_the_same(broker: Broker) -> None:
    async with listening(broker, "c") as (one, _), listening(broker, "c") as (other, _):
        await broker.publish("c", [a_card("a", 1)])
        await one.until(heard=1)
        await other.until(heard=1)
        assert one.heard[0].frames == other.heard[0].frames


async def test_a_broken_feed_says_so_and_comes_back_with_its_channels(place: Place) -> None:
    async with listening(place.broker, "c") as (ear, _):
        await place.break_feeds()
        await ear.until(losses=1, returns=2)
        await place.broker.publish("c", [a_card("a", 1)])
        await ear.until(heard=1)


async def test_a_command_reaches_every_feed_with_all_it_says(broker: Broker) -> None:
    async with listening(broker, CONTROL) as (ear, _):
        await broker.command("7", 4003, "elsewhere", channel="agent:7", standing=5)
        await ear.until(heard=1)
        ((_, key, value),) = ear.heard[0].cards
        order = read_order(value)
        assert key == "7"
        assert msgspec.to_builtins(order) == {
            "user": "7",
            "code": 4003,
            "reason": "elsewhere",
            "channel": "agent:7",
            "standing": 5,
            "issue": None,
        }


async def test_a_command_to_one_issue_names_it_and_rises_above_the_former(broker: Broker) -> None:
    async with listening(broker, CONTROL) as (ear, _):
        await broker.command("7", 4002, "out")
        await broker.command("7", 4002, "out here", issue="here")
        await ear.until(heard=2)
        orders = [read_order(value) for heard in ear.heard for _, _, value in heard.cards]
        assert [order.issue for order in orders] == [None, "here"]
        assert orders[0].standing < orders[1].standing


async def test_every_order_to_all_sockets_of_a_user_stands_above_the_former(broker: Broker) -> None:
    async with listening(broker, CONTROL) as (ear, _):
        for _ in range(3):
            await broker.command("7", 4002, "out")
        await ear.until(heard=3)
        orders = [read_order(value) for heard in ear.heard for _, _, value in heard.cards]
        standings = [order.standing for order in orders]
        assert standings == sorted(set(standings))
        assert {order.channel for order in orders} == {None}


async def test_what_is_forgotten_is_in_no_answer_any_more(broker: Broker) -> None:
    before = await broker.publish("c", [a_card("a", "An"), a_card("b", "Binh")])
    await broker.publish("c", [a_card("a", "An again")])
    async with listening(broker, "c") as (ear, _):
        await broker.forget("c", ["a"])
        await ear.until(heard=1)
        assert [(key, value) for _, key, value in ear.heard[0].cards] == [("a", None)]
    assert await broker.since("c", before) is None
    shown = await broker.snapshot("c")
    assert [(key, value) for _, key, value in shown.cards] == [("b", a_card("b", "Binh").value)]
    await broker.publish("c", [a_card("a", "Chi")])
    assert await broker.since("c", before) is None
    assert await broker.since("c", shown.position) == [(5, "a", a_card("a", "Chi").value)]


async def test_forgetting_no_card_forgets_what_was_replaced(broker: Broker) -> None:
    start = await broker.publish("c", [a_card("a", "An")])
    await broker.publish("c", [a_card("a", "Binh")])
    await broker.forget("c", [])
    assert await broker.since("c", start) is None


async def test_a_broker_out_of_reach_is_lost_for_every_question() -> None:
    gone = RedisBroker("unix:///nowhere/redis.sock")
    cut = MemoryBroker()
    cut.cut()
    position = Position("e", 0)
    for broker in (gone, cut):
        for question in (
            broker.publish("c", [a_card("a", 1)]),
            broker.publish_many([("c", [a_card("a", 1)])]),
            broker.snapshot("c"),
            broker.since("c", position),
            broker.catch_up([("c", position)]),
            broker.forget("c", []),
            broker.command("7", 4002, "out"),
            broker.feed(Ear()).subscribe(["c"]),
        ):
            with pytest.raises(BrokerLost):
                await question
    await gone.close()
