"""Percentiles and the machine's description, as every bench prints them."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 and max by the nearest-rank method; zeros for no values."""
    if not values:
        return {"p50": 0.0, "p95": 0.0, "p99": 0.0, "max": 0.0}
    ordered = sorted(values)

    def rank(share: int) -> float:
        position = -(-share * len(ordered) // 100)  # rounded up, counted from 1
        return round(ordered[position - 1], 3)

    return {"p50": rank(50), "p95": rank(95), "p99": rank(99), "max": round(ordered[-1], 3)}


def machine() -> dict[str, object]:
    """Cores, load and versions: a figure means nothing without them."""
    return {
        "cores": os.cpu_count(),
        "load": [round(value, 2) for value in os.getloadavg()],
        "python": platform.python_version(),
        "kernel": platform.release(),
    }
