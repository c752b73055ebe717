"""Laws of the road to the browser, over arbitrary streams, losses, slow readers and returns.

A snapshot and any stream with drops and a resume equal a fresh snapshot; no key ever goes back in time;
the mailbox never holds more than its bytes nor reorders a key; codecs round-trip.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

import msgpack
import msgspec
from hypothesis import given
from hypothesis import strategies as st

from realtime import frames
from realtime.broker_memory import MemoryBroker
from realtime.client import Changed, Client, Replaced
from realtime.frames import FrameCard, Position, encode_value, open_seal
from realtime.house import Realtime
from realtime.mailbox import CARD_COST_BYTES, Mailbox
from realtime.presence_memory import MemoryPresence
from realtime.protocol import Conversation
from realtime.session import HOLD_ABOVE_BYTES, Session
from realtime.ticket_memory import MemoryTicketBook
from tests.support.realtime import SECRET, MemoryWire, StillClock, a_card, a_ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from realtime.broker import Publication, Receiver, Replay

CHANNEL = "agent:7"
KEYS = ["agent", "call", "screen:1", "screen:2"]


class LaggingBroker(MemoryBroker):
    """A broker whose feed is a queue: publications arrive when told, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.pipe: deque[Publication] = deque()
        self.meanwhile: list[Callable[[], None]] = []  # happens while a question is out
        self._feeds.append(self)  # type: ignore[arg-type]  # it hears everything, as a feed does

    def hear(self, publication: Publication) -> None:
        self.pipe.append(publication)

    def feed(self, receiver: Receiver) -> LaggingBroker:  # type: ignore[override]  # its own feed
        self.receiver = receiver
        return self

    async def run(self) -> None:
        pass

    async def subscribe(self, channels: Sequence[str]) -> None:
        pass

    def unsubscribe(self, channels: Sequence[str]) -> None:
        pass

    def deliver(self, count: int) -> None:
        for _ in range(min(count, len(self.pipe))):
            self.receiver.published(self.pipe.popleft())

    def drop(self, count: int) -> None:
        for _ in range(min(count, len(self.pipe))):
            self.pipe.popleft()

    async def catch_up(self, questions: Sequence[tuple[str, Position | None]]) -> list[Replay]:
        self._happen()
        answers = await super().catch_up(questions)
        self._happen()
        return answers

    def _happen(self) -> None:
        if self.meanwhile:
            self.meanwhile.pop()()


class Floor:
    """One desk at one hub, over sockets that come and go."""

    def __init__(self) -> None:
        self.broker = LaggingBroker()
        self.clock = StillClock()
        self.house = Realtime(
            self.broker,
            MemoryPresence(),
            MemoryTicketBook(self.broker.standings),
            SECRET,
            clock=self.clock,
        )
        self.client = Client(a_ticket(channels=[CHANNEL]))
        self.tickets = 1
        self.value = 0
        self.seen: dict[str, int] = {}
        self.house.hub.feed_back()

    async def connect(self) -> None:
        self.wire = MemoryWire()
        self.read = 0
        self.session = Session(self.house, self.wire, Conversation(self.clock.monotonic()))
        self.session.start()
        self.house.enter(self.session)
        await self.session.receive(self.client.connected(0))

    async def publish(self, keys: Sequence[tuple[str, bool]]) -> None:
        cards = []
        for key, stays in keys:
            self.value += 1
            cards.append(a_card(key, self.value if stays else None))
        await self.broker.publish(CHANNEL, cards)

    async def mend(self) -> None:
        for _ in range(20):
            if not self.house.hub._behind:
                return
            await self.house.hub._mend_some()
        raise AssertionError("mending does not end")

    def pump(self, most: int = 10**9) -> None:
        """Let the browser read the next frames."""
        for frame in self.wire.written[self.read : self.read + most]:
            self.read += 1
            for event in self.client.receive(open_seal(frame), 0):
                self.judge(event)

    def judge(self, event: object) -> None:
        """No key may go back in time."""
        if isinstance(event, Changed) and event.value is not None:
            assert event.value >= self.seen.get(event.key, 0)
            self.seen[event.key] = event.value
        elif isinstance(event, Replaced):
            for key, value in event.cards.items():
                assert value >= self.seen.get(key, 0)
                self.seen[key] = value

    def slow(self, buffered: int) -> None:
        self.wire.buffered = buffered
        if buffered == 0 and self.wire.on_writable is not None:
            self.wire.on_writable()

    async def come_back(self, read_first: int) -> None:
        """The socket breaks after some frames; the browser resumes."""
        self.pump(read_first)
        self.house.depart(self.session, 1006)
        await self.return_from(1006)
        if self.session.ended_with is not None:  # the token was used by a welcome that got lost
            self.pump()
            self.house.depart(self.session, 4001)
            await self.return_from(4001)

    async def return_from(self, code: int) -> None:
        back = self.client.closed(code, 0.5)
        assert back is not None
        if back.fresh_ticket:
            self.tickets += 1
            self.client.use_ticket(a_ticket(channels=[CHANNEL], nonce=f"n{self.tickets}"))
        await self.connect()

    def break_feed(self) -> None:
        self.broker.pipe.clear()
        self.house.hub.feed_lost()
        self.house.hub.feed_back()


keyed = st.lists(st.tuples(st.sampled_from(KEYS), st.booleans()), min_size=1, max_size=4)
some = st.integers(0, 5)
MOVES = st.one_of(
    st.tuples(st.just("publish"), keyed),
    st.tuples(st.just("deliver"), some),
    st.tuples(st.just("drop"), some),
    st.tuples(st.just("mend"), some),
    st.tuples(st.just("pump"), some),
    st.tuples(st.just("slow"), st.sampled_from([0, HOLD_ABOVE_BYTES + 1])),
    st.tuples(st.just("come_back"), some),
    st.tuples(st.just("break_feed"), some),
    st.tuples(st.just("restart"), some),
    st.tuples(st.just("meanwhile"), some),
)


async def play(floor: Floor, move: str, given_: Any) -> None:
    broker = floor.broker
    at_once: dict[str, Callable[[Any], object]] = {
        "deliver": broker.deliver,
        "drop": broker.drop,
        "pump": floor.pump,
        "slow": floor.slow,
        "break_feed": lambda _: floor.break_feed(),
        "restart": lambda _: broker.restart(),
        "meanwhile": lambda count: broker.meanwhile.append(lambda: broker.deliver(count)),
    }
    if move == "publish":
        await floor.publish(given_)
    elif move == "come_back":
        await floor.come_back(given_)
    elif move == "mend":
        await floor.mend()
    else:
        at_once[move](given_)


async def shift(moves: Sequence[tuple[str, Any]]) -> Floor:
    floor = Floor()
    await floor.connect()
    for move, given_ in moves:
        await play(floor, move, given_)
    floor.broker.meanwhile.clear()
    floor.slow(0)
    floor.break_feed()
    await floor.mend()
    floor.pump()
    return floor


@given(st.lists(MOVES, max_size=40))
def test_a_snapshot_and_a_stream_with_drops_and_returns_equal_a_fresh_snapshot(
    moves: list[tuple[str, Any]],
) -> None:
    floor = asyncio.run(shift(moves))
    fresh = asyncio.run(floor.broker.snapshot(CHANNEL))
    assert floor.session.ended_with is None
    assert not floor.client.is_stale
    assert floor.client.store[CHANNEL] == {
        key: msgpack.unpackb(value) for _, key, value in fresh.cards
    }


@given(st.lists(MOVES, max_size=40), keyed)
def test_an_empty_feed_pipe_means_the_browser_is_up_to_date(
    moves: list[tuple[str, Any]], last: list[tuple[str, bool]]
) -> None:
    """Without any further loss a hole is noticed at the next publication, not at the next return."""

    async def work() -> tuple[Floor, Any]:
        floor = await shift(moves)
        await floor.publish([("agent", True)])
        floor.broker.drop(9)
        await floor.publish(last)
        floor.broker.deliver(9)
        await floor.mend()
        floor.pump()
        return floor, await floor.broker.snapshot(CHANNEL)

    floor, fresh = asyncio.run(work())
    assert floor.client.store[CHANNEL] == {
        key: msgpack.unpackb(value) for _, key, value in fresh.cards
    }


letters = st.tuples(
    st.sampled_from(["c", "d"]),
    st.sampled_from(KEYS),
    st.none() | st.binary(min_size=1, max_size=300),
)


@given(st.lists(st.lists(letters, min_size=1, max_size=5), max_size=30), st.integers(100, 2000))
def test_a_mailbox_keeps_its_bytes_its_order_and_every_key(
    batches: list[list[tuple[str, str, bytes | None]]], limit: int
) -> None:
    box = Mailbox(limit)
    offset = 0
    expected: dict[tuple[str, str], FrameCard] = {}
    for batch in batches:
        channel = batch[0][0]
        cards: list[FrameCard] = []
        for _, key, value in batch:
            offset += 1
            cards.append((offset, key, value))
        if box.put(channel, "e", cards):
            expected.update({(channel, card[1]): card for card in cards})
        assert box.size_bytes <= limit
        assert box.size_bytes == sum(
            CARD_COST_BYTES + len(card[1]) + len(card[2] or b"") for card in expected.values()
        )
    given_out = {channel: cards for channel, _, cards in box.take_all()}
    for channel, cards in given_out.items():
        assert [card[0] for card in cards] == sorted(card[0] for card in cards)
        assert {(channel, card[1]): card for card in cards} == {
            place: card for place, card in expected.items() if place[0] == channel
        }
    assert sum(map(len, given_out.values())) == len(expected)
    assert box.size_bytes == 0


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)
names = st.text(min_size=1, max_size=200)


@given(values)
def test_every_value_survives_either_codec(value: Any) -> None:
    assert msgpack.unpackb(encode_value(value)) == value
    assert msgspec.msgpack.decode(msgpack.packb(value)) == value
    assert encode_value(value) == msgpack.packb(value)


@given(names, names, st.lists(st.tuples(st.integers(0, 2**53), names, values), max_size=20))
def test_every_concatenated_frame_equals_an_encoded_one(
    channel: str, epoch: str, rows: list[tuple[int, str, Any]]
) -> None:
    cards: list[FrameCard] = [(offset, key, encode_value(value)) for offset, key, value in rows]
    plain = {"t": "cards", "ch": channel, "ep": epoch, "cards": [list(row) for row in rows]}
    assert frames.cards(channel, epoch, cards) == encode_value(plain)


@given(st.lists(st.tuples(names, st.integers(1, 48 * 1024)), max_size=30))
def test_no_piece_passes_the_limit_and_none_is_lost(rows: list[tuple[str, int]]) -> None:
    cards: list[FrameCard] = [
        (number, key, b"\xc5" + size.to_bytes(2, "big") + b"v" * size)
        for number, (key, size) in enumerate(rows)
    ]
    pieces = frames.snapshot("c", Position("e", 1), cards)
    assert all(len(piece) <= frames.PIECE_LIMIT_BYTES for piece in pieces)
    read = [card for piece in pieces for card in msgpack.unpackb(piece)["cards"]]
    assert [(offset, key) for offset, key, _ in read] == [(card[0], card[1]) for card in cards]


@given(st.binary(max_size=200))
def test_no_bytes_from_outside_can_do_more_than_end_their_own_socket(data: bytes) -> None:
    talk = Conversation(0.0)
    talk.receive(data, 0.0)
    talk.receive(data, 0.0)
