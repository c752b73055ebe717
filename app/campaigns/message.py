"""What a person hears who answered: nobody was free in time, or a recorded voice reminds. Pure.

A text in each language, or none: then our own is said. It names who called and from which number, as the
legal profile wants, and never that somebody owes: whoever else picked up would learn it.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from app.campaigns.strategy import Settings
from app.compliance.profiles import AbandonMessage
from app.values.text import normalise

BANK: Final = "{bank}"
NUMBER: Final = "{number}"
SLOT_OF: Final[Mapping[str, str]] = MappingProxyType({"NAME": BANK, "NUMBER": NUMBER})
USUAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "vi": f"Đây là {BANK}, gọi từ số {NUMBER}. Nhân viên của chúng tôi đang bận và sẽ gọi lại sau."
        " Xin lỗi đã làm phiền quý khách.",
        "en": f"This is {BANK}, calling from {NUMBER}. Our agents are busy and will call again."
        " We are sorry to have disturbed you.",
    }
)
"""Said where a campaign has no text of its own."""
USUAL_REMINDER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "vi": f"Đây là {BANK}, gọi từ số {NUMBER}. Chúng tôi có một thông báo dành cho quý khách. Mời quý khách"
        " mở ứng dụng của ngân hàng hoặc gọi lại số này. Xin cảm ơn.",
        "en": f"This is {BANK}, calling from {NUMBER}. We have a notice for you. Please open the bank's app"
        " or call this number. Thank you.",
    }
)
"""What a campaign without agents says where it has no text of its own."""
MOST_TEXT: Final = 300
_SOUND: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_TELLING: Final = re.compile(
    r"\b(nợ|khoản vay|quá hạn|thanh toán|trả tiền|thu hồi"
    r"|debts?|loans?|owed?|overdue|arrears|payments?|pay|collections?|collectors?)\b"
)
"""Words by which a stranger would learn of a debt."""


def texts(settings: Settings) -> dict[str, str]:
    """The text of each language, still with its slots."""
    own = {"vi": settings.message_vi, "en": settings.message_en}
    return {language: own[language] or usual for language, usual in USUAL.items()}


def reminders(settings: Settings) -> dict[str, str]:
    """What a campaign without agents says, by language, still with its slots."""
    own = {"vi": settings.reminder_vi, "en": settings.reminder_en}
    return {language: own[language] or usual for language, usual in USUAL_REMINDER.items()}


def named(text: str, bank: str) -> str:
    """A text with the bank's name in it; the number differs from call to call."""
    return text.replace(BANK, bank)


def faults(settings: Settings, law: AbandonMessage) -> Iterator[tuple[str, str, str, bool]]:
    """Field, sentence in Vietnamese and English, and whether the law says so (else own policy)."""
    for field in ("message_vi", "message_en", "reminder_vi", "reminder_en"):
        yield from ((field, *fault) for fault in _text_faults(getattr(settings, field), law))
    if settings.message_sound and not _SOUND.fullmatch(settings.message_sound):
        yield (
            "message_sound",
            "tên tệp gồm chữ thường, số, - và _, ví dụ xin-loi-2026",
            "a file's name has small letters, digits, - and _, such as sorry-2026",
            False,
        )


def _text_faults(text: str, law: AbandonMessage) -> Iterator[tuple[str, str, bool]]:
    if not text:
        return
    if len(text) > MOST_TEXT:
        yield f"tối đa {MOST_TEXT} ký tự", f"at most {MOST_TEXT} characters", False
    for slot in (SLOT_OF[part] for part in law.says):
        if slot not in text:
            yield f"lời nhắn phải có {slot}", f"the message must contain {slot}", True
    telling = _TELLING.search(normalise(text).lower())
    if telling is not None:
        word = telling.group()
        yield (
            f"lời nhắn không được nói về nợ (“{word}”)",
            f"the message must not speak of a debt (“{word}”)",
            True,
        )
