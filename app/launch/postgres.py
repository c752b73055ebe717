"""One PostgreSQL in the foreground: made once, started on a socket, found ready, stopped fast.

`trust` authentication stands only because the socket's folder is 0700 and no port is open.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import asyncpg

from app.errors import Unavailable
from app.launch.account import own
from app.launch.children import Child, start, wait_until
from app.launch.orphans import end_orphan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from app.launch.account import Account
    from app.launch.binaries import Program

USER = "paceline"
DATABASE = "paceline"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
BUILTIN_LOCALE_SINCE = 17
# Sized for a floor of forty on one machine; an operator's own server is sized by its operator.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server. `url` is SQLAlchemy's; `dsn` is plain, for asyncpg and PostgreSQL's own tools."""

    child: Child
    sockets: Path
    program: Program

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the product's database."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The SQLAlchemy URL of one database of this server."""
        return f"postgresql+asyncpg://{USER}@/{database}?host={quote(str(self.sockets))}"

    def dsn_of(self, database: str) -> str:
        """The plain URL of one database of this server."""
        return f"postgresql://{USER}@/{database}?host={quote(str(self.sockets))}"

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is kept."""
        self.child.stop(STOP_SECONDS)


def made_by(data: Path) -> int | None:
    """The major version that made this data directory; None when there is none yet."""
    version = data / "PG_VERSION"
    if not version.exists():
        return None
    text = version.read_text().strip()
    return int(text) if text.isdecimal() else 0


def start_postgres(
    program: Program,
    data: Path,
    sockets: Path,
    log: Path,
    account: Account | None,
    *,
    forgetful: bool = False,
) -> Postgres:
    """Start the server over `data`, making it first when it is new.

    `forgetful` trades durability for speed and is for tests. Raises `Unavailable` with the reason.
    """
    if made_by(data) is None:
        _make(program, data, account, sync=not forgetful)
    end_orphan(data / "postmaster.pid", data, signal.SIGINT)
    settings = SETTINGS | (FORGETFUL if forgetful else {})
    options = [f"--{name}={value}" for name, value in settings.items()]
    child = start(
        "PostgreSQL",
        [
            str(program.path),
            "-D",
            str(data),
            f"--unix_socket_directories={sockets}",
            *options,
        ],
        log=log,
        environ=_environ(),
        stop_signal=signal.SIGINT,
        account=account,
    )
    wait_until(lambda: _is_ready(data, child.pid), child, START_SECONDS)
    running = Postgres(child, sockets, program)
    asyncio.run(_make_database(running))
    return running


def _make(program: Program, data: Path, account: Account | None, *, sync: bool) -> None:
    """`initdb` beside the final place, then one rename: a half-made directory is never taken for a whole."""
    unfinished = data.with_name(data.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    own(account, unfinished)
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run(
        [
            str(program.path.with_name("initdb")),
            f"--pgdata={unfinished}",
            f"--username={USER}",
            "--auth=trust",
            "--encoding=UTF8",
            *(locale if program.major >= BUILTIN_LOCALE_SINCE else ["--locale=C.UTF-8"]),
            *([] if sync else ["--no-sync"]),
        ],
        account,
    )
    shutil.rmtree(data, ignore_errors=True)
    unfinished.rename(data)


def _run(command: Sequence[str], account: Account | None) -> None:
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=dict(_environ()),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode == 0:
        return
    said = done.stderr.strip()
    if "No space left on device" in said:
        raise Unavailable("The disk is full: PostgreSQL could not be set up. Free some space.")
    last_line = said.splitlines()[-1] if said else f"exit code {done.returncode}"
    raise Unavailable(f"PostgreSQL could not be set up: {last_line}.")


def _environ() -> Mapping[str, str]:
    """Little of ours: PGDATA, PGHOST and locale variables of the shell must not steer the engine."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _is_ready(data: Path, pid: int) -> bool:
    """The server writes its state into the eighth line of postmaster.pid, as `pg_ctl` reads it."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    status_line = 7
    return (
        len(lines) > status_line and lines[0] == str(pid) and lines[status_line].strip() == "ready"
    )


async def _make_database(server: Postgres) -> None:
    connection = await asyncpg.connect(server.dsn_of("postgres"))
    try:
        known = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE)
        if not known:
            await connection.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        await connection.close()
