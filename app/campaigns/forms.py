"""What the pages of a campaign send, and what their tabs show of its settings. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from app.calls.rules import CAUSE_LABELS, Cause
from app.campaigns.retries import RETRY, Again, Retry
from app.history.dispositions import TREE
from app.values.phone import read_phone

_MINUTE: Final = 60


class WindowForm(msgspec.Struct):
    """Hours of a day in the customer's local time, `08:00` to `20:00`; both empty: no window."""

    weekdays: list[int] = []
    opens: str = ""
    closes: str = ""


class RetryForm(msgspec.Struct):
    """When a lead is tried again after one result, and how many attempts there are in all."""

    again: Again
    delay_minutes: int = 0
    max_attempts: int = 1


class SettingsForm(msgspec.Struct):
    """The settings of one tab; what is left out stays. `version` is the one that the page showed.

    `caller_ids` are lines of numbers, percentages are of answered calls, null takes a cap away.
    """

    version: int
    legal_profile: str | UnsetType = UNSET
    windows: list[WindowForm] | UnsetType = UNSET
    cap_per_day: int | UnsetType | None = UNSET
    cap_per_week: int | UnsetType | None = UNSET
    min_gap_minutes: int | UnsetType | None = UNSET
    retry: dict[str, RetryForm] | UnsetType = UNSET
    caller_ids: str | UnsetType = UNSET
    lines: int | UnsetType = UNSET
    ring_timeout_s: int | UnsetType = UNSET
    preview_s: int | UnsetType = UNSET
    preview_dials: bool | UnsetType = UNSET
    wrapup_s: int | UnsetType = UNSET
    amd: bool | UnsetType = UNSET
    amd_arguments: str | UnsetType = UNSET
    headset_check: bool | UnsetType = UNSET
    abandon_limit_pct: float | UnsetType = UNSET
    connect_threshold_ms: int | UnsetType = UNSET
    message_vi: str | UnsetType = UNSET
    message_en: str | UnsetType = UNSET
    reminder_vi: str | UnsetType = UNSET
    reminder_en: str | UnsetType = UNSET
    message_sound: str | UnsetType = UNSET

    def changes(self, home: str = "VN") -> dict[str, object]:
        """What is said, as a settings document says it; `home` is the legal profile of the house."""
        said: dict[str, Any] = msgspec.structs.asdict(self)
        found = {n: v for n, v in said.items() if v is not UNSET and n != "version"}
        if isinstance(self.windows, list):
            found["windows"] = [_window(each) for each in self.windows if each.opens or each.closes]
        if isinstance(self.retry, dict):
            found["retry"] = {result: _retry(rule) for result, rule in self.retry.items()}
        if isinstance(self.caller_ids, str):
            lines = (line.strip() for line in self.caller_ids.splitlines())
            found["caller_ids"] = [read_phone(line, home).e164 or line for line in lines if line]
        return found


def _window(form: WindowForm) -> dict[str, object]:
    return {"weekdays": form.weekdays, "from": form.opens, "to": form.closes}


def _retry(form: RetryForm) -> dict[str, object]:
    return {
        "again": str(form.again),
        "delay_seconds": form.delay_minutes * _MINUTE,
        "max_attempts": form.max_attempts,
    }


@dataclass(frozen=True, slots=True)
class RetryRow:
    """One line of the table of retries. `usual` is the rule where the campaign sets none."""

    result: str
    label: str
    rule: Retry
    usual: Retry

    @property
    def delay_minutes(self) -> int:
        """The wait, minutes."""
        return self.rule.delay_seconds // _MINUTE


def retry_rows(retry: dict[str, Retry], language: str) -> tuple[list[RetryRow], list[RetryRow]]:
    """Ways that a call can end, and outcomes that leave something to try again."""
    english = language == "en"
    causes = [
        RetryRow(str(cause), CAUSE_LABELS[cause][english], retry[cause], RETRY[cause])
        for cause in Cause
        if cause is not Cause.COMPLETED
    ]
    outcomes = []
    for result, rule in retry.items():
        leaf = TREE.leaf(result)
        if leaf is None or Again.DONE is rule.again is RETRY[result].again:
            continue
        label = " → ".join(TREE.path(leaf, language)[1:])
        outcomes.append(RetryRow(result, label, rule, RETRY[result]))
    return causes, outcomes
