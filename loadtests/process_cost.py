"""What processes cost: CPU seconds and memory of each, with everything below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds since the process began, and resident MiB now.

    `rss_mib` counts shared memory in every process of the tree, `pss_mib` once; None where the kernel
    does not let us look.
    """

    cpu_s: float
    rss_mib: float
    pss_mib: float | None


def cost(pid: int, *, quickly: bool = False) -> Cost:
    """Of one process and its descendants; those that have ended count where they were waited for.

    `quickly`: memory without shared pages as `rss_mib`, and no `pss_mib`, which the kernel takes milliseconds to
    count for each process.
    """
    cpu, rss, pss = 0.0, 0, 0
    complete = True
    try:
        top = psutil.Process(pid)
        tree = [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return Cost(0.0, 0.0, None)
    for process in tree:
        try:
            times = process.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            memory = process.memory_info()
            rss += memory.rss - (memory.shared if quickly else 0)
        except psutil.NoSuchProcess:
            continue
        if quickly:
            complete = False
            continue
        try:
            pss += process.memory_full_info().pss
        except (psutil.Error, OSError):
            complete = False
    return Cost(cpu, rss / MIB, pss / MIB if complete else None)


def costs(pids: Mapping[str, int], *, quickly: bool = False) -> dict[str, Cost]:
    """Of several, by name."""
    return {name: cost(pid, quickly=quickly) for name, pid in pids.items()}


def spent(before: Mapping[str, Cost], after: Mapping[str, Cost]) -> dict[str, dict[str, object]]:
    """CPU seconds between two looks and the memory at the later one."""
    return {
        name: {
            "cpu_s": round(late.cpu_s - before[name].cpu_s, 1),
            "rss_mib": round(late.rss_mib),
            "pss_mib": None if late.pss_mib is None else round(late.pss_mib),
        }
        for name, late in after.items()
        if name in before
    }
