"""Break reasons: what one is made of, and the ten that a new organisation begins with. Pure."""

import re
from dataclasses import dataclass
from typing import Final

CODE: Final = re.compile(r"[A-Z][A-Z_]{1,29}")
MOST_LABEL: Final = 40
LEAST_SECONDS: Final = 60
MOST_SECONDS: Final = 8 * 3600
MOST_ACTIVE: Final = 20  # the menu at the desk has a letter for each and scrolls nowhere


@dataclass(frozen=True, slots=True)
class Break:
    """Why an agent may be away.

    `max_seconds` None: as long as it takes. `paid` and `productive` are for the books of working time.
    `needs_approval`: whoever leads is asked first. `alerts`: taking it tells of a fault (TECH).
    """

    code: str
    label_vi: str
    label_en: str
    max_seconds: int | None
    paid: bool = True
    productive: bool = False
    needs_approval: bool = False
    alerts: bool = False


BREAKS: Final = (
    Break("SHORT", "Nghỉ ngắn", "Short break", 600),
    Break("LUNCH", "Ăn trưa", "Lunch", 3600, paid=False),
    Break("TOILET", "Vệ sinh", "Restroom", 300),
    Break("PERSONAL", "Việc riêng", "Prayer / personal", 900),
    Break("COACHING", "Kèm cặp", "Coaching", 1800, productive=True),
    Break("TRAINING", "Đào tạo", "Training", 3600, productive=True),
    Break("MEETING", "Họp", "Meeting", 3600, productive=True),
    Break("TECH", "Lỗi kỹ thuật", "Technical issue", 900, alerts=True),
    Break("BACK_OFFICE", "Việc hồ sơ", "Back office", 1800, productive=True),
    Break("END_OF_SHIFT", "Hết ca", "End of shift", None),
)
"""Default reasons of domain section 3; a pause without a reason is refused."""

BACK_OFFICE: Final = "BACK_OFFICE"  # where a team lead sends whose wrap-up he completed
TRAINING: Final = "TRAINING"  # where somebody is whose desk is in training
BUILT_IN: Final = frozenset({BACK_OFFICE, TRAINING})  # the server itself gives them: they cannot go


def faults(reason: Break) -> dict[str, str]:
    """What is wrong with a reason, by field, in words that say how to mend it; empty when it is good."""
    found = {}
    if CODE.fullmatch(reason.code) is None:
        found["code"] = "A code has 2 to 30 capital letters and underscores, such as SHORT_BREAK."
    for field, label in (("label_vi", reason.label_vi), ("label_en", reason.label_en)):
        if not label.strip() or len(label) > MOST_LABEL:
            found[field] = f"A label has 1 to {MOST_LABEL} characters."
    most = reason.max_seconds
    if most is not None and not LEAST_SECONDS <= most <= MOST_SECONDS:
        found["max_seconds"] = (
            f"A limit lies between {LEAST_SECONDS} s and {MOST_SECONDS} s; leave it out for none."
        )
    return found
