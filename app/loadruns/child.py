"""The process that leads a run: started on a folder, in which it leaves how far it is and what it found.

It is named by its module and never imported. It opens a house of its own and dies with the one who started it.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec

from app.errors import Unavailable
from app.launch.children import start
from app.launch.programs import command_of, environ_for
from app.loadruns.rules import FILES, LIVE, Wanted, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.launch.children import Child

LOG: Final = "log"


class Running:
    """One run under way."""

    def __init__(self, child: Child, folder: Path, scenario: str) -> None:
        self._child = child
        self._folder = folder
        self._scenario = scenario

    @classmethod
    def begin(cls, wanted: Wanted, environ: Mapping[str, str]) -> Self:
        """Start it. Raises `Unavailable`. From the main thread only, as every child."""
        folder = Path(tempfile.mkdtemp(prefix="paceline-load-"))
        try:
            child = start(
                "load",
                command_of("load", words_of(wanted, str(folder))),
                log=folder / LOG,
                environ=environ_for(environ),
            )
        except Unavailable:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return cls(child, folder, str(wanted.scenario))

    @property
    def live(self) -> dict[str, Any] | None:
        """What it told last."""
        return self._told(LIVE)

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return not self._child.alive()

    def ask_to_stop(self) -> None:
        """Have it put its house away and end."""
        self._child.ask_to_stop()

    def outcome(self) -> dict[str, Any]:
        """What it found, once it has ended. Raises `Unavailable` with its last words when it failed."""
        found = self._told(f"{self._scenario}.json")
        if found is None:
            words = self._child.last_words().splitlines()
            raise Unavailable(words[-1] if words else "The load test was ended.")
        return found

    def files(self) -> dict[str, bytes]:
        """Locust's files, by the names under which they are handed out."""
        there = {name: self._folder / place for name, place in FILES.items()}
        return {name: path.read_bytes() for name, path in there.items() if path.exists()}

    def close(self) -> None:
        """Leave nothing of it behind; one that has not ended is killed."""
        self._child.bury()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _told(self, name: str) -> dict[str, Any] | None:
        try:
            return msgspec.json.decode((self._folder / name).read_bytes(), type=dict[str, Any])
        except FileNotFoundError:
            return None
