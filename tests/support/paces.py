"""Pages as the dialer writes them, for tests of what is made of them."""

from __future__ import annotations

from typing import Any

LIMITS = {"lines": 200, "ratio_ceiling": 3.0, "abandon_target_pct": 2.0, "abandon_limit_pct": 3.0}


def a_page(
    idle: int = 1, busy: int = 0, lines: int = 0, because: str = "AGENTS", **changes: Any
) -> dict[str, Any]:
    """Agents who are idle and in calls, lines that ring, none opened."""
    seats = {n: [0 if n < idle else 1, 0, 0, 100, None] for n in range(idle + busy)}
    page = {
        "mode": "PREDICTIVE",
        "limits": LIMITS,
        "seats": seats,
        "lines": {n: [1, 0, 0, 0] for n in range(lines)},
        "asked": 0,
        "later": 0,
        "closes_at": None,
        **dict.fromkeys(("stopped", "stale", "dry"), False),
        **dict.fromkeys(("window_open", "carrier_up"), True),
        "dialed": 0,
        "answered": 0,
        "abandoned": 0,
        "pace": {"lines": 0, "because": because, "cancelled": 0},
    }
    return page | changes
