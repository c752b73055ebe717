"""Drafts: what an agent has typed about a call, kept on the server so that no page's text is lost.

A page is a `writer`. What it sends replaces what it sent before. What another page wrote is replaced
only by a page that had read it (`seen` is its version); else both typed without knowing of each other,
the draft that is here stands as the newer, and the other's note is added to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec

from app.calls import service as calls
from app.desk import outcomes, store
from app.errors import Invalid, NotFound
from app.history import service as history

if TYPE_CHECKING:
    from app.calls.service import Call
    from app.clock import Clock
    from app.db import ReadSession, WriteSession
    from app.desk.models import Draft

DRAFT_LIMIT: Final = 32 * 1024  # bytes
WRITER_LIMIT: Final = 64
TICKED_AT: Final = "ticked_at"  # in a draft's body: when each statement was seen ticked first
OUTCOME: Final = "outcome"
TYPED: Final = ("leaf", "note", "ticked", "said", "promise", "callback", "fields", "edits")


class Typed(msgspec.Struct, kw_only=True):
    """A draft as a page sends it. `edits` counts the page's own changes; forms may be half filled."""

    call: UUID
    leaf: str | None = None
    note: str = ""
    ticked: tuple[str, ...] = ()
    said: dict[str, list[int]] = msgspec.field(default_factory=dict)  # steps, by script
    promise: dict[str, Any] | None = None
    callback: dict[str, Any] | None = None
    fields: dict[str, str] = msgspec.field(default_factory=dict)
    writer: str = ""
    seen: int = 0
    edits: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft after it was sent. `version` 0: the outcome is on record, there is nothing to keep.

    `draft` is what stands now when that is not what was sent: two pages' words together.
    """

    version: int
    draft: dict[str, Any] | None = None


async def keep(session: WriteSession, typed: Typed, user: UUID, clock: Clock) -> Kept:
    """Keep what was typed; a chosen outcome stays chosen. Raises `Invalid`, `NotFound`."""
    _check_size(typed)
    await own_call(session, typed.call, user)
    if await history.current_action(session, typed.call) is not None:
        return Kept(0)
    held = await store.hold_draft(session, typed.call, user, clock.now())
    own, joined = _settle(held, typed, user)
    times = outcomes.tick_times(own["ticked"], ticked_at(held), clock.now())
    chosen = held.body.get(OUTCOME) if held.user_id == user else None
    body = {**own, TICKED_AT: times, **({OUTCOME: chosen} if chosen else {})}
    await store.write_draft(
        session, held, user=user, body=body, writer=typed.writer, now=clock.now()
    )
    return Kept(held.version, _shown(held) if joined else None)


def _check_size(typed: Typed) -> None:
    if len(msgspec.json.encode(typed)) > DRAFT_LIMIT or len(typed.writer) > WRITER_LIMIT:
        raise Invalid(f"A draft has at most {DRAFT_LIMIT} bytes.", field="note")


def _settle(held: Draft, typed: Typed, user: UUID) -> tuple[dict[str, Any], bool]:
    """The words that stand, and whether they are of two pages."""
    sent = {name: value for name, value in msgspec.to_builtins(typed).items() if name in TYPED}
    if held.version == 0 or typed.writer == held.writer or typed.seen == held.version:
        return sent, False
    newer = sent if held.user_id != user else {**sent, **_words(held.body)}
    both = {
        "note": join_notes(str(held.body.get("note", "")), typed.note),
        "ticked": sorted({*held.body.get("ticked", ()), *typed.ticked}),
        # More than either page knows of: whoever asks next takes what stands here.
        "edits": max(int(held.body.get("edits", 0)), typed.edits) + 1,
    }
    return {**newer, **both}, True


def join_notes(first: str, second: str) -> str:
    """Two notes as one that holds every word of both; one that holds the other already stands alone."""
    if second.strip() in first:
        return first
    return second if first.strip() in second else f"{first}\n{second}"


async def read(session: ReadSession, call: UUID, user: UUID) -> dict[str, Any] | None:
    """What this agent had typed about a call, as the page takes it; None for nothing."""
    draft = await store.read_draft(session, call)
    return _shown(draft) if draft is not None and draft.user_id == user else None


def _words(body: dict[str, Any]) -> dict[str, Any]:
    """What the page typed; of an outcome that was chosen without a draft, its form."""
    typed = {**(body.get(OUTCOME) or {}), **body}
    return {name: typed[name] for name in TYPED if name in typed}


def _shown(draft: Draft) -> dict[str, Any]:
    return {
        **_words(draft.body),
        "call": str(draft.call_id),
        "version": draft.version,
        "writer": draft.writer,
        "saved": (draft.body.get(OUTCOME) or {}).get("leaf"),
    }


def ticked_at(draft: Draft | None) -> dict[str, str]:
    """When statements were seen ticked, by a draft."""
    times: dict[str, str] = draft.body.get(TICKED_AT, {}) if draft else {}
    return times


async def own_call(session: ReadSession, call_id: UUID, user: UUID | None) -> Call:
    """The call, which must be this agent's. Raises `NotFound`."""
    call = await calls.find_call(session, call_id)
    if call is None or call.agent_id != user:
        raise NotFound("There is no such call at your desk.", code="CALL_UNKNOWN", field="call")
    return call
