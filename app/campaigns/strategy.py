"""What a supervisor sets for a campaign: limits, windows, caps, retries. Pure.

Settings are one JSON document of the campaign; what policy and law say to them is in `lawful.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final

from app.campaigns.retries import RETRY, Again, Retry
from app.values.period import EVERY_DAY, LocalWindow, clock_text


@dataclass(frozen=True, slots=True)
class Settings:
    """What a supervisor sets. Percentages are of answered calls; ratios are lines per agent.

    `windows` are in the customer's local time; None as a cap leaves the profile's default.
    `legal_profile` is added to the organisation's: that of the country where the customers are.
    """

    lines: int = 200
    calls_per_second: int | None = None  # placed within any second, at most; None: no cap
    ratio_ceiling: float = 3.0
    ratio_step: float = 0.1
    min_agents: int = 8
    warmup_calls: int = 100
    abandon_target_pct: float = 2.0
    abandon_limit_pct: float = 3.0
    connect_threshold_ms: int = 2_000
    ring_timeout_s: int = 25
    preview_s: int = 60  # how long an agent may look at whom he is offered
    preview_dials: bool = False  # at its end the call is made; otherwise the lead is given back
    wrapup_s: int = 20
    wrapup_extend_s: int = 30
    wrapup_max_extends: int = 10
    amd: bool = False
    amd_arguments: str = ""  # of Asterisk's AMD(), separated by commas; empty: the server's own
    recording: bool = True
    headset_check: bool = False  # agents need a headset that was heard before they are ready
    caller_ids: tuple[str, ...] = ()
    cap_per_day: int | None = None
    cap_per_week: int | None = None
    min_gap_minutes: int | None = None
    windows: tuple[LocalWindow, ...] = (LocalWindow(8 * 60, 20 * 60),)
    retry: Mapping[str, Retry] = field(default_factory=lambda: dict(RETRY))
    message_vi: str = ""  # said to whom nobody could take; empty: our own words (`message.py`)
    message_en: str = ""
    reminder_vi: str = ""  # said by a campaign without agents; empty: our own words
    reminder_en: str = ""
    message_sound: str = ""  # a recording of the carrier's instead of a voice that reads the text
    legal_profile: str = ""
    reason: str = ""


class SettingsError(ValueError):
    """A document is no settings. `field` is the one at fault."""

    def __init__(self, field_name: str, why: str) -> None:
        super().__init__(f"{field_name}: {why}")
        self.field = field_name
        self.why = why


_SIMPLE: Final = {
    found.name: type(found.default)
    for found in fields(Settings)
    if isinstance(found.default, bool | int | float | str)
}
_CAPS: Final = ("calls_per_second", "cap_per_day", "cap_per_week", "min_gap_minutes")


def settings_from(document: Mapping[str, object]) -> Settings:
    """Settings from JSON; what is missing has its default. Raises SettingsError.

    Windows are `{"weekdays": [1..7], "from": "08:00", "to": "20:00"}`, retries
    `{"BUSY": {"delay_seconds": 1200, "max_attempts": 6}}` or, for a result that waits for a time of day,
    `{"REFUSED": {"again": "NEXT_DAY", "max_attempts": 3}}`.
    """
    values: dict[str, Any] = {}
    for name, value in document.items():
        if name in _SIMPLE:
            values[name] = _simple(name, value)
        elif name in _CAPS:
            values[name] = None if value is None else _whole(name, value)
        elif name == "caller_ids":
            values[name] = tuple(str(number) for number in _list(name, value))
        elif name == "windows":
            values[name] = tuple(_window(part) for part in _list(name, value))
        elif name == "retry":
            values[name] = {**RETRY, **_retries(value)}
        else:
            raise SettingsError(name, "there is no such setting")
    return replace(Settings(), **values)


def settings_document(settings: Settings) -> dict[str, object]:
    """Settings as plain JSON values, which `settings_from` reads back."""
    document = {name: getattr(settings, name) for name in (*_SIMPLE, *_CAPS)}
    document["caller_ids"] = list(settings.caller_ids)
    document["windows"] = [
        {
            "weekdays": sorted(window.weekdays),
            "from": clock_text(window.from_minute),
            "to": clock_text(window.to_minute),
        }
        for window in settings.windows
    ]
    # What stands as by default is not kept: a default that is mended later holds for old campaigns too.
    document["retry"] = {
        result: asdict(rule) for result, rule in settings.retry.items() if RETRY[result] != rule
    }
    return document


def _simple(name: str, value: object) -> object:
    wanted = _SIMPLE[name]
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise SettingsError(name, f"{value!r} is not of the kind {wanted.__name__}")
    return value


def _whole(name: str, value: object) -> int:
    if type(value) is not int:
        raise SettingsError(name, f"{value!r} is no whole number")
    return value


def _list(name: str, value: object) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise SettingsError(name, "this is a list")
    return value


def _window(value: object) -> LocalWindow:
    if not isinstance(value, Mapping):
        raise SettingsError("windows", "a window has weekdays, from and to")
    try:
        weekdays = frozenset(value.get("weekdays", EVERY_DAY))
        return LocalWindow(_minute(value["from"]), _minute(value["to"]), weekdays)
    except (KeyError, TypeError, ValueError) as wrong:
        raise SettingsError("windows", f"a window has weekdays, from and to: {wrong}") from None


def _minute(text: object) -> int:
    hours, _, minutes = str(text).partition(":")
    if not 0 <= int(minutes) < 60:  # noqa: PLR2004 - minutes of an hour
        raise ValueError(f"{text} is no time of day")
    return int(hours) * 60 + int(minutes)


def _retries(value: object) -> dict[str, Retry]:
    if not isinstance(value, Mapping):
        raise SettingsError("retry", "retries go by result")
    return {str(result): _retry(str(result), rule) for result, rule in value.items()}


def _retry(result: str, rule: object) -> Retry:
    usual = RETRY.get(result)
    if usual is None:
        raise SettingsError("retry", f"there is no result {result}")
    try:
        return _retry_of(usual, rule)
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise SettingsError(
            "retry", f"{result} has again, delay_seconds and max_attempts: {wrong}"
        ) from None


def _retry_of(usual: Retry, rule: Any) -> Retry:
    again = Again(rule.get("again", usual.again))
    waits = again in {Again.AFTER, Again.NEXT_NUMBER}
    return Retry(
        _whole("retry", rule["delay_seconds"] if waits else rule.get("delay_seconds", 0)),
        _whole("retry", rule["max_attempts"]),
        again,
    )
