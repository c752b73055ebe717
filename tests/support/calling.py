"""Real calls for tests: a carrier with an ear, a wire that can be cut, and what a party heard."""

from __future__ import annotations

import asyncio
import wave
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid4

import numpy as np

from dialer.carrier import Placement
from dialer.core.events import Answered, BridgedUp, HungUp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from pathlib import Path

    from dialer.carrier_ari import AriCarrier

WAIT_S = 20.0
FRAME = 320  # samples of 8 kHz: 40 ms
HOLE_FRAMES = 10
LEAST_FRAMES = 6  # a sound of less than a quarter of a second is a passage from one to the next


@dataclass
class Caller:
    """A carrier whose events are kept as they come."""

    carrier: AriCarrier
    told: list[Any] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Keep what is told, until the stream ends."""
        async for event in self.carrier.events():
            self.told.append(event)
            self._news.set()

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until what was told so far makes this true."""
        async with asyncio.timeout(WAIT_S):
            while not done():
                self._news.clear()
                await self._news.wait()

    async def place(
        self, number: str, *, ring_ms: int = 25_000, detection: str | None = None
    ) -> UUID:
        """Ring a party of the laboratory; the call."""
        call = uuid4()
        listens = detection is not None
        placement = Placement(call, f"+{number}", "+842471", ring_ms, listens, detection or "")
        await self.carrier.place(placement)
        return call

    async def answered(self, number: str) -> UUID:
        """A party who picked up."""
        call = await self.place(number)
        await self.until(lambda: bool(self.of(call, Answered)))
        return call

    async def joined(self, call: UUID, agent: UUID) -> None:
        """Join an agent and wait for it."""
        before = len(self.of(call, BridgedUp))
        await self.carrier.bridge(call, agent)
        await self.until(lambda: len(self.of(call, BridgedUp)) > before)

    async def seated(self, agent: UUID) -> None:
        """Wait until an agent's leg is up, in his bridge."""
        async with asyncio.timeout(WAIT_S):
            while not self.carrier.board.desks.desk(agent).ready:  # noqa: ASYNC110 - a board has no bell
                await asyncio.sleep(0.02)

    async def ended(self, *calls: UUID) -> list[HungUp]:
        """The ends of these calls, once all are there."""
        await self.until(lambda: all(self.of(call, HungUp) for call in calls))
        return [self.of(call, HungUp)[0] for call in calls]

    def of(self, call: UUID, kind: type[Any]) -> list[Any]:
        """What of this kind was told of a call."""
        return [e for e in self.told if isinstance(e, kind) and getattr(e, "call", None) == call]

    def story(self, call: UUID) -> list[str]:
        """All that was told of a call."""
        return [type(e).__name__ for e in self.told if getattr(e, "call", None) == call]


@asynccontextmanager
async def heard_by(carrier: AriCarrier) -> AsyncIterator[Caller]:
    """Listen to a carrier."""
    caller = Caller(carrier)
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(caller.listen())
        try:
            yield caller
        finally:
            listening.cancel()


class Wire:
    """A stretch of TCP in front of a port of loopback, which can be cut and mended."""

    def __init__(self, port: int) -> None:
        self._beyond = port
        self._whole = True
        self._pipes: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where to connect to."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self.cut()
        self._server.close()

    def cut(self) -> None:
        """Break every connection, and take no new one."""
        self._whole = False
        for pipe in self._pipes:
            pipe.transport.abort()

    def mend(self) -> None:
        """Carry again."""
        self._whole = True

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if not self._whole:
            back.transport.abort()
            return
        far, forth = await asyncio.open_connection("127.0.0.1", self._beyond)
        self._pipes |= {back, forth}
        try:
            await asyncio.gather(_pour(near, forth), _pour(far, back))
        finally:
            self._pipes -= {back, forth}


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    sink.close()


def tones_of(recording: Path, tones: Sequence[int]) -> list[int]:
    """Which of these tones (Hz) were heard one after the other; 0 where it was none of them."""
    frames = _frames(recording)
    spectra = np.abs(np.fft.rfft(frames * np.hanning(FRAME), axis=1)) ** 2
    total = spectra.sum(axis=1) + 1e-9
    heard = np.zeros(len(frames), dtype=int)
    for tone in tones:
        middle = round(tone * FRAME / 8_000)
        share = spectra[:, middle - 2 : middle + 3].sum(axis=1) / total
        heard[(share > 0.5) & (total > 1e3)] = tone
    return _runs(heard.tolist())


def loudness(recording: Path) -> float:
    """The share of the full scale that the loudest half second reaches, as a root mean square."""
    frames = _frames(recording)
    half = 12
    means = [
        float(np.sqrt(np.mean(frames[i : i + half] ** 2))) for i in range(0, len(frames), half)
    ]
    return max(means, default=0.0) / 32_768


def _frames(recording: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    with wave.open(str(recording)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(float)
    whole = len(samples) // FRAME * FRAME
    return samples[:whole].reshape(-1, FRAME)


def _runs(heard: Sequence[int]) -> list[int]:
    """One word for each lasting sound. A busy machine loses frames: a short hole in a tone is none."""
    whole = list(heard)
    for tone, start, end in _spans(heard):
        around = {whole[start - 1] if start else 0, heard[end] if end < len(heard) else 0}
        if tone == 0 and end - start < HOLE_FRAMES and len(around) == 1:
            whole[start:end] = list(around) * (end - start)
    lasting: list[int] = []
    for tone, start, end in _spans(whole):
        if end - start >= LEAST_FRAMES and lasting[-1:] != [tone]:
            lasting.append(tone)
    return lasting


def _spans(heard: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    start = 0
    for tone, frames in groupby(heard):
        end = start + len(list(frames))
        yield tone, start, end
        start = end


def presence(recording: Path, tone: int) -> float:
    """Of the frames in which anything was heard: in how many this tone (Hz) had a fifth of the power."""
    frames = _frames(recording)
    spectra = np.abs(np.fft.rfft(frames * np.hanning(FRAME), axis=1)) ** 2
    total = spectra.sum(axis=1) + 1e-9
    middle = round(tone * FRAME / 8_000)
    share = spectra[:, middle - 2 : middle + 3].sum(axis=1) / total
    return float(np.mean(share[total > 1e3] > 0.2)) if (total > 1e3).any() else 0.0
