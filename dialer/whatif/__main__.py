"""The process that simulates: `python -m dialer.whatif FOLDER`.

The folder holds the question, or the kept seconds to decide on again; progress and answer are left beside
it. It is nobody's hurry, so it asks for little of the processor, and it ends when the process that started it
is gone.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import msgpack
import msgspec

from app.clock import Clock
from app.whatif.rules import ANSWER, COMPARED, PROGRESS, QUESTION, SECONDS, KeptSecond, Question
from dialer.whatif.pacers import EnginePacer
from dialer.whatif.redecide import redecide
from dialer.whatif.replay import Run, Stage, replay, stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.whatif.rules import RecordedDay
    from dialer.whatif.books import Books

NICE: Final = 10
SELDOM: Final = 100
MOST_BYTES: Final = 16 * 1024 * 1024  # of one second
Item = TypeVar("Item")
_scenes: list[Stage] = []  # of a process of the pool: set once, when it begins


def main(folder: Path) -> None:
    """Answer what a folder holds."""
    os.nice(NICE)
    if (folder / SECONDS).exists():
        compare(folder)
    else:
        simulate(folder)


def compare(folder: Path) -> None:
    """Decide on every kept second again: the file begins with what shall be different, and their count."""
    with (folder / SECONDS).open("rb") as file:
        unpacker = msgpack.Unpacker(file, strict_map_key=False, max_buffer_size=MOST_BYTES)
        changes, count = unpacker.unpack(), unpacker.unpack()
        progress = Progress(folder / PROGRESS, count)
        seconds = progress.counted(KeptSecond(*each) for each in unpacker)
        compared = redecide(seconds, changes)
    _leave(folder / COMPARED, msgspec.msgpack.encode(compared))


def simulate(folder: Path) -> None:
    """Answer the question."""
    question = msgspec.msgpack.decode((folder / QUESTION).read_bytes(), type=Question)
    progress = Progress(folder / PROGRESS, 2 * question.seeds)
    with ProcessPoolExecutor(
        max(1, question.processes), initializer=_begin, initargs=(question.day,)
    ) as pool:

        def play(runs: Sequence[Run]) -> Iterable[Books]:
            return progress.counted(pool.map(_play, runs))

        answer = replay(question, play)
    _leave(folder / ANSWER, msgspec.msgpack.encode(answer))


class Progress:
    """How many days are done, left in a file for whoever asked; ends the process when nobody is there."""

    def __init__(self, path: Path, of: int) -> None:
        self._path = path
        self._of = of
        self._done = 0
        self._parent = os.getppid()
        self._tell()

    def counted(self, days: Iterable[Item]) -> Iterator[Item]:
        """The same items, told as they are done; of many every hundredth."""
        for day in days:
            self._done += 1
            if self._of <= SELDOM or self._done % SELDOM == 0:
                self._tell()
            yield day

    def _tell(self) -> None:
        if os.getppid() != self._parent:
            sys.exit("whoever asked is gone")
        _leave(self._path, f"{self._done} {self._of}".encode("ascii"))


def _begin(day: RecordedDay) -> None:
    _scenes.append(stage(day, EnginePacer, Clock().random))


def _play(run: Run) -> Books:
    return _scenes[0].play(run)


def _leave(path: Path, told: bytes) -> None:
    """Write a file that is there whole or not at all."""
    unfinished = path.with_suffix(".new")
    unfinished.write_bytes(told)
    unfinished.replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
