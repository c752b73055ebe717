"""What is said of calls that agents have made themselves."""

import pytest

from app.calls.rules import Cause
from app.compliance.profiles import Rule
from app.desk.tries import told, words


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_rule_and_every_ending_has_words(language: str) -> None:
    assert {*map(str, Rule), *map(str, Cause), "GONE", "AWAY"} <= words(language).keys()


def test_a_lead_is_left_by_an_outcome_a_rule_or_an_ending() -> None:
    assert told("BUSY", "en") == "Busy"
    assert told("DAILY_CAP", "en") == "Daily cap reached"
    assert told("SKIPPED", "vi") == "Đã bỏ qua"
    assert told("REFUSED", "vi") not in {None, "REFUSED"}
    assert told("SOMETHING_NEW", "vi") == "SOMETHING_NEW"
    assert told(None, "vi") is None
