"""What is said in a call: the script of its situation, no debt to strangers, statements that block."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.desk.picture import see
from app.desk.pop import Held, PopFacts
from app.desk.script import situation, slots, spoken, templates
from app.scripts.defaults import BOOK
from app.scripts.fields import Situation
from app.scripts.pieces import Sort, a_book, with_changes
from app.scripts.rules import EVERYBODY, Condition
from tests.support.pops import BROKEN, CARD, FACTS, HA, MINH, NOW, OCCASION, PAID, TODAY
from tests.support.scripts import a_script, a_statement

CALM = replace(FACTS, who=replace(HA, hardship=None), promises=())
TODAYS = replace(BROKEN, state="OPEN", due_on=TODAY)
STRANGER = PopFacts(today=TODAY, now=NOW, bank="Ngân hàng Mẫu")
LONG_AGO = replace(CARD, oldest_unpaid_due_on=TODAY - timedelta(days=120))
CALLS = {
    "UNKNOWN": STRANGER,
    "DISPUTE": replace(FACTS, holds=(Held("DISPUTE_HOLD", None, "x", NOW),)),
    "SETTLING": replace(CALM, payments=(replace(PAID, status="PENDING"),)),
    "NOTHING": replace(CALM, loans=()),
    "HARDSHIP": FACTS,
    "BROKEN": replace(CALM, promises=(BROKEN,)),
    "DUE_TODAY": replace(CALM, promises=(TODAYS,)),
    "LATE": replace(CALM, loans=(LONG_AGO,)),
    "OVERDUE": CALM,
    "CURRENT": replace(CALM, loans=(replace(CARD, oldest_unpaid_due_on=None),)),
}
EARLY = "nợ", "quá hạn", "debt", "overdue", "due", "4417", "₫"
FIGURES = re.compile(r"₫|\d[.,]\d{3}|4417")


def said(facts: PopFacts, language: str = "vi", **occasion: Any) -> dict[str, Any]:
    return spoken(facts, see(facts), replace(OCCASION, **occasion), language)


def greeting(facts: PopFacts, language: str = "vi") -> str:
    return str(said(facts, language)["greeting"])


@pytest.mark.parametrize("code", CALLS)
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.req("S0b-011", "S0b-027", "S0b-036")
def test_every_conversation_has_its_five_whole_steps(code: str, language: str) -> None:
    script = said(CALLS[code], language)["script"]

    assert script["code"] == code
    assert len(script["steps"]) == 5
    assert not [step for step in script["steps"] if "{" in step or "⟨" in step]


@pytest.mark.parametrize("code", CALLS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_debt_is_named_before_the_identity_check(code: str, language: str) -> None:
    told = said(CALLS[code], language)
    first, second, *_ = told["script"]["steps"]
    early = f"{told['greeting']} {first} {second}".lower()

    assert first.startswith(told["greeting"])
    for word in EARLY:
        assert word not in early.replace("during", "")


def test_a_stranger_hears_nothing_of_a_debt_at_all() -> None:
    told = " ".join(said(STRANGER)["script"]["steps"]).lower()

    assert "nợ" not in told
    assert "thanh toán" not in told


@pytest.mark.req("S0b-027")
def test_the_screen_says_why_this_script_was_chosen() -> None:
    script = said(CALLS["BROKEN"])["script"]
    assert (script["title"], script["why"]) == ("Thất hứa", "có cờ thất hứa")
    english = replace(MINH, language="en")
    assert said(CALLS["BROKEN"], speaker=english)["script"]["why"] == "flagged broken promise"
    assert said(CALLS["CURRENT"])["script"]["why"] == "không kịch bản riêng nào hợp hơn"
    assert script["version"] == BOOK.version


@pytest.mark.req("S0b-027", "S1-037")
@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("product", "=", "CREDIT_CARD"), ("bucket", "in", ("B3", "B4")), ("risk", ">=", "HIGH"),
        ("dpd", "between", (31, 60)), ("flags", "has", "BROKEN_PROMISE"), ("broken_promises", "=", 2),
        ("attempts_week", ">", 0), ("last_result", "=", "PROMISE_TO_PAY"), ("kind", "=", "INDIVIDUAL"),
        ("last_outcome", "=", "PTP_SCHEDULED"), ("language", "=", "vi"), ("segment", "=", "vip"),
        ("campaign", "=", "thẻ b3 t11"), ("salutation", "=", "CHI"), ("party", "=", "CUSTOMER"),
    ],
)  # fmt: skip
def test_a_script_is_chosen_by_every_field_of_the_list(field: str, op: str, value: Any) -> None:
    own = a_script(code="OWN", priority=0, when=Condition(field, op, value))
    book = with_changes(BOOK, [own], (), 2)
    facts = replace(FACTS, who=replace(HA, segment="VIP"))

    assert said(facts, book=book)["script"]["code"] == "OWN"
    assert said(facts, book=book)["script"]["version"] == 2


def test_what_is_not_known_of_a_stranger_is_left_open() -> None:
    known = situation(STRANGER, see(STRANGER), "")
    assert known == Situation(
        party="UNKNOWN", flags=frozenset({"NOTHING_DUE"}), language="", attempts_week=1
    )


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("code", CALLS)
def test_ad15_what_somebody_else_hears_stands_ready_without_a_figure(
    code: str, language: str
) -> None:
    other = said(CALLS[code], language)["third_party"]

    assert other["script"]["code"] == "THIRD_PARTY"
    assert other["required"] == ["RECORDING_NOTICE"]
    told = " ".join([*other["script"]["steps"], *(row["reply"] for row in other["objections"])])
    assert not FIGURES.search(told)
    assert "⟨" not in told
    assert {row["code"] for row in other["objections"]} == {
        "WHAT_IS_IT_ABOUT", "NOT_HERE_ANY_MORE", "STOP_CALLING_HERE",
    }  # fmt: skip


def test_somebody_else_is_not_spoken_to_as_the_customer() -> None:
    first = said(replace(FACTS, who=replace(HA, salutation="ONG")))["third_party"]["script"]
    assert "anh/chị" in first["steps"][0]
    assert "cháu" not in first["steps"][0]


def test_a_rule_that_names_amounts_for_others_shows_the_missing_field_instead() -> None:
    """A book from before the check, or a campaign's own script: the figures are not there to be said."""
    leak = a_script("THIRD_PARTY", lines=(("Nợ {due}", "Owes {due}"),))
    told = said(FACTS, book=with_changes(BOOK, [leak], (), 2))["third_party"]["script"]["steps"]
    assert told == ["Nợ ⟨số tiền đến hạn⟩"]


def test_a_company_is_asked_for_the_person_in_charge() -> None:
    facts = replace(FACTS, who=replace(HA, kind="ORGANIZATION", display="An Phát"))

    assert "của An Phát" in greeting(facts)
    assert "at An Phát" in greeting(facts, "en")


def test_the_younger_are_spoken_to_as_younger() -> None:
    facts = replace(FACTS, who=replace(HA, salutation="EM"))

    assert greeting(facts) == "Chào em Hà, mình là Minh, gọi từ Ngân hàng Mẫu."


def test_the_old_are_spoken_to_with_respect() -> None:
    facts = replace(FACTS, who=replace(HA, salutation="BA"))

    assert greeting(facts).startswith("Dạ cháu chào bà Hà, cháu là Minh")


def test_a_bank_without_a_name_is_still_a_bank() -> None:
    assert greeting(replace(FACTS, bank="")).endswith("gọi từ ngân hàng ạ.")


def test_a_campaigns_own_script_takes_the_place_of_ours() -> None:
    facts = replace(FACTS, script={"vi": ["Chào {name}", "Nợ {due}, {unknown}"], "en": "no list"})
    script = said(facts)["script"]

    assert script["steps"] == ["Chào chị Hà", "Nợ 5.420.000\u00a0₫, ⟨unknown⟩"]
    assert (script["code"], script["title"]) == ("CAMPAIGN", "Thẻ B3 T11")
    assert script["why"] == "kịch bản riêng của chiến dịch"
    assert len(said(facts, "en")["script"]["steps"]) == 5


@pytest.mark.parametrize("own", [[], [1, 2]])
def test_a_script_that_is_none_is_passed_over(own: list[int]) -> None:
    facts = replace(FACTS, script={"vi": own})

    assert len(said(facts)["script"]["steps"]) == 5


def test_slots_are_there_for_what_is_known() -> None:
    facts = replace(CALM, promises=(replace(TODAYS, due_on=TODAY + timedelta(days=1)),))
    values = slots(facts, see(facts), MINH, "vi")

    assert values["tail"] == "4417"
    assert "promised" not in values
    assert not {"due", "company", "tail"} & slots(STRANGER, see(STRANGER), MINH, "vi").keys()


def required(facts: PopFacts, **occasion: Any) -> set[str]:
    return {row["code"] for row in said(facts, **occasion)["compliance"] if row["required"]}


def test_statements_stand_in_the_pages_language_with_what_they_block() -> None:
    rows = said(CALM, speaker=replace(MINH, language="en"))["compliance"]
    assert rows[0]["code"] == "RECORDING_NOTICE"
    assert rows[0]["text"] == "Recording notice"
    assert "PTP_SCHEDULED" in rows[0]["blocks"]
    assert required(CALM) == {"RECORDING_NOTICE", "IDENTITY_CHECK", "PURPOSE_NOTICE"}
    assert {"HARDSHIP_RIGHTS", "DISPUTE_RIGHTS"} <= required(CALLS["DISPUTE"])


@pytest.mark.req("S0b-029")
def test_a_statement_of_another_product_neither_is_required_nor_blocks() -> None:
    auto = a_statement(when=Condition("product", "=", "AUTO"), required_when=EVERYBODY)
    book = with_changes(BOOK, [auto], (), 2)
    (row,) = [r for r in said(CALM, book=book)["compliance"] if r["code"] == auto.code]
    assert (row["required"], row["blocks"]) == (False, [])


def test_a_book_that_has_nothing_to_say_makes_a_screen_all_the_same() -> None:
    told = said(FACTS, book=a_book(9, [p for p in BOOK.pieces if p.sort is Sort.STATEMENT]))
    assert (told["greeting"], told["script"]["steps"], told["objections"]) == ("", [], [])


def test_objections_are_labelled_for_the_agent_and_answered_for_the_customer() -> None:
    row = said(FACTS, "en")["objections"][0]
    assert row["label"] == "Hết tiền"
    assert row["reply"].startswith("I understand.")
    assert len(said(FACTS)["objections"]) == 10


@pytest.mark.req("S0a-076")
@pytest.mark.parametrize(
    ("language", "label", "text"),
    [
        ("vi", "Hẹn trả", "chị Hà hẹn trả 5.420.000"),
        ("en", "Promised", "Ms. Nguyễn will pay 5,420,000"),
    ],
)
def test_note_templates_are_filled_in_the_agents_language(
    language: str, label: str, text: str
) -> None:
    speaker = replace(MINH, language=language)
    rows = templates(FACTS, see(FACTS), "", BOOK, speaker)
    assert rows[0]["label"] == label
    assert rows[0]["text"].startswith(text)
    assert not [row for row in rows if "⟨" in row["text"] or "{" in row["text"]]
    assert templates(STRANGER, see(STRANGER), "", BOOK, speaker) == []
