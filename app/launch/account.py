"""Who the engines run as: PostgreSQL refuses root, so root steps down to an account that exists.

Nothing is added to the list of users and no directory of anybody is opened wider for it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine without rights of its own."""

    name: str
    uid: int
    gid: int


def unprivileged() -> Account | None:
    """The account to step down to; None when we are not root and stay who we are."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Unavailable("PostgreSQL does not run as root, and there is no user postgres or nobody.")


def reaches(account: Account | None, directory: Path) -> bool:
    """Can the account enter `directory`? Asked of the kernel, by entering it."""
    if account is None:
        return os.access(directory, os.X_OK)
    shell = shutil.which("sh") or "/bin/sh"
    asked = subprocess.run(
        [shell, "-c", 'cd "$0"', str(directory)],
        check=False,
        cwd="/",
        stderr=subprocess.DEVNULL,
        user=account.uid,
        group=account.gid,
        extra_groups=[],
    )
    return asked.returncode == 0


def own(account: Account | None, directory: Path) -> None:
    """Make `directory` private (0700) and give it to the account."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    if account:
        os.chown(directory, account.uid, account.gid)
