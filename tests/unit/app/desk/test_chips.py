"""Chips: what is told of a customer, where it comes from, and what it changes (S0b-020, 033 to 037)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.desk.chips import chips
from app.desk.picture import see
from app.desk.pop import Held, PopFacts, Stated, Strained
from tests.support.pops import BROKEN, CARD, DISPUTE, FACTS, HA, LOAN, NOW, PAID, TODAY

CALM = replace(
    FACTS, who=replace(HA, hardship=None, cooperation=None, preference=None), promises=()
)
STRAINED = Strained(
    since=TODAY - timedelta(days=41), reason="ốm", review_on=TODAY + timedelta(days=5),
    noted_at=NOW - timedelta(days=41), source="OUTCOME", by="Lan",
)  # fmt: skip


def told(facts: PopFacts, language: str = "en") -> list[dict[str, Any]]:
    return chips(facts, see(facts), language)


def chip(facts: PopFacts, code: str, language: str = "en") -> dict[str, Any]:
    (found,) = (each for each in told(facts, language) if each["code"] == code)
    return found


def line(found: dict[str, Any], about: str) -> str:
    (text,) = (text for label, text in found["lines"] if label == about)
    return str(text)


def test_nobody_has_no_chips() -> None:
    assert told(PopFacts(today=TODAY, now=NOW)) == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_chip_says_where_it_comes_from_in_both_languages(language: str) -> None:
    full = replace(
        FACTS,
        who=replace(HA, special_handling=("VIP", "VULNERABLE"), language="en"),
        hardship=STRAINED,
        disputes=(DISPUTE,),
        status=Stated("HOSTILE", NOW, "OUTCOME", "Lan"),
        holds=(Held("LEGAL", None, "import", NOW), Held("COOLDOWN", NOW, "hostility", NOW)),
    )
    source = "Nguồn" if language == "vi" else "Source"

    found = told(full, language)

    assert [each["code"] for each in found] == [
        "RISK", "HARDSHIP", "DISPUTE", "LEGAL", "COOLDOWN", "COOPERATION", "VIP", "VULNERABLE",
        "PREFERENCE", "RELIABILITY", "LANGUAGE",
    ]  # fmt: skip
    for each in found:
        assert all(label and text for label, text in each["lines"]), each
        if each["code"] != "RELIABILITY":  # whose inputs are its source
            assert source in [label for label, _ in each["lines"]], each


@pytest.mark.req("S0b-020")
def test_risk_is_todays_class_with_its_reasons_unless_a_graver_one_is_on_record() -> None:
    hostile = replace(FACTS, status=Stated("HOSTILE", NOW, "OUTCOME"))
    found = chip(hostile, "RISK")

    assert (found["label"], found["tone"]) == ("Risk HIGH", "warn")
    assert line(found, "Reason") == "two or more broken promises in 60 days · hostile"
    graver = replace(FACTS, who=replace(HA, risk_class="CRITICAL"))
    assert line(chip(graver, "RISK"), "Reason").endswith("the class on record")
    calm = replace(CALM, who=replace(HA, risk_class="ODD"), loans=())
    assert line(chip(calm, "RISK"), "Reason") == "nothing speaks against them"


@pytest.mark.req("S0b-036")
def test_hardship_says_since_when_why_by_whose_word_and_when_it_is_looked_at() -> None:
    found = chip(replace(FACTS, hardship=STRAINED), "HARDSHIP")

    assert (found["label"], found["tone"]) == ("Hardship (12/10)", "warn")
    assert line(found, "Reason") == "ốm"
    assert line(found, "Source") == "Lan, outcome of a call, 12/10 14:05"
    assert line(found, "Review") == "27/11"
    assert "no legal referral" in line(found, "So")


def test_a_review_that_is_late_and_a_reason_that_nobody_wrote_are_said() -> None:
    late = replace(STRAINED, review_on=TODAY - timedelta(days=1), reason="", by=None)
    found = chip(replace(FACTS, hardship=late), "HARDSHIP")

    assert line(found, "Review") == "21/11 · overdue"
    assert line(found, "Reason") == "not written down"
    assert line(found, "Source") == "outcome of a call, 12/10 14:05"


@pytest.mark.parametrize(
    ("hardship", "label", "source"),
    [
        ({"since": "2026-10-12T08:00:00Z", "source": "AGENT"}, "Hardship (12/10)", "an agent"),
        ({"since": "lately", "reason": "ill"}, "Hardship", "the bank's file"),
    ],
)
def test_a_flag_without_a_history_is_told_as_it_stands(
    hardship: dict[str, Any], label: str, source: str
) -> None:
    found = chip(replace(FACTS, who=replace(HA, hardship=hardship)), "HARDSHIP")

    assert (found["label"], line(found, "Source")) == (label, source)


@pytest.mark.req("S0b-037")
def test_open_disputes_warn_and_past_ones_are_counted() -> None:
    past = replace(DISPUTE, status="REJECTED")
    both = chip(replace(FACTS, disputes=(DISPUTE, past)), "DISPUTE")

    assert (both["label"], both["tone"]) == ("Disputes: 1 (+1 past)", "bad")
    assert line(both, "About") == "the amount is wrong"
    assert line(both, "Source") == "Lan, outcome of a call, 18/11 14:05"
    assert line(both, "Answer by") == "28/11"
    only = chip(replace(FACTS, disputes=(past, past)), "DISPUTE")
    assert (only["label"], only["tone"]) == ("Disputes: 0 (+2 past)", "")
    assert [label for label, _ in only["lines"]] == ["Decided"]


def test_a_dispute_of_another_loan_does_not_contest_this_one() -> None:
    other = replace(DISPUTE, loan_id=HA.id)

    assert see(replace(FACTS, disputes=(DISPUTE,))).disputed
    assert see(replace(FACTS, disputes=(replace(DISPUTE, loan_id=None),))).disputed
    assert not see(replace(FACTS, disputes=(other,))).disputed
    assert see(replace(FACTS, disputes=(other,), loans=())).disputed
    assert CARD.id == LOAN


@pytest.mark.req("S0b-033")
@pytest.mark.parametrize(
    ("status", "label", "tone"),
    [
        ("PROMISE_KEEPER", "Cooperation: high", ""),
        ("WILLING_NEEDS_TIME", "Cooperation: medium", ""),
        ("AVOIDING", "Cooperation: low", "warn"),
        ("HOSTILE", "Cooperation: very low", "bad"),
        ("ODD", "Cooperation: unknown", ""),
    ],
)
def test_cooperation_is_the_level_of_the_status_in_force(
    status: str, label: str, tone: str
) -> None:
    facts = replace(FACTS, status=Stated(status, NOW - timedelta(days=4), "OUTCOME", "Lan"))
    found = chip(facts, "COOPERATION")

    assert (found["label"], found["tone"]) == (label, tone)
    assert line(found, "Source") == "Lan, outcome of a call, 18/11 14:05"


def test_a_status_without_a_history_is_the_banks_word() -> None:
    assert line(chip(FACTS, "COOPERATION"), "Source") == "the bank's file"


@pytest.mark.req("S0b-034")
def test_reliability_says_what_went_in() -> None:
    kept = replace(BROKEN, state="KEPT")
    found = chip(replace(FACTS, promises=(BROKEN, kept, kept)), "RELIABILITY")

    assert line(found, "Promises, 12 months") == "2 kept · 0 partly · 1 broken"
    assert line(found, "Paid of what was due") == "18 %"
    assert line(found, "Last payment") == "48 days ago"
    assert line(found, "Rests on") == "3 promises and due dates"
    assert "limited" not in found["label"]


def test_little_is_said_to_be_little() -> None:
    bare = PopFacts(today=TODAY, now=NOW, who=HA)
    found = chip(bare, "RELIABILITY")

    assert found["label"] == "Reliability 43/100 · C · limited data"
    assert line(found, "Paid of what was due") == "nothing was due"
    assert line(found, "Last payment") == "never"
    yesterday = replace(PAID, paid_on=TODAY - timedelta(days=1))
    once = chip(replace(bare, payments=(yesterday,), promises=(BROKEN,)), "RELIABILITY")
    assert line(once, "Last payment") == "one day ago"
    assert line(once, "Rests on") == "one event"


@pytest.mark.req("S0b-035")
@pytest.mark.parametrize(
    ("wished", "label", "lines"),
    [
        (
            {
                "channel": "ZALO",
                "band": "18-20h",
                "avoid": ["WORK"],
                "source": "OUTCOME",
                "since": "2026-11-20",
            },
            "Prefers: Zalo, 18-20h",
            [
                ["Avoid", "WORK"],
                ["Source", "outcome of a call, 20/11"],
                ["So", "no dialer calls at those hours or numbers"],
            ],
        ),
        ({"channel": "PIGEON"}, "Prefers: PIGEON", [["Source", "the bank's file"]]),
        ({"avoid": ["pigeons"]}, "Avoid: pigeons", [["Source", "the bank's file"]]),
    ],
)
def test_wishes_are_one_chip(wished: dict[str, Any], label: str, lines: list[list[str]]) -> None:
    found = chip(replace(FACTS, who=replace(HA, preference=wished)), "PREFERENCE")

    assert (found["label"], found["lines"]) == (label, lines)


@pytest.mark.parametrize("wished", [None, {}, {"language": "vi"}, {"avoid": "work"}])
def test_no_wish_is_no_chip(wished: dict[str, Any] | None) -> None:
    found = told(replace(FACTS, who=replace(HA, preference=wished)))

    assert "PREFERENCE" not in [each["code"] for each in found]


def test_holds_are_told_once_each_with_their_end() -> None:
    held = (
        Held("PROMISE_RUNNING", NOW, "promise", NOW),
        Held("LEGAL", None, "import", NOW),
        Held("LEGAL", None, "import", NOW),
        Held("SOMETHING", None, "import", NOW),
        Held("HARDSHIP_REVIEW", None, "disposition", NOW),
    )
    found = told(replace(CALM, holds=held))

    assert [(each["code"], each["tone"]) for each in found][1:-1] == [
        ("PROMISE_RUNNING", "info"), ("LEGAL", "warn"), ("SOMETHING", "warn"),
    ]  # fmt: skip
    running, legal = found[1], found[2]
    assert line(running, "Until") == "22/11 14:05"
    assert line(legal, "Until") == "until somebody releases it"
    assert line(legal, "Source") == "the bank's file, 22/11 14:05"
