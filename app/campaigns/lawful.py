"""What own policy and the law say to a campaign's settings, in both languages, with the source. Pure.

Windows, caps and thresholds may only tighten the legal profile.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.campaigns.message import faults
from app.campaigns.retries import Again, Retry
from app.campaigns.rules import Mode
from app.campaigns.strategy import Settings
from app.compliance.profiles import OWN_POLICY, PROFILES, AbandonClock, Profile, Rule, source_label
from app.errors import Invalid
from app.values.period import clock_text
from app.values.phone import PhoneKind, read_phone

MOST_CALLS_PER_SECOND: Final = 500
MOST_NUMBERS: Final = 50
MOST_REASON: Final = 280
MOST_WINDOWS: Final = 7
_DETECTION: Final = re.compile(r"(\d{1,5}(,\d{1,5}){0,8})?")
_WEEK_MINUTES: Final = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Problem:
    """Why settings are refused: the field, the sentence in both languages, and the source."""

    field: str
    why_vi: str
    why_en: str
    source: str = OWN_POLICY


class Unlawful(Invalid):
    """Settings that policy or law forbid, told in the reader's language with the source."""

    def __init__(self, problem: Problem) -> None:
        said = f"{problem.why_en[:1].upper()}{problem.why_en[1:]} ({problem.source})."
        super().__init__(said, code="SETTINGS_LAW", field=problem.field)
        source = source_label(problem.source, "vi")
        self.sentence_vi = f"{problem.why_vi[:1].upper()}{problem.why_vi[1:]} ({source})."


@dataclass(frozen=True, slots=True)
class Bound:
    """Least and greatest value of a number, each with its source."""

    least: float
    most: float
    least_source: str = OWN_POLICY
    most_source: str = OWN_POLICY


_OWN_BOUNDS: Final[Mapping[str, Bound]] = MappingProxyType(
    {
        "lines": Bound(0, 5_000),
        "calls_per_second": Bound(1, MOST_CALLS_PER_SECOND),
        "ratio_ceiling": Bound(1.0, 3.0),
        "ratio_step": Bound(0.01, 1.0),
        "min_agents": Bound(1, 1_000),
        "warmup_calls": Bound(0, 10_000),
        "preview_s": Bound(10, 300),
        "wrapup_s": Bound(15, 30),
        "wrapup_extend_s": Bound(10, 120),
        "wrapup_max_extends": Bound(0, 10),
    }
)
_RETRY_SECONDS: Final = Bound(60, 30 * 24 * 3600)
_RETRY_ATTEMPTS: Final = Bound(1, 50)


def bounds(profile: Profile) -> Mapping[str, Bound]:
    """Between what each number may be set: by own policy, and where the profile is tighter by that."""
    gap, ring, abandoned = profile.min_gap_minutes, profile.ring_seconds_min, profile.abandon_source
    return {
        **_OWN_BOUNDS,
        "ring_timeout_s": Bound(ring, 60, profile.ring_source),
        "connect_threshold_ms": Bound(500, profile.connect_threshold_ms, most_source=abandoned),
        "abandon_limit_pct": Bound(0.1, profile.abandon_limit_pct, most_source=abandoned),
        "abandon_target_pct": Bound(0.1, profile.abandon_limit_pct, most_source=abandoned),
        "min_gap_minutes": Bound(gap, _WEEK_MINUTES, profile.source(Rule.MIN_GAP)),
        "cap_per_day": _cap(profile, profile.cap_per_day_max, Rule.DAILY_CAP),
        "cap_per_week": _cap(profile, profile.cap_per_week_max, Rule.WEEKLY_CAP),
    }


def _cap(profile: Profile, most: int | None, rule: Rule) -> Bound:
    if most is None:
        return Bound(1, 1_000)
    return Bound(1, most, most_source=profile.source(rule))


def problems(settings: Settings, profile: Profile) -> tuple[Problem, ...]:
    """Everything that own policy or the profile forbids; nothing means that it may be saved."""
    return (
        *_unknown_profile(settings),
        *_out_of_bounds(settings, profile),
        *_target_above_limit(settings),
        *_windows_outside_law(settings, profile),
        *_bad_numbers(settings, profile),
        *_bad_retries(settings),
        *_bad_message(settings, profile),
        *_detection_too_slow(settings, profile),
        *_strange_detection(settings),
        *_long_reason(settings),
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


def _unknown_profile(settings: Settings) -> Iterator[Problem]:
    if settings.legal_profile not in {"", *PROFILES}:
        known = ", ".join(PROFILES)
        yield Problem("legal_profile", f"một trong {known}", f"one of {known}")


def _out_of_bounds(settings: Settings, profile: Profile) -> Iterator[Problem]:
    for name, bound in bounds(profile).items():
        value = getattr(settings, name)
        if value is None:
            continue
        if value < bound.least:
            least = f"{bound.least:g}"
            yield Problem(name, f"ít nhất {least}", f"at least {least}", bound.least_source)
        if value > bound.most:
            most = f"{bound.most:g}"
            yield Problem(name, f"tối đa {most}", f"at most {most}", bound.most_source)


def _target_above_limit(settings: Settings) -> Iterator[Problem]:
    if settings.abandon_target_pct > settings.abandon_limit_pct:
        yield Problem(
            "abandon_target_pct",
            "mục tiêu không được cao hơn giới hạn",
            "the target is not above the limit",
        )


def _windows_outside_law(settings: Settings, profile: Profile) -> Iterator[Problem]:
    most = MOST_WINDOWS
    if not settings.windows:
        yield Problem("windows", "cần ít nhất một khung giờ", "at least one window")
    if len(settings.windows) > most:
        yield Problem("windows", f"tối đa {most} khung giờ", f"at most {most} windows")
    if all(window.inside(profile.hours) for window in settings.windows):
        return
    opens, closes = clock_text(profile.hours.from_minute), clock_text(profile.hours.to_minute)
    yield Problem(
        "windows",
        f"chỉ trong khoảng {opens}–{closes}",
        f"only between {opens} and {closes}",
        profile.source(Rule.OUT_OF_WINDOW),
    )


def _bad_numbers(settings: Settings, profile: Profile) -> Iterator[Problem]:
    most = MOST_NUMBERS
    if len(settings.caller_ids) > most:
        yield Problem("caller_ids", f"tối đa {most} số", f"at most {most} numbers")
    for number in settings.caller_ids:
        homes = {"VN", *profile.name.split("+")}
        if all(read_phone(number, home).kind is PhoneKind.UNKNOWN for home in homes):
            yield Problem("caller_ids", f"{number!r} không phải số gọi", f"{number!r} is no number")


def _bad_retries(settings: Settings) -> Iterator[Problem]:
    if not all(_is_retry(rule) for rule in settings.retry.values()):
        yield Problem(
            "retry",
            "chờ từ 1 phút đến 30 ngày, gọi từ 1 đến 50 lần",
            "wait 1 minute to 30 days, try 1 to 50 times",
        )


def _is_retry(rule: Retry) -> bool:
    waits = rule.again in {Again.AFTER, Again.NEXT_NUMBER}
    seconds, attempts = _RETRY_SECONDS, _RETRY_ATTEMPTS
    return attempts.least <= rule.max_attempts <= attempts.most and (
        not waits or seconds.least <= rule.delay_seconds <= seconds.most
    )


def _bad_message(settings: Settings, profile: Profile) -> Iterator[Problem]:
    law = profile.message
    for field, vietnamese, english, by_law in faults(settings, law):
        yield Problem(field, vietnamese, english, law.source if by_law else OWN_POLICY)


def _detection_too_slow(settings: Settings, profile: Profile) -> Iterator[Problem]:
    """Where the wait counts from the answer, what detection takes is taken from it (decision 22)."""
    if settings.amd and profile.abandon_clock is AbandonClock.ANSWER:
        yield Problem(
            "amd",
            f"hồ sơ {profile.name} tính thời gian chờ từ lúc nhấc máy: máy dò không kịp nghe",
            f"the profile {profile.name} counts the wait from the answer: detection would use it up",
            profile.abandon_source,
        )


def _strange_detection(settings: Settings) -> Iterator[Problem]:
    """AMD() reads up to nine whole numbers: ms, but words and the loudness of silence."""
    if not _DETECTION.fullmatch(settings.amd_arguments):
        yield Problem(
            "amd_arguments",
            "tối đa chín số nguyên cách nhau bởi dấu phẩy, ví dụ 2000,1800,700,3500",
            "at most nine whole numbers separated by commas, such as 2000,1800,700,3500",
        )


def _long_reason(settings: Settings) -> Iterator[Problem]:
    if len(settings.reason) > MOST_REASON:
        yield Problem("reason", f"tối đa {MOST_REASON} ký tự", f"at most {MOST_REASON} characters")
