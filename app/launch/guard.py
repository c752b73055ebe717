"""A program that outlives a killed launcher by seconds and ends what the launcher left behind.

The kernel ends our direct children when we die (`children.py`), but not their children, and not one that
ignores it. This program reads process groups from its standard input (`+GROUP`, `-GROUP`); when that
ends, the launcher has ended, and every group that is still there after a moment is killed. It is run by
its path with Python's `-I -S`, so it may import the standard library only.
"""

import contextlib
import os
import signal
import sys
import time

GRACE_SECONDS = 6.0


def alive(group: int) -> bool:
    """Is anybody of this process group still there?"""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end(groups: set[int]) -> None:
    """Give the groups the grace time to end by themselves, then kill what is left."""
    deadline = time.monotonic() + GRACE_SECONDS
    while groups and time.monotonic() < deadline:
        groups = {group for group in groups if alive(group)}
        time.sleep(0.05)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def main() -> None:
    """Follow the launcher until it is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    end(groups)


if __name__ == "__main__":
    main()
