"""The shapes of the frames, their msgpack bytes and their limits; no sockets, no states.

Inbound bytes are untrusted: `msgpack` with limits, then `msgspec.convert`. Outbound frames are
encoded once; card frames are concatenated from msgpack headers and the values' own bytes, because
a value is encoded by its publisher and never opened on the way.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, NamedTuple, TypeAlias

import msgpack
import msgspec

VERSION = 1
FRAME_LIMIT_BYTES = 16 * 1024  # upward; a resume with 64 channels stays below 8 KB
PIECE_LIMIT_BYTES = 64 * 1024  # downward; one piece of a snapshot or of a replay
CARD_LIMIT_BYTES = 48 * 1024  # one value, so that any card fits in one piece
CHANNEL_LIMIT = 64  # channels of one socket
NAME_LIMIT = 200  # characters of a channel name or a card key
URGENT = "screen:"  # cards of these keys are never held back

Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_LIMIT)]
Secret: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Position(NamedTuple):
    """A place in a channel's stream: its life and the number of the last card seen in it."""

    epoch: str
    offset: int


class Malformed(Exception):
    """The peer's fault: bytes that are no frame of this protocol."""


class Hello(msgspec.Struct, frozen=True, tag_field="t", tag="hello"):
    """Open a session with a ticket; `want` narrows the ticket's channels (empty: all of them)."""

    v: int
    ticket: Secret
    want: Annotated[tuple[Name, ...], msgspec.Meta(max_length=CHANNEL_LIMIT)] = ()


class Resume(msgspec.Struct, frozen=True, tag_field="t", tag="resume"):
    """Come back with the token of the last welcome and the last position of each channel."""

    v: int
    token: Secret
    at: Annotated[dict[Name, tuple[Name, Count]], msgspec.Meta(max_length=CHANNEL_LIMIT)]


class Pong(msgspec.Struct, frozen=True, tag_field="t", tag="pong"):
    """Answer to the beat numbered `n`."""

    n: Count


class Got(msgspec.Struct, frozen=True, tag_field="t", tag="got"):
    """Receipt: the card has arrived."""

    ch: Name
    key: Name
    o: Count


class Painted(msgspec.Struct, frozen=True, tag_field="t", tag="painted"):
    """Receipt: the card is on the screen since `at` (ms, server's clock), give or take `err` ms."""

    ch: Name
    key: Name
    o: Count
    at: Count
    err: Annotated[float, msgspec.Meta(ge=0)]


Inbound: TypeAlias = Hello | Resume | Pong | Got | Painted
FrameCard: TypeAlias = tuple[int, str, bytes | None]

_TWO_BYTE_SIZE = 126  # from this size on RFC 6455 writes the size in two bytes more
_EIGHT_BYTE_SIZE = 65536

# Pieces of msgpack: the headers that this module joins with bytes that are msgpack already.
pack_int = msgspec.msgpack.encode
pack_str = msgspec.msgpack.encode
pack_array = msgpack.Packer().pack_array_header


def decode(data: bytes) -> Inbound:
    """Return the frame in untrusted bytes; Malformed when too long or of no known shape."""
    if len(data) > FRAME_LIMIT_BYTES:
        raise Malformed(f"{len(data)} bytes, at most {FRAME_LIMIT_BYTES}")
    try:
        tree = msgpack.unpackb(
            data,
            max_str_len=8192,
            max_bin_len=0,
            max_ext_len=0,
            max_array_len=2 * CHANNEL_LIMIT,
            max_map_len=2 * CHANNEL_LIMIT,
        )
        frame: Inbound = msgspec.convert(tree, type=Inbound)
    except (ValueError, TypeError, msgspec.ValidationError, msgpack.UnpackException) as error:
        raise Malformed(str(error)) from error
    return frame


def encode_value(value: Any) -> bytes:
    """Return the msgpack bytes of a card's value; called once, by the publisher."""
    return msgspec.msgpack.encode(value)


def encode(frame: Any) -> bytes:
    """Return the msgpack bytes of a whole frame, of ours or of a client's."""
    return msgspec.msgpack.encode(frame)


def seal(payload: bytes) -> bytes:
    """Return the payload as one final unmasked binary WebSocket frame (RFC 6455, 5.2)."""
    size = len(payload)
    if size < _TWO_BYTE_SIZE:
        return b"\x82" + bytes((size,)) + payload
    if size < _EIGHT_BYTE_SIZE:
        return b"\x82\x7e" + size.to_bytes(2, "big") + payload
    return b"\x82\x7f" + size.to_bytes(8, "big") + payload


def open_seal(frame: bytes) -> bytes:
    """Return the payload of a sealed frame."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]


def pack_card(offset: int, key: str, value: bytes | None) -> bytes:
    """Return `[offset, key, value]`; None stands as nil and removes the card."""
    return b"\x93" + pack_int(offset) + pack_str(key) + (b"\xc0" if value is None else value)


_T_CARDS = pack_str("t") + pack_str("cards") + pack_str("ch")
_T_SNAPSHOT = pack_str("t") + pack_str("snapshot") + pack_str("ch")
_EP, _O, _PART, _LAST, _CARDS = (pack_str(name) for name in ("ep", "o", "part", "last", "cards"))
_FALSE, _TRUE = b"\xc2", b"\xc3"


def cards(channel: str, epoch: str, items: Sequence[FrameCard]) -> bytes:
    """Return the payload of one `cards` frame."""
    return b"".join(
        (
            b"\x84",
            _T_CARDS,
            pack_str(channel),
            _EP,
            pack_str(epoch),
            _CARDS,
            pack_array(len(items)),
            *[pack_card(*item) for item in items],
        )
    )


def cards_in_pieces(channel: str, epoch: str, items: Iterable[FrameCard]) -> Iterator[bytes]:
    """Yield `cards` payloads of at most PIECE_LIMIT_BYTES that together hold all items in order."""
    for piece in _pieces(items):
        yield cards(channel, epoch, piece)


def snapshot(channel: str, position: Position, items: Iterable[FrameCard]) -> list[bytes]:
    """Return the `snapshot` payloads of a channel, at least one, the last marked as such."""
    pieces = list(_pieces(items)) or [[]]
    top = len(pieces) - 1
    return [
        b"".join(
            (
                b"\x87",
                _T_SNAPSHOT,
                pack_str(channel),
                _EP,
                pack_str(position.epoch),
                _O,
                pack_int(position.offset),
                _PART,
                pack_int(number),
                _LAST,
                _TRUE if number == top else _FALSE,
                _CARDS,
                pack_array(len(piece)),
                *(pack_card(*item) for item in piece),
            )
        )
        for number, piece in enumerate(pieces)
    ]


_ENVELOPE_BYTES = 4 * NAME_LIMIT * 2 + 64  # names may be four bytes a character
_CARD_BYTES = 16  # array, offset and key headers


def _pieces(items: Iterable[FrameCard]) -> Iterator[list[FrameCard]]:
    """Cut a run of cards where a frame would pass its limit; a single card is never cut."""
    piece: list[FrameCard] = []
    size = _ENVELOPE_BYTES
    for item in items:
        _, key, value = item
        cost = _CARD_BYTES + 4 * len(key) + len(value or b"")
        if piece and size + cost > PIECE_LIMIT_BYTES:
            yield piece
            piece, size = [], _ENVELOPE_BYTES
        piece.append(item)
        size += cost
    if piece:
        yield piece


class Publication:
    """One step of a channel: cards numbered from `first` up, and their frames, built once."""

    __slots__ = ("_frames", "cards", "channel", "epoch", "first")

    def __init__(
        self, channel: str, epoch: str, first: int, pairs: Sequence[tuple[str, bytes | None]]
    ) -> None:
        self.channel = channel
        self.epoch = epoch
        self.first = first
        self.cards: tuple[FrameCard, ...] = tuple(
            [(first + step, key, value) for step, (key, value) in enumerate(pairs)]
        )
        self._frames: tuple[bytes, ...] | None = None

    @property
    def last(self) -> int:
        """The number of the newest card."""
        return self.first + len(self.cards) - 1

    @property
    def urgent(self) -> bool:
        """Whether it holds a screen, which no reader waits for."""
        return any(key.startswith(URGENT) for _, key, _ in self.cards)

    @property
    def frames(self) -> tuple[bytes, ...]:
        """The sealed WebSocket frames, nearly always one; the same objects for every reader."""
        if self._frames is None:
            if len(self.cards) == 1:  # nearly always, and never cut
                pieces: Iterable[bytes] = (cards(self.channel, self.epoch, self.cards),)
            else:
                pieces = cards_in_pieces(self.channel, self.epoch, self.cards)
            self._frames = tuple([seal(piece) for piece in pieces])
        return self._frames

    def after(self, offset: int) -> "Publication":
        """Return the part of this publication that is newer than `offset`."""
        kept = [(key, value) for number, key, value in self.cards if number > offset]
        return Publication(self.channel, self.epoch, max(self.first, offset + 1), kept)


class Welcome(msgspec.Struct, frozen=True, tag_field="t", tag="welcome"):
    """The session is open; `token` resumes it, `beat` is the pause between beats in ms."""

    v: int
    now: int
    user: str
    session: str
    token: str
    beat: int


class Beat(msgspec.Struct, frozen=True, tag_field="t", tag="beat"):
    """Sign of life number `n`, to be answered by a pong; `now` is the server's clock in ms."""

    n: int
    now: int


class Bye(msgspec.Struct, frozen=True, tag_field="t", tag="bye"):
    """Last frame before a close; `again` is the wait in ms before returning, None: do not."""

    code: int
    reason: str
    again: int | None


class Snapshot(msgspec.Struct, frozen=True, tag_field="t", tag="snapshot"):
    """A piece of a whole channel, as `snapshot` packs it; `last` puts all pieces in place."""

    ch: Name
    ep: Name
    o: Count
    part: Count
    last: bool
    cards: tuple[tuple[Count, Name, Any], ...]


class Cards(msgspec.Struct, frozen=True, tag_field="t", tag="cards"):
    """Changes of a channel in order, as `cards` packs them; nil in the place of a value removes it."""

    ch: Name
    ep: Name
    cards: tuple[tuple[Count, Name, Any], ...]


class Stale(msgspec.Struct, frozen=True, tag_field="t", tag="stale"):
    """Changes may be missing: show what is there as old."""


class Fresh(msgspec.Struct, frozen=True, tag_field="t", tag="fresh"):
    """Everything missed since `stale` has been delivered."""


Outbound: TypeAlias = Welcome | Snapshot | Cards | Beat | Stale | Fresh | Bye

STALE = seal(encode(Stale()))
FRESH = seal(encode(Fresh()))
