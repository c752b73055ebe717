"""How a day went, in steps of five minutes: what the plots are drawn from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

STEP_SECONDS = 300.0
_TO_CUSTOMERS = ("talk", "wrap")


class Trace:
    """Sums by step of the day; reading it does not change the day."""

    def __init__(self, duration_s: float) -> None:
        self.steps = math.ceil(duration_s / STEP_SECONDS)
        self._logged_in_s = [0.0] * self.steps
        self._occupied_s = [0.0] * self.steps
        self._lines = [0] * self.steps
        self._ticks = [0] * self.steps

    def agent(self, kind: str, start: float, stop: float) -> None:
        """An agent spent ``start`` to ``stop`` on ``kind``: idle, talk, wrap or machine."""
        while start < stop:
            step = int(start // STEP_SECONDS)
            end = min(stop, (step + 1) * STEP_SECONDS)
            self._logged_in_s[step] += end - start
            if kind in _TO_CUSTOMERS:
                self._occupied_s[step] += end - start
            start = end

    def lines(self, at: float, in_use: int) -> None:
        """Lines in use at a tick, conversations included."""
        step = int(at // STEP_SECONDS)
        self._lines[step] += in_use
        self._ticks[step] += 1

    def to_dict(self, offers: Iterable[tuple[float, bool]]) -> dict[str, Any]:
        """By step: logged-in and occupied seconds, mean lines, people offered and abandoned.

        ``offers``: when each person was offered to the agents, and whether abandoned. Those offered
        while the day drains count in the last step.
        """
        live, abandoned = [0] * self.steps, [0] * self.steps
        for at, lost in offers:
            step = min(int(at // STEP_SECONDS), self.steps - 1)
            live[step] += 1
            abandoned[step] += lost
        return {
            "step_s": STEP_SECONDS,
            "logged_in_s": [round(value, 3) for value in self._logged_in_s],
            "occupied_s": [round(value, 3) for value in self._occupied_s],
            "lines": [
                round(total / ticks, 2) if ticks else 0.0
                for total, ticks in zip(self._lines, self._ticks, strict=True)
            ],
            "live": live,
            "abandoned": abandoned,
        }
