"""A copy of everything that PostgreSQL holds, with the count of every table, and the way back.

Valkey is not copied: what it holds can be rebuilt. The file is a zip of `manifest.json` (version, revision,
counts) and PostgreSQL's own dump, both of one instant.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import tempfile
import zipfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from app.errors import Invalid, Refused, Unavailable
from app.launch.binaries import find_postgres

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
RESTORING = "paceline_restoring"
BEFORE = "paceline_before_restore"
REVISIONS = "public.alembic_version"  # holds a row as soon as there are tables
COUNTED = """
    SELECT quote_ident(schemaname) || '.' || quote_ident(tablename)
    FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `counts`: rows by table; `digest`: SHA-256 of the dump."""

    made_at: str
    server: int
    revision: str | None
    digest: str
    counts: dict[str, int]
    format: int = FORMAT


def plain(url: str) -> str:
    """The URL that PostgreSQL's own tools understand."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def back_up(url: str, file: Path, environ: Mapping[str, str], made_at: str) -> Manifest:
    """Write a backup of the database at `url` to `file`.

    The counts and the dump see one instant: the dump is given the snapshot in which the counts were taken.
    Raises `Refused` when the file exists, `Unavailable` when the dump fails.
    """
    with _beside(file) as folder:
        dump = Path(folder) / DUMP
        async with _snapshot(url) as (connection, snapshot):
            server = int(await connection.fetchval("SHOW server_version_num")) // 10000
            counts, revision = await _count(connection), await _revision(connection)
            named = f"--snapshot={snapshot}"
            options = [
                "--format=custom",
                "--no-owner",
                named,
                f"--file={dump}",
                f"--dbname={plain(url)}",
            ]
            await _tool("pg_dump", options, environ, server)
        manifest = Manifest(made_at, server, revision, _digest(dump), counts)
        unfinished = Path(folder) / file.name
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(MANIFEST, json.dumps(_as_dict(manifest), indent=1))
            archive.write(dump, DUMP)
        unfinished.chmod(0o600)
        unfinished.rename(file)
    return manifest


async def restore(
    url: str, file: Path, environ: Mapping[str, str], *, replace: bool = False
) -> Manifest:
    """Bring the database at `url` to what `file` holds.

    It is restored beside the present one, counted against the manifest, and only then takes its name, so a
    bad file changes nothing. Raises `Refused` when there is data and `replace` is not given, `Invalid` when
    the file is not a whole backup.
    """
    name = urlsplit(url).path.removeprefix("/")
    async with _connected(url) as connection:
        counts = await _count(connection)
        filled = any(rows for table, rows in counts.items() if table != REVISIONS)
        server = int(await connection.fetchval("SHOW server_version_num")) // 10000
    if filled and not replace:
        raise Refused("The database holds data: add --replace to put the backup in its place.")
    with tempfile.TemporaryDirectory(prefix="paceline-") as folder:
        manifest, dump = _open(file, Path(folder))
        if manifest.server > server:
            raise Invalid(f"The backup is of PostgreSQL {manifest.server}; this one is {server}.")
        target = _renamed(url, RESTORING)
        async with _connected(_renamed(url, "postgres")) as connection:
            await connection.execute(f'DROP DATABASE IF EXISTS "{RESTORING}" WITH (FORCE)')
            await connection.execute(f'CREATE DATABASE "{RESTORING}"')
        options = ["--no-owner", "--exit-on-error", f"--dbname={plain(target)}", str(dump)]
        await _tool("pg_restore", options, environ, server)
    async with _connected(target) as connection:
        counts = await _count(connection)
    if counts != manifest.counts:
        raise Invalid(f"The backup is not whole: {_differences(manifest.counts, counts)}.")
    await _take_the_name(url, name)
    return manifest


def _beside(file: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder on the file's own disk, so that the finished backup takes its name in one step."""
    if file.exists():
        raise Refused(f"{file} exists: choose another name, or move it away.")
    return tempfile.TemporaryDirectory(prefix="paceline-", dir=file.absolute().parent)


def _open(file: Path, folder: Path) -> tuple[Manifest, Path]:
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = Manifest(**json.loads(archive.read(MANIFEST)))
            dump = Path(archive.extract(DUMP, folder))
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise Invalid(f"{file} is no backup of ours: {error}.", field="file") from error
    if manifest.format != FORMAT or _digest(dump) != manifest.digest:
        raise Invalid(f"{file} is damaged: its dump is not the one that was written.", field="file")
    return manifest, dump


async def _take_the_name(url: str, name: str) -> None:
    async with _connected(_renamed(url, "postgres")) as connection:
        await connection.execute(f'DROP DATABASE IF EXISTS "{BEFORE}" WITH (FORCE)')
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
        )
        await connection.execute(f'ALTER DATABASE "{name}" RENAME TO "{BEFORE}"')
        await connection.execute(f'ALTER DATABASE "{RESTORING}" RENAME TO "{name}"')
        await connection.execute(f'DROP DATABASE "{BEFORE}" WITH (FORCE)')


async def _tool(name: str, options: list[str], environ: Mapping[str, str], server: int) -> None:
    program = find_postgres(environ, major=server).path.with_name(name)
    done = await asyncio.to_thread(
        subprocess.run,
        [str(program), *options],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": os.defpath, "LC_ALL": "C"},
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        said = lines[-1] if lines else f"exit code {done.returncode}"
        raise Unavailable(f"{name} failed: {said}.")


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(plain(url))
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def _snapshot(url: str) -> AsyncIterator[tuple[Any, str]]:
    async with (
        _connected(url) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield connection, await connection.fetchval("SELECT pg_export_snapshot()")


async def _count(connection: Any) -> dict[str, int]:
    tables = [row[0] for row in await connection.fetch(COUNTED)]
    return {
        table: await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608  # quoted by the server
        for table in tables
    }


async def _revision(connection: Any) -> str | None:
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision


def _as_dict(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in Manifest.__slots__}


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _renamed(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _differences(wanted: dict[str, int], found: dict[str, int]) -> str:
    names = [name for name in wanted | found if wanted.get(name) != found.get(name)]
    return ", ".join(f"{n} {found.get(n, 0)} of {wanted.get(n, 0)}" for n in sorted(names))
