"""A PostgreSQL or a Valkey of a test's own, to be killed and started again over what it held.

Engines are tied to the thread that starts them, so each has a small keeper process:
`python -m tests.support.own_engines postgres|valkey FOLDER`. It ends when its input does.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from app.launch.account import unprivileged
from app.launch.engines import own_postgres, own_valkey
from app.launch.state import StateDirectory
from tests.support.engines import ROOT

if TYPE_CHECKING:
    from app.launch.postgres import Postgres
    from app.launch.valkey import Valkey

START_SECONDS = 90.0
END_SECONDS = 30.0


@dataclass
class OwnEngine:
    """One engine (`kind` postgres or valkey) over `folder`. Its URL stays the same over restarts."""

    kind: str
    folder: Path
    url: str = ""
    pid: int = 0
    _keeper: subprocess.Popen[str] | None = field(default=None, repr=False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._keeper is not None:
            self.end(signal.SIGINT if self.kind == "postgres" else signal.SIGTERM)
        StateDirectory(self.folder).empty()

    def start(self) -> None:
        """Start it; what it held is there again."""
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.support.own_engines", self.kind, str(self.folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert keeper.stdout is not None
        select.select([keeper.stdout], [], [], START_SECONDS)
        told = json.loads(keeper.stdout.readline())
        self.url, self.pid, self._keeper = told["url"], told["pid"], keeper

    def end(self, how: signal.Signals) -> None:
        """Send the engine itself a signal and wait until it is gone."""
        keeper, self._keeper = self._keeper, None
        assert keeper is not None
        os.kill(self.pid, how)
        ends = time.monotonic() + END_SECONDS
        while not _is_gone(self.pid) and time.monotonic() < ends:
            time.sleep(0.02)
        keeper.communicate(timeout=END_SECONDS)  # its input ends: it buries what is left

    def forget(self) -> None:
        """Throw away what it held, while it is down."""
        state = StateDirectory(self.folder)
        shutil.rmtree(state.engines_home(unprivileged()) / self.kind)


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def keep(kind: str, folder: Path) -> None:
    """Run one engine until the input ends."""
    state = StateDirectory(folder)
    with state.held():
        engine: Postgres | Valkey
        if kind == "postgres":
            engine = own_postgres(state, os.environ, forgetful=True)
        else:
            engine = own_valkey(state, os.environ)
        sys.stdout.write(json.dumps({"url": engine.url, "pid": engine.child.pid}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
        engine.stop()


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]))
