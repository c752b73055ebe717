"""The product's own processes: how each is started, and what it finds in its environment.

Each is named by its module, never imported: this storey lies far below them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.launch.children import Child, start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    "web": "app.launch.serve",
    "hub": "app.launch.serve",
    "dialer": "dialer",
    "worker": "app.worker",
    "floor": "app.floor",
    "simulate": "dialer.whatif",
    "load": "loadtests.crowd",
    "migrate": "app.launch.migrations",
    "paceline": "app.command",
}
ARGUMENTS = {
    "web": ("app.main:create_app",),
    "hub": ("app.hub:create_app",),
}


def command_of(name: str, arguments: Sequence[str] = ()) -> list[str]:
    """The command line of one of our processes."""
    return [sys.executable, "-m", MODULES[name], *ARGUMENTS.get(name, ()), *arguments]


def environ_for(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment in which our processes are found from any folder and speak at once."""
    paths = [str(ROOT), *filter(None, [environ.get("PYTHONPATH")])]
    return {**environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}


def start_program(
    name: str, environ: Mapping[str, str], logs: Path, arguments: Sequence[str] = ()
) -> Child:
    """Start one of our processes as a child that dies with us. Raises `Unavailable`."""
    return start(
        name,
        command_of(name, arguments),
        log=logs / f"{name}.log",
        environ=environ_for(environ),
    )
