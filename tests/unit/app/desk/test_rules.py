"""The screen pop: everything the brief of the frame asks for, for people known, unknown and late."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from app.desk.pop import Held, PopFacts, Stated
from app.desk.rules import choices, compose
from tests.support.pops import (
    AT_MS,
    BROKEN,
    CARD,
    DISPUTE,
    FACTS,
    HA,
    LAST,
    MINH,
    MOBILE,
    NOW,
    OCCASION,
    PAID,
    TODAY,
)

IN_ENGLISH = replace(OCCASION, speaker=replace(MINH, language="en"))


def test_the_pop_has_every_part_of_the_frame() -> None:
    pop = compose(FACTS, OCCASION)

    assert list(pop) == [
        "v", "call", "customer", "late", "greeting", "reason", "key_fact", "loan", "chips",
        "next_action", "cards", "script", "compliance", "objections", "third_party", "barred",
        "bars", "presets", "currency", "window_until",
    ]  # fmt: skip


def test_who_is_calling_about_what_is_told_by_the_call() -> None:
    pop = compose(FACTS, OCCASION)

    assert pop["call"] == {
        "id": str(UUID(int=3)),
        "number": "+84912345678",
        "campaign": {"id": str(UUID(int=4)), "name": "Thẻ B3 T11"},
        "attempt_no": 2,
        "attempts_today": 1,
        "cap": 3,
        "assigned_at": AT_MS,
        "published_at": AT_MS + 20,
    }
    assert pop["window_until"] == 1_795_000_000_000


@pytest.mark.req("S0b-004", "S0b-017")
def test_the_customer_is_named_and_greeted_politely() -> None:
    pop = compose(FACTS, OCCASION)

    assert pop["customer"] == {
        "id": str(UUID(int=1)),
        "cif": "0048812",
        "name": "Nguyễn Thị Thu Hà",
        "spoken": "Chị Hà",
        "kind": "INDIVIDUAL",
        "language": "vi",
    }
    assert pop["greeting"] == "Dạ em chào chị Hà, em là Minh, gọi từ Ngân hàng Mẫu ạ."


@pytest.mark.req("S0b-021")
def test_the_reason_is_one_sentence_with_trigger_and_campaign() -> None:
    assert compose(FACTS, OCCASION)["reason"] == (
        "Hứa trả 5.000.000\u00a0₫ ngày 20/11 – chưa thấy tiền · chiến dịch Thẻ B3 T11"
    )
    assert compose(FACTS, IN_ENGLISH)["reason"] == (
        "Promised 5,000,000\u00a0₫ for 20/11 – no money yet · campaign Thẻ B3 T11"
    )


@pytest.mark.req("S0b-039")
def test_the_key_fact_is_the_broken_promise() -> None:
    assert compose(FACTS, OCCASION)["key_fact"] == {
        "code": "BROKEN_PROMISE",
        "text": "Thất hứa 2 ngày trước · lần 2 trong 60 ngày",
        "tone": "bad",
    }


def test_the_loan_is_shown_with_its_age() -> None:
    assert compose(FACTS, OCCASION)["loan"] == {
        "product": "CREDIT_CARD",
        "product_label": "Thẻ tín dụng",
        "tail": "4417",
        "currency": "VND",
        "due_minor": 5_420_000,
        "overdue_minor": 5_420_000,
        "outstanding_minor": 38_900_000,
        "dpd": 45,
        "bucket": "B3",
        "bucket_from": "B2",
        "words": {
            "due": "năm triệu bốn trăm hai mươi nghìn đồng",
            "overdue": "năm triệu bốn trăm hai mươi nghìn đồng",
            "outstanding": "ba mươi tám triệu chín trăm nghìn đồng",
        },
    }


@pytest.mark.req("S0b-020", "S0b-033", "S0b-034", "S0b-035", "S0b-036")
def test_how_the_customer_is_to_be_treated_is_shown_gravest_first() -> None:
    assert [(chip["code"], chip["label"]) for chip in compose(FACTS, OCCASION)["chips"]] == [
        ("RISK", "Rủi ro CAO"),
        ("HARDSHIP", "Khó khăn (12/10)"),
        ("COOPERATION", "Hợp tác: trung bình"),
        ("PREFERENCE", "Thích: Zalo, sau 18h"),
        ("RELIABILITY", "Tin cậy 41/100 · C · ít dữ liệu"),
    ]


@pytest.mark.req("S0b-023", "S0b-025", "S0b-026")
def test_the_quick_cards_hold_the_last_of_everything() -> None:
    cards = compose(FACTS, OCCASION)["cards"]

    assert cards["last"] == [
        {
            "at": int(LAST.at.timestamp() * 1000),
            "kind": "CALL",
            "outcome": "Hứa trả → Lên lịch trả",
            "by": "Lan",
            "note": "hẹn ngày lương",
        }
    ]
    assert cards["payments"][0] == {
        "on": "2026-10-05",
        "amount_minor": 1_200_000,
        "currency": "VND",
        "method": "QR",
        "status": "POSTED",
    }
    assert cards["promises"][0] == {
        "amount_minor": 5_000_000,
        "currency": "VND",
        "due_on": "2026-11-20",
        "state": "BROKEN",
        "state_label": "Thất hứa",
    }
    assert cards["handling"] == {
        "text": "Không gọi nơi làm việc.",
        "mandatory": True,
        "attempts_today": 1,
        "cap": 3,
    }
    assert cards["loans"][0]["bucket"] == "B3"
    assert cards["phones"] == [
        {
            "number": "+84912345678",
            "label": "Di động",
            "success": "62 % (13/21)",
            "best": "17–19h",
        }
    ]


def test_an_open_promise_says_whether_it_is_due() -> None:
    due_on = [TODAY + timedelta(days=1), TODAY, TODAY - timedelta(days=1)]
    facts = replace(
        FACTS, promises=tuple(replace(BROKEN, state="OPEN", due_on=day) for day in due_on)
    )

    labels = [row["state_label"] for row in compose(facts, OCCASION)["cards"]["promises"]]

    assert labels == ["Trong thời gian gia hạn", "Đến hạn hôm nay", "Sắp đến hạn"]


@pytest.mark.req("S0b-025")
def test_the_promise_that_runs_stands_before_those_that_are_over() -> None:
    running = replace(BROKEN, state="OPEN", due_on=TODAY + timedelta(days=3))
    later = replace(running, due_on=TODAY + timedelta(days=9))
    kept = replace(BROKEN, state="KEPT", due_on=TODAY + timedelta(days=1))
    rows = compose(replace(FACTS, promises=(later, running, kept)), OCCASION)["cards"]["promises"]

    assert [row["due_on"] for row in rows] == ["2026-11-25", "2026-12-01", "2026-11-23"]


def test_what_the_system_did_and_an_old_word_are_shown_as_well() -> None:
    facts = replace(FACTS, actions=(replace(LAST, by=None, leaf="OLD_WORD"),))
    (row,) = compose(facts, OCCASION)["cards"]["last"]

    assert (row["by"], row["outcome"]) == ("Hệ thống", "OLD_WORD")


@pytest.mark.req("S0b-031")
def test_ten_outcomes_stand_on_the_digits_and_each_has_its_whole_path() -> None:
    outcomes = choices("vi")["outcomes"]

    assert [row["key"] for row in outcomes] == list("1234567890")
    assert outcomes[0] == {"key": "1", "leaf": "PTP_SCHEDULED", "label": "Hứa trả"}
    branch = choices("vi")["tree"][0]
    assert branch["path"] == ["Đã tiếp xúc", "Hứa trả"]
    assert branch["leaves"][0] == {
        "leaf": "PTP_SCHEDULED",
        "label": "Lên lịch trả",
        "needs": ["promise"],
    }


def leaves() -> dict[str, dict[str, Any]]:
    """Every outcome that may be chosen, by its code."""
    return {row["leaf"]: row for branch in choices("vi")["tree"] for row in branch["leaves"]}


@pytest.mark.req("S0b-037")
def test_an_outcome_that_makes_no_sense_is_barred_with_the_reason() -> None:
    pop = compose(replace(FACTS, disputes=(DISPUTE,)), OCCASION)

    assert pop["barred"]["PTP_SCHEDULED"] == "DISPUTED"
    assert "đang tranh chấp" in pop["bars"]["DISPUTED"]
    assert "DISPUTE_ESCALATED" not in pop["barred"]
    assert set(pop["barred"]) <= set(leaves())
    assert leaves()["REFUSED"]["offers"] == ["manner"]


def test_the_tree_holds_what_an_agent_may_choose_and_no_more() -> None:
    codes = set(leaves())

    assert "DISPUTE_ESCALATED" in codes
    assert "ABANDONED_MESSAGE" not in codes


def test_a_company_is_greeted_by_its_office() -> None:
    company = replace(HA, kind="ORGANIZATION", display="Công ty TNHH An Phát", salutation="NONE")
    pop = compose(replace(FACTS, who=company), OCCASION)

    assert pop["customer"]["spoken"] == "Công ty TNHH An Phát"
    assert "Công ty TNHH An Phát" in pop["greeting"]
    assert "nợ" not in pop["greeting"]


def test_an_english_customer_is_spoken_to_in_english_on_a_vietnamese_page() -> None:
    pop = compose(replace(FACTS, who=replace(HA, language="en")), OCCASION)

    assert pop["greeting"] == (
        "Good afternoon, Ms. Nguyễn. This is Minh calling from Ngân hàng Mẫu."
    )
    assert pop["reason"].startswith("Hứa trả")
    assert "Ngôn ngữ: EN" in [chip["label"] for chip in pop["chips"]]


def test_a_language_that_nobody_speaks_here_is_english() -> None:
    pop = compose(replace(FACTS, who=replace(HA, language="fr")), OCCASION)

    assert pop["customer"]["language"] == "en"


def test_an_unknown_number_can_be_worked_with() -> None:
    pop = compose(None, OCCASION)

    assert pop["customer"] is pop["loan"] is None
    assert (pop["chips"], pop["barred"], pop["bars"]) == ([], {}, {})
    assert pop["late"] is False
    assert pop["reason"] == "Không tìm thấy hồ sơ của số này"
    assert pop["key_fact"] is None
    assert len(pop["script"]["steps"]) == 5
    assert pop["presets"]["promise"] is None
    assert len(pop["presets"]["callback"]) == 4
    assert "anh/chị" in pop["greeting"]


def test_late_data_says_that_it_is_on_its_way() -> None:
    pop = compose(None, replace(IN_ENGLISH, late=True))

    assert pop["late"] is True
    assert pop["reason"] == "The customer's data is on its way…"
    assert "before the identity is checked" in pop["next_action"]


def test_a_customer_without_anything_is_still_a_screen() -> None:
    bare = replace(HA, preference=None, hardship=None, cooperation=None, handling_instruction="")
    pop = compose(PopFacts(today=TODAY, now=NOW, who=bare), OCCASION)

    assert pop["loan"] is None
    assert pop["cards"]["handling"]["mandatory"] is False
    assert pop["next_action"] == "Hỏi thăm, không có khoản nào cần thu"
    assert [chip["code"] for chip in pop["chips"]] == ["RISK", "RELIABILITY"]


def test_a_hold_and_a_special_customer_are_flagged() -> None:
    facts = replace(
        FACTS,
        who=replace(HA, special_handling=("VIP",), hardship=None, handling_instruction=""),
        holds=(Held("DISPUTE_HOLD", None, "disposition", NOW),),
    )
    pop = compose(facts, OCCASION)

    codes = [chip["code"] for chip in pop["chips"]]
    assert codes[:4] == ["RISK", "DISPUTE", "COOPERATION", "VIP"]
    assert pop["cards"]["handling"]["mandatory"] is True


def test_the_frame_stays_below_thirteen_kilobytes_when_everything_is_full() -> None:
    full = replace(
        FACTS,
        loans=(CARD,) * 12,
        numbers=(MOBILE,) * 6,
        promises=(BROKEN,) * 30,
        payments=(PAID,) * 24,
        disputes=(DISPUTE,) * 3,
        status=Stated("HOSTILE", NOW, "OUTCOME", "Lan"),
        actions=(replace(LAST, note="ghi chú rất dài " * 100),) * 12,
    )

    assert len(msgspec.msgpack.encode(compose(full, OCCASION))) <= 13 * 1024
