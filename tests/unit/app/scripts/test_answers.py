"""Objections of domain section 3: at least eight, each with an answer in both languages."""

import pytest

from app.scripts.answers import OBJECTIONS
from app.scripts.fields import Party
from app.scripts.pieces import possible_parties
from app.scripts.texts import TOLD_TO_THE_CUSTOMER_ONLY, slots_in


@pytest.mark.req("S0b-028")
def test_every_scenario_of_the_domain_is_answered() -> None:
    theirs = [one.code for one in OBJECTIONS if Party.CUSTOMER in possible_parties(one)]
    assert theirs == [
        "NO_MONEY", "ALREADY_PAID", "NOT_MY_DEBT", "CALL_LATER", "SALARY_LATE", "LOST_JOB",
        "DISPUTE_FEE", "STOP_CALLING", "SPEAK_TO_MANAGER", "THREATENS_COMPLAINT",
    ]  # fmt: skip


def test_answers_are_whole_sentences() -> None:
    for one in OBJECTIONS:
        for reply in one.lines[0]:
            assert reply[0].isupper() or reply.startswith("{")
            assert reply[-1] in ".?!"
            assert len(reply) > 40


def test_somebody_else_has_answers_of_his_own_and_none_about_the_debt() -> None:
    others = [one for one in OBJECTIONS if Party.THIRD_PARTY in possible_parties(one)]
    assert len(others) == 3
    for one in others:
        assert Party.CUSTOMER not in possible_parties(one)
        assert not slots_in(one.lines[0]) & TOLD_TO_THE_CUSTOMER_ONLY


@pytest.mark.parametrize("word", ["công an", "tòa án", "kiện", "bắt", "police", "arrest", "sue "])
def test_no_answer_threatens(word: str) -> None:
    """VNBA Code of Conduct: no threats."""
    for one in OBJECTIONS:
        assert word not in " ".join(one.lines[0]).lower()
