"""What those who lead note of an agent's work: a score of a call, words, a day to look again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from app.audit import service as audit
from app.errors import Invalid
from app.monitor import rules, store
from app.monitor.rules import Criterion
from app.monitor.store import Note
from app.people import service as people
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.clock import Clock
    from app.db import ReadSession, WriteSession
    from app.people.service import Identity

__all__ = ["Note", "Written"]


class Written(msgspec.Struct):
    """The form. `scores` empty: no call is scored; `follow_up_on` empty: nothing is to be looked at again."""

    text: str = ""
    call: str = ""
    scores: dict[str, int] = {}
    follow_up_on: str = ""


async def note(
    session: WriteSession, agent: UUID, written: Written, who: Identity, clock: Clock
) -> UUID:
    """Write a note; the gate has seen that the agent is within reach. Raises `Invalid` by field."""
    text, scores = written.text.strip(), _scores(written)
    if len(text) > rules.MOST_TEXT:
        sentence = f"At most {rules.MOST_TEXT} characters."
        raise Invalid(sentence, code="COACHING_TEXT", field="text")
    if not text and not scores:
        raise Invalid("Score the call or write a note.", code="COACHING_EMPTY", field="text")
    call = _call(written)
    if scores and call is None:
        raise Invalid("Say which call is scored.", code="COACHING_CALL", field="call")
    if call is not None:
        found = await store.find_call(session, call)
        if found is None or found["agent_id"] != agent:
            raise Invalid("That call was not this agent's.", code="COACHING_CALL", field="call")
    now = clock.now()
    card = [
        {"criterion": name.value, "weight": rules.WEIGHTS[name], "score": score}
        for name, score in scores.items()
    ]
    identifier = new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES))
    pct = rules.score_pct(scores) if scores else None
    row = {
        "id": identifier,
        "agent_id": agent,
        "author_id": who.id,
        "call_id": call,
        "noted_at": now,
        "text": text,
        "scorecard": card or None,
        "score_pct": pct,
        "follow_up_on": await _follow_up(session, written.follow_up_on, now),
    }
    await store.add_note(session, row)
    # The trail says that it was noted, not the words: they stand in their own row.
    audit.record(
        session,
        who.actor,
        verb="noted",
        entity="coaching_note",
        entity_id=identifier,
        now=now,
        after={"agent": str(agent), "call": None if call is None else str(call), "score_pct": pct},
    )
    return identifier


async def notes_of(session: ReadSession, agent: UUID) -> list[Note]:
    """The latest notes of an agent's work, the newest first."""
    return await store.notes_of(session, agent)


async def erase(session: WriteSession, calls: Sequence[UUID]) -> list[UUID]:
    """Take the text off notes of these calls: it may say who was called. Their ids."""
    return await store.erase(session, calls)


def _scores(written: Written) -> dict[Criterion, int]:
    if not written.scores:
        return {}
    if written.scores.keys() != set(Criterion):
        raise Invalid("Score every criterion.", code="COACHING_SCORES", field="scores")
    for name, score in written.scores.items():
        if not 0 <= score <= rules.BEST:
            sentence = f"A score is a number from 0 to {rules.BEST}."
            raise Invalid(sentence, code="COACHING_SCORE", field=name)
    return {name: written.scores[name] for name in Criterion}


def _call(written: Written) -> UUID | None:
    try:
        return UUID(written.call) if written.call else None
    except ValueError:
        raise Invalid("That is no call.", code="COACHING_CALL", field="call") from None


async def _follow_up(session: ReadSession, typed: str, now: datetime) -> date | None:
    if not typed:
        return None
    zone = (await people.organisation(session)).timezone
    today = now.astimezone(ZoneInfo(zone)).date()
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        found = date.min
    if not today <= found <= today + timedelta(days=rules.FOLLOW_UP_DAYS):
        sentence = "Choose a day from today on, within a year."
        raise Invalid(sentence, code="COACHING_DAY", field="follow_up_on")
    return found
