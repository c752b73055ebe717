"""The append-only trail: `record` adds to it inside the caller's transaction, and nothing changes it.

The worker lays a chain over committed rows afterwards (`chain`), so that commits wait for nobody;
`verify` walks it for `paceline doctor --audit`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from app.audit import store
from app.audit.models import AuditLink
from app.audit.rules import (
    SYSTEM,
    Actor,
    Public,
    first_digest,
    link_digest,
    personal_digest,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime

    from app.audit.models import AuditEvent
    from app.db import ReadSession, WriteSession

__all__ = ["SYSTEM", "Actor", "Verdict", "chain", "record", "verify"]

BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found. `broken` holds a sentence for each fault; `heads` the last digest of a day.

    A head kept elsewhere proves later that no link at the end of its day was cut off.
    """

    links: int
    erased: int
    heads: Mapping[date, str]
    broken: tuple[str, ...] = field(default=())

    @property
    def whole(self) -> bool:
        """Whether nothing was changed or removed."""
        return not self.broken


def record(  # noqa: PLR0913 - the columns of the trail; all but the first two by keyword
    session: WriteSession,
    actor: Actor,
    *,
    verb: str,
    entity: str,
    entity_id: object,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Write who did what to which thing, in the transaction in which it is done.

    `before` and `after` hold JSON values of what changed only. `verb` is past tense (`stopped`),
    `entity` the table's noun in the singular.
    """
    store.add_event(
        session,
        {
            "at": now,
            "actor_id": actor.id,
            "role": actor.role,
            "address": actor.address,
            "verb": verb,
            "entity": entity,
            "entity_id": str(entity_id),
            "before": dict(before) if before is not None else None,
            "after": dict(after) if after is not None else None,
            "reason": reason,
        },
    )


async def chain(session: WriteSession) -> int:
    """Lay links over the oldest unchained rows, each in the chain of its UTC day; returns how many.

    0 also when another process is laying links.
    """
    if not await store.hold_chain(session):
        return 0
    events = await store.list_unchained(session, BATCH)
    heads: dict[date, tuple[int, str]] = {}
    links = []
    for event in events:
        day = event.at.astimezone(UTC).date()
        position, before = heads.get(day) or await _head(session, day)
        link = _link(event, day, position + 1, before)
        heads[day] = (link.position, link.digest)
        links.append(link)
    if events:
        store.add_links(session, links)
        await store.mark_chained(session, events)
    return len(links)


async def verify(session: ReadSession) -> Verdict:
    """Walk every chain: each link on the one before it, each row as it was when it was chained."""
    broken: list[str] = []
    heads: dict[date, str] = {}
    links = erased = 0
    for day in await store.list_days(session):
        before, position = first_digest(day), 0
        while batch := await store.list_links(session, day, position, BATCH):
            for link, event in batch:
                broken += _faults(link, event, before, position + 1)
                erased += event is not None and not event.salt
                before, position = link.digest, link.position
            links += len(batch)
            session.expunge_all()
        heads[day] = before
    unlinked = await store.count_unlinked(session)
    if unlinked:
        broken.append(f"{unlinked} rows say that they are chained and stand in no chain")
    return Verdict(links=links, erased=erased, heads=heads, broken=tuple(broken))


async def _head(session: WriteSession, day: date) -> tuple[int, str]:
    head = await store.find_head(session, day)
    return (head.position, head.digest) if head else (0, first_digest(day))


def _link(event: AuditEvent, day: date, position: int, before: str) -> AuditLink:
    personal = personal_digest(event.salt, _personal(event))
    return AuditLink(
        day=day,
        position=position,
        event_id=event.id,
        event_at=event.at,
        personal_digest=personal,
        digest=link_digest(before, _public(event), personal),
    )


def _faults(link: AuditLink, event: AuditEvent | None, before: str, position: int) -> Iterable[str]:
    place = f"{link.day.isoformat()} link {link.position}"
    if link.position != position:
        yield f"{place}: link {position} before it is gone"
    if event is None:
        yield f"{place}: its row is gone"
        return
    if link.digest != link_digest(before, _public(event), link.personal_digest):
        yield f"{place}: the row or the chain before it was changed"
    if event.salt and link.personal_digest != personal_digest(event.salt, _personal(event)):
        yield f"{place}: the values of the row were changed"


def _public(event: AuditEvent) -> Public:
    return Public(
        id=event.id,
        at=event.at,
        actor_id=event.actor_id,
        role=event.role,
        verb=event.verb,
        entity=event.entity,
        entity_id=event.entity_id,
    )


def _personal(event: AuditEvent) -> dict[str, Any]:
    return {
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
        "address": event.address,
    }


async def erase(session: WriteSession, things: Mapping[str, Collection[object]]) -> int:
    """Remove the personal part from the trail of `things` (ids by entity); the chain stays whole.

    Returns of how many rows.
    """
    return sum(
        [
            await store.erase_personal(session, entity, [str(each) for each in ids])
            for entity, ids in things.items()
            if ids
        ]
    )
