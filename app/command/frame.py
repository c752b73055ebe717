"""What every command shares: the command line itself, where it prints, which state and which clock."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import os
import pkgutil
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cyclopts import App
from rich.console import Console

from app.clock import Clock
from app.errors import PacelineError
from app.launch.attached import attached
from app.launch.programs import ROOT
from app.launch.state import StateDirectory

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from app.db import Database

OUT = Console(highlight=False, soft_wrap=True)
ERRORS = Console(stderr=True, highlight=False, soft_wrap=True)
REFUSED, INTERRUPTED = 2, 130
T = TypeVar("T")


def version() -> str:
    """The version in pyproject.toml; the demonstration runs from the tree, not from a wheel."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


APP = App(
    name="paceline",
    help="The real-time desktop of a bank's own collection floor.",
    version=version,
)


def main() -> None:
    """Run the command line; a refusal is one sentence on standard error and exit code 2."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a pipe's reader waits for the address
    try:
        APP()
    except PacelineError as error:
        ERRORS.print(error.sentence, style="red", markup=False)
        sys.exit(REFUSED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def here() -> StateDirectory:
    """The state directory that this command works with (`PACELINE_STATE`)."""
    return StateDirectory(Path(os.environ.get("PACELINE_STATE") or ".paceline"))


def say(line: str) -> None:
    """Print one line as it is."""
    OUT.print(line, markup=False)


@dataclass(frozen=True, slots=True)
class Place:
    """What a command works on: the database, its business clock, and the address of the moment's store."""

    database: Database
    clock: Clock
    redis_url: str


def at_place(work: Callable[[Place], Awaitable[T]]) -> T:
    """Run `work` on the engines of this state directory, which are started for it if need be."""
    with attached(here(), os.environ) as environ:
        return asyncio.run(_open(environ, work))


def know_every_table() -> None:
    """Import each slice's tables: a foreign key is a name until the table of that name is known."""
    import app

    for slice_ in pkgutil.iter_modules(app.__path__, "app."):
        if slice_.ispkg and importlib.util.find_spec(f"{slice_.name}.models"):
            importlib.import_module(f"{slice_.name}.models")


async def _open(environ: Mapping[str, str], work: Callable[[Place], Awaitable[T]]) -> T:
    # These two cost half a second that `paceline --help` should not pay.
    from app.db import Database
    from app.people import service as people
    from app.settings import async_url

    know_every_table()
    database = Database(async_url(environ["DATABASE_URL"]), pool_size=3)
    try:
        async with database.reading() as session:
            organisation = await people.find_organisation(session)
        clock = Clock(organisation.clock_offset_ms if organisation else 0)
        return await work(Place(database, clock, environ["REDIS_URL"]))
    finally:
        await database.close()
