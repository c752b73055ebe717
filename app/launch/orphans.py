"""A server that outlived a killed launcher, or only its pid file did.

The caller holds the state directory, so a live server over these files is one that is about to end, or
never will; a pid file whose number now belongs to somebody else is merely in the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    import signal
    from pathlib import Path

PATIENCE_SECONDS = 20.0


def end_orphan(pid_file: Path, working_directory: Path, stop_signal: signal.Signals) -> None:
    """Wait for the server of `pid_file` to end, after asking it to, then remove the file.

    A process is that server only when it works in `working_directory`: pids are used again.
    """
    try:
        text = pid_file.read_text().split("\n", 1)[0].strip()
    except OSError:
        return
    server = _server(int(text), working_directory) if text.isdecimal() else None
    if server is not None:
        _end(server, stop_signal)
    pid_file.unlink(missing_ok=True)


def _server(pid: int, working_directory: Path) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        same = process.cwd() == str(working_directory.resolve())
    except psutil.Error:
        return None
    return process if same else None


def _end(server: psutil.Process, stop_signal: signal.Signals) -> None:
    family = [server, *server.children(recursive=True)]
    try:
        server.send_signal(stop_signal)
        server.wait(PATIENCE_SECONDS)
    except psutil.TimeoutExpired:
        for process in family:
            if process.is_running():
                process.kill()
        psutil.wait_procs(family, timeout=PATIENCE_SECONDS)
    except psutil.NoSuchProcess:
        return
