"""From where on something is amber and red: the defaults, what may be set instead, and what alerts use. Pure.

Defaults of ux.md 6.3. A supervisor sets other numbers for the organisation; they are stored by name and
laid over these.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from math import isfinite
from types import MappingProxyType
from typing import Any, Final


class Threshold(StrEnum):
    """What has an amber and a red. The first six are times in one state, seconds."""

    READY_WAIT = "READY_WAIT"
    IN_CALL = "IN_CALL"  # or the campaign's handling time, times 1.5 and 2.5, if that is longer
    HELD = "HELD"
    WRAP_OVER = "WRAP_OVER"  # past the limit of wrap-up
    BREAK_OVER = "BREAK_OVER"  # past the reason's longest
    DISCONNECTED = "DISCONNECTED"
    ABANDONMENT = "ABANDONMENT"  # % of persons who answered, over 60 minutes
    ATTAINMENT = "ATTAINMENT"  # % of the plan so far
    POP_P95 = "POP_P95"  # ms
    LATE_POPS = "LATE_POPS"  # in five minutes
    STREAM_AGE = "STREAM_AGE"  # seconds
    LOST_AGENTS = "LOST_AGENTS"  # % of a team
    CARRIER_ERRORS = "CARRIER_ERRORS"  # % of lines, over five minutes
    WINDOW_CLOSING = "WINDOW_CLOSING"  # minutes left


class Unit(StrEnum):
    """What the numbers of a threshold count."""

    SECONDS = "SECONDS"
    MINUTES = "MINUTES"
    MS = "MS"
    PERCENT = "PERCENT"
    COUNT = "COUNT"


@dataclass(frozen=True, slots=True)
class Limit:
    """Amber and red; None where there is none. `falls`: the lower, the worse.

    What has been reached is over when the value has been `margin` on the good side of it for `hold_s`.
    """

    amber: float | None
    red: float | None
    margin: float = 0.0
    hold_s: int = 0
    falls: bool = False
    unit: Unit = Unit.SECONDS


_T, _U = Threshold, Unit

DEFAULTS: Final[Mapping[Threshold, Limit]] = MappingProxyType(
    {
        _T.READY_WAIT: Limit(60, 300),
        _T.IN_CALL: Limit(180, 300),
        _T.HELD: Limit(60, 120),
        _T.WRAP_OVER: Limit(0, 60),
        _T.BREAK_OVER: Limit(0, 300),
        _T.DISCONNECTED: Limit(10, 60),
        _T.ABANDONMENT: Limit(2.0, 3.0, margin=0.3, hold_s=120, unit=_U.PERCENT),
        _T.ATTAINMENT: Limit(98, 90, margin=1, falls=True, unit=_U.PERCENT),
        _T.POP_P95: Limit(1000, 2000, hold_s=60, unit=_U.MS),
        _T.LATE_POPS: Limit(1, 5, hold_s=60, unit=_U.COUNT),
        _T.STREAM_AGE: Limit(2, 5),
        _T.LOST_AGENTS: Limit(10, 25, margin=2, hold_s=10, unit=_U.PERCENT),
        _T.CARRIER_ERRORS: Limit(5, 20, margin=1, hold_s=60, unit=_U.PERCENT),
        _T.WINDOW_CLOSING: Limit(30, None, falls=True, unit=_U.MINUTES),
    }
)


MOST: Final = 1e12
MOST_HOLD_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Settings:
    """The thresholds in force."""

    limits: Mapping[Threshold, Limit]


class NumbersError(ValueError):
    """Numbers that no threshold can have. `field` is the one at fault, `code` names why."""

    def __init__(self, field: str, why: str, code: str = "NUMBERS") -> None:
        super().__init__(f"{field}: {why}")
        self.field, self.code = field, code


def settings_from(stored: Mapping[str, Mapping[str, object]]) -> Settings:
    """Defaults with the stored numbers laid over them; a name or number unknown here is left out."""
    limits = dict(DEFAULTS)
    for name, numbers in stored.items():
        try:
            limits[Threshold(name)] = changed(Threshold(name), numbers)
        except ValueError:
            continue
    return Settings(limits)


def changed(name: Threshold, numbers: Mapping[str, object]) -> Limit:
    """The threshold with these numbers in place of its defaults. Raises NumbersError.

    Known numbers: amber, red, margin, hold_s. Red is not milder than amber.
    """
    unknown = set(numbers) - {"amber", "red", "margin", "hold_s"}
    if unknown:
        raise NumbersError(min(unknown), "there is no such number")
    taken: dict[str, Any] = {field: _number(field, value) for field, value in numbers.items()}
    limit = replace(DEFAULTS[name], **taken)
    if limit.margin < 0:
        raise NumbersError("margin", "it is not below 0")
    if not 0 <= limit.hold_s <= MOST_HOLD_S or limit.hold_s != int(limit.hold_s):
        why = f"it is a whole number of seconds from 0 to {MOST_HOLD_S}"
        raise NumbersError("hold_s", why, code="NUMBERS_HOLD")
    if limit.amber is not None and limit.red is not None:
        milder = limit.red > limit.amber if limit.falls else limit.red < limit.amber
        if milder:
            raise NumbersError("red", "it is not milder than amber", code="NUMBERS_ORDER")
    return replace(limit, hold_s=int(limit.hold_s))


def _number(field: str, value: object) -> float | None:
    if value is None and field in {"amber", "red"}:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise NumbersError(field, "it is a number")
    if not 0 <= value <= MOST:
        raise NumbersError(field, "it is not below 0")
    return float(value)


def document(settings: Settings) -> dict[str, dict[str, object]]:
    """Settings as plain values, by name: what the pages draw with."""
    return {
        str(name): {**asdict(limit), "unit": str(limit.unit)}
        for name, limit in settings.limits.items()
    }
