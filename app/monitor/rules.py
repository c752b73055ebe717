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
