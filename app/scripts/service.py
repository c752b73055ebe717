"""Books of what is said: the one in force, the working copy with its changes, publishing, restoring.

Before anything was published the book that the product came with is in force, as version 1; it is
written down when version 2 is, so that what was recorded under it keeps its words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from app.audit import service as audit
from app.errors import Conflict, Invalid, NotFound
from app.people import service as people
from app.scripts import defaults, documents, store
from app.scripts.fields import FIELDS
from app.scripts.models import ScriptChange
from app.scripts.pieces import Book, Piece, heaviest_call, lacking, with_changes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from app.audit.service import Actor
    from app.db import ReadSession, WriteSession
    from app.scripts.texts import Pair

HISTORY: Final = 50
LONGEST_CALL: Final = timedelta(hours=12)  # with its wrap-up and the minutes of correction
NOTE_LIMIT: Final = 200
HEAVIEST: Final = 12 * 1024  # bytes of words in a pop, so that it reaches a desk in one frame
ENTITY: Final = "script"


class Unfit(Invalid):
    """A fault that is told in the reader's language: `sentences` are Vietnamese and English."""

    def __init__(self, field: str, sentences: Pair, *, code: str = "SCRIPT_INVALID") -> None:
        super().__init__(sentences[1], code=code, field=field)
        self.sentence_vi = sentences[0]


class Shelf:
    """The book in force, kept by a process that asks for it with every call.

    The caller learns the newest version with what it reads anyway; only when that is another than the
    one at hand is the book read, once.
    """

    def __init__(self) -> None:
        self.book: Book = defaults.BOOK

    async def renew(self, session: ReadSession, newest: int | None) -> Book:
        """The book of `newest` (None: nothing was published), from the shelf or read now."""
        if newest is None:
            self.book = defaults.BOOK
        elif newest != self.book.version:
            self.book = await published(session)
        return self.book


@dataclass(frozen=True, slots=True)
class Change:
    """A change that waits for the next version. `piece` None: the piece shall go."""

    key: tuple[str, str]
    piece: Piece | None
    revision: int
    changed_at: datetime
    changed_by: UUID


@dataclass(frozen=True, slots=True)
class Working:
    """What somebody edits: the book in force, the changes, and the book as it would be published."""

    base: Book
    book: Book
    changes: Mapping[tuple[str, str], Change] = field(default_factory=dict)

    def revision(self, key: tuple[str, str]) -> int:
        """How often a piece was changed since the last version; 0 for never."""
        change = self.changes.get(key)
        return change.revision if change else 0


@dataclass(frozen=True, slots=True)
class Published:
    """A version in the list of versions. `by` None: what the product came with."""

    version: int
    note: str
    at: datetime
    by: str | None
    pieces: int


# --- reading -------------------------------------------------------------------------


async def published(session: ReadSession) -> Book:
    """The book in force."""
    found = await store.find_book(session, None)
    return documents.book_from(found.version, found.pieces) if found else defaults.BOOK


async def book_of(session: ReadSession, version: int) -> Book:
    """A version, however old. Raises `NotFound`."""
    found = await store.find_book(session, version)
    if found is not None:
        return documents.book_from(found.version, found.pieces)
    if version == defaults.BOOK.version and await store.newest_version(session) is None:
        return defaults.BOOK
    raise NotFound("There is no such version.", code="SCRIPT_VERSION", field="version")


async def statements(session: ReadSession, version: int | None, now: datetime) -> Book:
    """The statements of the version that a page says it shows, else of the one in force.

    A version counts as long as a call may have lasted that began under it, so that nobody is asked to
    tick what his page does not show, and nobody escapes a new statement by naming an old version.
    """
    found = await store.find_statements(session, version, now - LONGEST_CALL)
    return documents.book_from(*found) if found else defaults.BOOK


async def working(session: ReadSession) -> Working:
    """The working copy."""
    base = await published(session)
    changes = {change.key: change for change in map(_change, await store.list_changes(session))}
    put = [change.piece for change in changes.values() if change.piece is not None]
    gone = {key for key, change in changes.items() if change.piece is None}
    return Working(base, with_changes(base, put, gone, base.version + 1), changes)


def _change(row: ScriptChange) -> Change:
    piece = documents.from_document(row.body) if row.body else None
    return Change((row.sort, row.code), piece, row.revision, row.changed_at, row.changed_by)


async def list_versions(session: ReadSession) -> list[Published]:
    """Versions, newest first."""
    found = []
    for row in await store.list_books(session, HISTORY):
        person = await people.find_person(session, row.published_by) if row.published_by else None
        by = person.full_name if person else None
        found.append(Published(row.version, row.note, row.published_at, by, row.pieces))
    return found


# --- changing ------------------------------------------------------------------------


async def save(
    session: WriteSession, piece: Piece, revision: int, actor: Actor, now: datetime
) -> None:
    """Keep a piece for the next version; `revision` is the one that was read, 0 for a piece unchanged.

    Raises `Invalid` naming the field and the fix, `Conflict` when somebody else changed it meanwhile.
    """
    _check(piece)
    before = await _piece_before(session, piece.key, revision)
    await _put(session, piece.key, piece, actor, now)
    _tell(session, actor, "saved", piece.key, now, (before, piece))


async def remove(
    session: WriteSession, key: tuple[str, str], revision: int, actor: Actor, now: datetime
) -> None:
    """Let a piece go with the next version. Raises `NotFound`, `Conflict`."""
    before = await _piece_before(session, key, revision)
    if before is None:
        raise NotFound("There is no such piece.", code="SCRIPT_UNKNOWN", field="code")
    if (await published(session)).find(key) is None:
        await store.drop_changes(session, key)  # it was new: nothing is left to remove
    else:
        await _put(session, key, None, actor, now)
    _tell(session, actor, "removed", key, now, (before, None))


async def discard(session: WriteSession, key: tuple[str, str], actor: Actor, now: datetime) -> None:
    """Take back the change of a piece."""
    await store.hold_publishing(session)
    await store.drop_changes(session, key)
    _tell(session, actor, "discarded", key, now, (None, None))


async def publish(
    session: WriteSession, newest: int, note: str, actor: Actor, now: datetime
) -> int:
    """Make the working copy the version in force; `newest` is the version that the editor saw.

    Raises `Conflict` when somebody published meanwhile, `Invalid` when nothing was changed or when a book
    would have nothing to say to somebody.
    """
    if len(note) > NOTE_LIMIT:
        raise Invalid(f"At most {NOTE_LIMIT} characters.", code="SCRIPT_NOTE", field="note")
    await store.hold_publishing(session)
    copy = await working(session)
    if copy.base.version != newest:
        raise Conflict("Somebody else has published meanwhile.", code="SCRIPT_PUBLISHED")
    if not copy.changes:
        raise Invalid("Nothing was changed.", code="SCRIPT_UNCHANGED")
    for sort, party in lacking(copy.book):
        who = FIELDS["party"].words[party]
        raise Unfit(
            str(sort),
            (
                f"Thiếu lời cho mọi người còn lại ({who[0]}): giữ một mục chỉ hỏi người nghe máy.",
                f"Nothing is left to say to all others ({who[1]}): keep one that asks only who it is.",
            ),
            code="SCRIPT_LACKING",
        )
    if heaviest_call(copy.book) > HEAVIEST:
        raise Unfit(
            "lines",
            (
                f"Một cuộc gọi mang tối đa {HEAVIEST // 1024} KB lời: hãy rút ngắn hoặc bỏ bớt.",
                f"A call carries {HEAVIEST // 1024} KB of words at the most: shorten, or take some out.",
            ),
            code="SCRIPT_HEAVY",
        )
    if await store.newest_version(session) is None:
        _add_book(session, copy.base, "", None, now)
    _add_book(session, copy.book, note.strip(), actor.id, now)
    await store.drop_changes(session)
    audit.record(
        session,
        actor,
        verb="published",
        entity=ENTITY,
        entity_id=copy.book.version,
        now=now,
        before={"version": newest},
        after={"version": copy.book.version, "changed": sorted(".".join(k) for k in copy.changes)},
        reason=note.strip() or None,
    )
    return copy.book.version


async def restore(session: WriteSession, version: int, actor: Actor, now: datetime) -> int:
    """Make the working copy equal to an old version; it is in force when it is published.

    Returns how many pieces differ from the version in force. Raises `NotFound`.
    """
    await store.hold_publishing(session)
    old, base = await book_of(session, version), await published(session)
    await store.drop_changes(session)
    wanted = {piece.key: piece for piece in old.pieces}
    standing = {piece.key: piece for piece in base.pieces}
    keys = [key for key in wanted.keys() | standing.keys() if wanted.get(key) != standing.get(key)]
    for key in sorted(keys):
        await _put(session, key, wanted.get(key), actor, now)
    audit.record(
        session,
        actor,
        verb="restored",
        entity=ENTITY,
        entity_id=version,
        now=now,
        after={"version": version, "changed": len(keys)},
    )
    return len(keys)


def _check(piece: Piece) -> None:
    try:
        documents.check(piece)
    except documents.PieceError as fault:
        raise Unfit(fault.field, fault.sentences) from fault


async def _piece_before(session: WriteSession, key: tuple[str, str], revision: int) -> Piece | None:
    """The piece as it stands in the working copy. Raises `Conflict` when it is not the one that was read."""
    await store.hold_publishing(session)
    copy = await working(session)
    if copy.revision(key) != revision:
        raise Conflict("Somebody else has changed this piece meanwhile.", code="SCRIPT_CHANGED")
    return copy.book.find(key)


async def _put(
    session: WriteSession,
    key: tuple[str, str],
    piece: Piece | None,
    actor: Actor,
    now: datetime,
) -> None:
    body = documents.to_document(piece) if piece else None
    change = await store.find_change(session, *key)
    if change is None:
        change = ScriptChange(sort=key[0], code=key[1], revision=0)
        store.add_change(session, change)
    change.body, change.revision = body, change.revision + 1
    change.changed_at, change.changed_by = now, _editor(actor)


def _editor(actor: Actor) -> UUID:
    if actor.id is None:
        raise ValueError("scripts are changed by people")
    return actor.id


def _add_book(session: WriteSession, book: Book, note: str, by: UUID | None, now: datetime) -> None:
    pieces = [documents.to_document(piece) for piece in book.pieces]
    store.add_book(
        session,
        {
            "version": book.version,
            "pieces": pieces,
            "note": note,
            "published_at": now,
            "published_by": by,
        },
    )


def _tell(
    session: WriteSession,
    actor: Actor,
    verb: str,
    key: tuple[str, str],
    now: datetime,
    both: tuple[Piece | None, Piece | None],
) -> None:
    before, after = (_told(piece) for piece in both)
    audit.record(
        session, actor, verb=verb, entity=ENTITY, entity_id=".".join(key), now=now,
        before=before, after=after,
    )  # fmt: skip


def _told(piece: Piece | None) -> dict[str, Any] | None:
    return documents.to_document(piece) if piece else None
