"""The contract for moving cards between processes: keyed state, a bounded stream, a live feed.

A channel is keyed state (its current cards) plus a stream of numbered changes. `offset` counts
cards per channel, `epoch` names the stream's life: another epoch means that numbers of the former
life say nothing. Implementations: broker_memory.py, broker_redis.py; one suite tests both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from realtime.closing import advise
from realtime.frames import (
    CARD_LIMIT_BYTES,
    NAME_LIMIT,
    FrameCard,
    Position,
    Publication,
    encode_value,
)

__all__ = [
    "CONTROL",
    "RISE",
    "STREAM_LENGTH",
    "Broker",
    "BrokerLost",
    "Card",
    "Command",
    "Feed",
    "Missed",
    "Position",
    "Publication",
    "Receiver",
    "Replay",
    "Snapshot",
    "Standing",
    "check",
    "encode_value",
]

CONTROL = "control"  # the channel that carries orders to hubs; no socket may listen to it
STREAM_LENGTH = 64  # publications that a stream keeps at least


class BrokerLost(Exception):
    """The broker cannot be reached; whether the last order arrived is unknown. Try again."""


@dataclass(frozen=True, slots=True)
class Card:
    """One change of a channel: the new value in msgpack bytes, or None to remove the key."""

    key: str
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All current cards of a channel, each with the number of its last change."""

    position: Position
    cards: tuple[tuple[int, str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """Everything that changed since a position, in order; `position` is the end of it."""

    position: Position
    cards: tuple[FrameCard, ...]


Replay = Snapshot | Missed


class Command(msgspec.Struct, frozen=True):
    """An order to all hubs: close the sockets of `user` that were admitted before the order.

    Those are the sockets whose standing is below `standing`, so that an order heard late cannot
    close what came after it. With a `channel`, only sockets that hold it; with an `issue`, only
    those whose tickets bear it.
    """

    user: str
    code: int
    reason: str
    channel: str | None = None
    standing: int = 0
    issue: str | None = None


@dataclass(slots=True)
class Standing:
    """What orders a user's sockets and the orders that concern them.

    `number` rises with each desk that opens and each order to all sockets. Tickets and tokens from
    below `barred` are refused with `code` and `reason`; those of an issue in `out` with its own.
    """

    number: int = 0
    barred: int = 0
    code: int = 0
    reason: str = ""
    out: dict[str, tuple[int, str]] = field(default_factory=dict)

    def bar(self, code: int, reason: str) -> None:
        """Refuse everything that was issued or admitted by now."""
        self.barred, self.code, self.reason = self.number, code, reason

    def refusal(self, standing: int, issue: str) -> tuple[int, str] | None:
        """Why the bearer of a ticket or token may not come in; None when he may."""
        if issue in self.out:
            return self.out[issue]
        return (self.code, self.reason) if standing < self.barred else None


class Receiver(Protocol):
    """Who hears a feed. All calls are synchronous, on the event loop, and must not block."""

    def published(self, publication: Publication) -> None:
        """Take a publication of a channel that was subscribed to."""
        ...

    def feed_lost(self) -> None:
        """The feed broke: publications may be missing from now on."""
        ...

    def feed_back(self) -> None:
        """The feed runs, also for the first time; every subscription is in force again."""
        ...


class Feed(Protocol):
    """One process's live line from the broker."""

    async def run(self) -> None:
        """Keep the line up until cancelled; tells the receiver when it breaks and is back."""
        ...

    async def subscribe(self, channels: Sequence[str]) -> None:
        """Return once publications of these channels are certain to arrive; else BrokerLost."""
        ...

    def unsubscribe(self, channels: Sequence[str]) -> None:
        """Stop hearing these channels; publications under way may still arrive."""
        ...


class Broker(Protocol):
    """Moves cards between processes. Every method raises BrokerLost when it cannot."""

    async def publish(self, channel: str, cards: Sequence[Card]) -> Position:
        """Apply the cards in order, as one step that nobody sees half of; return its end."""
        ...

    async def publish_many(self, batch: Sequence[tuple[str, Sequence[Card]]]) -> list[Position]:
        """Publish to several channels in one round trip, in order; each channel is one step."""
        ...

    async def snapshot(self, channel: str) -> Snapshot:
        """Return the current cards; an unknown channel is empty and begins its life here."""
        ...

    async def since(self, channel: str, position: Position) -> list[FrameCard] | None:
        """Return every change after the position, in order; None: take a snapshot instead."""
        ...

    async def catch_up(self, questions: Sequence[tuple[str, Position | None]]) -> list[Replay]:
        """Answer many readers in one round trip: what each missed, else a snapshot."""
        ...

    async def forget(self, channel: str, keys: Sequence[str]) -> None:
        """Remove cards and every value that was ever published on the channel and not replaced.

        Who listens is told of the removal; who comes back from before it takes a snapshot.
        """
        ...

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
        """Close that user's open sockets in every process.

        A code after which nobody returns, or only with a new ticket, also bars every resume token
        and unused ticket that the user holds by now; later tickets are not touched. With an
        `issue`: only sockets of tickets that bear it, and where nobody returns the issue is over.
        With `channel` and the `standing` of the socket that holds it from now on: only older
        sockets on that channel, and nothing is barred.
        """
        ...

    def feed(self, receiver: Receiver) -> Feed:
        """Return a line for one process; it carries nothing until it runs."""
        ...


def check(channel: str, cards: Sequence[Card]) -> None:
    """Refuse with ValueError what no frame could carry: the publisher's mistake."""
    if not cards:
        raise ValueError("nothing to publish")
    if not 0 < len(channel) <= NAME_LIMIT:
        raise ValueError(f"a channel's name has 1 to {NAME_LIMIT} characters")
    for card in cards:
        if not 0 < len(card.key) <= NAME_LIMIT:
            raise ValueError(f"a card's key has 1 to {NAME_LIMIT} characters")
        if card.value is not None and not 0 < len(card.value) <= CARD_LIMIT_BYTES:
            raise ValueError(f"{channel} {card.key}: {len(card.value)} bytes, see CARD_LIMIT_BYTES")


# Redis: gives a user's standing its next number, above any that was given out before the engine lost
# it. For that it borrows the engine's seconds; they order, they time nothing.
RISE = """
local function rise(key)
  local number = tonumber(redis.call('HGET', key, 'n') or '0') + 1
  local text = string.format('%.0f', math.max(number, tonumber(redis.call('TIME')[1])))
  redis.call('HSET', key, 'n', text)
  return text
end
"""


def tag(prefix: str, channel: str) -> str:
    """Return a channel's name in Redis: what its keys begin with, and where its news are published.

    The braces keep all of it on one server of a cluster.
    """
    return f"{prefix}{{{channel}}}"


def out_key(prefix: str, user: str) -> str:
    """Return where Redis keeps which issues of a user's tickets are over, each with code and reason."""
    return tag(prefix, f"u:{user}") + ":out"


def standing_key(prefix: str, user: str) -> str:
    """Return where Redis keeps a user's standing: written by the broker, read by the tickets."""
    return tag(prefix, f"u:{user}") + ":standing"


def bars(code: int) -> bool:
    """Whether an order with this code makes the tickets and tokens of before worthless."""
    advice = advise(code)
    return not advice.returns or advice.fresh_ticket


def order(command: Command) -> Card:
    """Return the card of the control channel that carries a command."""
    return Card(command.user, encode_value(command))


def read_order(value: Any) -> Command:
    """Return the command in a card of the control channel."""
    return msgspec.msgpack.decode(value, type=Command)
