"""PostgreSQL and Valkey for whoever has none: found, made reachable, started, and stopped together.

Where `DATABASE_URL` or `REDIS_URL` names a server, that one is used and nothing is started for it.
"""

from __future__ import annotations

import resource
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.errors import Unavailable
from app.launch.account import Account, own, reaches, unprivileged
from app.launch.binaries import POSTGRES_WHEEL, Program, find_postgres, find_valkey
from app.launch.postgres import Postgres, made_by, start_postgres
from app.launch.valkey import Valkey, start_valkey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from app.launch.children import Child
    from app.launch.state import StateDirectory


@dataclass(frozen=True, slots=True)
class Engines:
    """Where the engines are. `postgres` and `valkey` are None where they are somebody else's."""

    database_url: str
    redis_url: str
    postgres: Postgres | None = None
    valkey: Valkey | None = None

    def children(self) -> list[Child]:
        """The engines that we started."""
        return [engine.child for engine in (self.postgres, self.valkey) if engine]


@contextmanager
def running_engines(
    state: StateDirectory, environ: Mapping[str, str], *, forgetful: bool = False
) -> Iterator[Engines]:
    """Start what `environ` does not name, and stop it at the end of the block.

    The caller holds the state directory. `forgetful` is for tests. Raises `Unavailable`.
    """
    raise_open_file_limit()
    with ExitStack() as stack:
        database_url, redis_url = environ.get("DATABASE_URL"), environ.get("REDIS_URL")
        postgres = None if database_url else own_postgres(state, environ, forgetful=forgetful)
        if postgres:
            stack.callback(postgres.stop)
        valkey = None if redis_url else own_valkey(state, environ)
        if valkey:
            stack.callback(valkey.stop)
        yield Engines(
            database_url or (postgres.url if postgres else ""),
            redis_url or (valkey.url if valkey else ""),
            postgres,
            valkey,
        )


def raise_open_file_limit() -> int:
    """Raise our soft limit of open files to the hard one (children inherit it) and return it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def reachable(program: Program, account: Account | None, home: Path) -> Program:
    """The same program where the account can run it: as it is, or from a copy in the engines' home."""
    if program.tree is None or reaches(account, program.path.parent):
        return program
    copy = home / "programs" / f"{program.tree.name}-{program.major}" / program.tree.name
    if not copy.exists():
        _copy(program, copy)
    return replace(program, path=copy / program.path.relative_to(program.tree), tree=copy)


def _copy(program: Program, copy: Path) -> None:
    """Copy the wheel's folder (its PostgreSQL without headers) and the libraries it finds beside itself."""
    if program.tree is None:
        return
    unfinished = copy.parent.with_name(copy.parent.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    tree = program.tree
    if tree.name == POSTGRES_WHEEL:
        install = program.path.parents[1].name
        shutil.copytree(
            tree / install,
            unfinished / tree.name / install,
            symlinks=True,
            ignore=shutil.ignore_patterns("include"),
        )
        libraries = f"{tree.name}.libs"  # the programs look for it three folders up
        shutil.copytree(tree.with_name(libraries), unfinished / libraries, symlinks=True)
    else:
        shutil.copytree(tree, unfinished / tree.name, symlinks=True)
    for folder in (unfinished.parent, unfinished):
        folder.chmod(0o755)
    unfinished.rename(copy.parent)


def own_postgres(
    state: StateDirectory, environ: Mapping[str, str], *, forgetful: bool = False
) -> Postgres:
    """Start PostgreSQL over the state directory, again if need be. Raises `Unavailable`."""
    account = unprivileged()
    home = state.engines_home(account)
    data = home / "postgres"
    major = made_by(data)
    new = major is None
    if major == 0 or (new and data.is_dir() and any(data.iterdir())):
        raise state.damaged(f"{data / 'PG_VERSION'} is not readable")
    program = reachable(find_postgres(environ, major=major), account, home)
    log = state.logs / "postgres.log"
    sockets = state.sockets(home, account)
    try:
        return start_postgres(program, data, sockets, log, account, forgetful=forgetful)
    except Unavailable as error:
        if new or "disk is full" in error.sentence:
            raise
        raise state.damaged(error.sentence.rstrip(".")) from error


def own_valkey(state: StateDirectory, environ: Mapping[str, str]) -> Valkey:
    """Start Valkey over the state directory, again if need be. Raises `Unavailable`."""
    account = unprivileged()
    home = state.engines_home(account)
    program = reachable(find_valkey(environ), account, home)
    own(account, home / "valkey")
    return start_valkey(
        program,
        home / "valkey",
        state.sockets(home, account),
        state.logs / "valkey.log",
        account,
    )
