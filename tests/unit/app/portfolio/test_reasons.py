"""Reasons in both languages."""

from __future__ import annotations

import re

import pytest

from app.portfolio.reasons import SENTENCES, reason, refuse


@pytest.mark.parametrize("code", SENTENCES)
def test_every_reason_says_the_same_in_both_languages(code: str) -> None:
    texts = SENTENCES[code]
    assert set(texts) == {"vi", "en"}
    fields = {language: sorted(re.findall(r"{(\w+)}", text)) for language, text in texts.items()}
    assert fields["vi"] == fields["en"]


def test_a_sentence_is_filled_in_and_falls_back_to_english() -> None:
    why = reason("DUPLICATE", line=7)
    assert why.sentence("vi") == "khoản vay này đã ở dòng 7"
    assert why.sentence("de") == why.sentence("en") == "this loan already stands on line 7"


def test_a_refused_cell_carries_its_reason() -> None:
    error = refuse("REQUIRED")
    assert error.reason.code == "REQUIRED"
    assert "required" in str(error)
