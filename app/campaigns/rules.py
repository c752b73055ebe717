"""How a campaign lives: its modes and states. Pure.

Who belongs to it is in `filters.py` and `where.py`, its settings in `strategy.py`, when a lead is tried
again and on which number in `retries.py` and `numbers.py`; how hard it is dialled is decided by the dialer.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Mode(StrEnum):
    """How hard a campaign is dialled (decision 23)."""

    MANUAL = "MANUAL"
    PREVIEW = "PREVIEW"
    PROGRESSIVE = "PROGRESSIVE"
    RATIO = "RATIO"
    PREDICTIVE = "PREDICTIVE"
    AGENTLESS = "AGENTLESS"


class CampaignState(StrEnum):
    """Where a campaign stands (domain section 5.7)."""

    DRAFT = "DRAFT"
    CHECKED = "CHECKED"
    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    WINDOW_CLOSED = "WINDOW_CLOSED"
    THROTTLED = "THROTTLED"
    STOPPED = "STOPPED"
    COMPLETED = "COMPLETED"
    ARCHIVED = "ARCHIVED"


class Change(StrEnum):
    """What moves a campaign; the last six come from the room and not from a person."""

    CHECK = "CHECK"
    EDIT = "EDIT"
    SCHEDULE = "SCHEDULE"
    START = "START"
    PAUSE = "PAUSE"
    STOP = "STOP"
    ARCHIVE = "ARCHIVE"
    CLOSE_WINDOW = "CLOSE_WINDOW"
    OPEN_WINDOW = "OPEN_WINDOW"
    THROTTLE = "THROTTLE"
    RECOVER = "RECOVER"
    RUN_OUT = "RUN_OUT"


_S, _C = CampaignState, Change

MOVES: Final[Mapping[CampaignState, Mapping[Change, CampaignState]]] = MappingProxyType(
    {
        _S.DRAFT: {_C.CHECK: _S.CHECKED, _C.ARCHIVE: _S.ARCHIVED},
        _S.CHECKED: {
            _C.EDIT: _S.DRAFT,
            _C.SCHEDULE: _S.SCHEDULED,
            _C.START: _S.RUNNING,
            _C.ARCHIVE: _S.ARCHIVED,
        },
        _S.SCHEDULED: {_C.EDIT: _S.DRAFT, _C.START: _S.RUNNING, _C.STOP: _S.STOPPED},
        _S.RUNNING: {
            _C.PAUSE: _S.PAUSED,
            _C.STOP: _S.STOPPED,
            _C.CLOSE_WINDOW: _S.WINDOW_CLOSED,
            _C.THROTTLE: _S.THROTTLED,
            _C.RUN_OUT: _S.COMPLETED,
        },
        _S.PAUSED: {_C.START: _S.RUNNING, _C.STOP: _S.STOPPED},
        _S.WINDOW_CLOSED: {_C.OPEN_WINDOW: _S.RUNNING, _C.PAUSE: _S.PAUSED, _C.STOP: _S.STOPPED},
        _S.THROTTLED: {
            _C.RECOVER: _S.RUNNING,
            _C.CLOSE_WINDOW: _S.WINDOW_CLOSED,
            _C.PAUSE: _S.PAUSED,
            _C.STOP: _S.STOPPED,
            _C.RUN_OUT: _S.COMPLETED,
        },
        _S.STOPPED: {_C.ARCHIVE: _S.ARCHIVED},
        _S.COMPLETED: {_C.START: _S.RUNNING, _C.ARCHIVE: _S.ARCHIVED},
        _S.ARCHIVED: {},
    }
)
"""A missing pair is a refusal that changes nothing. Stopping drains calls in flight, never drops
them; a completed campaign starts again when new members were added."""


def moved(state: CampaignState, change: Change) -> CampaignState | None:
    """The state after `change`; None when the table has no such move."""
    return MOVES[state].get(change)


def startable(state: CampaignState) -> bool:
    """Whether a person may start it; a draft is checked by starting it."""
    checked = CampaignState.CHECKED if state is CampaignState.DRAFT else state
    return moved(checked, Change.START) is not None
