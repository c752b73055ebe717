"""Every refusal that a person can meet is said in Vietnamese too."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.errors import Refused, TooMany
from app.history import rules as history_rules
from app.people.answers import refusal_fields
from app.people.refusals import VIETNAMESE

ROOT = Path(__file__).parents[4]
# Raised where only a program or an operator's terminal reads them.
ELSEWHERE = {"app/portfolio", "app/launch", "app/command", "app/floor"}


def codes_raised() -> set[str]:
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        place = path.relative_to(ROOT).as_posix()
        if any(place.startswith(each) for each in ELSEWHERE):
            continue
        found |= set(re.findall(r'code="([A-Z_]+)"', path.read_text("utf-8")))
    found |= {f"CORRECTION_{rule}" for rule in history_rules.REFUSALS}
    return found


def test_every_code_has_its_sentence() -> None:
    assert codes_raised() - set(VIETNAMESE) == set()


@pytest.mark.parametrize("code", sorted(VIETNAMESE))
def test_sentence_asks_only_for_what_its_refusal_carries(code: str) -> None:
    fields = {name for _, name, _, _ in string.Formatter().parse(VIETNAMESE[code]) if name}
    assert fields <= {"retry_after_seconds", "since", "sentence_vi"}


def test_fields_are_shown_as_people_read_them() -> None:
    wait = TooMany("x", retry_after_seconds=60)
    assert refusal_fields(wait)["retry_after_seconds"] == "60"
    until = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    assert refusal_fields(Refused("x", until=until))["until"] == "21:00"
