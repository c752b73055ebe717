"""The verdict of a rule on a call, what it surely says of a party, and how it reads."""

import pytest

from app.scripts.fields import Party, Situation
from app.scripts.rules import (
    EVERYBODY,
    NOBODY,
    All,
    Condition,
    Not,
    Rule,
    Some,
    bounds,
    describe,
    fields_of,
    holds,
)

CARD = Condition("product", "=", "CREDIT_CARD")
LATE = Condition("dpd", ">", 30)
SITUATION = Situation(
    product="CREDIT_CARD", bucket="B3", dpd=45, risk="HIGH", flags=frozenset({"HARDSHIP"}),
    broken_promises=2, attempts_week=3, last_result="PROMISE_TO_PAY", last_outcome="PTP_SCHEDULED",
    segment="Khách  ưu tiên", campaign="Thẻ B3", kind="INDIVIDUAL", salutation="CHI",
)  # fmt: skip


@pytest.mark.req("S0b-027")
@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        (("product", "=", "CREDIT_CARD"), True),
        (("product", "=", "AUTO"), False),
        (("product", "!=", "AUTO"), True),
        (("product", "in", ("AUTO", "CREDIT_CARD")), True),
        (("product", "in", ("AUTO",)), False),
        (("dpd", "between", (31, 45)), True),
        (("dpd", "between", (46, 60)), False),
        (("dpd", "<", 45), False),
        (("dpd", "<=", 45), True),
        (("dpd", ">", 44), True),
        (("dpd", ">=", 46), False),
        (("dpd", "=", 45), True),
        (("bucket", ">=", "B2"), True),
        (("bucket", "between", ("B4", "B7")), False),
        (("risk", ">", "MEDIUM"), True),
        (("risk", ">", "HIGH"), False),
        (("flags", "has", "HARDSHIP"), True),
        (("flags", "has", "DISPUTE"), False),
        (("broken_promises", ">=", 2), True),
        (("attempts_week", "=", 3), True),
        (("last_result", "=", "PROMISE_TO_PAY"), True),
        (("last_outcome", "!=", "PTP_SCHEDULED"), False),
        (("language", "=", "vi"), True),
        (("segment", "=", "khách ưu tiên"), True),
        (("segment", "!=", "VIP"), True),
        (("campaign", "in", ("Xe", "thẻ b3")), True),
        (("kind", "=", "ORGANIZATION"), False),
        (("salutation", "=", "CHI"), True),
        (("party", "=", "CUSTOMER"), True),
    ],
)
def test_a_condition_is_judged_by_what_is_known(
    condition: tuple[str, str, str], *, verdict: bool
) -> None:
    assert holds(Condition(*condition), SITUATION) is verdict


@pytest.mark.parametrize("op", ["=", "!=", "<", ">="])
@pytest.mark.parametrize("field", ["dpd", "bucket"])
def test_no_condition_holds_on_what_is_not_known(field: str, op: str) -> None:
    value = 0 if field == "dpd" else "B0"
    assert not holds(Condition(field, op, value), Situation())
    assert not holds(Condition("segment", "!=", "VIP"), Situation())


def test_a_word_that_is_not_on_the_list_is_not_known() -> None:
    assert not holds(Condition("product", "!=", "AUTO"), Situation(product="ODD"))
    assert not holds(Condition("bucket", "<", "B3"), Situation(bucket="B9"))


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        (EVERYBODY, True),
        (NOBODY, False),
        (All((CARD, LATE)), True),
        (All((CARD, Not(LATE))), False),
        (Some((Not(CARD), LATE)), True),
        (Some((Not(CARD), Not(LATE))), False),
    ],
)
def test_conditions_are_joined(rule: Rule, *, verdict: bool) -> None:
    assert holds(rule, SITUATION) is verdict


THIRD = Condition("party", "=", "THIRD_PARTY")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (EVERYBODY, (True, True)),
        (NOBODY, (False, False)),
        (CARD, (False, True)),
        (THIRD, (True, True)),
        (Not(THIRD), (False, False)),
        (Not(CARD), (False, True)),
        (All((THIRD, CARD)), (False, True)),
        (All((Not(THIRD), CARD)), (False, False)),
        (Some((THIRD, CARD)), (True, True)),
        (Some((Not(THIRD), CARD)), (False, True)),
    ],
)
def test_what_a_rule_says_of_a_party_when_nothing_else_is_known(
    rule: Rule, expected: tuple[bool, bool]
) -> None:
    assert bounds(rule, Party.THIRD_PARTY) == expected


def test_the_fields_of_a_rule_are_found_at_every_depth() -> None:
    assert fields_of(Not(Some((CARD, All((LATE, THIRD)))))) == {"product", "dpd", "party"}
    assert fields_of(EVERYBODY) == frozenset()


@pytest.mark.req("S0b-027")
@pytest.mark.parametrize(
    ("rule", "vietnamese", "english"),
    [
        (EVERYBODY, "mọi cuộc gọi", "every call"),
        (NOBODY, "không cuộc gọi nào", "no call"),
        (CARD, "sản phẩm là Thẻ tín dụng", "product is Credit card"),
        (Condition("dpd", "between", (31, 60)), "số ngày quá hạn 31–60", "days past due 31–60"),
        (Condition("risk", "in", ("HIGH", "CRITICAL")), "rủi ro thuộc cao, rất cao",
         "risk is one of high, critical"),
        (Condition("flags", "has", "BROKEN_PROMISE"), "có cờ thất hứa", "flagged broken promise"),
        (Condition("campaign", "=", "Thẻ B3"), "chiến dịch là Thẻ B3", "campaign is Thẻ B3"),
        (All((CARD, Some((LATE, THIRD)))),
         "sản phẩm là Thẻ tín dụng và (số ngày quá hạn trên 30 hoặc người nghe máy là người khác)",
         "product is Credit card and (days past due above 30 or who is on the line is somebody else)"),
        (All((CARD, All((LATE,)))), "sản phẩm là Thẻ tín dụng và số ngày quá hạn trên 30",
         "product is Credit card and days past due above 30"),
        (Not(CARD), "không phải (sản phẩm là Thẻ tín dụng)", "not (product is Credit card)"),
    ],
)  # fmt: skip
def test_a_rule_is_read_in_words(rule: Rule, vietnamese: str, english: str) -> None:
    assert describe(rule, "vi") == vietnamese
    assert describe(rule, "en") == english
