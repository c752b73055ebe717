"""The SQL of books and changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, bindparam, delete, func, select, text

from app.scripts.models import ScriptBook, ScriptChange

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.db import ReadSession, WriteSession

PUBLISHING: Final = 0x5C819  # advisory lock: one version at a time


async def newest_version(session: ReadSession) -> int | None:
    """The version in force; None before anything was published."""
    return await session.scalar(select(func.max(ScriptBook.version)))


async def find_book(session: ReadSession, version: int | None) -> ScriptBook | None:
    """One version, or (None) the newest."""
    found = select(ScriptBook).order_by(ScriptBook.version.desc()).limit(1)
    if version is not None:
        found = found.where(ScriptBook.version == version)
    return await session.scalar(found)


STATEMENTS = text("""
SELECT b.version, jsonb_path_query_array(b.pieces, '$[*] ? (@.sort == "STATEMENT")')
FROM script_books b
WHERE b.version = (SELECT max(version) FROM script_books)
   OR (b.version = :version AND NOT EXISTS (
        SELECT FROM script_books n WHERE n.version = b.version + 1 AND n.published_at < :since))
ORDER BY (b.version = :version) DESC LIMIT 1
""").bindparams(bindparam("version", type_=BigInteger), bindparam("since"))


async def find_statements(
    session: ReadSession, version: int | None, since: datetime
) -> tuple[int, list[Any]] | None:
    """The statements of a version that was in force after `since`, else of the newest; None before any."""
    found = (await session.execute(STATEMENTS, {"version": version, "since": since})).first()
    if found is None:
        return None
    pieces = json.loads(found[1]) if isinstance(found[1], str) else found[1]
    return found[0], pieces


async def list_books(session: ReadSession, most: int) -> Sequence[Any]:
    """Versions, newest first: version, note, when, by whom, how many pieces."""
    pieces = func.jsonb_array_length(ScriptBook.pieces)
    columns = (
        ScriptBook.version,
        ScriptBook.note,
        ScriptBook.published_at,
        ScriptBook.published_by,
        pieces.label("pieces"),
    )
    newest_first = select(*columns).order_by(ScriptBook.version.desc()).limit(most)
    return (await session.execute(newest_first)).all()


def add_book(session: WriteSession, values: dict[str, Any]) -> None:
    """Write a version."""
    session.add(ScriptBook(**values))


async def hold_publishing(session: WriteSession) -> None:
    """Let nobody else publish or change until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(PUBLISHING)))


async def list_changes(session: ReadSession) -> Sequence[ScriptChange]:
    """What is not published yet, in the order of their keys."""
    ordered = select(ScriptChange).order_by(ScriptChange.sort, ScriptChange.code)
    return (await session.scalars(ordered)).all()


async def find_change(session: ReadSession, sort: str, code: str) -> ScriptChange | None:
    """The change of one piece."""
    return await session.get(ScriptChange, (sort, code))


def add_change(session: WriteSession, change: ScriptChange) -> None:
    """Write a change of a piece that had none."""
    session.add(change)


async def drop_changes(session: WriteSession, key: tuple[str, str] | None = None) -> None:
    """Forget one change, or all of them."""
    gone = delete(ScriptChange)
    if key is not None:
        gone = gone.where(ScriptChange.sort == key[0], ScriptChange.code == key[1])
    await session.execute(gone)
