"""Whom a process remembers, for the controls of a call while the database does not answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from app.people.remembered import FOR, MOST, Remembered

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
MINH: Any = cast("Any", object())


def test_somebody_is_remembered_for_a_while() -> None:
    known = Remembered()
    known.note("a", MINH, NOW)
    assert known.recall("a", NOW + FOR) is MINH
    assert known.recall("a", NOW + FOR + timedelta(seconds=1)) is None
    assert known.recall("b", NOW) is None


def test_who_is_recognised_no_more_is_forgotten_at_once() -> None:
    known = Remembered()
    known.note("a", MINH, NOW)
    known.note("a", None, NOW)
    assert known.recall("a", NOW) is None


def test_only_so_many_are_kept_the_latest_ones() -> None:
    known = Remembered()
    for number in range(MOST):
        known.note(str(number), MINH, NOW)
    known.note("0", MINH, NOW)  # seen again: not the oldest any more
    known.note("new", MINH, NOW)
    assert known.recall("0", NOW) is MINH
    assert known.recall("1", NOW) is None
