"""Backup and restore by counts, and a doctor who says what to do."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import asyncpg
import pytest

from app.clock import Clock
from app.errors import Invalid, Refused
from app.launch.backup import DUMP, MANIFEST, back_up, plain, restore
from app.launch.doctor import Health, look_at_engines, look_at_machine
from app.launch.state import StateDirectory
from tests.support.engines import TestEngines, drop_database, make_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.redis_sets import RedisSet

MADE_AT = "2026-11-23T03:10:00+00:00"
REASONS = "SELECT code, position FROM break_reasons ORDER BY code"


@pytest.fixture
def empty_url(engines: TestEngines, database_url: str) -> Iterator[str]:
    name = "restored_here"
    drop_database(engines, name)
    yield make_database(engines, name)
    drop_database(engines, name)


@pytest.fixture
async def filled(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(plain(database_url))
    await connection.execute("DELETE FROM break_reasons")
    await connection.execute(
        "INSERT INTO break_reasons (code, label_vi, label_en, position)"
        " SELECT 'R' || n, 'Nghỉ ' || n, 'Break ' || n, n FROM generate_series(1, 37) n"
    )
    yield connection
    await connection.close()


async def test_a_restored_backup_has_every_row_of_every_table(
    filled: asyncpg.Connection, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "all.zip"
    made = await back_up(database_url, file, {}, MADE_AT)
    assert made.counts["public.break_reasons"] == 37
    assert made.revision
    assert file.stat().st_mode & 0o777 == 0o600

    await restore(empty_url, file, {})

    restored = await asyncpg.connect(plain(empty_url))
    there = [tuple(row) for row in await restored.fetch(REASONS)]
    assert there == [tuple(row) for row in await filled.fetch(REASONS)]
    for table, count in made.counts.items():
        assert await restored.fetchval(f"SELECT count(*) FROM {table}") == count
    await restored.close()


async def test_the_counts_and_the_dump_are_of_one_instant(
    filled: asyncpg.Connection, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    """Rows that arrive while the dump is written are in neither."""
    file = tmp_path / "moving.zip"
    writer = await asyncpg.connect(plain(database_url))
    made = await back_up(database_url, file, {}, MADE_AT)
    await writer.execute("DELETE FROM break_reasons")
    await writer.close()
    restored = await restore(empty_url, file, {})
    assert restored.counts == made.counts


async def test_data_are_replaced_only_when_asked(
    filled: asyncpg.Connection, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "again.zip"
    await back_up(database_url, file, {}, MADE_AT)
    await restore(empty_url, file, {})
    there = await asyncpg.connect(plain(empty_url))
    await there.execute("INSERT INTO break_reasons VALUES ('NEW', 'Mới', 'New', NULL, 99)")
    await there.close()
    with pytest.raises(Refused, match="--replace"):
        await restore(empty_url, file, {})
    await restore(empty_url, file, {}, replace=True)
    there = await asyncpg.connect(plain(empty_url))
    assert await there.fetchval("SELECT count(*) FROM break_reasons") == 37
    await there.close()


async def test_a_damaged_backup_changes_nothing(
    filled: asyncpg.Connection, database_url: str, tmp_path: Path
) -> None:
    whole, broken = tmp_path / "whole.zip", tmp_path / "broken.zip"
    await back_up(database_url, whole, {}, MADE_AT)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(broken, "w") as target:
        target.writestr(MANIFEST, source.read(MANIFEST))
        target.writestr(DUMP, source.read(DUMP)[:-200])
    with pytest.raises(Invalid, match="is damaged"):
        await restore(database_url, broken, {}, replace=True)
    with pytest.raises(Invalid, match="is no backup of ours"):
        await restore(database_url, tmp_path / "missing.zip", {}, replace=True)
    assert await filled.fetchval("SELECT count(*) FROM break_reasons") == 37


async def test_a_backup_that_misses_rows_never_takes_the_name(
    filled: asyncpg.Connection, database_url: str, tmp_path: Path
) -> None:
    whole, lying = tmp_path / "whole.zip", tmp_path / "lying.zip"
    await back_up(database_url, whole, {}, MADE_AT)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(lying, "w") as target:
        manifest = source.read(MANIFEST).replace(b": 37", b": 38")
        target.writestr(MANIFEST, manifest)
        target.writestr(DUMP, source.read(DUMP))
    with pytest.raises(Invalid, match=r"not whole: public\.break_reasons 37 of 38"):
        await restore(database_url, lying, {}, replace=True)
    assert await filled.fetchval("SELECT count(*) FROM break_reasons") == 37


async def test_an_existing_file_is_never_overwritten(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "there.zip"
    file.write_text("mine")
    with pytest.raises(Refused, match="exists"):
        await back_up(database_url, file, {}, MADE_AT)
    assert file.read_text() == "mine"


async def test_the_doctor_finds_a_healthy_floor_healthy(database_url: str, redis_url: str) -> None:
    environ = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    findings = await look_at_engines(environ, Clock())
    assert {finding.what for finding in findings} >= {
        "PostgreSQL answers",
        "PostgreSQL's clock",
        "tables",
        "Valkey answers",
        "its settings",
    }
    assert [finding for finding in findings if finding.health is not Health.GOOD] == []


async def test_the_doctor_names_what_does_not_answer_and_what_is_late(redis_url: str) -> None:
    environ = {"DATABASE_URL": "postgresql+asyncpg://x@/x?host=/nowhere", "REDIS_URL": redis_url}
    findings = await look_at_engines(environ, Clock(offset_ms=60_000))
    by_name = {finding.what: finding for finding in findings}
    assert by_name["PostgreSQL"].health is Health.BAD
    assert "Start it, or mend its URL." in by_name["PostgreSQL"].fix
    assert by_name["Valkey's clock"].health is Health.WEAK


async def test_the_doctor_looks_at_every_server_that_holds_keys(
    database_url: str, cluster: RedisSet, sentinels: RedisSet
) -> None:
    environ = {"DATABASE_URL": database_url, "REDIS_URL": cluster.url}
    told = {finding.what: finding for finding in await look_at_engines(environ, Clock())}
    for server in cluster.servers:
        assert told[f"Valkey at 127.0.0.1:{server.port} answers"].health is Health.GOOD
    environ = {"DATABASE_URL": database_url, "REDIS_URL": sentinels.url}
    told = {finding.what: finding for finding in await look_at_engines(environ, Clock())}
    assert told["Valkey answers"].health is Health.GOOD


async def test_the_doctor_says_what_is_wrong_with_an_address(database_url: str) -> None:
    environ = {"DATABASE_URL": database_url, "REDIS_URL": "redis+sentinel://:s3cret@h1,h2"}
    told = {finding.what: finding for finding in await look_at_engines(environ, Clock())}
    assert told["Valkey"].health is Health.BAD
    assert "primary's name" in told["Valkey"].said
    assert "s3cret" not in told["Valkey"].said


async def test_the_doctor_names_a_table_that_has_no_place_for_the_next_month(
    empty_url: str, redis_url: str
) -> None:
    """A clock that is a year ahead: what was made ahead does not reach there."""
    environ = {"DATABASE_URL": empty_url, "REDIS_URL": redis_url}
    findings = await look_at_engines(environ, Clock(offset_ms=366 * 86_400_000))
    (month,) = [finding for finding in findings if finding.what == "next month"]
    assert month.health is Health.WEAK
    assert "audit_events" in month.said
    assert "worker" in month.fix


def test_the_doctor_says_when_nobody_can_watch(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    production = {"DATABASE_URL": "postgresql://x/y", "REDIS_URL": "redis://z"}
    told = {finding.what: finding for finding in look_at_machine(state, production)}
    assert told["figures"].health is Health.WEAK
    watched = {**production, "PACELINE_METRICS_PORT": "9100"}
    told = {finding.what: finding for finding in look_at_machine(state, watched)}
    assert told["figures"].health is Health.GOOD


def test_the_doctor_looks_at_the_machine(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path / "not" / "yet")
    findings = {finding.what: finding for finding in look_at_machine(state, {})}
    assert set(findings) >= {"Python", "open files", "disk", "PostgreSQL", "Valkey"}
    assert findings["PostgreSQL"].health is Health.GOOD
    missing = look_at_machine(state, {"PACELINE_POSTGRES_BIN": "/nowhere"})
    worst = next(finding for finding in missing if finding.what == "PostgreSQL")
    assert worst.health is Health.BAD
    assert not state.path.exists(), "looking makes nothing"
