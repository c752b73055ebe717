"""Programs that run in the foreground below us and die with us.

The kernel tells a child when the thread that started it ends (PDEATHSIG is per thread), so everything
here is called from the main thread. What a child leaves behind is `guard.py`'s business.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from app.launch.account import Account

PR_SET_PDEATHSIG = 1
LOG_TAIL_BYTES = 4096
POLL_SECONDS = 0.02


@dataclass(slots=True)
class Child:
    """One running program. `stop_signal` asks it to end; `log` holds both of its outputs."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals

    @property
    def pid(self) -> int:
        """Its process id, which is also its process group."""
        return self.process.pid

    def alive(self) -> bool:
        """Is it still running? Does not reap it: its number must stay its own until `bury`."""
        if self.process.returncode is not None:
            return False
        how = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.pid, how) is None

    def ask_to_stop(self) -> None:
        """Send the stop signal; nothing happens when it has already ended."""
        if self.alive():
            os.kill(self.pid, self.stop_signal)

    def stop(self, within_seconds: float) -> int:
        """Ask it to end, wait, then kill whatever is left of it. Returns its exit code."""
        self.ask_to_stop()
        deadline = time.monotonic() + within_seconds
        while self.alive() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return self.bury()

    def bury(self) -> int:
        """Kill its process group (it and its own children), reap it and return its exit code."""
        if self.process.returncode is None:
            kill_group(self.pid)
        return self.process.wait()

    def last_words(self) -> str:
        """The end of its log, for the sentence that says why it did not start."""
        try:
            text = self.log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")
        except OSError:
            return ""
        return text.strip()


def start(
    name: str,
    command: Sequence[str],
    *,
    log: Path,
    environ: Mapping[str, str],
    stop_signal: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
) -> Child:
    """Start `command` in a process group of its own, tied to this process's life.

    `account` is who it runs as; None means as ourselves. Raises `Unavailable` when it cannot be run.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("children are started from the main thread: PDEATHSIG is per thread")
    with log.open("ab") as output:
        try:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environ),
                preexec_fn=tied_to(os.getpid(), stop_signal),  # noqa: PLW1509  # we have one thread
                process_group=0,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        except OSError as error:
            raise Unavailable(f"{name} cannot be started: {error}.") from error
    return Child(name, process, log, stop_signal)


def kill_group(group: int) -> None:
    """Kill every process of a group; one that is gone already is fine."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def wait_until(ready: Callable[[], bool], child: Child, within_seconds: float) -> None:
    """Wait for a child to be ready.

    Raises `Unavailable` with its last words when it ends or stays silent instead.
    """
    deadline = time.monotonic() + within_seconds
    while not ready():
        if not child.alive():
            child.bury()
            raise Unavailable(_why_it_ended(child))
        if time.monotonic() > deadline:
            child.bury()
            raise Unavailable(
                f"{child.name} did not become ready in {within_seconds:.0f} s; its log is {child.log}."
            )
        time.sleep(POLL_SECONDS)


def tied_to(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    """What a child calls on itself before anything else, so that it does not outlive `parent`."""
    # Loaded before the fork: the child between fork and exec should do as little as it can.
    libc = ctypes.CDLL(None, use_errno=True)

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the tie was made
            os._exit(127)

    return tie


def _why_it_ended(child: Child) -> str:
    words = child.last_words()
    if "No space left on device" in words:
        return f"The disk is full: {child.name} could not write. Free some space and start again."
    last_line = words.splitlines()[-1] if words else "it said nothing"
    return f"{child.name} ended at once ({last_line}); its log is {child.log}."
