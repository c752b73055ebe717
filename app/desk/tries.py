"""What is said at the desk about a call that the agent had made himself: why not, and how it ended. Pure."""

from typing import Final

from app.calls.rules import CAUSE_LABELS
from app.compliance.profiles import RULE_LABELS
from app.history.dispositions import leaf

_ELSE: Final[dict[str, tuple[str, str]]] = {
    "GONE": ("Khách này vừa được người khác nhận", "Somebody else has this customer now"),
    "LEAD_GONE": ("Khách này không còn trong danh sách", "This customer is no longer on the list"),
    "NOT_RUNNING": ("Chiến dịch đã tạm dừng", "The campaign has been stopped"),
    "SKIPPED": ("Đã bỏ qua", "Passed over"),
    "AWAY": ("Hệ thống bận, hãy thử lại", "The system is busy: try again"),
}


def words(language: str) -> dict[str, str]:
    """Every reason and ending by its code, `vi` or `en`."""
    at = 0 if language == "vi" else 1
    named = {
        str(code): pair for pairs in (CAUSE_LABELS, RULE_LABELS) for code, pair in pairs.items()
    }
    return {code: pair[at] for code, pair in {**named, **_ELSE}.items()}


def told(code: str | None, language: str) -> str | None:
    """How a lead was left the last time, in words: a rule, an ending or an outcome; None for never."""
    if code is None:
        return None
    outcome = leaf(code)
    return words(language).get(code) or (code if outcome is None else outcome.label(language))
