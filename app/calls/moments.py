"""What a batch of moments does to the rows of calls: as few changes as there are calls, nearly always. Pure.

A change names instants by the columns of `calls`; `store.move` says which of them a row takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    Change = dict[str, Any]

ONCE: Final = {
    "DIALED": "dialing_at",
    "RINGING": "ringing_at",
    "ANSWERED": "answered_at",
    "WAITING": "waiting_at",
    "CONNECTED": "connected_at",
}
# Who waits for an agent is a person, with or without detection.
_JUDGED: Final = {"PERSON": "is_human", "WAITING": "is_human", "MACHINE": "is_machine"}
_OF_ONE_POP: Final = (
    "assigned_at", "returned_by", "published_at", "received_at", "painted_at", "connected_at",
)  # fmt: skip
NOTHING: Final[Change] = dict.fromkeys(
    (
        "state", "by", "agent_id", "returned_by", "published_by", "painted_error_ms", "message", "verdict",
        "judged_at", *ONCE.values(), *_OF_ONE_POP,
    )
) | {"is_human": False, "is_machine": False}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Noted:
    """A named instant of a call and the state it is in from then on. Words are those of the dialer's journal.

    `agent_id` of ASSIGNED, RETURNED and PUBLISHED; `error_ms` of PAINTED; `said` is the text of a MESSAGE,
    else what detection took the called party for.
    """

    call_id: UUID
    moment: str
    at: datetime
    state: str
    agent_id: UUID | None = None
    error_ms: int = 0
    said: str = ""


def waves(notes: Iterable[Noted]) -> Iterator[dict[UUID, Change]]:
    """Changes by call, to be made one wave after the other. One is enough, save where a pop went back."""
    found: list[dict[UUID, Change]] = []
    place: dict[UUID, int] = {}  # the wave of each call's last change
    for note in notes:
        at = place.get(note.call_id, 0)
        if len(found) > at and _begins_anew(note, found[at].get(note.call_id)):
            at += 1
        if at == len(found):
            found.append({})
        place[note.call_id] = at
        _add(found[at].setdefault(note.call_id, dict(NOTHING)), note)
    yield from found


def _begins_anew(note: Noted, change: Change | None) -> bool:
    if change is None:
        return False
    if change["returned_by"] is not None:
        return True
    starts = note.moment in {"ASSIGNED", "RETURNED"}
    return starts and any(change[column] is not None for column in _OF_ONE_POP)


def _add(change: Change, note: Noted) -> None:
    told = _of_the_page(note)
    if told is not None:
        _keep_first(change, told)
        return
    change |= {"state": note.state, "by": note.moment}
    if note.moment == "ASSIGNED":
        change |= {"assigned_at": note.at, "agent_id": note.agent_id}
    elif note.moment == "RETURNED":
        change["returned_by"] = note.agent_id
    elif note.moment in ONCE:
        _keep_first(change, {ONCE[note.moment]: note.at})
    if note.moment in _JUDGED:
        change[_JUDGED[note.moment]] = True
    if note.said and note.moment == "MESSAGE":
        change["message"] = note.said  # a later one replaces it
    elif note.said:
        _keep_first(change, {"judged_at": note.at, "verdict": note.said})


def _of_the_page(note: Noted) -> Change | None:
    """What is known of the pop's way to the page; it moves no state."""
    match note.moment:
        case "PUBLISHED":
            return {"published_at": note.at, "published_by": note.agent_id}
        case "RECEIVED":
            return {"received_at": note.at}
        case "PAINTED":
            return {"painted_at": note.at, "painted_error_ms": note.error_ms}
    return None


def _keep_first(change: Change, told: Change) -> None:
    """The first word counts, of an instant and what goes with it."""
    if change[next(iter(told))] is None:
        change |= told
