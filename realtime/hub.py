"""Who in this process listens to which channel: build a frame once, deliver it to many.

Subscribe first, then ask what was missed, then drop duplicates by number: joining, resuming, a
broken feed and a hole in the numbers are all the same road, `mend`. Sockets are told `stale` while
the broker is away and `fresh` once everything missed has been delivered.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from realtime import frames
from realtime.broker import (
    CONTROL,
    Broker,
    BrokerLost,
    Command,
    Feed,
    Missed,
    Publication,
    Replay,
    Snapshot,
    read_order,
)
from realtime.counters import Counters
from realtime.frames import FrameCard, Position
from realtime.protocol import Subscription

ROUND_LIMIT = 256  # questions to the broker in one round trip
RETRY_S = 0.2
IDLE_ROUNDS = 2  # sweeps without a reader until a channel is given up; a reload is quicker


Obey = Callable[[Command], None]  # closes the sockets that a command names


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a browser says of a card: `got` it, or `painted` it at `at_ms`, give or take."""

    user: str
    session: str
    channel: str
    key: str
    offset: int
    kind: str
    at_ms: int
    error_ms: float


class Listener(Protocol):
    """Who is told what sockets do. Synchronous, must not block, must not raise.

    `session` names one socket, another at each resume, so a late `closed` of a former socket
    cannot be taken for the end of the present one.
    """

    def opened(self, user: str, session: str, at_ms: int) -> None:
        """Take note that a socket holds its user's exclusive channel; others come untold.

        Else a second page of the same person would pass for the desk.
        """
        ...

    def closed(self, user: str, session: str, at_ms: int, why: int) -> None:
        """Take note that such a socket is gone; `why` is the close code."""
        ...

    def receipt(self, receipt: Receipt) -> None:
        """Take note of a receipt."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """The broker's answer to readers that were behind `before`; `pieces` are its sealed frames."""

    channel: str
    before: Position | None
    reply: Replay
    pieces: Sequence[bytes]


class Reader(Protocol):
    """What the hub delivers to: a session, or the hub's own ear for orders."""

    def deliver(self, publication: Publication) -> None:
        """Take cards that follow on."""
        ...

    def replay(self, answer: "Answer") -> None:
        """Take what was missed."""
        ...

    def restore(self, answer: "Answer") -> None:
        """Take a whole channel in the place of what is known of it."""
        ...

    def grow_stale(self) -> None:
        """Learn that changes may be missing."""
        ...

    def grow_fresh(self) -> None:
        """Learn that one channel is in step again."""
        ...


class Topic:
    """One channel and its readers in this process."""

    __slots__ = ("at", "busy", "channel", "idle_rounds", "readers")

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.at: Position | None = (
            None  # where the readers in step stand since the last publication
        )
        self.readers: dict[Reader, Subscription] = {}
        self.busy = False  # being mended: must not be unsubscribed meanwhile
        self.idle_rounds = 0


class Hub:
    """The channels of one process. All but `mend` is synchronous."""

    def __init__(self, broker: Broker, counters: Counters) -> None:
        self.counters = counters
        self._broker = broker
        self._feed: Feed = broker.feed(self)
        self._topics: dict[str, Topic] = {}
        self._behind: dict[Topic, None] = {}  # an ordered set
        self._work = asyncio.Event()
        self.is_up = False

    @property
    def feed(self) -> Feed:
        """The line to the broker; run it beside `mend`."""
        return self._feed

    def join(self, reader: Reader, channels: Iterable[str], at: Mapping[str, Position]) -> None:
        """Let a reader hear these channels from its positions on, or from a snapshot."""
        for channel in channels:
            topic = self._topics.get(channel)
            if topic is None:
                topic = self._topics[channel] = Topic(channel)
            topic.readers[reader] = Subscription(channel, at.get(channel))
            self._want(topic)
        if not self.is_up:
            reader.grow_stale()

    def leave(self, reader: Reader, channels: Iterable[str]) -> None:
        """Let a reader hear these no more."""
        for channel in channels:
            topic = self._topics.get(channel)
            if topic is not None:
                topic.readers.pop(reader, None)

    def published(self, publication: Publication) -> None:
        """Deliver to everybody in step; mend who is not.

        The hottest loop: on a wall it runs once for each viewer. Who stands right before the
        publication is moved on here, to one position that all share and that is known by identity.
        `deliver` lets nobody join or leave.
        """
        self.counters.publications += 1
        topic = self._topics.get(publication.channel)
        if topic is None:
            return
        before = Position(publication.epoch, publication.first - 1)
        shared = topic.at if topic.at == before else before
        topic.at = after = Position(publication.epoch, publication.last)
        astray = []
        for reader, subscription in topic.readers.items():
            at = subscription.position
            if (at is shared or at == before) and not subscription.behind:
                subscription.position = after
                reader.deliver(publication)
            else:
                astray.append((reader, subscription))
        for reader, subscription in astray:
            self._catch(topic, reader, subscription, publication)

    def _catch(
        self, topic: Topic, reader: Reader, subscription: Subscription, publication: Publication
    ) -> None:
        """Take a publication to a reader that does not stand right before it."""
        was_behind = subscription.behind
        shown = subscription.take(publication)
        if shown is not None:
            reader.deliver(shown)
        elif subscription.behind and not was_behind:
            self._want(topic)

    def feed_lost(self) -> None:
        """Say stale to everybody: from here on something may be missing."""
        self.is_up = False
        self.counters.feed_losses += 1
        for topic in self._topics.values():
            for reader, subscription in topic.readers.items():
                subscription.lose()
                reader.grow_stale()

    def feed_back(self) -> None:
        """Fetch what was missed; fresh is said when it has been delivered."""
        self.is_up = True
        for topic in self._topics.values():
            self._want(topic)

    def sweep(self) -> None:
        """Give up channels that nobody has listened to for IDLE_ROUNDS sweeps."""
        idle = []
        for topic in self._topics.values():
            if topic.readers or topic.busy or topic in self._behind:
                topic.idle_rounds = 0
            else:
                topic.idle_rounds += 1
                if topic.idle_rounds >= IDLE_ROUNDS:
                    idle.append(topic.channel)
        for channel in idle:
            del self._topics[channel]
        if idle:
            self._feed.unsubscribe(idle)

    async def mend(self) -> None:
        """Bring readers that are behind back into step, for ever."""
        while True:
            await self._work.wait()
            self._work.clear()
            while self._behind and self.is_up:
                if not await self._mend_some():
                    await asyncio.sleep(RETRY_S)

    def _want(self, topic: Topic) -> None:
        self._behind[topic] = None
        self._work.set()

    async def _mend_some(self) -> bool:
        """Mend a round of topics; False when the broker did not answer."""
        topics = list(self._behind)[:ROUND_LIMIT]
        for topic in topics:
            del self._behind[topic]
            topic.busy = True
        answers = await self._ask(topics)
        for topic in topics:
            topic.busy = False
            if answers is None:
                self._behind[topic] = None
                for reader, subscription in list(topic.readers.items()):
                    if subscription.behind:
                        reader.grow_stale()
        for answer, readers in answers or ():
            self._settle(answer, readers)
        return answers is not None

    async def _ask(self, topics: Sequence[Topic]) -> list[tuple[Answer, list[Reader]]] | None:
        """Subscribe, then ask for everybody behind; None when the broker did not answer.

        An answer counts only when the feed ran all the time: else there may be a hole behind it.
        """
        losses = self.counters.feed_losses
        try:
            await self._feed.subscribe([topic.channel for topic in topics])
            asked = _questions(topics)
            replies = await self._broker.catch_up(list(asked)) if asked else []
        except BrokerLost:
            return None
        if losses != self.counters.feed_losses:
            return None
        self.counters.repairs += 1
        return [
            (Answer(channel, at, reply, _seal_pieces(channel, reply)), asked[channel, at])
            for (channel, at), reply in zip(asked, replies, strict=True)
        ]

    def _settle(self, answer: Answer, readers: Sequence[Reader]) -> None:
        """Hand one answer to everybody who asked that question."""
        topic = self._topics[answer.channel]
        self._count(answer, len(readers))
        for reader in readers:
            subscription = topic.readers.get(reader)
            if subscription is None:
                continue  # left while the question was out
            if isinstance(answer.reply, Snapshot):
                reader.restore(answer)
            elif answer.reply.cards:
                reader.replay(answer)
            for publication in subscription.settle(answer.reply.position):
                reader.deliver(publication)
            if subscription.behind:
                self._want(topic)
            else:
                reader.grow_fresh()

    def _count(self, answer: Answer, readers: int) -> None:
        if isinstance(answer.reply, Missed):
            self.counters.resumes_hit += readers
        else:
            self.counters.snapshots += readers
            self.counters.resumes_miss += readers if answer.before is not None else 0

    def positions(self, reader: Reader, channels: Iterable[str]) -> tuple[tuple[str, int], ...]:
        """Return where the reader stands in each channel; -1 where it has seen nothing yet."""
        found = []
        for channel in channels:
            topic = self._topics.get(channel)
            subscription = topic.readers.get(reader) if topic is not None else None
            at = subscription.position if subscription is not None else None
            found.append((channel, -1 if at is None else at.offset))
        return tuple(found)

    def is_behind(self, reader: Reader, channels: Iterable[str]) -> bool:
        """Tell whether any of the reader's channels is still out of step."""
        for channel in channels:
            topic = self._topics.get(channel)
            if topic is None:
                continue
            subscription = topic.readers.get(reader)
            if subscription is not None and subscription.behind:
                return True
        return False


class Orders:
    """The hub's own ear on the control channel: orders to close a user's sockets.

    The first snapshot only tells where the channel stands. After a loss of the feed, orders that
    came meanwhile are obeyed, from the stream or from the newer cards of a snapshot.
    """

    def __init__(self, obey: Obey) -> None:
        self._obey = obey

    def deliver(self, publication: Publication) -> None:
        """Obey what was just ordered."""
        self._each(publication.cards)

    def replay(self, answer: Answer) -> None:
        """Obey what was ordered while the line was down."""
        self._each(answer.reply.cards)

    def restore(self, answer: Answer) -> None:
        """Obey the newest order to each user that came since."""
        before = answer.before
        if before is not None and before.epoch == answer.reply.position.epoch:
            self._each(card for card in answer.reply.cards if card[0] > before.offset)

    def grow_stale(self) -> None:
        """Nobody to tell."""

    def grow_fresh(self) -> None:
        """Nobody to tell."""

    def _each(self, cards: Iterable[FrameCard]) -> None:
        for _, _, value in cards:
            if value is not None:
                self._obey(read_order(value))


def listen_for_orders(hub: Hub, obey: Obey) -> None:
    """Join the control channel."""
    hub.join(Orders(obey), [CONTROL], {})


def _questions(topics: Sequence[Topic]) -> dict[tuple[str, Position | None], list[Reader]]:
    """Return the distinct questions of all who are behind, with who asks each."""
    asked: dict[tuple[str, Position | None], list[Reader]] = {}
    for topic in topics:
        for reader, subscription in topic.readers.items():
            if subscription.behind:
                asked.setdefault((topic.channel, subscription.ask()), []).append(reader)
    return asked


def _seal_pieces(channel: str, reply: Replay) -> list[bytes]:
    if isinstance(reply, Snapshot):
        pieces: Iterable[bytes] = frames.snapshot(channel, reply.position, reply.cards)
    else:
        pieces = frames.cards_in_pieces(channel, reply.position.epoch, reply.cards)
    return [frames.seal(piece) for piece in pieces]
