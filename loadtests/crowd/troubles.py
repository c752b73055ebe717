"""What is done to a floor while it works: processes die, are replaced one by one, or nobody can be reached."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING, Any, Final

from loadtests.crowd.house import PROCESSES
from loadtests.crowd.knee import put_pace

if TYPE_CHECKING:
    from loadtests.crowd.scenarios import Run

FREEZE_SECONDS: Final = 3.0
CUT_SECONDS: Final = 5.0
CUT_PCT: Final = 50
BESIDE_SECONDS: Final = 2.0  # a new process is there so long before the old one is told to leave
LEAVE_SECONDS: Final = 40.0  # longer than live calls are waited for
WEB_PROCESSES: Final = 2  # behind one port, so that one is there while the other is replaced


async def storm(run: Run, seconds: float) -> dict[str, Any]:
    """Everybody loses his socket at once."""
    await asyncio.sleep(seconds / 3)
    began = time.monotonic()
    run.crowd.kill("web")
    run.house.start("web")
    run.house.await_web()
    return {"web_back_s": round(time.monotonic() - began, 1)}


async def chaos(run: Run, seconds: float) -> dict[str, Any]:
    """One process after the other dies without a word, and the web stands still for a while."""
    pause = seconds / 5
    for name in PROCESSES:
        await asyncio.sleep(pause)
        run.say(f"kill -9 {name}")
        run.crowd.kill(name)
        run.house.start(name)
    run.house.await_web()
    await asyncio.sleep(pause)
    web = run.house.pids()["web"]
    run.say(f"the web stands still for {FREEZE_SECONDS:g} s")
    os.kill(web, signal.SIGSTOP)
    await asyncio.sleep(FREEZE_SECONDS)
    os.kill(web, signal.SIGCONT)
    return {"killed": list(PROCESSES), "frozen_s": FREEZE_SECONDS}


async def cut(run: Run, seconds: float) -> dict[str, Any]:
    """Half of the clients cannot be reached for five seconds, and cannot reach anybody: no socket closes."""
    await asyncio.sleep(seconds / 3)
    run.say(f"{CUT_PCT} % of the clients are cut off for {CUT_SECONDS:g} s")
    put_pace(run.crowd.out, {"cut_pct": CUT_PCT, "cut_s": CUT_SECONDS})
    return {"cut_pct": CUT_PCT, "cut_s": CUT_SECONDS}


async def rolling(run: Run, seconds: float) -> dict[str, Any]:
    """Every process is replaced by a new one that stands ready before the old one is told to leave."""
    pause = seconds / 4
    await asyncio.sleep(pause)
    run.say("SIGHUP: the web's processes are replaced one by one")
    os.kill(run.house.pids()["web"], signal.SIGHUP)
    left: dict[str, float] = {}
    for name in ("worker", "dialer"):
        await asyncio.sleep(pause)
        run.say(f"SIGTERM {name}, another one stands ready")
        left[name] = await _replace(run, name)
    return {"replaced": ["web", *left], "seconds_to_leave": left}


async def _replace(run: Run, name: str) -> float:
    """Seconds that the old one took to end."""
    old = run.house.children.pop(name)
    run.house.start(name)
    await asyncio.sleep(BESIDE_SECONDS)
    began = time.monotonic()
    await asyncio.to_thread(old.stop, LEAVE_SECONDS)
    run.house.guard.release(old.pid)
    return round(time.monotonic() - began, 1)
