"""What stood on customers before there was a history becomes its first rows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from tests.support import rows
from tests.support.clock import START

if TYPE_CHECKING:
    from app.db import Database

REVISION = Path(__file__).parents[3] / "migrations" / "versions" / "20261122_note_care.py"


def statements() -> list[str]:
    """The backfills of the revision, in their order."""
    spec = importlib.util.spec_from_file_location("note_care", REVISION)
    assert spec
    assert spec.loader
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [module.STATUSES_SO_FAR, module.HARDSHIPS_SO_FAR, module.DISPUTES_SO_FAR]


async def test_statuses_hardships_and_held_disputes_are_taken_over(database: Database) -> None:
    await rows.wipe(database)
    async with database.writing() as session:
        whole = {"since": "2026-10-12T08:00:00Z", "reason": "ốm", "review_on": "2026-11-30"}
        ill = await rows.a_customer(session, cooperation="HARDSHIP", hardship=whole)
        vague = await rows.a_customer(session, hardship={"since": "lately"})
        calm = await rows.a_customer(session)
        await session.execute(
            text("UPDATE customers SET hardship = 'null' WHERE id = :id"), {"id": calm}
        )
        for released in (None, START):
            await rows.insert(
                session, "holds", id=rows.an_id(), customer_id=ill, kind="DISPUTE_HOLD",
                source="disposition", placed_at=START, released_at=released,
            )  # fmt: skip
        for statement in statements():
            await session.execute(text(statement))
    async with database.reading() as session:
        statuses = await session.execute(text("SELECT customer_id, type FROM customer_statuses"))
        assert [tuple(row) for row in statuses] == [(ill, "HARDSHIP")]
        strained = await session.execute(
            text("SELECT customer_id, since::text, reason, review_on::text FROM hardships")
        )
        assert {tuple(row) for row in strained} == {
            (ill, "2026-10-12", "ốm", "2026-11-30"),
            (vague, "2026-11-23", "", "2026-11-28"),
        }
        disputes = await session.execute(text("SELECT customer_id, status FROM disputes"))
        assert [tuple(row) for row in disputes] == [(ill, "OPEN")]
