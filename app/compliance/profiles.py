"""Legal profiles as frozen data: hours, caps, rests, abandonment; and the words of the rules. Pure.

Not legal advice: every row names its source so that counsel can check it, and says "own policy"
where no statute was found. Settings of a campaign may only tighten a profile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from app.values.period import WHOLE_DAY, LocalWindow


class Rule(StrEnum):
    """Why an attempt is blocked (domain section 3)."""

    DNC = "DNC"
    NO_CONSENT = "NO_CONSENT"
    INVALID_NUMBER = "INVALID_NUMBER"
    THIRD_PARTY_NOT_LIABLE = "THIRD_PARTY_NOT_LIABLE"
    LEGAL = "LEGAL"
    TRACE = "TRACE"
    DISPUTE_HOLD = "DISPUTE_HOLD"
    PROMISE_RUNNING = "PROMISE_RUNNING"
    COOLDOWN = "COOLDOWN"
    HOLIDAY = "HOLIDAY"
    OUT_OF_WINDOW = "OUT_OF_WINDOW"
    DAILY_CAP = "DAILY_CAP"
    WEEKLY_CAP = "WEEKLY_CAP"
    MIN_GAP = "MIN_GAP"
    LOCKED = "LOCKED"


RULE_LABELS: Final[Mapping[Rule, tuple[str, str]]] = {
    Rule.DNC: ("Khách không đồng ý được liên hệ", "Not to be contacted"),
    Rule.NO_CONSENT: ("Chưa có sự đồng ý", "No consent"),
    Rule.INVALID_NUMBER: ("Số không gọi được", "Number cannot be dialled"),
    Rule.THIRD_PARTY_NOT_LIABLE: ("Người này không có nghĩa vụ trả nợ", "Not liable for the debt"),
    Rule.LEGAL: ("Hồ sơ đã chuyển pháp lý", "Referred to legal"),
    Rule.TRACE: ("Đang truy tìm khách", "Customer is being traced"),
    Rule.DISPUTE_HOLD: ("Đang xử lý tranh chấp", "Dispute under review"),
    Rule.PROMISE_RUNNING: ("Lời hứa đang chạy", "Promise is running"),
    Rule.COOLDOWN: ("Đang trong thời gian tạm ngưng gọi", "Resting period"),
    Rule.HOLIDAY: ("Ngày lễ", "Public holiday"),
    Rule.OUT_OF_WINDOW: ("Ngoài giờ gọi", "Outside calling hours"),
    Rule.DAILY_CAP: ("Đã đủ số lượt trong ngày", "Daily cap reached"),
    Rule.WEEKLY_CAP: ("Đã đủ số lượt trong tuần", "Weekly cap reached"),
    Rule.MIN_GAP: ("Vừa gọi cách đây ít phút", "Too soon after the last attempt"),
    Rule.LOCKED: ("Khách đang trong một cuộc gọi khác", "Customer is in another call"),
}
"""Vietnamese and English, in this order."""


class Week(StrEnum):
    """What a weekly cap counts by: Monday to Sunday, or the seven days that end today."""

    ISO = "ISO"
    ROLLING = "ROLLING"


class AbandonClock(StrEnum):
    """From when an answered person waits (decision 22)."""

    ANSWER = "ANSWER"
    GREETING_END = "GREETING_END"


class AbandonWindow(StrEnum):
    """Over what abandonment is judged (decision 21)."""

    DAY_AND_30_DAYS = "DAY_AND_30_DAYS"
    ROLLING_24_HOURS = "ROLLING_24_HOURS"


OWN_POLICY: Final = "own policy"


@dataclass(frozen=True, slots=True)
class Profile:
    """The outer limits that the law, or our own policy where there is none, sets.

    `cap_per_day` is the default and `cap_per_day_max` what a setting may raise it to; None is no
    limit. `sources` names the source of each rule; a rule that is missing there is own policy.
    """

    name: str
    hours: LocalWindow
    cap_per_day: int | None
    cap_per_day_max: int | None
    cap_per_week_max: int | None = None
    week: Week = Week.ISO
    min_gap_minutes: int = 0
    rest_after_conversation_days: int = 0
    holidays_closed: bool = True
    liable_only: bool = True
    no_redial_hours: int = 72
    abandon_limit_pct: float = 3.0
    abandon_window: AbandonWindow = AbandonWindow.DAY_AND_30_DAYS
    abandon_clock: AbandonClock = AbandonClock.GREETING_END
    abandon_source: str = OWN_POLICY
    connect_threshold_ms: int = 2_000
    ring_seconds_min: int = 15
    sources: Mapping[Rule, str] = field(default_factory=dict)

    def source(self, rule: Rule) -> str:
        """Where a rule stands written."""
        return self.sources.get(rule, OWN_POLICY)


_CIRCULAR_18 = "Circular 43/2016/TT-NHNN Art. 7(2)(đ) as amended by Circular 18/2019 Art. 1(7)"
_VN_DATA = "Personal Data Protection Law 2025"
_VN_CODE = "VNBA Code of Conduct, in force 31 March 2026"
_REG_F = "CFPB Regulation F, 12 CFR 1006"
_TSR = "FTC Telemarketing Sales Rule, 16 CFR 310.4(b), taken as prudent limit"
_OFCOM = "Ofcom persistent misuse policy (industry yardstick, statement of 20 Dec 2016)"

VN: Final = Profile(
    name="VN",
    hours=LocalWindow(7 * 60, 21 * 60),
    cap_per_day=3,
    cap_per_day_max=5,
    min_gap_minutes=15,
    abandon_source=_TSR,
    sources={
        Rule.OUT_OF_WINDOW: _CIRCULAR_18,
        Rule.DAILY_CAP: _CIRCULAR_18,
        Rule.THIRD_PARTY_NOT_LIABLE: _CIRCULAR_18,
        Rule.MIN_GAP: _VN_CODE,
        Rule.NO_CONSENT: _VN_DATA,
    },
)

US: Final = Profile(
    name="US",
    hours=LocalWindow(8 * 60, 21 * 60),
    cap_per_day=3,
    cap_per_day_max=7,
    cap_per_week_max=7,
    week=Week.ROLLING,
    min_gap_minutes=15,
    rest_after_conversation_days=7,
    abandon_source=_TSR,
    sources={
        Rule.OUT_OF_WINDOW: f"{_REG_F}.6(b)(1)",
        Rule.WEEKLY_CAP: f"{_REG_F}.14(b)(2)",
        Rule.COOLDOWN: f"{_REG_F}.14(b)(2)",
        Rule.MIN_GAP: f"{_REG_F}.14(b)(2), pattern of calls",
        Rule.THIRD_PARTY_NOT_LIABLE: f"{_REG_F}.6(d)",
    },
)

UK: Final = Profile(
    name="UK",
    hours=LocalWindow(8 * 60, 21 * 60),
    cap_per_day=3,
    cap_per_day_max=5,
    min_gap_minutes=15,
    abandon_window=AbandonWindow.ROLLING_24_HOURS,
    abandon_clock=AbandonClock.ANSWER,
    abandon_source=_OFCOM,
    sources={Rule.COOLDOWN: _OFCOM},
)

NONE: Final = Profile(
    name="NONE",
    hours=WHOLE_DAY,
    cap_per_day=None,
    cap_per_day_max=None,
    holidays_closed=False,
    liable_only=False,
    no_redial_hours=0,
)

PROFILES: Final[Mapping[str, Profile]] = {found.name: found for found in (VN, US, UK, NONE)}


def profile_named(name: str) -> Profile:
    """The profile of an organisation; KeyError for a name that is none."""
    return PROFILES[name]


def rule_label(rule: Rule, language: str) -> str:
    """A rule in words, `vi` or `en`."""
    vietnamese, english = RULE_LABELS[rule]
    return vietnamese if language == "vi" else english
