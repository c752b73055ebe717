"""The screen pop: everything the brief of the frame asks for, for people known, unknown and late."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from app.desk.pop import Held, PopFacts
from app.desk.rules import compose
from tests.support.pops import (
    AT_MS,
    BROKEN,
    CARD,
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
        "v", "call", "customer", "late", "greeting", "reason", "key_fact", "loan", "risk",
        "reliability", "flags", "cooperation", "preference", "disputes", "next_action", "cards",
        "script", "compliance", "objections", "third_party", "outcomes", "tree", "presets", "currency",
        "window_until",
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
    }


@pytest.mark.req("S0b-034", "S0b-020", "S0b-035")
def test_risk_reliability_and_manner_are_shown() -> None:
    pop = compose(FACTS, OCCASION)

    assert pop["risk"]["class"] == "HIGH"
    assert pop["risk"]["label"] == "CAO"
    assert pop["risk"]["why"] == ["thất hứa từ 2 lần trong 60 ngày"]
    assert pop["reliability"]["band"] in "ABCDE"
    assert pop["reliability"]["limited"] is True
    assert pop["cooperation"] == "MEDIUM"
    assert pop["preference"] == "Thích: Zalo, sau 18h, tránh nơi làm việc"


@pytest.mark.req("S0b-036")
def test_hardship_is_flagged_with_its_day_and_source() -> None:
    assert compose(FACTS, OCCASION)["flags"] == [
        {"code": "HARDSHIP", "label": "Khó khăn (12/10)", "tone": "warn", "source": "agent"}
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

    assert labels == ["Sắp đến hạn", "Đến hạn hôm nay", "Trong thời gian gia hạn"]


def test_what_the_system_did_and_an_old_word_are_shown_as_well() -> None:
    facts = replace(FACTS, actions=(replace(LAST, by=None, leaf="OLD_WORD"),))
    (row,) = compose(facts, OCCASION)["cards"]["last"]

    assert (row["by"], row["outcome"]) == ("Hệ thống", "OLD_WORD")


@pytest.mark.req("S0b-031")
def test_ten_outcomes_stand_on_the_digits_and_each_has_its_whole_path() -> None:
    outcomes = compose(FACTS, OCCASION)["outcomes"]

    assert [row["key"] for row in outcomes] == list("1234567890")
    assert outcomes[0] == {
        "key": "1",
        "leaf": "PTP_SCHEDULED",
        "label": "Hứa trả",
        "needs": ["promise"],
        "path": ["Đã tiếp xúc", "Hứa trả", "Lên lịch trả"],
    }


def test_the_tree_holds_what_an_agent_may_choose_and_no_more() -> None:
    codes = {row["leaf"] for row in compose(FACTS, OCCASION)["tree"]}

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
    assert {"code": "LANGUAGE", "label": "Ngôn ngữ: EN", "tone": "info", "source": "customer"} in (
        pop["flags"]
    )


def test_a_language_that_nobody_speaks_here_is_english() -> None:
    pop = compose(replace(FACTS, who=replace(HA, language="fr")), OCCASION)

    assert pop["customer"]["language"] == "en"


def test_an_unknown_number_can_be_worked_with() -> None:
    pop = compose(None, OCCASION)

    assert pop["customer"] is pop["loan"] is pop["risk"] is pop["reliability"] is None
    assert pop["late"] is False
    assert pop["reason"] == "Không tìm thấy hồ sơ của số này"
    assert pop["key_fact"] is None
    assert len(pop["outcomes"]) == 10
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
    assert pop["cooperation"] is pop["preference"] is None
    assert pop["cards"]["handling"]["mandatory"] is False
    assert pop["next_action"] == "Hỏi thăm, không có khoản nào cần thu"
    assert pop["flags"] == []


def test_a_hold_and_a_special_customer_are_flagged() -> None:
    facts = replace(
        FACTS,
        who=replace(HA, special_handling=("VIP",), hardship=None, handling_instruction=""),
        holds=(Held("DISPUTE_HOLD", None, "disposition", NOW),),
    )
    pop = compose(facts, OCCASION)

    assert [flag["code"] for flag in pop["flags"]] == ["DISPUTE", "VIP"]
    assert pop["disputes"] == 1
    assert pop["cards"]["handling"]["mandatory"] is True


def test_the_frame_stays_below_sixteen_kilobytes_when_everything_is_full() -> None:
    full = replace(
        FACTS,
        loans=(CARD,) * 12,
        numbers=(MOBILE,) * 6,
        promises=(BROKEN,) * 30,
        payments=(PAID,) * 24,
        actions=(replace(LAST, note="ghi chú rất dài " * 100),) * 12,
    )

    assert len(msgspec.msgpack.encode(compose(full, OCCASION))) <= 16 * 1024
