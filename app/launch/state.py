"""The state directory: who holds it, where the engines' files and sockets lie, what it remembers.

.paceline/            PACELINE_STATE
  lock                held by the launcher for its life
  secret              signs socket tickets, 0600
  sign-ins.json       the demonstration's people and passwords, 0600
  running.json        where the engines of the running launcher are, 0600
  engines             the engines' home, or `engines.path` naming one elsewhere (see `engines_home`)
  run.path            names the sockets' folder when the path here is too long for a socket
  logs/               0700
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import Conflict, Unavailable
from app.launch.account import own, reaches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.clock import Clock
    from app.launch.account import Account

LONGEST_SOCKET_BYTES = 107
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432.lock"
LEAST_FREE_BYTES = 400 * 1024 * 1024
SHARED_HOMES = Path("/var/lib/paceline")
SECRET_BYTES = 32
RUNNING = "running.json"
ANNOUNCED = (
    "DATABASE_URL",
    "REDIS_URL",
    "PACELINE_SECRET",
    "PACELINE_STATE",
    "PACELINE_HOST",
    "PACELINE_PORT",
    "PACELINE_CARRIER",
    "PACELINE_CARRIER_PROFILE",
    "PACELINE_ARI_URL",
    "PACELINE_ARI_USER",
    "PACELINE_ARI_PASSWORD",
    "PACELINE_ARI_DIAL",
    "PACELINE_ARI_PHONE",
    "PACELINE_ARI_PAGES",
    "PACELINE_ARI_NETWORK",
    "PACELINE_SEED",
)


class StateDirectory:
    """One directory that holds everything a demonstration remembers."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.logs = self.path / "logs"

    @contextmanager
    def held(self, *, purpose: str = "started") -> Iterator[None]:
        """Make the directory if need be and hold it alone for the block.

        Raises `Conflict` when another launcher holds it, `Unavailable` when it cannot be used.
        """
        self._make()
        with (self.path / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(self._held_sentence(purpose)) from None
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield
            (self.path / RUNNING).unlink(missing_ok=True)

    def holder(self) -> int | None:
        """The launcher's process id while one holds the directory; None when nobody does."""
        path = self.path / "lock"
        if not path.exists():
            return None
        with path.open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                text = lock.read().strip()
                return int(text) if text.isdecimal() else 0
        return None

    def secret(self, clock: Clock) -> str:
        """The signing secret in hexadecimal, made once."""
        path = self.path / "secret"
        if not path.exists():
            write_private(path, clock.token_bytes(SECRET_BYTES).hex() + "\n")
        text = path.read_text().strip()
        if not re.fullmatch(f"[0-9a-f]{{{SECRET_BYTES * 2}}}", text):
            raise self.damaged("secret")
        return text

    def announce(self, environ: Mapping[str, str]) -> None:
        """Tell other commands of this state directory what the running launcher's processes use.

        Of the environment, only what is ours: an operator's other secrets are not ours to write down.
        """
        told = {name: environ[name] for name in ANNOUNCED if name in environ}
        write_private(self.path / RUNNING, json.dumps(told) + "\n")

    def announced(self) -> dict[str, str] | None:
        """What the running launcher announced; None when none runs (a left-over file counts for none)."""
        path = self.path / RUNNING
        if self.holder() is None or not path.exists():
            return None
        told = json.loads(path.read_text())
        return {str(name): str(value) for name, value in told.items()}

    def engines_home(self, account: Account | None) -> Path:
        """The folder of the engines' data, which the account they run as can reach.

        It is here, unless we are root below a closed directory (`/root`): then it is a private folder
        under /var/lib, named in `engines.path`, because opening root's home would be the worse way.
        """
        pointer = self.path / "engines.path"
        if pointer.exists():
            home = Path(pointer.read_text().strip())
            if not home.is_dir():
                raise self.damaged("engines.path")
            return home
        inside = self.path / "engines"
        own(account, inside)
        if reaches(account, inside):
            return inside
        inside.rmdir()
        home = self._home_elsewhere()
        shutil.rmtree(home, ignore_errors=True)  # of an earlier state directory at this place
        own(account, home)
        write_private(pointer, f"{home}\n")
        return home

    def sockets(self, home: Path, account: Account | None) -> Path:
        """The 0700 folder of the sockets: in the engines' home, or a private one where that is no name."""
        inside = home / "run"
        if fits_a_socket(inside):
            own(account, inside)
            return inside
        pointer = self.path / "run.path"
        if pointer.exists():
            remembered = Path(pointer.read_text().strip())
            if _is_ours(remembered, account):
                return remembered
        made = Path(tempfile.mkdtemp(prefix="paceline-run-", dir=_short_folder()))
        own(account, made)
        write_private(pointer, f"{made}\n")
        return made

    def empty(self) -> None:
        """Remove the directory and what it points to. The caller has seen that nobody holds it."""
        for name in ("engines.path", "run.path"):
            pointer = self.path / name
            if pointer.exists():
                shutil.rmtree(pointer.read_text().strip(), ignore_errors=True)
        shutil.rmtree(self.path, ignore_errors=True)

    def damaged(self, what: str) -> Unavailable:
        """The sentence for a file of ours that is not as we left it."""
        return Unavailable(
            f"The state directory {self.path} is damaged ({what}): "
            "restore a backup, or start afresh with `make demo-reset`."
        )

    def _make(self) -> None:
        try:
            self.path.mkdir(mode=0o755, parents=True, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            free = shutil.disk_usage(self.path).free
        except OSError as error:
            raise Unavailable(
                f"The state directory {self.path} cannot be used: {error.strerror}."
            ) from error
        if free < LEAST_FREE_BYTES:
            raise Unavailable(
                f"The disk of {self.path} is full: {free // 2**20} MB are free and "
                f"{LEAST_FREE_BYTES // 2**20} MB are needed. Free some, or set PACELINE_STATE elsewhere."
            )

    def _home_elsewhere(self) -> Path:
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        SHARED_HOMES.mkdir(mode=0o755, parents=True, exist_ok=True)
        return SHARED_HOMES / digest

    def _held_sentence(self, purpose: str) -> str:
        return (
            f"The state directory {self.path} is in use by process {self.holder()}, "
            f"so nothing was {purpose}: stop that one, or set PACELINE_STATE to another directory."
        )


def fits_a_socket(folder: Path) -> bool:
    """May sockets lie here? The kernel allows 107 bytes; engines split or quote odd characters."""
    path = str(folder) + LONGEST_SOCKET_NAME
    plain = re.fullmatch(r"[A-Za-z0-9_./-]+", path) is not None
    return plain and len(os.fsencode(path)) <= LONGEST_SOCKET_BYTES


def write_private(path: Path, text: str) -> None:
    """Write a small file at once and readable by its owner only (0600)."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    unfinished.rename(path)


def _short_folder() -> Path:
    """Where a private folder's name stays short: /tmp even when TMPDIR is deep."""
    temporary = Path(tempfile.gettempdir())
    return temporary if fits_a_socket(temporary / "paceline-run-12345678") else Path("/tmp")  # noqa: S108  # mkdtemp makes a private folder in it


def _is_ours(folder: Path, account: Account | None) -> bool:
    if not folder.is_dir() or folder.is_symlink():
        return False
    status = folder.stat()
    owner = account.uid if account else os.geteuid()
    return status.st_uid == owner and status.st_mode & 0o077 == 0
