"""When a figure of the wall turns amber or red, and what stands first (ux 6.3). Pure.

What the cards hold is in `rules.py`. Nothing is coloured that needs no deed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final


class Severity(IntEnum):
    """How urgent; the higher the worse."""

    NORMAL = 0
    AMBER = 1
    RED = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """Values from which a figure is amber and red, in its own unit.

    `back` is how far below a limit it must fall, and `calm_ms` for how long, before it is calmer.
    """

    amber: float
    red: float
    back: float = 0.0
    calm_ms: int = 0


WAITING_MS: Final = Limits(60_000, 300_000)
IN_CALL_MS: Final = Limits(180_000, 300_000)
HOLD_MS: Final = Limits(60_000, 120_000)
LOST_MS: Final = Limits(10_000, 60_000)
ABANDON_PCT: Final = Limits(2.0, 3.0, back=0.3, calm_ms=120_000)
POP_P95_MS: Final = Limits(1_000, 2_000, calm_ms=60_000)
STREAM_AGE_MS: Final = Limits(2_000, 5_000)

_OVER_RED_MS: Final = {"WRAP_UP": 60_000, "PAUSED": 300_000}
_AHT_AMBER, _AHT_RED = 1.5, 2.5
_SHORTFALL_AMBER, _SHORTFALL_RED = 98.0, 90.0


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` (0 to 1) of all reach (nearest rank); None of none."""
    if not values:
        return None
    ordered = sorted(values)
    rank = -(-len(ordered) * share // 1)  # rounded up
    return ordered[max(0, int(rank) - 1)]


def severity(value: float, limits: Limits) -> Severity:
    """How urgent a figure is; a limit counts from its own value on."""
    if value >= limits.red:
        return Severity.RED
    return Severity.AMBER if value >= limits.amber else Severity.NORMAL


def attainment(pct: float) -> Severity:
    """How urgent a share of the target is: amber below 98 %, red below 90 %."""
    if pct < _SHORTFALL_RED:
        return Severity.RED
    return Severity.AMBER if pct < _SHORTFALL_AMBER else Severity.NORMAL


@dataclass(frozen=True, slots=True)
class Alarm:
    """The severity that is shown, and since when (ms) the figure has been calmer; None: it is not."""

    shown: Severity = Severity.NORMAL
    calmer_since: int | None = None


def watch(before: Alarm, value: float, now: int, limits: Limits) -> Alarm:
    """The next alarm: worse at once, calmer only below the limit by `back` and for `calm_ms`."""
    found = severity(value, limits)
    if found > before.shown:
        return Alarm(found)
    held = severity(value + limits.back, limits)
    if held >= before.shown:
        return Alarm(before.shown)
    since = now if before.calmer_since is None else before.calmer_since
    return Alarm(held) if now - since >= limits.calm_ms else Alarm(before.shown, since)


def in_call_limits(average_handle_ms: float | None) -> Limits:
    """Limits of a call's length: the campaign's average times 1.5 and 2.5 where that is longer."""
    if average_handle_ms is None:
        return IN_CALL_MS
    return Limits(
        max(IN_CALL_MS.amber, average_handle_ms * _AHT_AMBER),
        max(IN_CALL_MS.red, average_handle_ms * _AHT_RED),
    )


def agent_severity(
    card: Mapping[str, Any],
    now: int,
    *,
    break_limits_ms: Mapping[str, int | None],
    average_handle_ms: float | None = None,
) -> Severity:
    """How urgent an agent's row is, by the `agent` card at `now` (ms).

    `break_limits_ms` gives each pause reason its longest time, None for no limit.
    """
    if card["status"] == "OFFLINE":
        return Severity.NORMAL
    if card["link"] == "LOST":
        return severity(now - card["since"], LOST_MS)
    if card["state"] == "IDLE":
        return _idle(card, now, break_limits_ms)
    if card["state"] in ("WRAP_UP", "WRAP_OVER"):
        least = Severity.AMBER if card["state"] == "WRAP_OVER" else Severity.NORMAL
        return max(least, _past(card["deadline"], now))
    return _talking(card["state"], now - card["since"], average_handle_ms)


def _idle(card: Mapping[str, Any], now: int, break_limits_ms: Mapping[str, int | None]) -> Severity:
    if card["status"] == "PAUSED":
        limit = break_limits_ms.get(card["reason"] or "")
        return _over(limit, "PAUSED", now - card["status_since"])
    if card["status"] == "READY":
        return severity(now - max(card["since"], card["status_since"]), WAITING_MS)
    return Severity.NORMAL


def _talking(state: str, since_ms: int, average_handle_ms: float | None) -> Severity:
    if state == "HELD":
        return severity(since_ms, HOLD_MS)
    if state == "IN_CALL":
        return severity(since_ms, in_call_limits(average_handle_ms))
    return Severity.NORMAL


def _past(deadline: int | None, now: int) -> Severity:
    return Severity.NORMAL if deadline is None else _over(0, "WRAP_UP", now - deadline)


def _over(limit_ms: int | None, state: str, spent_ms: int) -> Severity:
    """Amber at the limit, red so much later; without a limit never."""
    if limit_ms is None:
        return Severity.NORMAL
    return severity(spent_ms, Limits(limit_ms, limit_ms + _OVER_RED_MS[state]))


@dataclass(frozen=True, slots=True)
class Row:
    """What a row is sorted by; `since` is when its state began (ms)."""

    key: str
    severity: Severity
    since: int
    name_key: str


def sort_rows(rows: Iterable[Row]) -> list[Row]:
    """Red longest first, then amber longest first, the rest by name; the key settles ties."""

    def order(row: Row) -> tuple[int, int, str, str]:
        since = row.since if row.severity else 0
        return -row.severity, since, row.name_key, row.key

    return sorted(rows, key=order)
