"""What agents are told while they are not ready: written for a team or for all, read and confirmed by each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from app.audit import service as audit
from app.errors import Forbidden, Invalid, NotFound
from app.people.rules import Permission, Scope, reaches
from app.supervision import store
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.clock import Clock
    from app.db import ReadSession, WriteSession
    from app.people.service import Identity
    from app.supervision.store import Announcement

MOST_TEXT: Final = 500
LONGEST: Final = timedelta(days=92)
KEY: Final = "announcement:"


@dataclass(frozen=True, slots=True)
class Wording:
    """An announcement as it is written: `starts` and `ends` are of the business's place, as `2026-11-23T08:00`.

    `team` None is everybody; an empty `starts` is now.
    """

    team: UUID | None
    text_vi: str
    text_en: str
    starts: str
    ends: str


async def announce(
    session: WriteSession, wording: Wording, who: Identity, zone: str, clock: Clock
) -> UUID:
    """Write an announcement. Raises `Invalid` by field, `Forbidden` for a team out of reach."""
    scope = who.scope(Permission.AGENT_COACH)
    if wording.team is None and scope is not Scope.ALL:
        raise Forbidden("You announce to your own team: choose it.", code="OTHER_TEAM")
    if not reaches(scope, who.person.team_id, wording.team):
        raise Forbidden("That is not your team.", code="OTHER_TEAM")
    for field, words in (("text_vi", wording.text_vi), ("text_en", wording.text_en)):
        if not 1 <= len(words.strip()) <= MOST_TEXT:
            sentence = f"An announcement has 1 to {MOST_TEXT} characters, in each language."
            raise Invalid(sentence, code="ANNOUNCEMENT_TEXT", field=field)
    now = clock.now()
    starts = _instant(wording.starts, zone, "starts") if wording.starts else now
    ends = _instant(wording.ends, zone, "ends")
    if not max(now, starts) < ends <= starts + LONGEST:
        sentence = f"It ends after it begins, and after now, within {LONGEST.days} days."
        raise Invalid(sentence, code="ANNOUNCEMENT_END", field="ends")
    announcement = new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES))
    row = {
        "team_id": wording.team,
        "text_vi": wording.text_vi.strip(),
        "text_en": wording.text_en.strip(),
        "starts_at": starts,
        "ends_at": ends,
    }
    await store.add_announcement(session, {"id": announcement, "author_id": who.id, **row})
    told = {name: str(value) for name, value in row.items() if value is not None}
    _trace(session, who, "announced", announcement, now, told)
    return announcement


async def withdraw(session: WriteSession, announcement: UUID, who: Identity, now: datetime) -> None:
    """Show it to nobody any more. Raises `NotFound`, `Forbidden` for one of a team out of reach."""
    found = await store.find_announcement(session, announcement)
    if found is None:
        raise NotFound("There is no such announcement.", code="ANNOUNCEMENT_UNKNOWN")
    if not reaches(who.scope(Permission.AGENT_COACH), who.person.team_id, found.team_id):
        raise Forbidden("That announcement is not your team's.", code="OTHER_TEAM")
    if found.ends_at > now:
        await store.end_announcement(session, announcement, now)
        _trace(session, who, "withdrew", announcement, now, None)


async def confirm(session: WriteSession, announcement: UUID, who: Identity, now: datetime) -> None:
    """The agent has read it; the first time counts. Raises `NotFound` for one that is not for him."""
    found = await store.find_announcement(session, announcement)
    if found is None or found.team_id not in (None, who.person.team_id):
        raise NotFound("There is no such announcement.", code="ANNOUNCEMENT_UNKNOWN")
    if await store.note_reading(session, announcement, who.id, now):
        _trace(session, who, "read", announcement, now, None)


async def list_written(
    session: ReadSession, who: Identity, now: datetime
) -> list[tuple[Announcement, int, int]]:
    """Announcements within reach that are or will be shown, and those of the last days, newest first.

    With each: how many have confirmed it, and how many it is for.
    """
    scope = who.scope(Permission.AGENT_COACH)
    return [
        written
        for written in await store.list_announcements(session, now - timedelta(days=14))
        if written[0].team_id is None or reaches(scope, who.person.team_id, written[0].team_id)
    ]


async def unread(
    session: ReadSession, users: Sequence[UUID], now: datetime
) -> dict[UUID, list[Announcement]]:
    """What each of these agents has to read now, the oldest first."""
    return await store.unread_announcements(session, users, now)


def card(announcement: Announcement) -> dict[str, Any]:
    """The card `announcement:{id}` of an agent's desk; the page shows it in its language."""
    return {
        "id": str(announcement.id),
        "vi": announcement.text_vi,
        "en": announcement.text_en,
        "by": announcement.author,
        "at": round(announcement.starts_at.timestamp() * 1000),
    }


def _instant(written: str, zone: str, field: str) -> datetime:
    try:
        said = datetime.fromisoformat(written)
    except ValueError:
        sentence = "Write day and time, such as 2026-11-23T08:00."
        raise Invalid(sentence, code="ANNOUNCEMENT_TIME", field=field) from None
    return said if said.tzinfo is not None else said.replace(tzinfo=ZoneInfo(zone))


def _trace(
    session: WriteSession,
    who: Identity,
    verb: str,
    announcement: UUID,
    now: datetime,
    after: dict[str, str] | None,
) -> None:
    audit.record(
        session,
        who.actor,
        verb=verb,
        entity="announcement",
        entity_id=announcement,
        now=now,
        after=after,
    )
