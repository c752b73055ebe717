"""Legal profiles as frozen data: hours, caps, rests, abandonment; and the words of the rules. Pure.

Not legal advice: every row names its source so that counsel can check it, and says "own policy"
where no statute was found. Settings of a campaign may only tighten a profile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
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
OF_CAMPAIGN: Final = "setting of the campaign, tighter than the law"
"""The source of a refusal that the law alone would not have given."""


@dataclass(frozen=True, slots=True)
class AbandonMessage:
    """What a person hears who answered and for whom nobody was free in time.

    It begins when the connect threshold ends, and says no more than `says`: nothing is sold in it and
    no debt is mentioned.
    """

    says: tuple[str, ...] = ("NAME", "NUMBER")
    source: str = OWN_POLICY


@dataclass(frozen=True, slots=True)
class Profile:
    """The outer limits that the law, or our own policy where there is none, sets.

    `cap_per_day` is the default and `cap_per_day_max` what a setting may raise it to, over all channels,
    loans and campaigns; None is no limit. `debt_calls_max` counts calls about one loan within
    `DEBT_CALL_DAYS` days; `rest_after_conversation_days` begins with the day of a conversation about that
    loan. `consent_lifts_frequency`: both of these are lifted for a call that the customer asked for.
    `consent_needed`: a dialer calls only who said yes; a no is honoured in every profile.
    `no_redial_hours`: no dialer rings somebody again whom it abandoned. `agentless`: whether a recorded
    voice may remind without an agent. `sources` names the source of each
    rule, the other fields that end in `_source` that of a part of one; what is missing is own policy.
    """

    name: str
    hours: LocalWindow
    cap_per_day: int | None
    cap_per_day_max: int | None
    cap_per_week_max: int | None = None
    week: Week = Week.ISO
    debt_calls_max: int | None = None
    min_gap_minutes: int = 0
    rest_after_conversation_days: int = 0
    conversation_source: str = OWN_POLICY
    consent_lifts_frequency: bool = False
    consent_needed: bool = False
    holidays_closed: bool = True
    liable_only: bool = True
    honours_avoided_times: bool = True
    avoided_source: str = OWN_POLICY
    no_redial_hours: int = 72
    no_redial_source: str = OWN_POLICY
    abandon_limit_pct: float = 3.0
    abandon_window: AbandonWindow = AbandonWindow.DAY_AND_30_DAYS
    abandon_clock: AbandonClock = AbandonClock.GREETING_END
    abandon_source: str = OWN_POLICY
    connect_threshold_ms: int = 2_000
    ring_seconds_min: int = 15
    ring_source: str = OWN_POLICY
    message: AbandonMessage = AbandonMessage()
    agentless: bool = True
    agentless_source: str = OWN_POLICY
    sources: Mapping[Rule, str] = field(default_factory=dict)

    def source(self, rule: Rule) -> str:
        """Where a rule stands written."""
        return self.sources.get(rule, OWN_POLICY)


DEBT_CALL_DAYS: Final = 7
"""Calendar days at the customer's place, the day of the call included."""

_CIRCULAR_18 = "Circular 43/2016/TT-NHNN Art. 7(2)(đ) as amended by Circular 18/2019 Art. 1(7)"
_VN_DATA = "Personal Data Protection Law 2025"
_VN_CODE = "VNBA Code of Conduct, in force 31 March 2026"
_REG_F = "CFPB Regulation F, 12 CFR 1006"
_TSR = "FTC Telemarketing Sales Rule, 16 CFR 310.4(b)(4)"
_PRUDENT = f"{_TSR}, taken as prudent limit"
_TCPA = "FCC, 47 CFR 64.1200(a)(1)"
_CONC = "FCA CONC 7.9"
_OFCOM = "Ofcom persistent misuse policy (industry yardstick, statement of 20 Dec 2016)"
_OFCOM_2010 = "Ofcom persistent misuse policy of 2010 (industry yardstick)"

VN: Final = Profile(
    name="VN",
    hours=LocalWindow(7 * 60, 21 * 60),
    cap_per_day=3,
    cap_per_day_max=5,
    min_gap_minutes=15,
    avoided_source=_VN_CODE,
    abandon_source=_PRUDENT,
    ring_source=_PRUDENT,
    message=AbandonMessage(source=_PRUDENT),
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
    week=Week.ROLLING,
    debt_calls_max=7,
    min_gap_minutes=15,
    rest_after_conversation_days=7,
    conversation_source=f"{_REG_F}.14(b)(2)(i)(B)",
    consent_lifts_frequency=True,
    consent_needed=True,
    avoided_source=f"{_REG_F}.6(b)(1)",
    abandon_source=_PRUDENT,
    ring_source=_PRUDENT,
    message=AbandonMessage(source=_PRUDENT),
    agentless=False,
    agentless_source=f"{_TCPA}(iii): a recorded voice needs prior express consent",
    sources={
        Rule.DNC: f"{_REG_F}.6(c)",
        Rule.NO_CONSENT: _TCPA,
        Rule.OUT_OF_WINDOW: f"{_REG_F}.6(b)(1)",
        Rule.WEEKLY_CAP: f"{_REG_F}.14(b)(2)(i)(A)",
        Rule.MIN_GAP: f"{_REG_F}.14(b)(1), pattern of calls",
        Rule.THIRD_PARTY_NOT_LIABLE: f"{_REG_F}.6(d)",
    },
)

UK: Final = Profile(
    name="UK",
    hours=LocalWindow(8 * 60, 21 * 60),
    cap_per_day=3,
    cap_per_day_max=5,
    min_gap_minutes=15,
    avoided_source=f"{_CONC}.4R",
    no_redial_source=_OFCOM_2010,
    abandon_window=AbandonWindow.ROLLING_24_HOURS,
    abandon_clock=AbandonClock.ANSWER,
    abandon_source=_OFCOM,
    ring_source=_OFCOM_2010,
    message=AbandonMessage(source=_OFCOM_2010),
    agentless=False,
    sources={
        Rule.NO_CONSENT: "UK GDPR Art. 21",
        Rule.OUT_OF_WINDOW: f"{_CONC}.4R (unreasonable times); the hours are own policy",
        Rule.THIRD_PARTY_NOT_LIABLE: f"{_CONC}.6R",
    },
)

NONE: Final = Profile(
    name="NONE",
    hours=WHOLE_DAY,
    cap_per_day=None,
    cap_per_day_max=None,
    holidays_closed=False,
    liable_only=False,
    honours_avoided_times=False,
    no_redial_hours=0,
)

PROFILES: Final[Mapping[str, Profile]] = {found.name: found for found in (VN, US, UK, NONE)}


def profile_named(name: str) -> Profile:
    """The profile of that name; KeyError for a name that is none."""
    return PROFILES[name]


@lru_cache(maxsize=32)
def _stricter(first: str, second: str) -> Profile:
    return _joined(PROFILES[first], PROFILES[second])


def stricter(law: Profile, added: Profile) -> Profile:
    """Both profiles at once, limit by limit the stricter one, each with the source of what binds.

    A campaign adds its customers' country to the organisation's law and takes nothing away.
    """
    if law is added or added.name in law.name.split("+"):
        return law
    return _stricter(law.name, added.name)


def _joined(law: Profile, added: Profile) -> Profile:
    hours = LocalWindow(
        max(law.hours.from_minute, added.hours.from_minute),
        min(law.hours.to_minute, added.hours.to_minute),
        law.hours.weekdays & added.hours.weekdays,
    )
    day_max = _least(law.cap_per_day_max, added.cap_per_day_max)
    rests = law.rest_after_conversation_days >= added.rest_after_conversation_days
    redial = law.no_redial_hours >= added.no_redial_hours
    avoids = law.honours_avoided_times
    abandons = law.abandon_limit_pct < added.abandon_limit_pct
    forbids = added if law.agentless else law
    return Profile(
        name=f"{law.name}+{added.name}",
        hours=hours,
        cap_per_day=_least(law.cap_per_day, added.cap_per_day, day_max),
        cap_per_day_max=day_max,
        cap_per_week_max=_least(law.cap_per_week_max, added.cap_per_week_max),
        week=Week.ROLLING if Week.ROLLING in {law.week, added.week} else Week.ISO,
        debt_calls_max=_least(law.debt_calls_max, added.debt_calls_max),
        min_gap_minutes=max(law.min_gap_minutes, added.min_gap_minutes),
        rest_after_conversation_days=max(
            law.rest_after_conversation_days, added.rest_after_conversation_days
        ),
        conversation_source=(law if rests else added).conversation_source,
        consent_lifts_frequency=_lifted(law) and _lifted(added),
        consent_needed=law.consent_needed or added.consent_needed,
        holidays_closed=law.holidays_closed or added.holidays_closed,
        liable_only=law.liable_only or added.liable_only,
        honours_avoided_times=law.honours_avoided_times or added.honours_avoided_times,
        avoided_source=(law if avoids else added).avoided_source,
        no_redial_hours=max(law.no_redial_hours, added.no_redial_hours),
        no_redial_source=(law if redial else added).no_redial_source,
        abandon_limit_pct=min(law.abandon_limit_pct, added.abandon_limit_pct),
        abandon_window=added.abandon_window,
        abandon_clock=AbandonClock.ANSWER
        if AbandonClock.ANSWER in {law.abandon_clock, added.abandon_clock}
        else AbandonClock.GREETING_END,
        abandon_source=(law if abandons else added).abandon_source,
        connect_threshold_ms=min(law.connect_threshold_ms, added.connect_threshold_ms),
        ring_seconds_min=max(law.ring_seconds_min, added.ring_seconds_min),
        ring_source=(law if law.ring_seconds_min > added.ring_seconds_min else added).ring_source,
        message=added.message,
        agentless=law.agentless and added.agentless,
        agentless_source=forbids.agentless_source,
        sources=_joined_sources(law, added, hours),
    )


def _lifted(profile: Profile) -> bool:
    """Whether a call that was asked for is free of these limits: by the law, or for want of them."""
    return profile.consent_lifts_frequency or (
        profile.debt_calls_max is None and not profile.rest_after_conversation_days
    )


def _joined_sources(law: Profile, added: Profile, hours: LocalWindow) -> dict[Rule, str]:
    """The source of the profile that binds; where both do, the organisation's own law is named."""
    from_added = {
        Rule.OUT_OF_WINDOW: law.hours != hours and added.hours == hours,
        Rule.DAILY_CAP: _below(added.cap_per_day_max, law.cap_per_day_max),
        Rule.WEEKLY_CAP: _below(added.debt_calls_max, law.debt_calls_max),
        Rule.MIN_GAP: added.min_gap_minutes > law.min_gap_minutes,
        Rule.NO_CONSENT: not law.consent_needed
        and (added.consent_needed or Rule.NO_CONSENT not in law.sources),
        Rule.THIRD_PARTY_NOT_LIABLE: added.liable_only and not law.liable_only,
    }
    found: dict[Rule, str] = {}
    for rule in Rule:
        written = law.sources.get(rule), added.sources.get(rule)
        if from_added.get(rule, written[0] is None):
            found[rule] = written[1] or OWN_POLICY
        else:
            found[rule] = written[0] or OWN_POLICY
    if hours not in {law.hours, added.hours}:
        both = (law.source(Rule.OUT_OF_WINDOW), added.source(Rule.OUT_OF_WINDOW))
        found[Rule.OUT_OF_WINDOW] = "; ".join(both)
    return found


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _below(limit: int | None, other: int | None) -> bool:
    return limit is not None and (other is None or limit < other)


def rule_label(rule: Rule, language: str) -> str:
    """A rule in words, `vi` or `en`."""
    vietnamese, english = RULE_LABELS[rule]
    return vietnamese if language == "vi" else english


_IN_VIETNAMESE: Final[tuple[tuple[str, str], ...]] = (
    (
        _CIRCULAR_18,
        "Thông tư 43/2016/TT-NHNN Điều 7 khoản 2 điểm đ, sửa đổi bởi Thông tư 18/2019 Điều 1 khoản 7",
    ),
    (_VN_DATA, "Luật Bảo vệ dữ liệu cá nhân 2025"),
    (_VN_CODE, "Bộ quy tắc ứng xử VNBA, hiệu lực 31/03/2026"),
    (OF_CAMPAIGN, "cài đặt của chiến dịch, chặt hơn luật"),
    ("the hours are own policy", "khung giờ là chính sách riêng"),
    ("unreasonable times", "giờ không hợp lý"),
    ("taken as prudent limit", "lấy làm giới hạn thận trọng"),
    ("pattern of calls", "gọi dồn dập"),
    ("a recorded voice needs prior express consent", "giọng ghi sẵn cần sự đồng ý trước"),
    ("persistent misuse policy of 2010", "chính sách chống lạm dụng năm 2010"),
    ("persistent misuse policy", "chính sách chống lạm dụng"),
    ("industry yardstick, statement of 20 Dec 2016", "chuẩn của ngành, tuyên bố 20/12/2016"),
    ("industry yardstick", "chuẩn của ngành"),
    (OWN_POLICY, "chính sách riêng"),
)
"""Sources are stored in English; what is no name of a foreign law reads in Vietnamese, longest first."""


def source_label(source: str, language: str) -> str:
    """A source as a reader of `vi` or `en` reads it."""
    if language == "vi":
        for english, vietnamese in _IN_VIETNAMESE:
            source = source.replace(english, vietnamese)
    return source
