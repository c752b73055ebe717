"""Help asked for, taken and cleared; breaks asked for and granted; messages; orders to an agent.

Each changes rows and the trail in the caller's transaction and returns what is to be shown; who is told,
and how, is the routes' business after the commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app import outbox
from app.audit import service as audit
from app.errors import Forbidden, Invalid, NotFound, Refused
from app.people.rules import Permission, reaches
from app.supervision import rules, store
from app.supervision.rules import HelpReason, Kind, Message, Request, Result
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.clock import Clock
    from app.db import ReadSession, WriteSession
    from app.people.service import Identity

__all__ = ["Message", "Request"]


LEFT: Final = "agent.left"  # an agent is off the floor
LEAVES: Final = frozenset({"LOGOUT", "FORCED"})  # because he, or somebody else, chose so


@dataclass(frozen=True, slots=True)
class Wish:
    """What an agent asks for, and during which call (None: between calls)."""

    kind: Kind
    reason: str
    note: str = ""
    call: UUID | None = None


async def ask(session: WriteSession, wish: Wish, who: Identity, clock: Clock) -> Request:
    """Ask; an open request of the same kind is given back as it stands: one at a time.

    Raises `Invalid` for a reason of help that there is not, and for a long note.
    """
    if wish.kind is Kind.HELP and wish.reason not in set(HelpReason):
        raise Invalid("Choose a reason from the list.", code="HELP_REASON", field="reason")
    if len(wish.note) > rules.MOST_NOTE:
        raise Invalid(f"At most {rules.MOST_NOTE} characters.", code="NOTE_LENGTH", field="note")
    known = await store.lock_open(session, who.id, wish.kind)
    if known is not None:
        return known
    request_id = new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES))
    row = {
        "id": request_id,
        "kind": wish.kind.value,
        "agent_id": who.id,
        "team_id": who.person.team_id,
        "call_id": wish.call,
        "reason": wish.reason,
        "note": wish.note,
        "asked_at": clock.now(),
    }
    await store.add_request(session, row)
    after = {"kind": wish.kind.value, "reason": wish.reason}
    return await _told(session, request_id, who, "asked", clock.now(), after)


async def find_request(session: ReadSession, request_id: UUID) -> Request:
    """A request. Raises `NotFound`."""
    found = await store.find_request(session, request_id)
    if found is None:
        raise NotFound("There is no such request.", code="REQUEST_UNKNOWN")
    return found


async def take(session: WriteSession, request_id: UUID, who: Identity, now: datetime) -> Request:
    """Say that one is coming. Raises `NotFound`, `Forbidden`, `Refused` when another is, or it is over."""
    request = await _within_reach(session, request_id, who)
    if request.taken_at is not None:
        raise Refused(f"{request.taker} is on the way.", code="REQUEST_TAKEN")
    await store.change_request(session, request_id, taken_by=who.id, taken_at=now)
    return await _told(session, request_id, who, "took", now)


async def close(
    session: WriteSession, request_id: UUID, who: Identity, result: Result, now: datetime
) -> Request:
    """End a request of an agent within reach. Raises as `take` does, `Invalid` for another kind's end."""
    request = await _within_reach(session, request_id, who)
    if result not in rules.ENDS[request.kind]:
        raise Invalid("That is no end of such a request.", code="REQUEST_END", field="result")
    return await _close(session, request, who, result, now)


async def withdraw(
    session: WriteSession, who: Identity, kind: Kind, now: datetime
) -> Request | None:
    """The agent takes back what he asked for; None when nothing was open."""
    request = await store.lock_open(session, who.id, kind)
    if request is None:
        return None
    return await _close(session, request, who, Result.WITHDRAWN, now)


async def escalate(session: WriteSession, now: datetime) -> list[Request]:
    """Requests that nobody took for 60 s become every supervisor's; returns them."""
    overdue = await store.lock_overdue(session, now - rules.ESCALATES_AFTER)
    for request in overdue:
        await store.change_request(session, request.id, escalated_at=now)
    return [await find_request(session, request.id) for request in overdue]


async def send_message(
    session: WriteSession, agent_id: UUID, words: str, who: Identity, clock: Clock
) -> Message:
    """Write to an agent at his desk; the gate has seen that he is within reach. Raises `Invalid`."""
    text = words.strip()
    if not 1 <= len(text) <= rules.MOST_MESSAGE:
        sentence = f"A message has 1 to {rules.MOST_MESSAGE} characters."
        raise Invalid(sentence, code="MESSAGE_LENGTH", field="text")
    now = clock.now()
    message_id = new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES))
    row = {"agent_id": agent_id, "author_id": who.id, "text": text, "sent_at": now}
    await store.add_message(session, {"id": message_id, **row})
    # The trail says that a message was sent, not what it said: that stands in its own row.
    audit.record(
        session,
        who.actor,
        verb="messaged",
        entity="user",
        entity_id=agent_id,
        now=now,
        after={"message": str(message_id)},
    )
    return await find_message(session, message_id)


async def find_message(session: ReadSession, message_id: UUID) -> Message:
    """A message. Raises `NotFound`."""
    found = await store.find_message(session, message_id)
    if found is None:
        raise NotFound("There is no such message.", code="MESSAGE_UNKNOWN")
    return found


async def see_message(
    session: WriteSession, message_id: UUID, who: Identity, now: datetime
) -> Message:
    """The agent has read it; the first time counts. Raises `NotFound` for somebody else's."""
    message = await find_message(session, message_id)
    if message.agent_id != who.id:
        raise NotFound("There is no such message.", code="MESSAGE_UNKNOWN")
    await store.mark_seen(session, message_id, now)
    return await find_message(session, message_id)


async def order_break(
    session: WriteSession, agent_id: UUID, code: str, who: Identity, now: datetime
) -> None:
    """Have it on the trail that an agent is sent on a break of this reason."""
    _trace(session, who, "ordered_break", agent_id, now, code)


async def order_out(
    session: WriteSession, agent_id: UUID, why: str, who: Identity, now: datetime
) -> None:
    """Have it on the trail that an agent is signed out. Raises `Invalid` without a reason."""
    if not 1 <= len(why.strip()) <= rules.MOST_NOTE:
        raise Invalid("Say why the agent is signed out.", code="ORDER_WHY", field="why")
    _trace(session, who, "ordered_out", agent_id, now, why.strip())


async def close_left(session: WriteSession, agent: UUID, now: datetime) -> list[Request]:
    """End what an agent asked for who is off the floor: nobody is wanted there. Returns what it was."""
    ended = []
    for kind in Kind:
        request = await store.lock_open(session, agent, kind)
        if request is None:
            continue
        await store.change_request(session, request.id, closed_at=now, result=Result.LEFT.value)
        audit.record(
            session,
            audit.SYSTEM,
            verb=Result.LEFT.value.lower(),
            entity="floor_request",
            entity_id=request.id,
            now=now,
        )
        ended.append(await find_request(session, request.id))
    return ended


async def tell_left(session: WriteSession, agent: UUID, why: str, at: datetime) -> None:
    """Tell, as a fact, that an agent is off the floor; with `why` of `LEAVES` for good."""
    await outbox.tell_once(session, LEFT, {"agent": str(agent), "why": why}, at)


def _trace(
    session: WriteSession, who: Identity, verb: str, agent_id: UUID, now: datetime, reason: str
) -> None:
    audit.record(
        session, who.actor, verb=verb, entity="user", entity_id=agent_id, now=now, reason=reason
    )


async def _within_reach(session: WriteSession, request_id: UUID, who: Identity) -> Request:
    """An open request that `who` may take or close, held."""
    request = await store.lock_request(session, request_id)
    if request is None:
        raise NotFound("There is no such request.", code="REQUEST_UNKNOWN")
    if not reaches(who.scope(Permission.AGENT_COACH), who.person.team_id, request.team_id):
        raise Forbidden("That agent is not in your team.", code="OTHER_TEAM")
    if request.closed_at is not None:
        raise Refused("This request is over.", code="REQUEST_OVER")
    return request


async def _close(
    session: WriteSession, request: Request, who: Identity, result: Result, now: datetime
) -> Request:
    ended = {"closed_by": who.id, "closed_at": now, "result": result.value}
    await store.change_request(session, request.id, **ended)
    return await _told(session, request.id, who, result.value.lower(), now)


async def _told(
    session: WriteSession,
    request_id: UUID,
    who: Identity,
    verb: str,
    now: datetime,
    after: Mapping[str, Any] | None = None,
) -> Request:
    audit.record(
        session,
        who.actor,
        verb=verb,
        entity="floor_request",
        entity_id=request_id,
        now=now,
        after=after,
    )
    return await find_request(session, request_id)


async def erase(session: WriteSession, calls: Sequence[UUID]) -> list[UUID]:
    """Take the notes off requests that were made in these calls. Their ids."""
    return await store.erase(session, calls)
