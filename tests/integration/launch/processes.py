"""Programs for the launch tests, and ways to see that they are gone. No test is in here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_SECONDS = 40.0

# Runs the engines over argv[1] until it is told to stop.
ENGINES = """
import os, sys, time
from pathlib import Path
from app.launch.engines import running_engines
from app.launch.state import StateDirectory
from app.launch.supervisor import Stopped, stopping_on_signals
state = StateDirectory(Path(sys.argv[1]))
try:
    with stopping_on_signals(), state.held(), running_engines(state, {}) as engines:
        print(engines.postgres.child.pid, engines.valkey.child.pid, flush=True)
        time.sleep(600)
except Stopped:
    pass
"""

# Supervises one shell that has a child of its own, which ignores every polite signal.
FLOOR = """
import os, sys
from pathlib import Path
from app.launch.children import start
from app.launch import supervisor as supervising
from app.launch.supervisor import Guard, Stopped, Supervisor, stopping_on_signals
supervising.STOP_SECONDS = 1.5
folder = Path(sys.argv[1])
script = "trap '' TERM INT HUP; sleep 600 & echo $$ $! > " + str(folder / "pids") + "; wait; wait"
def begin():
    return start("shell", ["/bin/sh", "-c", script], log=folder / "shell.log", environ=os.environ)
guard = Guard()
supervisor = Supervisor(lambda line: print(line, flush=True), guard)
try:
    with stopping_on_signals():
        supervisor.add("shell", begin)
        supervisor.run()
except Stopped:
    pass
finally:
    supervisor.stop()
    guard.close()
"""


def run_program(program: str, *words: str) -> subprocess.Popen[str]:
    """Start one of the programs above."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(what: Callable[[], bool], said: str) -> None:
    """Wait until something is so; a test fails with `said` when it never is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    """Has this process ended? A zombie that nobody reaped has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def end(process: subprocess.Popen[str], how: signal.Signals) -> str:
    """Send a signal, wait for the end, and return what it printed."""
    process.send_signal(how)
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    return said
