"""Intents as they travel: what is packed is what is read; anything else is the sender's fault."""

from dataclasses import fields
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk import intents
from app.desk.intents import Intent, decode, encode

INSTANTS = st.integers(0, 2**53)
FIGURES = {
    "at_ms": INSTANTS,
    "painted_at_ms": INSTANTS,
    "error_ms": INSTANTS,
    "wrapup_multiplier": st.floats(1.0, 10.0),
}


def of_kind(kind: type[Intent]) -> st.SearchStrategy[Intent]:
    """Any intent of one kind, with figures that can travel."""
    names = {field.name for field in fields(kind)}
    return st.builds(kind, **{name: FIGURES[name] for name in names & FIGURES.keys()})


KINDS = [of_kind(kind) for kind in get_args(Intent)]


@given(st.one_of(KINDS))
def test_every_intent_comes_back_as_it_went(intent: Intent) -> None:
    assert decode(encode(intent)) == intent


def test_an_older_reader_passes_over_new_fields() -> None:
    packed = msgspec.msgpack.encode(
        {"t": "Ready", "user": "00000000-0000-0000-0000-0000000000a1", "at_ms": 5, "new": 1}
    )
    assert isinstance(decode(packed), intents.Ready)


@pytest.mark.parametrize(
    "value",
    [
        {"t": "Nonsense", "at_ms": 1},
        {"user": "00000000-0000-0000-0000-0000000000a1"},
        {"t": "Ready", "user": "nobody", "at_ms": 1},
        {"t": "Ready", "user": "00000000-0000-0000-0000-0000000000a1"},
        {"t": ["Ready"]},
        ["Ready"],
        7,
    ],
)
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not an intent"):
        decode(msgspec.msgpack.encode(value))


def test_bytes_that_are_no_msgpack_are_refused() -> None:
    with pytest.raises(ValueError, match="not an intent"):
        decode(b"\xc1\x00")
