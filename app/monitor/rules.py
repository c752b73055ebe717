"""Words and small decisions of stepping into live calls. Pure.

The living sessions are the dialer's (`dialer.core.monitoring`); the words stand there too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.people.rules import Permission


class Mode(StrEnum):
    """What somebody who leads does in a call."""

    LISTEN = "LISTEN"
    WHISPER = "WHISPER"
    BARGE = "BARGE"
    TAKE_OVER = "TAKE_OVER"


class End(StrEnum):
    """Why a session ended."""

    LEFT = "LEFT"
    SWITCHED = "SWITCHED"
    CALL_ENDED = "CALL_ENDED"
    CALL_MOVED = "CALL_MOVED"
    TAKEN_OVER = "TAKEN_OVER"
    PAGE_LOST = "PAGE_LOST"
    SIGNED_OUT = "SIGNED_OUT"
    VOICE_LOST = "VOICE_LOST"
    RESTARTED = "RESTARTED"


NEEDS: Final[Mapping[Mode, Permission]] = {
    Mode.LISTEN: Permission.MONITOR_LISTEN,
    Mode.WHISPER: Permission.MONITOR_WHISPER,
    Mode.BARGE: Permission.MONITOR_BARGE,
    Mode.TAKE_OVER: Permission.MONITOR_TAKE_OVER,
}
"""Each mode is its own permission, with its own scope."""


class Flag(StrEnum):
    """What is delicate about a customer."""

    DISPUTE = "DISPUTE"
    HARDSHIP = "HARDSHIP"
    COMPLAINT = "COMPLAINT"  # has complained before


class Reason(StrEnum):
    """Why a call is worth listening to. A long call is seen by the page, which has the time."""

    NEW_AGENT = "NEW_AGENT"
    QA_DUE = "QA_DUE"


NEW_FOR: Final = timedelta(days=30)
QA_EVERY: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call in which an agent speaks, and what makes it worth hearing."""

    call: UUID
    agent: UUID
    dpd: int | None  # None: no loan is known
    flags: tuple[Flag, ...]
    hired_at: datetime
    scored_at: datetime | None  # when a call of the agent was scored last


def reasons(live: LiveCall, now: datetime) -> tuple[Reason, ...]:
    """Why this call is worth listening to, by who speaks in it."""
    found = []
    if now - live.hired_at < NEW_FOR:
        found.append(Reason.NEW_AGENT)
    if live.scored_at is None or now - live.scored_at >= QA_EVERY:
        found.append(Reason.QA_DUE)
    return tuple(found)


class Criterion(StrEnum):
    """What a call is scored by, each from 0 to `BEST`."""

    OPENING = "OPENING"  # who calls, for whom, why
    IDENTITY = "IDENTITY"  # knew whom he spoke to before he named the debt
    LISTENING = "LISTENING"
    SOLUTION = "SOLUTION"  # an offer that fits, with amount and day
    LAW = "LAW"  # what must be said, and nothing that must not


WEIGHTS: Final[Mapping[Criterion, int]] = {
    Criterion.OPENING: 10,
    Criterion.IDENTITY: 20,
    Criterion.LISTENING: 25,
    Criterion.SOLUTION: 25,
    Criterion.LAW: 20,
}
"""In percent of the whole."""
BEST: Final = 4
MOST_TEXT: Final = 1000
FOLLOW_UP_DAYS: Final = 365


def score_pct(scores: Mapping[Criterion, int]) -> int:
    """The score of a call in percent, by the weights; `scores` names every criterion."""
    return round(sum(WEIGHTS[name] * score / BEST for name, score in scores.items()))


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody's mode in a call from `at` on. None before: it begins; None after: it ends, with `why`."""

    by: UUID
    call: UUID
    agent: UUID
    at: datetime
    before: str | None
    since: datetime | None
    after: str | None
    visible: bool
    why: str | None = None
