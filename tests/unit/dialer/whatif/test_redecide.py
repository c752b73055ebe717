"""Kept seconds put before the engine again: the same decisions for the same settings, others for others."""

from __future__ import annotations

from functools import cache

import msgpack
import pytest

from app.whatif.rules import MOST_TOLD, KeptSecond
from dialer.whatif.redecide import redecide
from tests.support.kept_day import kept_seconds


@cache
def seconds() -> list[KeptSecond]:
    """Ten minutes, as they are read back."""
    return [
        KeptSecond(each.at_ms, msgpack.unpackb(msgpack.packb(each.page), strict_map_key=False))
        for each in kept_seconds(12, 600.0)
    ]


def test_the_same_engine_with_the_same_settings_decides_the_same() -> None:
    told = redecide(seconds(), {})
    assert told.seconds == 600
    assert told.same >= 590  # a figure is kept with four digits
    assert told.lines_now == pytest.approx(told.lines_was, rel=0.02)


def test_a_lower_ceiling_opens_fewer_lines_and_says_where() -> None:
    told = redecide(seconds(), {"ratio_ceiling": 1.0})
    assert told.lines_now < told.lines_was
    assert told.same < told.seconds
    assert 0 < len(told.largest) <= MOST_TOLD
    sizes = [abs(one.now - one.was) for one in told.largest]
    assert sizes == sorted(sizes, reverse=True)


def test_another_mode_is_bound_by_another_reason() -> None:
    told = redecide(seconds(), {"mode": "PROGRESSIVE"})
    assert {now for _, now, _ in told.reasons} == {"PROGRESSIVE"}
    assert sum(count for _, _, count in told.reasons) <= told.seconds


def test_nothing_kept_is_nothing_compared() -> None:
    assert redecide([], {}).seconds == 0
