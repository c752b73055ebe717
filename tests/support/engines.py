"""One PostgreSQL and a Valkey per worker for the whole pytest run, shared by its xdist workers.

The first that asks starts a keeper process; the keeper owns the engines and watches the run's controller,
so that they end with the run however it ends. Databases are cloned from one template that the migrations
made. Published messages know no database numbers, hence a Valkey for each worker.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import asyncpg

from app.launch.account import own, unprivileged
from app.launch.binaries import find_postgres, find_valkey
from app.launch.engines import raise_open_file_limit, reachable
from app.launch.postgres import USER, start_postgres
from app.launch.state import StateDirectory
from app.launch.valkey import start_valkey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "paceline_template"
START_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class TestEngines:
    """Where this run's engines are: one folder of PostgreSQL's socket, one Valkey URL per worker."""

    __test__ = False  # not a test class, whatever its name says

    sockets: str
    redis_urls: tuple[str, ...]

    def database_url(self, name: str) -> str:
        """The SQLAlchemy URL of one database."""
        return f"postgresql+asyncpg://{USER}@/{name}?host={quote(self.sockets)}"

    def dsn(self, name: str) -> str:
        """The plain URL of one database, for asyncpg."""
        return f"postgresql://{USER}@/{name}?host={quote(self.sockets)}"

    def redis_url(self, worker: int) -> str:
        """The Valkey that belongs to one worker, counted from 0."""
        return self.redis_urls[worker % len(self.redis_urls)]


def this_runs_engines() -> TestEngines:
    """The engines of this pytest run, started by whoever asks first."""
    folder = _run_folder()
    with _locked(folder):
        ready = folder / "ready.json"
        if not ready.exists():
            _start_keeper(folder, ready)
        told = json.loads(ready.read_text())
    return TestEngines(told["sockets"], tuple(told["redis_urls"]))


def make_database(engines: TestEngines, name: str) -> str:
    """A fresh database with the product's tables, cloned from the template; returns its URL."""
    with _locked(_run_folder()):
        asyncio.run(_make_template(engines))
    asyncio.run(_execute(engines, f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"'))
    return engines.database_url(name)


def drop_database(engines: TestEngines, name: str) -> None:
    """Drop a database, whoever is still connected to it."""
    asyncio.run(_execute(engines, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


async def _execute(engines: TestEngines, statement: str) -> None:
    connection = await asyncpg.connect(engines.dsn("postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _make_template(engines: TestEngines) -> None:
    """Build under another name and rename, so that a template that exists is a whole one."""
    connection = await asyncpg.connect(engines.dsn("postgres"))
    try:
        if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE):
            return
        unfinished = f"{TEMPLATE}_new"
        await connection.execute(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{unfinished}"')
        migrate(engines.database_url(unfinished))
        await connection.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{TEMPLATE}"')
    finally:
        await connection.close()


def migrate(database_url: str) -> None:
    """Bring a database to the newest revision, as an operator would."""
    environ = {**os.environ, "DATABASE_URL": database_url, "PACELINE_SECRET": "0" * 64}
    environ.setdefault("REDIS_URL", "redis://unused")
    command = [sys.executable, "-m", "app.launch.migrations"]
    done = subprocess.run(
        command, check=False, cwd=ROOT, env=environ, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"the tables could not be made:\n{done.stdout}{done.stderr}")


def _controller() -> int:
    """The process that the whole run hangs on: xdist's workers are children of the controller."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def _run_folder() -> Path:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "alone")[:12]
    folder = Path(tempfile.gettempdir()) / f"paceline-tests-{os.geteuid()}-{_controller()}-{run}"
    folder.mkdir(mode=0o755, exist_ok=True)
    return folder


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start_keeper(folder: Path, ready: Path) -> None:
    workers = os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
    log = folder / "keeper.log"
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.support.engines",
                str(folder),
                str(_controller()),
                workers,
            ],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while not ready.exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the engines did not start:\n{log.read_text()}")
        time.sleep(0.02)
    keeper.returncode = 0  # it outlives this process on purpose; nobody here waits for it


def keep(folder: Path, controller: int, workers: int, environ: Mapping[str, str]) -> None:
    """Run the engines until the controller ends, then leave nothing behind."""
    watched = os.pidfd_open(controller)
    raise_open_file_limit()
    account = unprivileged()
    state = StateDirectory(folder / "state")
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(state.empty)
        stack.enter_context(state.held())
        home = state.engines_home(account)
        sockets = state.sockets(home, account)
        program = reachable(find_postgres(environ), account, home)
        postgres = start_postgres(
            program,
            home / "postgres",
            sockets,
            state.logs / "postgres.log",
            account,
            forgetful=True,
        )
        stack.callback(postgres.stop)
        urls = []
        server = reachable(find_valkey(environ), account, home)
        for number in range(workers):
            name = f"valkey{number}"
            own(account, home / name)
            log = state.logs / f"{name}.log"
            valkey = start_valkey(
                server, home / name, sockets, log, account, socket_name=f"{name}.sock"
            )
            stack.callback(valkey.stop)
            urls.append(valkey.url)
        told = asdict(TestEngines(str(sockets), tuple(urls)))
        (folder / "ready.new").write_text(json.dumps(told))
        (folder / "ready.new").rename(folder / "ready.json")
        select.select([watched], [], [])


if __name__ == "__main__":
    keep(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), os.environ)
