"""What is said: no debt before the identity check, none to strangers, statements that block."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.desk.picture import see
from app.desk.pop import Held, PopFacts
from app.desk.script import STATEMENTS, greeting, mood, slots, statements, steps, unticked
from app.history.dispositions import leaf, selectable
from tests.support.pops import BROKEN, CARD, FACTS, HA, MINH, NOW, PAID, TODAY

CALM = replace(FACTS, who=replace(HA, hardship=None), promises=())
TODAYS = replace(BROKEN, state="OPEN", due_on=TODAY)
STRANGER = PopFacts(today=TODAY, now=NOW, bank="Ngân hàng Mẫu")
MOODS = {
    "UNKNOWN": STRANGER,
    "DISPUTE": replace(FACTS, holds=(Held("DISPUTE_HOLD", None, "x", NOW),)),
    "SETTLING": replace(CALM, payments=(replace(PAID, status="PENDING"),)),
    "NOTHING": replace(CALM, loans=()),
    "HARDSHIP": FACTS,
    "BROKEN": replace(CALM, promises=(BROKEN,)),
    "DUE_TODAY": replace(CALM, promises=(TODAYS,)),
    "OVERDUE": CALM,
    "CURRENT": replace(CALM, loans=(replace(CARD, oldest_unpaid_due_on=None),)),
}


@pytest.mark.parametrize("feeling", MOODS)
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.req("S0b-011", "S0b-027")
def test_every_conversation_has_five_whole_steps(feeling: str, language: str) -> None:
    facts = MOODS[feeling]
    said = steps(facts, see(facts), MINH, language)

    assert mood(facts, see(facts)) == feeling
    assert len(said) == 5
    assert not [step for step in said if "{" in step]


@pytest.mark.parametrize("feeling", MOODS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_debt_is_named_before_the_identity_check(feeling: str, language: str) -> None:
    facts = MOODS[feeling]
    first, second, *_ = steps(facts, see(facts), MINH, language)
    early = f"{greeting(facts, see(facts), MINH, language)} {first} {second}".lower()

    for word in ("nợ", "quá hạn", "debt", "overdue", "due", "4417", "₫"):
        assert word not in early.replace("during", "")


def test_a_stranger_hears_nothing_of_a_debt_at_all() -> None:
    said = " ".join(steps(STRANGER, see(STRANGER), MINH, "vi")).lower()

    assert "nợ" not in said
    assert "thanh toán" not in said


def test_a_company_is_asked_for_the_person_in_charge() -> None:
    facts = replace(FACTS, who=replace(HA, kind="ORGANIZATION", display="An Phát"))

    assert "của An Phát" in greeting(facts, see(facts), MINH, "vi")
    assert "at An Phát" in greeting(facts, see(facts), MINH, "en")


def test_the_younger_are_spoken_to_as_younger() -> None:
    facts = replace(FACTS, who=replace(HA, salutation="EM"))

    assert greeting(facts, see(facts), MINH, "vi") == (
        "Chào em Hà, mình là Minh, gọi từ Ngân hàng Mẫu."
    )


def test_the_old_are_spoken_to_with_respect() -> None:
    facts = replace(FACTS, who=replace(HA, salutation="BA"))

    assert greeting(facts, see(facts), MINH, "vi").startswith("Dạ cháu chào bà Hà, cháu là Minh")


def test_a_bank_without_a_name_is_still_a_bank() -> None:
    facts = replace(FACTS, bank="")

    assert greeting(facts, see(facts), MINH, "vi").endswith("gọi từ ngân hàng ạ.")


def test_a_campaigns_own_script_takes_the_place_of_ours() -> None:
    facts = replace(FACTS, script={"vi": ["Chào {name}", "Nợ {due}, {unknown}"], "en": "no list"})

    assert steps(facts, see(facts), MINH, "vi") == [
        "Chào chị Hà",
        "Nợ 5.420.000\u00a0₫, {unknown}",
    ]
    assert len(steps(facts, see(facts), MINH, "en")) == 5


@pytest.mark.parametrize("own", [[], [1, 2]])
def test_a_script_that_is_none_is_passed_over(own: list[int]) -> None:
    facts = replace(FACTS, script={"vi": own})

    assert len(steps(facts, see(facts), MINH, "vi")) == 5


def test_slots_are_there_for_what_is_known() -> None:
    facts = replace(CALM, promises=(replace(TODAYS, due_on=TODAY + timedelta(days=1)),))
    values = slots(facts, see(facts), MINH, "vi")

    assert values["tail"] == "4417"
    assert "promised" not in values
    assert slots(STRANGER, see(STRANGER), MINH, "vi")["due"] == "0\u00a0₫"


def test_three_statements_belong_to_every_call() -> None:
    required = [row["code"] for row in statements(see(CALM), "vi") if row["required"]]

    assert required == ["RECORDING_NOTICE", "IDENTITY_CHECK", "PURPOSE_NOTICE"]


def test_rights_are_required_where_they_apply() -> None:
    facts = MOODS["DISPUTE"]
    required = {row["code"] for row in statements(see(facts), "en") if row["required"]}

    assert {"HARDSHIP_RIGHTS", "DISPUTE_RIGHTS"} <= required


def test_statements_block_only_outcomes_that_exist_and_can_be_chosen() -> None:
    choosable = set(selectable())

    for statement in STATEMENTS:
        assert all(leaf(code) in choosable for code in statement.blocks)


@pytest.mark.req("S0b-029")
def test_an_outcome_waits_for_its_statements() -> None:
    assert [s.code for s in unticked("PTP_SCHEDULED", [])] == [
        "RECORDING_NOTICE",
        "IDENTITY_CHECK",
        "PAYMENT_ACCOUNT_NOTICE",
        "PROMISE_SUMMARY",
    ]
    assert [s.code for s in unticked("PTP_PAID", ["RECORDING_NOTICE", "IDENTITY_CHECK"])] == [
        "PAYMENT_ACCOUNT_NOTICE"
    ]
    assert unticked("WRONG_NUMBER_INVALID", []) == ()
    assert unticked("HUNG_UP_BEFORE_ID", []) == ()
