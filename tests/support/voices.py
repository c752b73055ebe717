"""A browser that speaks a tone into its microphone, and what it hears: for telephones in pages."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import struct
import wave
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright

from tests.support.chromium import QUIET, chromium, person
from tests.support.floor import open_floor
from tests.support.house import House

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser, Page

    from tests.support.asterisk import Lab
    from tests.support.floor import Floor

AGENT = 1_000  # Hz that the browser says
ANSWERS = "PJSIP/300440{digits}@carrier"  # whoever is rung picks up and says 440 Hz
RATE = 48_000
MICROPHONE = "--use-file-for-fake-audio-capture"
SPEAKS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
# What cleans a voice of noise takes a steady tone for noise.
_AS_IT_IS = """
(() => {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  navigator.mediaDevices.getUserMedia = ({ audio }) => open({ audio: { ...audio, ...plain } });
})()
"""
# The loudest tone of the last instant that came to the page, in Hz; 0 for silence.
_HEARD = """
async () => {
  const { srcObject } = document.querySelector("[data-testid=voice]");
  if (!srcObject) return 0;
  const context = new AudioContext({ sampleRate: 48000 });
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  context.createMediaStreamSource(srcObject).connect(analyser);
  await new Promise((done) => setTimeout(done, 350));
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  await context.close();
  const loudest = bins.reduce((best, level, bin) => (level > bins[best] ? bin : best), 0);
  return bins[loudest] < -60 ? 0 : Math.round((loudest * 48000) / 8192);
}
"""


@asynccontextmanager
async def open_spoken_floor(
    lab: Lab, database_url: str, redis_url: str, folder: Path, people: int
) -> AsyncIterator[Floor]:
    """A floor whose calls go over Asterisk, with so many customers, who all say their tone."""
    told = {name: value for name, value in lab.told.items() if name.startswith("PACELINE_")}
    settings = {**told, "PACELINE_ARI_DIAL": ANSWERS}
    with House(database_url, redis_url, folder, settings) as house:
        async with open_floor(house) as floor:
            floor.load_people(people)
            await floor.open_campaign(lines=1)
            yield floor


@asynccontextmanager
async def speaking_browser(folder: Path, tone: int = AGENT) -> AsyncIterator[Browser]:
    """A Chromium whose microphone is a tone (Hz)."""
    voice = folder / f"{tone}.wav"
    _write_tone(voice, tone)
    said = f"{MICROPHONE}={voice}"
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=chromium(), args=[*QUIET, *SPEAKS, said]
        )
        try:
            yield started
        finally:
            await started.close()


async def speaking_page(started: Browser) -> Page:
    """A page of somebody who has allowed his microphone once."""
    context = await person(started)
    await context.grant_permissions(["microphone"])
    await context.add_init_script(_AS_IT_IS)
    return await context.new_page()


async def until_heard(page: Page, tone: int, *, seconds: float = 20.0) -> None:
    """Wait until the page hears this tone (Hz; 0 for nothing). Raises `AssertionError`."""
    heard: list[int] = []
    ends = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < ends:
        heard.append(await page.evaluate(_HEARD))
        if abs(heard[-1] - tone) <= 12:
            return
    raise AssertionError(f"{tone} Hz was not heard within {seconds:g} s, but {heard}")


@contextmanager
def cut_off(folder: Path) -> Iterator[None]:
    """The browser that speaks from this folder does nothing and hears nothing, as if its network were gone.

    Its sockets stay open, as they do then: nobody says that they are of no use.
    """
    stopped = _descendants(_browser_of(folder))
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            os.kill(process, signal.SIGCONT)


def _browser_of(folder: Path) -> int:
    """The process of the browser whose microphone lies in this folder; those below it have a type."""
    for process in _processes():
        words = _told(process, "cmdline").split("\0")
        if any(word.startswith(f"{MICROPHONE}={folder}") for word in words) and not any(
            word.startswith("--type=") for word in words
        ):
            return process
    raise RuntimeError(f"no browser speaks from {folder}")


def _descendants(root: int) -> list[int]:
    """A process and all below it."""
    below: dict[int, list[int]] = {}
    for process in _processes():
        if status := _told(process, "stat"):
            parent = int(status.rpartition(")")[2].split()[1])
            below.setdefault(parent, []).append(process)
    found = [root]
    for process in found:
        found += below.get(process, [])
    return found


def _processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def _told(process: int, what: str) -> str:
    """What the kernel tells of a process; empty for one that has ended meanwhile."""
    with suppress(OSError):
        return (Path("/proc") / str(process) / what).read_text(errors="replace")
    return ""


def _write_tone(path: Path, tone: int) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        samples = (int(12_000 * math.sin(2 * math.pi * tone * n / RATE)) for n in range(RATE))
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
