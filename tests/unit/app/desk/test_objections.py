"""Objections of domain section 3: at least eight, each with an answer in both languages."""

import pytest

from app.desk.objections import OBJECTIONS, objections
from app.desk.picture import see
from app.desk.script import slots
from tests.support.pops import FACTS, MINH


@pytest.mark.req("S0b-028")
def test_every_scenario_of_the_domain_is_answered() -> None:
    assert [one.code for one in OBJECTIONS] == [
        "NO_MONEY", "ALREADY_PAID", "NOT_MY_DEBT", "CALL_LATER", "SALARY_LATE", "LOST_JOB",
        "DISPUTE_FEE", "STOP_CALLING", "SPEAK_TO_MANAGER", "THREATENS_COMPLAINT",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["vi", "en"])
def test_answers_are_whole_sentences(language: str) -> None:
    values = slots(FACTS, see(FACTS), MINH, language)

    for row in objections(values, "vi", language):
        assert "{" not in row["reply"]
        assert row["reply"][0].isupper()
        assert len(row["reply"]) > 40


def test_the_label_is_the_agents_and_the_reply_the_customers() -> None:
    row = objections(slots(FACTS, see(FACTS), MINH, "en"), "vi", "en")[0]

    assert row["label"] == "Hết tiền"
    assert row["reply"].startswith("I understand.")


@pytest.mark.parametrize("word", ["công an", "tòa án", "kiện", "bắt", "police", "arrest", "sue "])
def test_no_answer_threatens(word: str) -> None:
    """VNBA Code of Conduct: no threats."""
    for one in OBJECTIONS:
        assert word not in " ".join(one.reply).lower()
