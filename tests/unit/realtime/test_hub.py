"""Who hears what: one frame for many, repair of holes, loss of the feed, orders, idle channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from realtime.broker import CONTROL, Command, Missed, Snapshot, order
from realtime.broker_memory import MemoryBroker
from realtime.counters import Counters
from realtime.frames import Position, Publication
from realtime.hub import Answer, Hub, Orders, listen_for_orders
from tests.support.realtime import a_card

if TYPE_CHECKING:
    from collections.abc import Sequence

    from realtime.broker import Replay


class Page:
    """A reader that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def deliver(self, publication: Publication) -> None:
        self.told.append(publication)

    def replay(self, answer: Answer) -> None:
        self.told.append(("missed", [card[0] for card in answer.reply.cards]))

    def restore(self, answer: Answer) -> None:
        self.told.append(("whole", [card[1] for card in answer.reply.cards]))

    def grow_stale(self) -> None:
        self.told.append("stale")

    def grow_fresh(self) -> None:
        self.told.append("fresh")


class Line:
    """A feed that only notes what it was asked for."""

    def __init__(self) -> None:
        self.subscribed: list[str] = []
        self.unsubscribed: list[str] = []

    async def run(self) -> None: ...

    async def subscribe(self, channels: Sequence[str]) -> None:
        self.subscribed += channels

    def unsubscribe(self, channels: Sequence[str]) -> None:
        self.unsubscribed += channels


class Desk:
    def __init__(self) -> None:
        self.broker = MemoryBroker()
        self.counters = Counters()
        self.hub = Hub(self.broker, self.counters)
        self.line = Line()
        self.hub._feed = self.line
        self.hub.feed_back()

    async def publish(self, *keys: str, heard: bool = True) -> Publication:
        end = await self.broker.publish("c", [a_card(key, 1) for key in keys])
        publication = Publication(
            "c", end.epoch, end.offset - len(keys) + 1, [(key, b"\x01") for key in keys]
        )
        if heard:
            self.hub.published(publication)
        return publication


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def joined(desk: Desk, at: Position | None = None) -> Page:
    page = Page()
    desk.hub.join(page, ["c"], {"c": at} if at is not None else {})
    assert await desk.hub._mend_some()
    page.told.clear()
    return page


async def test_many_readers_get_one_and_the_same_publication(desk: Desk) -> None:
    pages = [await joined(desk) for _ in range(3)]
    publication = await desk.publish("k")
    assert [page.told for page in pages] == [[publication]] * 3
    assert pages[0].told[0] is pages[2].told[0]


async def test_readers_at_the_same_place_share_one_question(desk: Desk) -> None:
    pages = [Page(), Page()]
    for page in pages:
        desk.hub.join(page, ["c"], {})
    await desk.hub._mend_some()
    assert [page.told for page in pages] == [[("whole", []), "fresh"]] * 2
    assert desk.counters.snapshots == 2
    assert desk.counters.repairs == 1


async def test_a_position_is_answered_from_the_stream(desk: Desk) -> None:
    first = await desk.publish("a")
    await desk.publish("b")
    page = Page()
    desk.hub.join(page, ["c"], {"c": Position(first.epoch, 1)})
    await desk.hub._mend_some()
    assert page.told == [("missed", [2]), "fresh"]
    assert desk.counters.resumes_hit == 1


async def test_a_position_up_to_date_is_answered_with_silence(desk: Desk) -> None:
    first = await desk.publish("a")
    page = Page()
    desk.hub.join(page, ["c"], {"c": Position(first.epoch, 1)})
    await desk.hub._mend_some()
    assert page.told == ["fresh"]


async def test_a_hole_is_mended_and_what_follows_is_not_lost(desk: Desk) -> None:
    page = await joined(desk)
    await desk.publish("lost", heard=False)
    await desk.publish("seen")
    assert page.told == []
    await desk.hub._mend_some()
    assert page.told == [("missed", [1, 2]), "fresh"]
    last = await desk.publish("next")
    assert page.told[-1] is last


async def test_a_broker_that_does_not_answer_is_asked_again(desk: Desk) -> None:
    page = Page()
    desk.hub.join(page, ["c"], {})
    desk.broker.cut()
    assert not await desk.hub._mend_some()
    assert page.told == ["stale"]
    desk.broker.mend()
    assert await desk.hub._mend_some()
    assert page.told == ["stale", ("whole", []), "fresh"]


async def test_an_answer_that_the_feed_did_not_survive_is_not_trusted(desk: Desk) -> None:
    page = await joined(desk)
    await desk.publish("lost", heard=False)
    await desk.publish("seen")

    class Breaking(MemoryBroker):
        async def catch_up(self, questions: Sequence[tuple[str, Position | None]]) -> list[Replay]:
            answers = await desk.broker.catch_up(questions)
            desk.hub.feed_lost()
            return answers

    desk.hub._broker = Breaking()
    assert not await desk.hub._mend_some()
    assert ("missed", [1, 2]) not in page.told
    desk.hub._broker = desk.broker
    desk.hub.feed_back()
    assert await desk.hub._mend_some()
    assert ("missed", [1, 2]) in page.told


async def test_a_lost_feed_makes_everybody_ask_again(desk: Desk) -> None:
    page = await joined(desk)
    desk.hub.feed_lost()
    assert page.told == ["stale"]
    await desk.publish("during", heard=False)
    desk.hub.feed_back()
    await desk.hub._mend_some()
    assert page.told == ["stale", ("missed", [1]), "fresh"]
    assert desk.counters.feed_losses == 1


async def test_who_leaves_while_a_question_is_out_is_passed_over(desk: Desk) -> None:
    page = Page()
    desk.hub.join(page, ["c"], {})

    class Slow(MemoryBroker):
        async def catch_up(self, questions: Sequence[tuple[str, Position | None]]) -> list[Replay]:
            desk.hub.leave(page, ["c", "never joined"])
            return await desk.broker.catch_up(questions)

    desk.hub._broker = Slow()
    assert await desk.hub._mend_some()
    assert page.told == []


async def test_a_publication_of_a_channel_that_nobody_wants_is_dropped(desk: Desk) -> None:
    desk.hub.published(Publication("unknown", "e", 1, [("k", b"\x01")]))
    assert desk.counters.publications == 1


async def test_an_idle_channel_is_given_up_after_a_while_not_at_once(desk: Desk) -> None:
    page = await joined(desk)
    desk.hub.leave(page, ["c"])
    desk.hub.sweep()
    assert desk.line.unsubscribed == []
    desk.hub.sweep()
    assert desk.line.unsubscribed == ["c"]
    again = await joined(desk)
    await desk.publish("k")
    assert len(again.told) == 1
    desk.hub.sweep()
    desk.hub.sweep()
    assert desk.line.unsubscribed == ["c"]


async def test_behind_is_said_of_joined_channels_only(desk: Desk) -> None:
    page, other = Page(), Page()
    desk.hub.join(page, ["c"], {})
    assert desk.hub.is_behind(page, ["c"])
    assert not desk.hub.is_behind(other, ["c", "unknown"])
    await desk.hub._mend_some()
    assert not desk.hub.is_behind(page, ["c"])


async def test_orders_are_obeyed_live_and_once(desk: Desk) -> None:
    obeyed: list[Command] = []
    listen_for_orders(desk.hub, obeyed.append)
    await desk.broker.command("7", 4002, "before we listened")
    await desk.hub._mend_some()
    assert obeyed == []
    await desk.broker.command("8", 4002, "live")
    end = (await desk.broker.snapshot(CONTROL)).position
    command = Command("8", 4002, "live", None, 1)
    card = order(command)
    desk.hub.published(Publication(CONTROL, end.epoch, 2, [(card.key, card.value)]))
    assert obeyed == [command]


def test_orders_missed_are_obeyed_from_the_stream_or_the_newer_cards_of_a_snapshot() -> None:
    obeyed: list[Command] = []
    ear = Orders(obeyed.append)
    old, new = Command("7", 4002, "old"), Command("8", 4002, "new")
    cards = tuple((n, order(c).key, order(c).value or b"") for n, c in ((3, old), (5, new)))
    at = Position("e", 5)
    ear.replay(Answer(CONTROL, Position("e", 4), Missed(at, (cards[1],)), []))
    assert obeyed == [new]
    ear.restore(Answer(CONTROL, Position("e", 3), Snapshot(at, cards), []))
    assert obeyed == [new, new]
    ear.restore(Answer(CONTROL, Position("former life", 3), Snapshot(at, cards), []))
    ear.restore(Answer(CONTROL, None, Snapshot(at, cards), []))
    ear.replay(Answer(CONTROL, at, Missed(at, ((6, "7", None),)), []))
    ear.grow_stale()
    ear.grow_fresh()
    assert obeyed == [new, new]
