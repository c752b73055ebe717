"""Small words of the desk in both languages: labels, days, and how a customer is addressed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.customers.rules import parse_name, spoken_address
from app.desk.pop import Who
from app.scripts.texts import Pair, pick

__all__ = [
    "CHANNELS",
    "HANDLING",
    "PHONE_LABELS",
    "PROMISE_STATES",
    "RISK",
    "RISK_REASONS",
    "Address",
    "Pair",
    "address",
    "day_text",
    "lower_first",
    "part_of_day",
    "pick",
    "word",
]

RISK: Final[Mapping[str, Pair]] = {
    "LOW": ("THẤP", "LOW"),
    "MEDIUM": ("TRUNG BÌNH", "MEDIUM"),
    "HIGH": ("CAO", "HIGH"),
    "CRITICAL": ("RẤT CAO", "CRITICAL"),
}
RISK_REASONS: Final[Mapping[str, Pair]] = {
    "DPD_OVER_90": ("quá hạn hơn 90 ngày", "more than 90 days past due"),
    "FRAUD": ("dấu hiệu gian lận", "signs of fraud"),
    "DPD_61_90": ("quá hạn 61–90 ngày", "61 to 90 days past due"),
    "BROKEN_TWICE": ("thất hứa từ 2 lần trong 60 ngày", "two or more broken promises in 60 days"),
    "HOSTILE": ("thái độ gay gắt", "hostile"),
    "DPD_31_60": ("quá hạn 31–60 ngày", "31 to 60 days past due"),
    "BROKEN_ONCE": ("từng thất hứa", "a broken promise"),
    "TOP_EXPOSURE": ("dư nợ lớn", "large exposure"),
    "STORED": ("hạng ghi trong hồ sơ", "the class on record"),
}
CHIPS: Final[Mapping[str, Pair]] = {
    "RISK": ("Rủi ro", "Risk"),
    "HARDSHIP": ("Khó khăn", "Hardship"),
    "HARDSHIP_CHANGES": (
        "không đòi trả đủ, nêu quyền xin cơ cấu nợ, chưa đề xuất pháp lý",
        "do not demand the whole, name the right to a review, no legal referral yet",
    ),
    "DISPUTE": ("Tranh chấp", "Disputes"),
    "DISPUTE_CHANGES": (
        "không đòi tiền và không nhận hứa trả khoản này, máy không gọi tự động",
        "ask for nothing and take no promise on this debt; no dialer calls",
    ),
    "HOLD_CHANGES": ("máy không gọi tự động", "no dialer calls"),
    "VULNERABLE_CHANGES": (
        "nói chậm, không thúc ép, chuyển cấp trên khi cần",
        "speak slowly, do not press, escalate when needed",
    ),
    "COOPERATION": ("Hợp tác", "Cooperation"),
    "HOSTILE_CHANGES": (
        "giữ bình tĩnh, chỉ một đề nghị; nếu từ chối, nghỉ gọi 2 ngày",
        "stay calm, one proposal only; after a refusal nobody calls for 2 days",
    ),
    "PREFERENCE": ("Thích", "Prefers"),
    "AVOID": ("Tránh", "Avoid"),
    "AVOID_CHANGES": (
        "máy không gọi vào giờ và số đã tránh",
        "no dialer calls at those hours or numbers",
    ),
    "RELIABILITY": ("Tin cậy", "Reliability"),
    "LANGUAGE": ("Ngôn ngữ", "Language"),
}
"""The words of the chips, and what a chip changes in this call and the next."""
LEVELS: Final[Mapping[str, Pair]] = {
    "HIGH": ("cao", "high"),
    "MEDIUM": ("trung bình", "medium"),
    "LOW": ("thấp", "low"),
    "VERY_LOW": ("rất thấp", "very low"),
    "UNKNOWN": ("chưa rõ", "unknown"),
}
STATUSES: Final[Mapping[str, Pair]] = {
    "COOPERATIVE": ("hợp tác", "cooperative"),
    "PROMISE_KEEPER": ("giữ lời hứa", "keeps promises"),
    "WILLING_NEEDS_TIME": ("muốn trả, cần thời gian", "willing, needs time"),
    "AVOIDING": ("né tránh", "avoids us"),
    "HOSTILE": ("gay gắt", "hostile"),
    "UNREACHABLE": ("không liên lạc được", "cannot be reached"),
    "HARDSHIP": ("gặp khó khăn", "in hardship"),
    "DISPUTING": ("đang tranh chấp", "disputes the debt"),
    "NEW": ("chưa có đánh giá", "not known yet"),
}
DISPUTE_KINDS: Final[Mapping[str, Pair]] = {
    "AMOUNT": ("số tiền chưa đúng", "the amount is wrong"),
    "NOT_MINE": ("không phải khoản của khách", "not their debt"),
    "ALREADY_PAID": ("khách nói đã trả", "says it is paid"),
    "SERVICE": ("chất lượng dịch vụ", "service"),
    "FRAUD": ("nghi bị lừa đảo", "suspects fraud"),
}
SOURCES: Final[Mapping[str, Pair]] = {
    "OUTCOME": ("kết quả cuộc gọi", "outcome of a call"),
    "LEAD": ("trang chăm sóc", "the care page"),
    "IMPORT": ("tệp của ngân hàng", "the bank's file"),
    "SYSTEM": ("hệ thống", "the system"),
    "AGENT": ("nhân viên", "an agent"),
    "disposition": ("kết quả cuộc gọi", "outcome of a call"),
    "promise": ("lời hứa", "a promise"),
    "import": ("tệp của ngân hàng", "the bank's file"),
    "hostility": ("khách gay gắt ở cuộc gọi trước", "hostile in the last call"),
}
"""Where something known of a customer comes from."""
PROMISE_STATES: Final[Mapping[str, Pair]] = {
    "UPCOMING": ("Sắp đến hạn", "Upcoming"),
    "DUE_TODAY": ("Đến hạn hôm nay", "Due today"),
    "IN_GRACE": ("Trong thời gian gia hạn", "In grace"),
    "PROVISIONALLY_KEPT": ("Tiền đang về", "Money on its way"),
    "KEPT": ("Đã giữ lời", "Kept"),
    "PARTLY_KEPT": ("Trả một phần", "Partly kept"),
    "BROKEN": ("Thất hứa", "Broken"),
    "RESCHEDULED": ("Đã dời ngày", "Rescheduled"),
    "CANCELLED": ("Đã hủy", "Cancelled"),
}
CHANNELS: Final[Mapping[str, Pair]] = {
    "CALL": ("gọi điện", "phone"),
    "PHONE": ("gọi điện", "phone"),
    "SMS": ("tin nhắn", "SMS"),
    "ZALO": ("Zalo", "Zalo"),
    "EMAIL": ("email", "e-mail"),
    "VISIT": ("gặp trực tiếp", "a visit"),
}
PHONE_LABELS: Final[Mapping[str, Pair]] = {
    "MOBILE": ("Di động", "Mobile"),
    "HOME": ("Nhà", "Home"),
    "WORK": ("Nơi làm việc", "Work"),
    "OTHER": ("Khác", "Other"),
}
HANDLING: Final[Mapping[str, Pair]] = {
    "VIP": ("Khách VIP", "VIP"),
    "STAFF": ("Nhân viên ngân hàng", "Bank staff"),
    "LEGAL_SENSITIVE": ("Nhạy cảm pháp lý", "Legally sensitive"),
    "MEDIA": ("Nhạy cảm truyền thông", "Media sensitive"),
    "VULNERABLE": ("Khách dễ bị tổn thương", "Vulnerable customer"),
}


def word(table: Mapping[str, Pair], code: str, language: str) -> str:
    """A code in words; a code that the table does not know is shown as it is."""
    return pick(table[code], language) if code in table else code


def day_text(day: date) -> str:
    """`20/11`: day and month, in both languages, as an agent says it."""
    return f"{day.day:02d}/{day.month:02d}"


@dataclass(frozen=True, slots=True)
class Address:
    """How the customer is spoken to: `Chị Hà`, `chị`, and what the agent calls himself."""

    name: str
    you: str
    me: str


_ME: Final = {"ONG": "cháu", "BA": "cháu", "EM": "mình"}
_YOU: Final = {"ANH": "anh", "MR": "anh", "CHI": "chị", "MS": "chị", "ONG": "ông", "BA": "bà"}
_POLITE: Final = "anh/chị"


def address(who: Who | None, language: str) -> Address:
    """The pronouns of a conversation; polite and neutral for somebody unknown and for companies."""
    if language != "vi":
        return Address(_english_name(who), "you", "I")
    if who is None or who.kind == "ORGANIZATION":
        return Address("Anh/chị", _POLITE, "em")
    you = "em" if who.salutation == "EM" else _YOU.get(who.salutation, _POLITE)
    salutation = {"MR": "ANH", "MS": "CHI"}.get(who.salutation, who.salutation)
    name = spoken_address(salutation, parse_name(who.display), "vi")
    return Address(name, you, _ME.get(who.salutation, "em"))


def _english_name(who: Who | None) -> str:
    if who is None:
        return "Sir or Madam"
    if who.kind == "ORGANIZATION":
        return who.display
    return spoken_address(who.salutation, parse_name(who.display), "en")


def lower_first(text: str) -> str:
    """A word within a sentence: `chị Hà`."""
    return text[:1].lower() + text[1:]


def part_of_day(now: datetime, zone: str) -> str:
    """`morning`, `afternoon` or `evening` on the wall of a zone."""
    hour = now.astimezone(ZoneInfo(zone)).hour
    if hour < 12:  # noqa: PLR2004 - noon
        return "morning"
    return "afternoon" if hour < 18 else "evening"  # noqa: PLR2004 - six in the evening
