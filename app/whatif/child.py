"""The process that simulates: it is handed a question in a folder and leaves progress and answer there.

It is named by its module and never imported: it lies in a root above. It dies with the one who started it.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import msgspec

from app.errors import Unavailable
from app.launch.children import start
from app.launch.programs import command_of, environ_for
from app.whatif.rules import ANSWER, COMPARED, PROGRESS, QUESTION, Answer, Compared, Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.launch.children import Child

_PARTS: Final = 2  # of a line of progress: done, of


def new_folder() -> Path:
    """A folder for one question."""
    return Path(tempfile.mkdtemp(prefix="paceline-what-if-"))


class Simulating:
    """One question under way."""

    def __init__(self, child: Child, folder: Path) -> None:
        self._child = child
        self._folder = folder

    @classmethod
    def begin(cls, question: Question, environ: Mapping[str, str]) -> Self:
        """Start it. Raises `Unavailable`. From the main thread only, as every child."""
        folder = new_folder()
        (folder / QUESTION).write_bytes(msgspec.msgpack.encode(question))
        return cls.start(folder, environ)

    @classmethod
    def start(cls, folder: Path, environ: Mapping[str, str]) -> Self:
        """Start it on what a folder holds, which goes when it is closed. Raises as `begin`."""
        try:
            child = start(
                "simulate",
                command_of("simulate", [str(folder)]),
                log=folder / "log",
                environ=environ_for(environ),
            )
        except Unavailable:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return cls(child, folder)

    @property
    def progress(self) -> tuple[int, int]:
        """Days simulated, and days to simulate as far as is known."""
        try:
            parts = (self._folder / PROGRESS).read_text(encoding="ascii").split()
        except FileNotFoundError:
            return 0, 0
        return (int(parts[0]), int(parts[1])) if len(parts) == _PARTS else (0, 0)

    @property
    def ended(self) -> bool:
        """Whether there is an answer, or never will be."""
        return not self._child.alive()

    def answer(self) -> Answer:
        """What it found, once it has ended. Raises `Unavailable` with its last words when it failed."""
        return msgspec.msgpack.decode(self._found(ANSWER), type=Answer)

    def compared(self) -> Compared:
        """What it found of kept seconds, once it has ended. Raises as `answer`."""
        return msgspec.msgpack.decode(self._found(COMPARED), type=Compared)

    def _found(self, name: str) -> bytes:
        self._child.bury()
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            words = self._child.last_words().splitlines()
            raise Unavailable(words[-1] if words else "The simulation was ended.") from None

    def close(self) -> None:
        """End it if it has not ended, and leave nothing behind."""
        self._child.bury()
        shutil.rmtree(self._folder, ignore_errors=True)
