"""When a lead is tried again: one rule for every way a call can end and for every outcome. Pure.

A result is a `Cause` (nobody spoke, or the outcome is still owed) or the code of an outcome; both tables
are those of domain sections 3 and 4. A rule only says when a lead comes up again: whether it may be
dialled then is asked of compliance at that moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.calls.rules import Cause
from app.history.dispositions import LEAVES
from app.history.effects import (
    Effect,
    NoRedial,
    RetryAfter,
    RetryByPolicy,
    RetryInBand,
    RetryNextDay,
    TryNextNumber,
)
from app.history.tree import Leaf


class Again(StrEnum):
    """When the next try is."""

    AFTER = "AFTER"  # so many seconds later
    NEXT_DAY = "NEXT_DAY"  # the customer's next day, in the morning
    IN_BAND = "IN_BAND"  # the next day, when the hours begin that the customer named
    NEXT_NUMBER = "NEXT_NUMBER"  # soon, on another number; this one is marked
    DONE = "DONE"  # not by this campaign: a hold, a callback or somebody's work follows


@dataclass(frozen=True, slots=True)
class Retry:
    """After one result: when again, and how many attempts the campaign makes in all.

    `delay_seconds` is the wait of AFTER and NEXT_NUMBER and is not looked at by the others.
    """

    delay_seconds: int = 0
    max_attempts: int = 6
    again: Again = Again.AFTER


MORNING: Final = 8  # o'clock at the customer's place: when a lead of the next day is due
_MINUTE, _HOUR = 60, 3600
_NEXT_NUMBER: Final = Retry(10 * _MINUTE, 6, Again.NEXT_NUMBER)
_DONE: Final = Retry(again=Again.DONE)

_CAUSES: Final[Mapping[Cause, Retry]] = {
    Cause.COMPLETED: _DONE,  # until its outcome is told
    Cause.NO_ANSWER: Retry(2 * _HOUR, 6),
    Cause.BUSY: Retry(20 * _MINUTE, 6),
    Cause.REJECTED: Retry(4 * _HOUR, 4),
    Cause.UNREACHABLE: Retry(4 * _HOUR, 4),
    Cause.INVALID_NUMBER: Retry(_MINUTE, 6, Again.NEXT_NUMBER),
    Cause.MACHINE: Retry(4 * _HOUR, 4),
    Cause.ABANDONED: Retry(72 * _HOUR, 6),
    Cause.REMINDED: _DONE,
    Cause.REMINDER_CUT: Retry(24 * _HOUR, 3),
    Cause.AGENT_LOST: Retry(10 * _MINUTE, 6),
    Cause.CARRIER_ERROR: Retry(10 * _MINUTE, 6),
    Cause.CANCELLED: Retry(10 * _MINUTE, 6),
}
_POLICY: Final[Mapping[str, Retry]] = {
    "REFUSED": Retry(0, 6, Again.NEXT_DAY),
    "REFUSED_LEGAL": Retry(0, 6, Again.NEXT_DAY),
    "THIRD_PARTY_MESSAGE": Retry(0, 6, Again.NEXT_DAY),
    "NOT_DISPOSED_COMPLETED": Retry(0, 6, Again.NEXT_DAY),
}
"""Outcomes of which the tree says `retry per policy`: this is the policy."""


def _of_leaf(leaf: Leaf) -> Retry:
    """What an outcome's own effects say, the first that speaks of a retry; none speaks: done."""
    for effect in leaf.effects:
        if isinstance(effect, RetryByPolicy):
            return _POLICY[leaf.code]
        if (rule := _of_effect(effect)) is not None:
            return rule
    return _DONE


def _of_effect(effect: Effect) -> Retry | None:
    match effect:
        case RetryAfter() | NoRedial():
            return Retry(effect.seconds)
        case RetryNextDay():
            return Retry(again=Again.NEXT_DAY)
        case RetryInBand():
            return Retry(again=Again.IN_BAND)
        case TryNextNumber():
            return _NEXT_NUMBER
        case _:
            return None


RETRY: Final[Mapping[str, Retry]] = MappingProxyType(
    {str(cause): rule for cause, rule in _CAUSES.items()}
    | {leaf.code: _of_leaf(leaf) for leaf in LEAVES}
)
"""Every result to its rule. A campaign may set others for some of them."""


@dataclass(frozen=True, slots=True)
class Tried:
    """The try that was: when it ended, the how-manieth of its campaign, and where the customer lives.

    `band_hour` is the first hour of the band that he named, None where he named none.
    """

    at: datetime
    attempts: int
    zone: tzinfo
    band_hour: int | None = None


def next_try(rule: Retry, tried: Tried) -> datetime | None:
    """The instant (UTC) at which the lead comes up again; None when the campaign is done with it."""
    if rule.again is Again.DONE or tried.attempts >= rule.max_attempts:
        return None
    if rule.again in {Again.AFTER, Again.NEXT_NUMBER}:
        return tried.at + timedelta(seconds=rule.delay_seconds)
    wall = tried.at.astimezone(tried.zone)
    if rule.again is Again.IN_BAND and tried.band_hour is not None:
        return _on_wall(wall.date() + timedelta(days=1), tried.band_hour, tried.zone)
    return _on_wall(wall.date() + timedelta(days=1), MORNING, tried.zone)


def _on_wall(day: date, hour: int, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
