"""Looks at what Paceline stands on and says, for each thing that is not right, what to do.

Every look answers with one `Finding`; none of them raises, because a doctor that faints is no use.
"""

from __future__ import annotations

import resource
import shutil
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import redis

from app.errors import PacelineError
from app.launch.backup import plain
from app.launch.binaries import (
    OLDEST_POSTGRES,
    OLDEST_VALKEY,
    Program,
    find_postgres,
    find_valkey,
)
from app.launch.state import LEAST_FREE_BYTES, StateDirectory
from realtime.redis_client import connect, door_to, ready, shards_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from redis.asyncio import Redis

    from app.clock import Clock

LEAST_OPEN_FILES = 4096
LARGEST_SKEW_MS = 250
LEAST_BACKLOG = 1024
OLDEST_PYTHON = (3, 11)
PUBSUB_LIMIT_BYTES = 64 * 1024 * 1024
LACKING = """
    SELECT relname FROM pg_class
    WHERE relkind = 'p' AND relnamespace = 'public'::regnamespace
      AND to_regclass(relname || '_p' || to_char($1::date + interval '1 month', 'YYYYMM')) IS NULL
      AND to_regclass(relname || '_p' || to_char($1::date + 1, 'YYYYMMDD')) IS NULL
    ORDER BY relname
"""


class Health(Enum):
    """How one thing stands: `WEAK` works, but not under load."""

    GOOD = "good"
    WEAK = "weak"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `fix` says what to do; it is empty where nothing is."""

    what: str
    health: Health
    said: str
    fix: str = ""


def look_at_machine(state: StateDirectory, environ: Mapping[str, str]) -> list[Finding]:
    """Python, open files, disk, and the programs that would be started."""
    findings = [_python(), _open_files(), _backlog(), _disk(state)]
    if environ.get("DATABASE_URL"):
        findings.append(_figures(environ))
    else:
        findings.append(_program("PostgreSQL", lambda: find_postgres(environ)))
    if not environ.get("REDIS_URL"):
        findings.append(_program("Valkey", lambda: find_valkey(environ)))
    return findings


async def look_at_engines(environ: Mapping[str, str], clock: Clock) -> list[Finding]:
    """The engines that answer at `DATABASE_URL` and `REDIS_URL`: versions, clocks, settings."""
    return [
        *await _looked("PostgreSQL", lambda: _look_at_postgres(environ["DATABASE_URL"], clock)),
        *await _looked("Valkey", lambda: _look_at_valkey(environ["REDIS_URL"], clock)),
    ]


def _python() -> Finding:
    said = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < OLDEST_PYTHON:
        return Finding("Python", Health.BAD, said, "Install Python 3.11 or newer.")
    return Finding("Python", Health.GOOD, said)


def _open_files() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    said = f"{soft} now, {hard} at most (the launcher raises itself to that)"
    if hard < LEAST_OPEN_FILES:
        fix = f"Raise it to {LEAST_OPEN_FILES} or more (ulimit -n, LimitNOFILE): one per open page."
        return Finding("open files", Health.WEAK, said, fix)
    return Finding("open files", Health.GOOD, said)


def _backlog() -> Finding:
    try:
        backlog = int(Path("/proc/sys/net/core/somaxconn").read_text())
    except (OSError, ValueError):
        return Finding("waiting connections", Health.GOOD, "not told by this system")
    if backlog < LEAST_BACKLOG:
        fix = f"sysctl net.core.somaxconn={LEAST_BACKLOG}: a floor that reconnects at once queues there."
        return Finding("waiting connections", Health.WEAK, str(backlog), fix)
    return Finding("waiting connections", Health.GOOD, str(backlog))


def _disk(state: StateDirectory) -> Finding:
    place = next(folder for folder in (state.path, *state.path.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    said = f"{free // 2**20:,} MB free at {place}"
    if free < LEAST_FREE_BYTES:
        return Finding("disk", Health.BAD, said, "Free some space, or move PACELINE_STATE.")
    return Finding("disk", Health.GOOD, said)


def _figures(environ: Mapping[str, str]) -> Finding:
    """Whether somebody can watch: on engines of one's own that is not a demonstration."""
    port = environ.get("PACELINE_METRICS_PORT") or "0"
    if port == "0":
        fix = "Set PACELINE_METRICS_PORT, and watch (docs/operations.md)."
        return Finding("figures", Health.WEAK, "served to nobody", fix)
    return Finding("figures", Health.GOOD, f"from port {port} on")


def _program(what: str, find: Callable[[], Program]) -> Finding:
    try:
        program = find()
    except PacelineError as error:
        return Finding(what, Health.BAD, "no program found", error.sentence)
    return Finding(what, Health.GOOD, f"{program.major} from the {program.source}, {program.path}")


async def _looked(what: str, look: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    try:
        return await look()
    except (OSError, TimeoutError, asyncpg.PostgresError, redis.RedisError) as error:
        said = f"does not answer ({error})"
        return [Finding(what, Health.BAD, said, "Start it, or mend its URL.")]
    except ValueError as error:  # of an address; it never repeats the address
        return [Finding(what, Health.BAD, str(error), "Mend its URL.")]


async def _look_at_postgres(url: str, clock: Clock) -> list[Finding]:
    connection = await asyncpg.connect(plain(url), timeout=10)
    try:
        version = int(await connection.fetchval("SHOW server_version_num")) // 10000
        ours = clock.now_ms()
        theirs = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp()) * 1000")
        known = await connection.fetchval("SELECT to_regclass('alembic_version')")
        connections = int(await connection.fetchval("SHOW max_connections"))
        lacking = [row[0] for row in await connection.fetch(LACKING, clock.now().date())]
    finally:
        await connection.close()
    old = version < OLDEST_POSTGRES
    fix = f"Use PostgreSQL {OLDEST_POSTGRES} or newer." if old else ""
    tables = (
        Finding("tables", Health.GOOD, "made by migrations")
        if known
        else Finding("tables", Health.BAD, "none", "Run `paceline migrate`.")
    )
    return [
        Finding("PostgreSQL answers", Health.BAD if old else Health.GOOD, str(version), fix),
        _connections(connections),
        _skew("PostgreSQL's clock", int(theirs) - ours),
        tables,
        *([_months(lacking)] if known else []),
    ]


def _months(lacking: Sequence[str]) -> Finding:
    """Whether what grows has its place for the next month, or day, already."""
    if lacking:
        fix = "Let the worker run: it makes them every six hours."
        return Finding("next month", Health.WEAK, f"no place in {', '.join(lacking)}", fix)
    return Finding("next month", Health.GOOD, "has its place in every table")


def _connections(most: int) -> Finding:
    needed = 60
    if most < needed:
        fix = f"Set max_connections to {needed} or more."
        return Finding("connections", Health.WEAK, str(most), fix)
    return Finding("connections", Health.GOOD, str(most))


async def _look_at_valkey(url: str, clock: Clock) -> list[Finding]:
    """Each server that holds keys: one, the primary of the sentinels, or those of a cluster."""
    findings: list[Finding] = []
    async with connect(url) as client:
        await ready(client)
        shards = shards_of(client)
        for shard in shards:
            door = await door_to(shard)
            where = f" at {door.host}:{door.port}" if len(shards) > 1 else ""
            findings += await _look_at_shard(shard, where, clock)
    return findings


async def _look_at_shard(client: Redis, where: str, clock: Clock) -> list[Finding]:
    told: dict[str, Any] = await client.info("server")
    ours = clock.now_ms()
    seconds, micros = await client.time()
    limits = await _settings(client)
    name = ("Valkey" if "valkey_version" in told else "Redis") + where
    version = str(told.get("valkey_version") or told["redis_version"])
    old = int(version.split(".", maxsplit=1)[0]) < OLDEST_VALKEY
    fix = f"Use Valkey or Redis {OLDEST_VALKEY} or newer." if old else ""
    return [
        Finding(f"{name} answers", Health.BAD if old else Health.GOOD, version, fix),
        _skew(f"{name}'s clock", seconds * 1000 + micros // 1000 - ours),
        *limits,
    ]


async def _settings(client: Redis) -> list[Finding]:
    """Settings that bite under load; a hosted server that hides CONFIG is left alone."""
    try:
        told = {
            **await client.config_get("maxmemory-policy"),
            **await client.config_get("client-output-buffer-limit"),
        }
    except redis.ResponseError:
        return [Finding("its settings", Health.GOOD, "not told by this server")]
    policy = str(told.get("maxmemory-policy"))
    buffers = str(told.get("client-output-buffer-limit"))
    findings = []
    if policy != "noeviction":
        fix = "Set maxmemory-policy to noeviction: an evicted reservation is a lost one."
        findings.append(Finding("eviction", Health.BAD, policy, fix))
    pubsub = buffers.split("pubsub", 1)[-1].split()
    if pubsub[:1] and pubsub[0].isdecimal() and 0 < int(pubsub[0]) < PUBSUB_LIMIT_BYTES:
        fix = 'Set client-output-buffer-limit "pubsub 256mb 64mb 60": a hub is cut off in a burst.'
        findings.append(Finding("buffers of listeners", Health.WEAK, f"{pubsub[0]} bytes", fix))
    return findings or [Finding("its settings", Health.GOOD, "fit a floor")]


def _skew(what: str, skew_ms: int) -> Finding:
    said = f"{skew_ms:+d} ms from ours"
    if abs(skew_ms) > LARGEST_SKEW_MS:
        return Finding(what, Health.WEAK, said, "Synchronise both machines (chrony, timesyncd).")
    return Finding(what, Health.GOOD, said)
