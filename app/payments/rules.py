"""How a customer pays: the pattern of the last due dates (domain section 6.5). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class Pattern(StrEnum):
    """How regularly somebody pays."""

    REGULAR = "REGULAR"
    IRREGULAR = "IRREGULAR"
    STOPPED = "STOPPED"
    INSUFFICIENT = "INSUFFICIENT"


@dataclass(frozen=True, slots=True)
class DueItem:
    """One due date: what was due, and every payment for it as (day, minor units)."""

    due_on: date
    due_minor: int
    paid: tuple[tuple[date, int], ...] = ()


_LOOK_BACK, _ENOUGH, _REGULAR, _STOPPED = 6, 3, 4, 2
_NEAR: Final = timedelta(days=5)
_FULL_PCT: Final = 95


def pattern(items: Sequence[DueItem]) -> Pattern:
    """Judge the last six due dates, in any order: four in time and in full make it regular."""
    last = sorted(items, key=lambda item: item.due_on)[-_LOOK_BACK:]
    if len(last) < _ENOUGH:
        return Pattern.INSUFFICIENT
    if all(not item.paid for item in last[-_STOPPED:]):
        return Pattern.STOPPED
    if sum(_in_time(item) for item in last) >= _REGULAR:
        return Pattern.REGULAR
    return Pattern.IRREGULAR


def _in_time(item: DueItem) -> bool:
    """Whether at least 95 % was paid within five days before or after the due date."""
    near = sum(minor for day, minor in item.paid if abs(day - item.due_on) <= _NEAR)
    return 100 * near >= _FULL_PCT * item.due_minor
