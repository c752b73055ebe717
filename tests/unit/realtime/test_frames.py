"""Shapes, limits and bytes of the frames; concatenated frames equal what a codec would make."""

from typing import Any

import msgpack
import msgspec
import pytest

from realtime import frames
from realtime.frames import (
    CARD_LIMIT_BYTES,
    FRAME_LIMIT_BYTES,
    PIECE_LIMIT_BYTES,
    FrameCard,
    Got,
    Hello,
    Malformed,
    Painted,
    Pong,
    Position,
    Publication,
    Resume,
    decode,
    encode_value,
    open_seal,
    seal,
)

UPWARD = [
    ({"t": "hello", "v": 1, "ticket": "x"}, Hello(1, "x")),
    ({"t": "hello", "v": 1, "ticket": "x", "want": ["a"]}, Hello(1, "x", ("a",))),
    ({"t": "resume", "v": 1, "token": "x", "at": {"a": ["e", 3]}}, Resume(1, "x", {"a": ("e", 3)})),
    ({"t": "pong", "n": 7}, Pong(7)),
    ({"t": "got", "ch": "a", "key": "k", "o": 1}, Got("a", "k", 1)),
    (
        {"t": "painted", "ch": "a", "key": "k", "o": 1, "at": 9, "err": 1.5},
        Painted("a", "k", 1, 9, 1.5),
    ),
    (
        {"t": "painted", "ch": "a", "key": "k", "o": 1, "at": 9, "err": 2},
        Painted("a", "k", 1, 9, 2),
    ),
    ({"t": "pong", "n": 7, "later": "unknown fields are for later versions"}, Pong(7)),
]


@pytest.mark.parametrize(("sent", "understood"), UPWARD)
def test_every_upward_frame_is_understood(sent: dict[str, Any], understood: object) -> None:
    assert decode(msgpack.packb(sent)) == understood


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x92\x01",  # cut short
        msgpack.packb({"t": "pong", "n": 1}) + b"\x00",  # something behind it
        msgpack.packb(["pong", 1]),
        msgpack.packb({"t": "dance"}),
        msgpack.packb({"n": 1}),
        msgpack.packb({1: 2}),
        msgpack.packb({"t": "pong", "n": -1}),
        msgpack.packb({"t": "pong", "n": "1"}),
        msgpack.packb({"t": "pong", "n": True}),
        msgpack.packb({"t": "hello", "v": 1, "ticket": ""}),
        msgpack.packb({"t": "hello", "v": 1, "ticket": "x", "want": ["a"] * 65}),
        msgpack.packb({"t": "hello", "v": 1, "ticket": "x" * 9000}),
        msgpack.packb({"t": "hello", "v": 1, "ticket": b"bytes"}),
        msgpack.packb({"t": "got", "ch": "c" * 201, "key": "k", "o": 1}),
        msgpack.packb({"t": "painted", "ch": "a", "key": "k", "o": 1, "at": 9, "err": -1.0}),
        msgpack.packb({"t": "resume", "v": 1, "token": "x", "at": {"a": ["e"]}}),
        msgpack.packb({"t": "pong", "n": 1, "x": msgpack.ExtType(5, b"1")}),
        b"\x91" * 5000,  # deep nesting
        b"\xdf\xff\xff\xff\xff",  # a map that claims four thousand million entries
        b"\x81\xa1t\xa2\xff\xff",  # no UTF-8
    ],
)
def test_what_is_no_frame_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode(data)


def test_an_oversized_frame_is_not_even_parsed() -> None:
    with pytest.raises(Malformed, match="16384"):
        decode(b"\xc1" * (FRAME_LIMIT_BYTES + 1))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -5,
        127,
        128,
        2**31,
        2**53,
        1.5,
        "",
        "Nguyễn Văn An",
        [1, [2]],
        {"a": {"b": []}},
    ],
)
def test_both_codecs_read_each_other(value: object) -> None:
    """D8: inbound by msgpack, outbound by msgspec; this holds the two together."""
    assert msgpack.unpackb(encode_value(value)) == value
    assert msgspec.msgpack.decode(msgpack.packb(value)) == value
    assert encode_value(value) == msgpack.packb(value)


NUMBERS = [1, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**53]


@pytest.mark.parametrize("offset", NUMBERS)
def test_a_concatenated_card_frame_equals_an_encoded_one(offset: int) -> None:
    key, value = "chốt" * 20, {"số": [1, None, "x" * 300]}
    built = frames.cards("agent:7", "e1", [(offset, key, encode_value(value)), (offset, "k", None)])
    plain = {
        "t": "cards",
        "ch": "agent:7",
        "ep": "e1",
        "cards": [[offset, key, value], [offset, "k", None]],
    }
    assert built == msgspec.msgpack.encode(plain) == msgpack.packb(plain)


@pytest.mark.parametrize("count", [0, 1, 15, 16, 300])
def test_a_concatenated_snapshot_equals_an_encoded_one(count: int) -> None:
    items: list[FrameCard] = [(n, f"k{n}", encode_value(n)) for n in range(count)]
    (piece,) = frames.snapshot("wall", Position("e", 70000), items)
    plain = {
        "t": "snapshot",
        "ch": "wall",
        "ep": "e",
        "o": 70000,
        "part": 0,
        "last": True,
        "cards": [[n, f"k{n}", n] for n in range(count)],
    }
    assert piece == msgspec.msgpack.encode(plain)


def test_a_large_snapshot_comes_in_pieces_below_the_limit() -> None:
    value = encode_value("ạ" * 5_000)
    items: list[FrameCard] = [(n, f"k{n}", value) for n in range(1, 41)]
    pieces = frames.snapshot("wall", Position("e", 40), items)
    read = [msgpack.unpackb(piece) for piece in pieces]
    assert len(pieces) > 5
    assert all(len(piece) <= PIECE_LIMIT_BYTES for piece in pieces)
    assert [piece["part"] for piece in read] == list(range(len(read)))
    assert [piece["last"] for piece in read] == [False] * (len(read) - 1) + [True]
    assert [card[0] for piece in read for card in piece["cards"]] == list(range(1, 41))


def test_the_largest_card_fits_into_one_piece() -> None:
    largest = b"\xc5" + (CARD_LIMIT_BYTES - 3).to_bytes(2, "big") + b"v" * (CARD_LIMIT_BYTES - 3)
    (piece,) = frames.cards_in_pieces("c" * 200, "e", [(1, "ạ" * 200, largest)])
    assert len(piece) <= PIECE_LIMIT_BYTES


def test_no_cards_make_no_pieces_but_an_empty_snapshot_is_said() -> None:
    assert list(frames.cards_in_pieces("c", "e", [])) == []
    assert len(frames.snapshot("c", Position("e", 0), [])) == 1


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 200_000])
def test_a_sealed_frame_is_one_final_binary_unmasked_message(size: int) -> None:
    sealed = seal(b"p" * size)
    header = len(sealed) - size
    assert sealed[0] == 0x82
    assert header == (2 if size < 126 else 4 if size < 65536 else 10)
    assert open_seal(sealed) == b"p" * size


def test_a_publication_numbers_its_cards_and_builds_its_frame_once() -> None:
    publication = Publication("agent:7", "e", 5, [("a", b"\x01"), ("b", None)])
    assert publication.cards == ((5, "a", b"\x01"), (6, "b", None))
    assert publication.last == 6
    (frame,) = publication.frames
    assert publication.frames[0] is frame
    assert msgpack.unpackb(open_seal(frame)) == {
        "t": "cards",
        "ch": "agent:7",
        "ep": "e",
        "cards": [[5, "a", 1], [6, "b", None]],
    }


def test_a_large_publication_goes_out_in_frames_below_the_limit() -> None:
    publication = Publication(
        "c", "e", 1, [(f"k{n}", b"\xc4\xff" + b"v" * 255) for n in range(600)]
    )
    assert len(publication.frames) > 1
    assert all(len(open_seal(frame)) <= PIECE_LIMIT_BYTES for frame in publication.frames)
    read = [msgpack.unpackb(open_seal(frame))["cards"] for frame in publication.frames]
    assert [card[0] for piece in read for card in piece] == list(range(1, 601))


def test_the_newer_part_of_a_publication_keeps_its_numbers() -> None:
    publication = Publication("c", "e", 5, [("a", b"\x01"), ("b", b"\x02"), ("c", b"\x03")])
    assert publication.after(6).cards == ((7, "c", b"\x03"),)
    assert publication.after(2).cards == publication.cards


def test_a_screen_is_urgent_and_nothing_else() -> None:
    assert Publication("c", "e", 1, [("call", b"\x01"), ("screen:9", b"\x01")]).urgent
    assert not Publication("c", "e", 1, [("call", b"\x01")]).urgent


@pytest.mark.parametrize(
    ("frame", "plain"),
    [
        (
            frames.Welcome(1, 9, "7", "s/1", "tok", 5000),
            {
                "t": "welcome",
                "v": 1,
                "now": 9,
                "user": "7",
                "session": "s/1",
                "token": "tok",
                "beat": 5000,
            },
        ),
        (frames.Beat(3, 9), {"t": "beat", "n": 3, "now": 9}),
        (frames.Bye(4009, "slow", 100), {"t": "bye", "code": 4009, "reason": "slow", "again": 100}),
        (frames.Bye(4002, "out", None), {"t": "bye", "code": 4002, "reason": "out", "again": None}),
    ],
)
def test_downward_frames_have_their_documented_shape(frame: object, plain: dict[str, Any]) -> None:
    assert msgpack.unpackb(frames.encode(frame)) == plain


def test_stale_and_fresh_are_ready_made() -> None:
    assert msgpack.unpackb(open_seal(frames.STALE)) == {"t": "stale"}
    assert msgpack.unpackb(open_seal(frames.FRESH)) == {"t": "fresh"}
