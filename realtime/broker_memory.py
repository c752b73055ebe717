"""A broker inside one process: for tests, and for a desk that needs no second process.

It can be cut and started anew, so that tests see what Redis does when it goes away.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import chain

from realtime.broker import (
    CONTROL,
    STREAM_LENGTH,
    BrokerLost,
    Card,
    Command,
    Missed,
    Position,
    Publication,
    Receiver,
    Replay,
    Snapshot,
    Standing,
    bars,
    check,
    order,
)
from realtime.closing import advise
from realtime.frames import FrameCard


class _Channel:
    """State and stream of one channel."""

    __slots__ = ("cards", "epoch", "offset", "stream")

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self.offset = 0
        self.cards: dict[str, tuple[int, bytes]] = {}
        self.stream: deque[Publication] = deque(maxlen=STREAM_LENGTH)


class MemoryBroker:
    """The contract of broker.py on dictionaries; feeds are called directly."""

    def __init__(self) -> None:
        self._channels: dict[str, _Channel] = {}
        self._lives = 0
        self._cut = False
        self._feeds: list[_MemoryFeed] = []
        self.standings: dict[str, Standing] = {}  # for the tickets of the same process

    async def publish(self, channel: str, cards: Sequence[Card]) -> Position:
        """Apply and tell the feeds at once."""
        self._reach()
        check(channel, cards)
        state = self._state(channel)
        publication = Publication(
            channel, state.epoch, state.offset + 1, [(card.key, card.value) for card in cards]
        )
        for offset, key, value in publication.cards:
            if value is None:
                state.cards.pop(key, None)
            else:
                state.cards[key] = (offset, value)
        state.offset = publication.last
        state.stream.append(publication)
        for feed in self._feeds:
            feed.hear(publication)
        return Position(state.epoch, state.offset)

    async def publish_many(self, batch: Sequence[tuple[str, Sequence[Card]]]) -> list[Position]:
        """Publish one after the other; a refused one stops the rest."""
        return [await self.publish(channel, cards) for channel, cards in batch]

    async def snapshot(self, channel: str) -> Snapshot:
        """Return the cards by the order of their last change."""
        self._reach()
        state = self._state(channel)
        cards = sorted((offset, key, value) for key, (offset, value) in state.cards.items())
        return Snapshot(Position(state.epoch, state.offset), tuple(cards))

    async def since(self, channel: str, position: Position) -> list[FrameCard] | None:
        """Answer from the stream as long as it reaches back far enough."""
        self._reach()
        state = self._state(channel)
        if position.epoch != state.epoch or position.offset > state.offset:
            return None
        reach = state.stream[0].first - 1 if state.stream else state.offset
        if position.offset < reach:
            return None
        everything = chain.from_iterable(publication.cards for publication in state.stream)
        return [card for card in everything if card[0] > position.offset]

    async def catch_up(self, questions: Sequence[tuple[str, Position | None]]) -> list[Replay]:
        """Answer each in turn."""
        return [await self._answer(channel, position) for channel, position in questions]

    async def forget(self, channel: str, keys: Sequence[str]) -> None:
        """Remove the cards, then empty the stream."""
        if keys:
            await self.publish(channel, [Card(key, None) for key in keys])
        self._reach()
        self._state(channel).stream.clear()

    async def command(
        self,
        user: str,
        code: int,
        reason: str,
        *,
        channel: str | None = None,
        standing: int | None = None,
        issue: str | None = None,
    ) -> None:
        """Raise the user's standing and publish the order on the control channel."""
        self._reach()
        if standing is None:
            place = self.standings.setdefault(user, Standing())
            place.number = standing = place.number + 1
            if issue is not None:
                if not advise(code).returns:
                    place.out[issue] = code, reason
            elif bars(code):
                place.bar(code, reason)
        told = Command(user, code, reason, channel, standing, issue)
        await self.publish(CONTROL, [order(told)])

    def feed(self, receiver: Receiver) -> "_MemoryFeed":
        """Return a line that hears publications while it runs."""
        return _MemoryFeed(self, receiver, self._feeds)

    @property
    def is_cut(self) -> bool:
        """Whether a test has cut the broker off."""
        return self._cut

    def cut(self) -> None:
        """Make the broker unreachable and break every feed."""
        self._cut = True
        for feed in self._feeds:
            feed.broke()

    def mend(self) -> None:
        """Make the broker reachable again."""
        self._cut = False
        for feed in self._feeds:
            feed.back()

    def restart(self) -> None:
        """Lose everything, as an engine without persistence does."""
        self._channels.clear()

    async def _answer(self, channel: str, position: Position | None) -> Replay:
        missed = None if position is None else await self.since(channel, position)
        if missed is None:
            return await self.snapshot(channel)
        state = self._state(channel)
        return Missed(Position(state.epoch, state.offset), tuple(missed))

    def _state(self, channel: str) -> _Channel:
        state = self._channels.get(channel)
        if state is None:
            self._lives += 1
            state = self._channels[channel] = _Channel(f"m{self._lives}")
        return state

    def _reach(self) -> None:
        if self._cut:
            raise BrokerLost("the broker is cut off")


class _MemoryFeed:
    """A line of the memory broker."""

    def __init__(
        self, broker: MemoryBroker, receiver: Receiver, feeds: "list[_MemoryFeed]"
    ) -> None:
        self._broker = broker
        self._receiver = receiver
        self._feeds = feeds
        self._channels: set[str] = set()

    async def run(self) -> None:
        """Hear publications until cancelled."""
        self._feeds.append(self)
        if not self._broker.is_cut:
            self._receiver.feed_back()
        try:
            await asyncio.Event().wait()
        finally:
            self._feeds.remove(self)

    async def subscribe(self, channels: Sequence[str]) -> None:
        """Hear these from now on."""
        if self._broker.is_cut:
            raise BrokerLost("the broker is cut off")
        self._channels.update(channels)

    def unsubscribe(self, channels: Sequence[str]) -> None:
        """Hear these no more."""
        self._channels.difference_update(channels)

    def hear(self, publication: Publication) -> None:
        """Pass a publication on when its channel is wanted."""
        if publication.channel in self._channels:
            self._receiver.published(publication)

    def broke(self) -> None:
        """Tell the receiver that the line is down."""
        self._receiver.feed_lost()

    def back(self) -> None:
        """Tell the receiver that the line is up."""
        self._receiver.feed_back()
