"""What a bot says a call came to: a plausible spread of outcomes, and the form as the page sends it. Pure."""

from collections.abc import Mapping
from typing import Any, Final

# What calls come to, of a hundred that were answered; the fields that each form asks for.
OUTCOMES: Final[tuple[tuple[int, str, dict[str, str]], ...]] = (
    (28, "PTP_SCHEDULED", {}),
    (16, "CALLBACK_SCHEDULED", {}),
    (16, "REFUSED", {"reason": "Chưa có tiền"}),
    (16, "HUNG_UP_BEFORE_ID", {}),
    (11, "THIRD_PARTY_MESSAGE", {"relation": "SPOUSE"}),
    (6, "HARDSHIP_REVIEW", {"reason": "Mất việc"}),
    (5, "WRONG_NUMBER_INVALID", {}),
    (2, "DISPUTE_OPENED", {"dispute_kind": "AMOUNT", "text": "Số tiền chưa đúng"}),
)
PLAIN: Final[tuple[str, dict[str, str]]] = (
    "HUNG_UP_BEFORE_ID",
    {},
)  # needs nothing, so it is never refused


def outcome_form(
    call: str, leaf: str, fields: Mapping[str, str], screen: Mapping[str, Any]
) -> dict[str, Any]:
    """The outcome as the page would send it: terms from the screen's presets, every statement ticked.

    An outcome that is barred, or whose terms the screen does not offer, becomes one that needs nothing.
    """
    if leaf in (screen.get("barred") or ()):
        leaf, fields = PLAIN
    presets = screen.get("presets") or {}
    promise = presets.get("promise") if leaf == "PTP_SCHEDULED" else None
    offered = [each for each in presets.get("callback") or () if not each.get("refused")]
    callback = {"at": offered[0]["at"]} if leaf == "CALLBACK_SCHEDULED" and offered else None
    if (leaf == "PTP_SCHEDULED" and not promise) or (leaf == "CALLBACK_SCHEDULED" and not callback):
        leaf, fields = PLAIN
    return {
        "call": call,
        "leaf": leaf,
        "note": "",
        "ticked": [each["code"] for each in screen.get("compliance") or ()],
        "promise": promise,
        "callback": callback,
        "fields": dict(fields),
        "script": _said(screen),
    }


def _said(screen: Mapping[str, Any]) -> dict[str, Any] | None:
    """Every step of the script on the screen, as somebody who keeps to it."""
    script = screen.get("script")
    if not script:
        return None
    steps = list(range(1, len(script["steps"]) + 1))
    return {"version": script["version"], "code": script["code"], "steps": steps}
