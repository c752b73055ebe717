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
}
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
