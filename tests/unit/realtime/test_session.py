"""One socket: what is written, held, coalesced or cut; who is let in; what is passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgpack
import pytest

from realtime.broker import BrokerLost
from realtime.closing import Close
from realtime.frames import Hello, Publication, encode_value
from realtime.main import in_memory
from realtime.protocol import Conversation
from realtime.session import CUT_ABOVE_BYTES, HOLD_ABOVE_BYTES, Session, converse
from tests.support.realtime import SECRET, MemoryWire, StillClock, Witness, a_card, a_ticket

if TYPE_CHECKING:
    from realtime.house import Realtime

CHANNELS = ["agent:7", "wall"]


def publication(key: str, offset: int, value: object = 1, channel: str = "agent:7") -> Publication:
    return Publication(channel, "e", offset, [(key, encode_value(value))])


class Desk:
    """One session in a house of its own."""

    def __init__(self) -> None:
        self.witness = Witness()
        self.clock = StillClock()
        self.house: Realtime = in_memory(SECRET, clock=self.clock, listener=self.witness)
        self.wire = MemoryWire()
        self.session = Session(self.house, self.wire, Conversation(self.clock.monotonic()))
        self.session.start()
        self.house.enter(self.session)

    async def say(self, **frame: Any) -> None:
        await self.session.receive(msgpack.packb(frame))

    async def hello(self, **more: Any) -> None:
        await self.say(t="hello", v=1, ticket=a_ticket(channels=CHANNELS), **more)

    def keys(self) -> list[tuple[int, str]]:
        return [(o, key) for frame in self.wire.of("cards") for o, key, _ in frame["cards"]]


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_welcome_says_who_when_and_the_token(desk: Desk) -> None:
    await desk.hello()
    (welcome,) = desk.wire.of("welcome")
    assert welcome | {"token": ""} == {
        "t": "welcome",
        "v": 1,
        "now": desk.clock.now_ms(),
        "user": "7",
        "session": "n1/1",
        "token": "",
        "beat": 5000,
    }
    assert desk.session.channels == ("agent:7", "wall")


async def test_a_reader_that_keeps_up_gets_the_shared_frame_itself(desk: Desk) -> None:
    await desk.hello()
    shared = publication("agent", 1)
    desk.session.deliver(shared)
    assert desk.wire.written[-1] is shared.frames[0]


async def test_above_the_threshold_cards_wait_and_leave_together_newest_per_key(desk: Desk) -> None:
    await desk.hello()
    desk.wire.buffered = HOLD_ABOVE_BYTES + 1
    for offset in (1, 2, 3):
        desk.session.deliver(publication("agent", offset, offset))
    desk.session.deliver(publication("call", 4))
    assert desk.keys() == []
    desk.wire.buffered = 0
    desk.session.deliver(publication("stats", 5))  # must not overtake what waits
    assert desk.keys() == []
    desk.session.flush()
    assert desk.keys() == [(3, "agent"), (4, "call"), (5, "stats")]
    assert desk.house.counters.coalesced == 2
    assert desk.house.counters.held == 5


async def test_a_screen_goes_at_once_behind_its_own_channels_cards(desk: Desk) -> None:
    await desk.hello()
    desk.wire.buffered = HOLD_ABOVE_BYTES + 1
    desk.session.deliver(publication("floor", 1, channel="wall"))
    desk.session.deliver(publication("agent", 1))
    desk.session.deliver(publication("screen:1", 2))
    assert desk.keys() == [(1, "agent"), (2, "screen:1")]
    desk.session.flush()
    assert desk.keys()[2:] == [(1, "floor")]


async def test_a_screen_goes_at_once_even_when_nothing_waits(desk: Desk) -> None:
    await desk.hello()
    desk.wire.buffered = HOLD_ABOVE_BYTES + 1
    desk.session.deliver(publication("screen:1", 1))
    assert desk.keys() == [(1, "screen:1")]


async def test_a_reader_too_far_behind_is_closed_and_told_to_return(desk: Desk) -> None:
    await desk.hello()
    desk.wire.buffered = CUT_ABOVE_BYTES + 1
    desk.session.deliver(publication("screen:1", 1))
    assert desk.wire.finished == (Close.SLOW, "this reader is too slow")
    (bye,) = desk.wire.of("bye")
    assert bye["code"] == Close.SLOW
    assert 0 <= bye["again"] <= 3_000
    before = len(desk.wire.written)
    desk.session.deliver(publication("screen:2", 2))
    desk.session.flush()
    assert len(desk.wire.written) == before


async def test_a_mailbox_that_overflows_closes_the_reader(desk: Desk) -> None:
    await desk.hello()
    desk.wire.buffered = HOLD_ABOVE_BYTES + 1
    for offset in range(1, 40):
        desk.session.deliver(publication(f"k{offset}", offset, "x" * 40_000))
    assert desk.session.ended_with == Close.SLOW
    assert desk.session.mailbox.size_bytes <= 1024 * 1024


async def test_only_the_first_end_counts(desk: Desk) -> None:
    await desk.hello()
    desk.session.end(Close.DRAIN, again=17)
    desk.session.end(Close.SLOW)
    assert [(bye["code"], bye["again"]) for bye in desk.wire.of("bye")] == [(4000, 17)]


async def test_stale_is_said_once_and_fresh_only_when_every_channel_is_in_step(desk: Desk) -> None:
    desk.house.hub.feed_back()
    await desk.hello()
    await desk.house.hub._mend_some()
    desk.house.hub.feed_lost()
    assert len(desk.wire.of("stale")) == 1
    desk.house.hub.feed_back()
    assert desk.wire.of("fresh") == []
    await desk.house.hub._mend_some()
    assert len(desk.wire.of("fresh")) == 1


async def test_a_socket_that_opens_while_the_broker_is_away_is_told_so(desk: Desk) -> None:
    await desk.hello()
    assert len(desk.wire.of("stale")) == 1


async def test_receipts_name_user_socket_card_and_time(desk: Desk) -> None:
    await desk.hello()
    await desk.say(t="got", ch="agent:7", key="screen:1", o=3)
    await desk.say(t="painted", ch="agent:7", key="screen:1", o=3, at=99, err=1.5)
    got, painted = desk.witness.receipts
    assert (got.kind, got.at_ms, got.error_ms) == ("got", desk.clock.now_ms(), 0.0)
    assert (painted.kind, painted.at_ms, painted.error_ms) == ("painted", 99, 1.5)
    assert (painted.user, painted.session, painted.offset) == ("7", "n1/1", 3)


async def test_a_receipt_for_anothers_channel_is_forbidden(desk: Desk) -> None:
    await desk.hello()
    await desk.say(t="got", ch="agent:8", key="screen:1", o=3)
    assert desk.session.ended_with == Close.FORBIDDEN
    assert desk.witness.receipts == []


async def test_a_broker_out_of_reach_means_come_back(desk: Desk) -> None:
    class Unreachable:
        async def admit(self, *_: object) -> None:
            raise BrokerLost("gone")

    desk.house._gate.book = Unreachable()  # type: ignore[assignment]  # a book that cannot be reached
    await desk.hello()
    assert desk.session.ended_with == Close.INTERNAL
    assert desk.witness.events == []


async def test_who_leaves_while_the_ticket_is_checked_is_not_welcomed(desk: Desk) -> None:
    desk.session.conversation.receive(
        msgpack.packb({"t": "hello", "v": 1, "ticket": "x"}), desk.clock.monotonic()
    )
    desk.session.conversation.ended()
    hello = Hello(1, a_ticket(channels=CHANNELS))
    await desk.session._begin(await desk.house.admit(hello), hello)
    assert desk.wire.written == []
    assert desk.house.counters.sockets == 0


async def test_reading_ends_with_the_code_of_who_closed_first(desk: Desk) -> None:
    async def peer_leaves() -> Any:
        return {"type": "websocket.disconnect", "code": 1001}

    assert await converse(desk.session, peer_leaves) == 1001
    desk.session.end(Close.DRAIN)
    assert await converse(desk.session, peer_leaves) == Close.DRAIN


async def test_what_is_said_after_the_end_is_not_heard(desk: Desk) -> None:
    messages = [
        {"type": "websocket.receive", "text": "text is not spoken here"},
        {"type": "websocket.receive", "bytes": b"\xc1"},
        {"type": "websocket.disconnect"},
    ]

    async def receive() -> Any:
        return messages.pop(0)

    assert await converse(desk.session, receive) == Close.PROTOCOL
    assert len(desk.wire.of("bye")) == 1


async def test_a_repair_goes_out_behind_what_waits_and_a_snapshot_in_its_place(desk: Desk) -> None:
    hub, broker = desk.house.hub, desk.house.broker
    hub.feed_back()
    await desk.hello()
    await hub._mend_some()
    desk.wire.buffered = HOLD_ABOVE_BYTES + 1
    for value in (1, 2):
        await broker.publish("agent:7", [a_card("agent", value)])
    hub.published(Publication("agent:7", _epoch(desk), 1, [("agent", b"\x01")]))
    await broker.publish("agent:7", [a_card("call", 3)])
    hub.published(Publication("agent:7", _epoch(desk), 3, [("call", b"\x03")]))  # 2 was lost
    await hub._mend_some()
    assert desk.keys() == [(1, "agent"), (2, "agent"), (3, "call")]
    hub.published(Publication("agent:7", _epoch(desk), 4, [("agent", b"\x04")]))
    assert desk.session.mailbox
    hub.published(Publication("agent:7", "another life", 9, [("agent", b"\x05")]))
    broker.restart()  # type: ignore[attr-defined]  # of the memory one
    await hub._mend_some()
    assert not desk.session.mailbox
    assert desk.wire.of("snapshot")[-1]["ch"] == "agent:7"


def _epoch(desk: Desk) -> str:
    return str(desk.wire.of("snapshot")[0]["ep"])
