"""Are the tables up to date? Asked of the files and of one row, because alembic costs seconds to import."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import asyncpg

from app.launch.backup import plain
from app.launch.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = ROOT / "migrations" / "versions"
REVISION = re.compile(r"^revision(?:: str)? = [\"']([^\"']+)[\"']", re.MULTILINE)
FORMER = re.compile(r"^down_revision(?:: [^=]+)? = [\"']([^\"']+)[\"']", re.MULTILINE)


def newest_revision(versions: Path = VERSIONS) -> str | None:
    """The revision that no other one follows; None when that cannot be read from the files."""
    texts = [path.read_text(encoding="utf-8") for path in versions.glob("*.py")]
    all_of_them = {found for text in texts for found in REVISION.findall(text)}
    followed = {found for text in texts for found in FORMER.findall(text)}
    newest = all_of_them - followed
    return newest.pop() if len(newest) == 1 else None


async def is_current(url: str) -> bool:
    """Does the database stand at the newest revision? In doubt no: migrating again is harmless."""
    connection = await asyncpg.connect(plain(url))
    try:
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await connection.close()
    return revision is not None and revision == newest_revision()
