"""Every kept second put before the engine again: where would it decide otherwise? Pure.

What came of a decision is not simulated: each second is seen as it was, so the engine is judged by what
it would have opened there. Its brain is new at the first second, as at the start of a room.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.whatif.rules import MOST_TOLD, Compared, Difference
from dialer.core.brain import Brain
from dialer.core.campaign import Limits, Mode
from dialer.core.pacing import decide
from dialer.core.recount import limits_of, view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from app.whatif.rules import KeptSecond

MINUTE_MS: Final = 60_000


def redecide(seconds: Iterable[KeptSecond], changes: Mapping[str, Any]) -> Compared:
    """Decide on every second again, `changes` (names of settings) made to what held then."""
    brain, told = Brain(), _Told()
    for each in seconds:
        page = each.page
        view = view_of(page, each.at_ms, each.at_ms // MINUTE_MS * MINUTE_MS)
        if "mode" in changes:
            view = replace(view, mode=Mode(changes["mode"]))
        pace = decide(view, _limits(limits_of(page), changes), brain)
        was = page["pace"]
        told.add(
            Difference(each.at_ms, was["lines"], was["because"], pace.lines, pace.because.value)
        )
    return told.compared()


def _limits(limits: Limits, changes: Mapping[str, Any]) -> Limits:
    return replace(limits, **{name: value for name, value in changes.items() if name != "mode"})


class _Told:
    """Sums up the seconds as they come."""

    def __init__(self) -> None:
        self._seconds = self._same = self._was = self._now = 0
        self._reasons: Counter[tuple[str, str]] = Counter()
        self._largest: list[Difference] = []

    def add(self, one: Difference) -> None:
        self._seconds += 1
        self._was += one.was
        self._now += one.now
        self._same += one.was == one.now
        if one.was_because != one.now_because:
            self._reasons[one.was_because, one.now_because] += 1
        if one.was != one.now:
            self._largest.append(one)
            if len(self._largest) > 2 * MOST_TOLD:
                self._cut()

    def compared(self) -> Compared:
        self._cut()
        return Compared(
            self._seconds,
            self._same,
            self._was,
            self._now,
            tuple((was, now, count) for (was, now), count in self._reasons.most_common(MOST_TOLD)),
            tuple(self._largest),
        )

    def _cut(self) -> None:
        """Keep the largest differences, the earlier first among equals."""
        self._largest.sort(key=lambda one: (-abs(one.now - one.was), one.at_ms))
        del self._largest[MOST_TOLD:]
