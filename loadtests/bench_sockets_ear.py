"""Python's side of bench_sockets_ear.c: orders out, figures in."""

from __future__ import annotations

import array
import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING, Any, Self

from loadtests.bench_sockets_peers import compiled

if TYPE_CHECKING:
    from pathlib import Path

    from loadtests.bench_sockets_peers import Greeting

ALL = 0xFFFFFFFF
ANSWER_SECONDS = 20.0
RETRY_SECONDS = 0.5  # as long as a refused socket waits, and all the patience of an impatient crowd
LONGEST_LINE = 2**20


def stamped(number: int, target: int, size: int) -> str:
    """A payload of `size` letters that says when it left: now."""
    return f"@@{time.monotonic_ns():016x}{number:08x}{target:08x}".ljust(size, ".")


class Ear:
    """Many sockets in one C process."""

    def __init__(self, folder: Path, ports: list[int], greeting: Greeting) -> None:
        self._folder = folder
        self._ports = ports
        self._greeting = greeting
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.complete: asyncio.Queue[tuple[int, int]] = asyncio.Queue()  # broadcasts: number, ns

    async def __aenter__(self) -> Self:
        program = compiled("bench_sockets_ear", self._folder)
        spec = self._folder / "ear.spec"
        spec.write_text("\n".join(self._greeting.lines) + "\n")
        said = self._greeting
        words = [str(spec), said.text, str(said.times), str(said.tick_ms), *map(str, self._ports)]
        self._process = await asyncio.create_subprocess_exec(
            str(program),
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        self._tasks = await asyncio.TaskGroup().__aenter__()
        self._tasks.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self.order("quit")
        await self._process.wait()
        await self._tasks.__aexit__(None, None, None)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def order(self, words: str) -> None:
        """Say a line; nothing is answered."""
        if self._process.stdin is not None:
            self._process.stdin.write(words.encode() + b"\n")

    async def ask(self, words: str) -> dict[str, Any]:
        """Say a line and return the answer. Raises `TimeoutError`."""
        self.order(words)
        return await asyncio.wait_for(self._answers.get(), ANSWER_SECONDS)

    async def whole(self, sockets: int, within_s: float) -> dict[str, Any]:
        """Wait until so many sockets are whole, or the time is up; refused ones try again."""
        until, retry = time.monotonic() + within_s, time.monotonic() + RETRY_SECONDS
        while True:
            told = await self.ask("stats")
            if told["whole"] >= sockets or time.monotonic() > until:
                return told
            if time.monotonic() > retry and told["closes"]:
                self.order("retry")
                retry = time.monotonic() + RETRY_SECONDS
            await asyncio.sleep(0.02)

    async def latencies_ms(self) -> list[float]:
        """How old every payload was when it was heard, since `clear`."""
        path = self._folder / "ear.latencies"
        await self.ask(f"dump {path}")
        return [ns / 1e6 for ns in array.array("q", path.read_bytes())]

    async def _read(self) -> None:
        lines = self._process.stdout
        while lines is not None and (line := await lines.readline()):
            told = json.loads(line)
            if "all" in told:
                self.complete.put_nowait((told["all"], told["ns"]))
            else:
                self._answers.put_nowait(told)
