"""Requests of agents to those who lead them: kinds, reasons, ends, and the cards that show them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

MOST_NOTE: Final = 280
MOST_MESSAGE: Final = 280
ESCALATES_AFTER: Final = timedelta(seconds=60)  # then every supervisor is told (check MO6)
LEADS_OF_ALL: Final = "lead:all"


class Kind(StrEnum):
    """What an agent asks for."""

    HELP = "HELP"
    BREAK = "BREAK"  # one whose reason needs approval


class HelpReason(StrEnum):
    """Why somebody to help is wanted; an agent need not say."""

    UNSAID = "UNSAID"
    ABUSIVE = "ABUSIVE"  # the customer is
    SENSITIVE = "SENSITIVE"  # a case for somebody with more experience
    UNSURE = "UNSURE"  # what may be promised or said
    SYSTEM = "SYSTEM"  # something does not work


class Result(StrEnum):
    """How a request ended."""

    CLEARED = "CLEARED"
    WITHDRAWN = "WITHDRAWN"  # by the agent himself
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    LEFT = "LEFT"  # its agent is off the floor


ENDS: Final[Mapping[Kind, frozenset[Result]]] = {
    Kind.HELP: frozenset({Result.CLEARED}),
    Kind.BREAK: frozenset({Result.APPROVED, Result.DENIED}),
}
"""How those who lead may end each kind; the agent himself withdraws."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request with the names that its cards show. `taker` and `closer` None: nobody yet."""

    id: UUID
    kind: Kind
    agent_id: UUID
    agent: str
    team_id: UUID | None
    reason: str
    note: str
    asked_at: datetime
    escalated_at: datetime | None = None
    taker: str | None = None
    taken_at: datetime | None = None
    closer: str | None = None
    closed_at: datetime | None = None
    result: Result | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody who leads wrote to an agent."""

    id: UUID
    agent_id: UUID
    agent: str
    team_id: UUID | None
    author_id: UUID
    author: str
    text: str
    sent_at: datetime
    seen_at: datetime | None = None


Shown = tuple[str, str, Mapping[str, Any] | None]
"""Channel, card key, and the value; None removes it."""


def lead_channel(team: UUID) -> str:
    """The channel of what those who lead this team are told."""
    return f"lead:{team}"


def request_cards(request: Request) -> list[Shown]:
    """Where a request is shown as it stands: to its agent, his leads, and once it escalated to all."""
    told = None if request.closed_at is not None else _told(request)
    channels = [] if request.team_id is None else [lead_channel(request.team_id)]
    if request.escalated_at is not None or request.team_id is None:
        channels.append(LEADS_OF_ALL)
    own: Shown = (f"agent:{request.agent_id}", request.kind.value.lower(), _own(request))
    return [own, *((channel, f"request:{request.id}", told) for channel in channels)]


def _told(request: Request) -> dict[str, Any]:
    return {
        "id": str(request.id),
        "kind": request.kind.value,
        "user": str(request.agent_id),
        "name": request.agent,
        "reason": request.reason,
        "note": request.note,
        "since": in_ms(request.asked_at),
        "taken_by": request.taker,
    }


def _own(request: Request) -> dict[str, Any] | None:
    """What the agent sees of it: nothing once it is over, unless he has to be told how it ended."""
    denied = request.result is Result.DENIED
    if request.closed_at is not None and not denied:
        return None
    return {
        "id": str(request.id),
        "reason": request.reason,
        "since": in_ms(request.asked_at),
        "by": request.closer or request.taker,
        "denied": denied,
    }


def message_cards(message: Message) -> list[Shown]:
    """Where a message is shown: to the agent until he has seen it, to his leads with when he did."""
    key = f"coach:{message.id}"
    seen_at = None if message.seen_at is None else in_ms(message.seen_at)
    shown = {
        "id": str(message.id),
        "by": message.author,
        "text": message.text,
        "at": in_ms(message.sent_at),
    }
    sent = {
        "id": str(message.id),
        "user": str(message.agent_id),
        "name": message.agent,
        "by": message.author,
        "at": in_ms(message.sent_at),
        "seen_at": seen_at,
    }
    team = LEADS_OF_ALL if message.team_id is None else lead_channel(message.team_id)
    own: Shown = (f"agent:{message.agent_id}", key, shown if seen_at is None else None)
    # One for each agent: what was sent to him last, so that the channel does not grow.
    last = f"sent:{message.agent_id}"
    return [own, *((channel, last, sent) for channel in dict.fromkeys((team, LEADS_OF_ALL)))]


def in_ms(at: datetime) -> int:
    """Epoch milliseconds."""
    return round(at.timestamp() * 1000)
