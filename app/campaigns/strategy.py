"""What a supervisor sets for a campaign: limits, windows, caps, retries; checked against the law. Pure.

Settings are one JSON document of the campaign. Windows and caps may only tighten the legal profile;
`problems` tells what is wrong in both languages, with its source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final

from app.campaigns.retries import RETRY, Again, Retry
from app.campaigns.rules import Mode
from app.compliance.profiles import OWN_POLICY, PROFILES, Profile, Rule
from app.values.period import EVERY_DAY, LocalWindow, clock_text


@dataclass(frozen=True, slots=True)
class Settings:
    """What a supervisor sets. Percentages are of answered calls; ratios are lines per agent.

    `windows` are in the customer's local time; None as a cap leaves the profile's default.
    `legal_profile` is added to the organisation's: that of the country where the customers are.
    """

    lines: int = 200
    ratio_ceiling: float = 3.0
    ratio_step: float = 0.1
    min_agents: int = 8
    warmup_calls: int = 100
    abandon_target_pct: float = 2.0
    abandon_limit_pct: float = 3.0
    connect_threshold_ms: int = 2_000
    ring_timeout_s: int = 25
    wrapup_s: int = 20
    wrapup_extend_s: int = 30
    wrapup_max_extends: int = 10
    amd: bool = False
    recording: bool = True
    headset_check: bool = False  # agents need a headset that was heard before they are ready
    caller_ids: tuple[str, ...] = ()
    cap_per_day: int | None = None
    cap_per_week: int | None = None
    min_gap_minutes: int | None = None
    windows: tuple[LocalWindow, ...] = (LocalWindow(8 * 60, 20 * 60),)
    retry: Mapping[str, Retry] = field(default_factory=lambda: dict(RETRY))
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
_CAPS: Final = ("cap_per_day", "cap_per_week", "min_gap_minutes")


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


@dataclass(frozen=True, slots=True)
class Problem:
    """Why settings are refused: the field, the sentence in both languages, and the source."""

    field: str
    why_vi: str
    why_en: str
    source: str


_BOUNDS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "lines": (0, 5_000),
        "ratio_ceiling": (1.0, 3.0),
        "ratio_step": (0.01, 1.0),
        "min_agents": (1, 1_000),
        "warmup_calls": (0, 10_000),
        "ring_timeout_s": (15, 60),
        "wrapup_s": (15, 30),
        "wrapup_extend_s": (10, 120),
        "wrapup_max_extends": (0, 10),
        "connect_threshold_ms": (500, 2_000),
        "abandon_target_pct": (0.1, 3.0),
        "abandon_limit_pct": (0.1, 3.0),
    }
)
"""Least and greatest value of each number, by own policy."""


def problems(settings: Settings, profile: Profile) -> tuple[Problem, ...]:
    """Everything that own policy or the profile forbids; nothing means that it may be saved."""
    return (
        *_unknown_profile(settings),
        *_out_of_bounds(settings),
        *_abandonment(settings, profile),
        *_caps_above_law(settings, profile),
        *_windows_outside_law(settings, profile),
        *_bad_retries(settings),
    )


def mode_problem(mode: Mode, profile: Profile) -> Problem | None:
    """Why a campaign may not be dialled in this mode; None when it may."""
    if mode is not Mode.AGENTLESS or profile.agentless:
        return None
    return Problem(
        "mode",
        f"hồ sơ pháp lý {profile.name} không cho gọi nhắc không có nhân viên",
        f"the legal profile {profile.name} allows no reminders without an agent",
        profile.agentless_source,
    )


def _unknown_profile(settings: Settings) -> list[Problem]:
    if settings.legal_profile in {"", *PROFILES}:
        return []
    known = ", ".join(PROFILES)
    return [Problem("legal_profile", f"một trong {known}", f"one of {known}", OWN_POLICY)]


def _out_of_bounds(settings: Settings) -> list[Problem]:
    found = []
    for name, (least, most) in _BOUNDS.items():
        value = getattr(settings, name)
        if not least <= value <= most:
            found.append(
                Problem(
                    name, f"từ {least:g} đến {most:g}", f"from {least:g} to {most:g}", OWN_POLICY
                )
            )
    return found


def _abandonment(settings: Settings, profile: Profile) -> list[Problem]:
    found = []
    limit = profile.abandon_limit_pct
    if settings.abandon_limit_pct > limit:
        found.append(
            Problem(
                "abandon_limit_pct",
                f"tối đa {limit:g} %",
                f"at most {limit:g} %",
                profile.abandon_source,
            )
        )
    if settings.abandon_target_pct > settings.abandon_limit_pct:
        found.append(
            Problem(
                "abandon_target_pct",
                "mục tiêu không được cao hơn giới hạn",
                "the target is not above the limit",
                OWN_POLICY,
            )
        )
    if settings.ring_timeout_s < profile.ring_seconds_min:
        least = profile.ring_seconds_min
        found.append(
            Problem(
                "ring_timeout_s",
                f"ít nhất {least} giây",
                f"at least {least} s",
                profile.ring_source,
            )
        )
    return found


def _caps_above_law(settings: Settings, profile: Profile) -> list[Problem]:
    limits = (
        ("cap_per_day", profile.cap_per_day_max, Rule.DAILY_CAP),
        ("cap_per_week", profile.cap_per_week_max, Rule.WEEKLY_CAP),
    )
    found = []
    for name, most, rule in limits:
        cap = getattr(settings, name)
        if cap is not None and cap < 1:
            found.append(Problem(name, "ít nhất 1", "at least 1", OWN_POLICY))
        if cap is not None and most is not None and cap > most:
            found.append(Problem(name, f"tối đa {most}", f"at most {most}", profile.source(rule)))
    gap = settings.min_gap_minutes
    if gap is not None and gap < profile.min_gap_minutes:
        least = profile.min_gap_minutes
        source = profile.source(Rule.MIN_GAP)
        found.append(
            Problem("min_gap_minutes", f"ít nhất {least} phút", f"at least {least} min", source)
        )
    return found


def _windows_outside_law(settings: Settings, profile: Profile) -> list[Problem]:
    if not settings.windows:
        return [Problem("windows", "cần ít nhất một khung giờ", "at least one window", OWN_POLICY)]
    if all(window.inside(profile.hours) for window in settings.windows):
        return []
    opens, closes = clock_text(profile.hours.from_minute), clock_text(profile.hours.to_minute)
    return [
        Problem(
            "windows",
            f"chỉ trong khoảng {opens}–{closes}",
            f"only between {opens} and {closes}",
            profile.source(Rule.OUT_OF_WINDOW),
        )
    ]


_SHORTEST_RETRY_SECONDS: Final = 60


def _bad_retries(settings: Settings) -> list[Problem]:
    wrong = [
        rule
        for rule in settings.retry.values()
        if rule.max_attempts < 1
        or (
            rule.again in {Again.AFTER, Again.NEXT_NUMBER}
            and rule.delay_seconds < _SHORTEST_RETRY_SECONDS
        )
    ]
    if not wrong:
        return []
    vietnamese = "chờ ít nhất 60 giây và gọi ít nhất 1 lần"
    return [Problem("retry", vietnamese, "wait at least 60 s, try at least once", OWN_POLICY)]


@dataclass(frozen=True, slots=True)
class ReadyFacts:
    """What is known of a campaign before it starts."""

    dialable: int
    agents: int
    opens_today: bool
    mode: Mode = Mode.PROGRESSIVE
    languages: frozenset[str] = frozenset()
    script_languages: frozenset[str] = frozenset({"vi", "en"})


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the readiness list; `code` names it for the translations."""

    code: str
    ok: bool


def readiness(facts: ReadyFacts, settings: Settings, profile: Profile) -> tuple[Check, ...]:
    """The list that must be green before a campaign starts (S0c-048)."""
    return (
        Check("DIALABLE", facts.dialable >= 1),
        Check("AGENTS", facts.agents >= 1 or facts.mode is Mode.AGENTLESS),
        Check("LINES", settings.lines >= 1),
        Check("WINDOW_TODAY", facts.opens_today),
        Check("SETTINGS_LAWFUL", not problems(settings, profile)),
        Check("MODE_LAWFUL", mode_problem(facts.mode, profile) is None),
        Check("SCRIPT_LANGUAGES", facts.languages <= facts.script_languages),
        Check("CALLER_ID", bool(settings.caller_ids)),
    )


def is_ready(checks: Sequence[Check]) -> bool:
    """Whether every line of the list is green."""
    return all(check.ok for check in checks)
