"""When agents are planned to be away, as pacing uses it: seconds until somebody leaves.

An agent without a plan, or whose plan says nothing more, stays for good as far as anybody knows.
"""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple


class Absence(NamedTuple):
    """A planned break, or the time of going home; ms of business time, half-open."""

    from_ms: int
    until_ms: int


def leaves_in_s(absences: Sequence[Absence], now: int) -> float:
    """Seconds until the next absence; 0 for who should be away by now: he goes when his call is over."""
    if any(each.from_ms <= now < each.until_ms for each in absences):
        return 0.0
    ahead = [each.from_ms for each in absences if each.from_ms > now]
    return (min(ahead) - now) / 1000 if ahead else inf
