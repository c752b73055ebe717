"""Many rows at once, by PostgreSQL's COPY: only for rows that nobody can have seen yet.

A seed writes tables of several slices here in one go, past their front doors: a quarter of a million
rows would take minutes through them. Everything that changes existing rows goes through services.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.db import WriteSession

CHUNK: Final = 10_000
_DOCUMENTS: Final = text(
    "SELECT column_name FROM information_schema.columns"
    " WHERE table_schema = current_schema AND table_name = :table AND data_type = 'jsonb'"
)


async def copy_rows(session: WriteSession, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append rows to a table inside the session's transaction; all rows have the same keys."""
    if not rows:
        return
    columns = list(rows[0])
    documents = set(await session.scalars(_DOCUMENTS, {"table": table}))
    connection = await session.connection()
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is None:
        raise RuntimeError("the connection is gone")
    for start in range(0, len(rows), CHUNK):
        await driver.copy_records_to_table(
            table,
            columns=columns,
            records=[_record(row, columns, documents) for row in rows[start : start + CHUNK]],
        )


def _record(row: Mapping[str, Any], columns: Sequence[str], documents: set[str]) -> tuple[Any, ...]:
    return tuple(
        json.dumps(row[name]) if name in documents and row[name] is not None else row[name]
        for name in columns
    )
