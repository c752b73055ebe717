"""What the history tells others: a callback has come due, or was missed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.outbox import Fact
from app.values.ids import new_id

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

CALLBACK_DUE: Final = "callback.due"
CALLBACK_MISSED: Final = "callback.missed"


@dataclass(frozen=True, slots=True)
class Agreed:
    """A callback by its ids; who calls back is `user`, else anybody of `team`."""

    callback: UUID
    customer: UUID
    campaign: UUID | None
    user: UUID | None
    team: UUID | None
    at: datetime


def callback_due(agreed: Agreed, now: datetime) -> Fact:
    """The time agreed has come."""
    return _fact(CALLBACK_DUE, agreed, now)


def callback_missed(agreed: Agreed, now: datetime) -> Fact:
    """Nobody called back within the window."""
    return _fact(CALLBACK_MISSED, agreed, now)


def _fact(kind: str, agreed: Agreed, now: datetime) -> Fact:
    """One fact per callback and kind: its id is made of both, so that it cannot be told as two."""
    chance = hashlib.sha256(f"{kind} {agreed.callback}".encode()).digest()
    body = {
        "callback": str(agreed.callback),
        "customer": str(agreed.customer),
        "campaign": str(agreed.campaign) if agreed.campaign else None,
        "user": str(agreed.user) if agreed.user else None,
        "team": str(agreed.team) if agreed.team else None,
        "at": agreed.at.isoformat(),
    }
    return Fact(new_id(int(agreed.at.timestamp() * 1000), chance), kind, body, now)
