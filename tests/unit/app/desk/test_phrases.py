"""Reason, key fact (domain 6.6) and suggestion, in both languages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.desk.phrases import key_fact, next_action, part_of, pay_by, reason
from app.desk.picture import see
from app.desk.pop import Held, PopFacts
from app.values.money import Money
from tests.support.pops import BROKEN, CARD, FACTS, HA, LAST, NOW, PAID, TODAY

CALM_HA = replace(HA, hardship=None)
CALM_CARD = replace(CARD, bucket_before="B3")
PLAIN = replace(FACTS, who=CALM_HA, loans=(CALM_CARD,), promises=(), actions=())
TODAYS = replace(BROKEN, state="OPEN", due_on=TODAY)
SETTLING = replace(PAID, status="PENDING", amount_minor=1_000_000)
COMPLAINT = replace(LAST, leaf="COMPLAINT_LOGGED", at=NOW - timedelta(days=10), kind="NOTE")
DISPUTE = Held("DISPUTE_HOLD", None, "disposition", NOW)
NB = "\u00a0"


@pytest.mark.parametrize(
    ("facts", "vietnamese", "english"),
    [
        (
            replace(PLAIN, payments=(SETTLING,)),
            f"Đã chuyển 1.000.000{NB}₫, tiền đang về",
            f"Paid 1,000,000{NB}₫, money is on its way",
        ),
        (
            replace(PLAIN, promises=(replace(BROKEN, paid_in_window_minor=200_000),)),
            f"Hứa trả 5.000.000{NB}₫ ngày 20/11 – mới thấy 200.000{NB}₫",
            f"Promised 5,000,000{NB}₫ for 20/11 – only 200,000{NB}₫ came in",
        ),
        (
            replace(PLAIN, promises=(BROKEN,)),
            f"Hứa trả 5.000.000{NB}₫ ngày 20/11 – chưa thấy tiền",
            f"Promised 5,000,000{NB}₫ for 20/11 – no money yet",
        ),
        (
            replace(PLAIN, promises=(TODAYS,)),
            f"Hôm nay đến hẹn trả 5.000.000{NB}₫",
            f"Promise of 5,000,000{NB}₫ is due today",
        ),
        (
            replace(PLAIN, loans=(CARD,)),
            f"Mới sang nhóm B3: quá hạn 45 ngày, cần trả 5.420.000{NB}₫",
            f"Just rolled into B3: 45 days past due, 5,420,000{NB}₫ due",
        ),
        (
            PLAIN,
            f"Thẻ tín dụng quá hạn 45 ngày, cần trả 5.420.000{NB}₫",
            f"Credit card 45 days past due, 5,420,000{NB}₫ due",
        ),
        (
            replace(PLAIN, loans=(replace(CALM_CARD, oldest_unpaid_due_on=None),)),
            f"Thẻ tín dụng: sắp đến hạn 5.420.000{NB}₫ ngày 05/12",
            f"Credit card: 5,420,000{NB}₫ falls due on 05/12",
        ),
        (
            replace(
                PLAIN, loans=(replace(CALM_CARD, oldest_unpaid_due_on=None, next_due_on=None),)
            ),
            f"Thẻ tín dụng: sắp đến hạn 5.420.000{NB}₫ ngày 22/11",
            f"Credit card: 5,420,000{NB}₫ falls due on 22/11",
        ),
        (replace(PLAIN, loans=()), "Không có khoản vay đang mở", "No open loan"),
    ],
)
@pytest.mark.req("S0b-021")
def test_the_reason_names_what_set_the_call_off(
    facts: PopFacts, vietnamese: str, english: str
) -> None:
    picture = see(facts)

    assert reason(facts, picture, "", "vi") == vietnamese
    assert reason(facts, picture, "", "en") == english


def test_a_campaign_may_give_its_own_reason() -> None:
    facts = replace(PLAIN, script={"reason": {"vi": "Chương trình tháng 11", "en": ""}})

    assert reason(facts, see(facts), "A", "vi") == "Chương trình tháng 11 · chiến dịch A"
    assert reason(facts, see(facts), "A", "en").endswith("due · campaign A")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (FACTS, "BROKEN_PROMISE"),
        (replace(FACTS, promises=(), holds=(DISPUTE,)), "OPEN_DISPUTE"),
        (replace(FACTS, promises=()), "HARDSHIP"),
        (replace(PLAIN, payments=(SETTLING,), promises=(TODAYS,)), "IN_SETTLEMENT"),
        (replace(PLAIN, promises=(TODAYS,), actions=(COMPLAINT,)), "PROMISE_DUE_TODAY"),
        (replace(PLAIN, actions=(COMPLAINT,), loans=(CARD,)), "COMPLAINT"),
        (replace(PLAIN, loans=(CARD,), actions=(LAST,)), "NEW_BUCKET"),
        (replace(PLAIN, actions=(LAST,)), "NTH_ATTEMPT"),
        (PLAIN, None),
    ],
)
@pytest.mark.req("S0b-039")
def test_the_first_key_fact_that_holds_is_told(facts: PopFacts, code: str | None) -> None:
    found = [key_fact(facts, see(facts), language) for language in ("vi", "en")]

    assert [fact and fact["code"] for fact in found] == [code, code]
    assert all(fact is None or (fact["text"] and fact["tone"]) for fact in found)


def test_one_broken_promise_is_not_called_again() -> None:
    facts = replace(FACTS, promises=(BROKEN,))
    fact = key_fact(facts, see(facts), "en")

    assert fact is not None
    assert fact["text"] == "Promise broken 2 days ago"


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        (replace(FACTS, holds=(DISPUTE,)), "Do not ask for money"),
        (replace(PLAIN, payments=(SETTLING,)), "on its way"),
        (replace(PLAIN, loans=()), "nothing is due"),
        (replace(PLAIN, loans=(replace(CARD, outstanding_minor=0),)), "nothing is due"),
        (FACTS, "offer a review"),
        (replace(PLAIN, who=replace(CALM_HA, special_handling=("VULNERABLE",))), "do not press"),
        (replace(PLAIN, who=replace(CALM_HA, cooperation="HOSTILE")), "once, then close"),
        (replace(PLAIN, promises=(BROKEN,)), f"a part of 2,100,000{NB}₫ today"),
        (replace(PLAIN, promises=(TODAYS,)), "Remind of today's promise"),
        (
            replace(PLAIN, loans=(replace(CARD, oldest_unpaid_due_on=TODAY - timedelta(days=91)),)),
            "restructuring",
        ),
        (
            replace(PLAIN, promises=(replace(BROKEN, state="KEPT"),) * 5, payments=(PAID,) * 9),
            "gentle reminder",
        ),
        (PLAIN, f"5,420,000{NB}₫ by 25/11, or 2,100,000{NB}₫ today"),
    ],
)
@pytest.mark.req("S3-005")
def test_one_next_step_is_suggested(facts: PopFacts, part: str) -> None:
    assert part in next_action(facts, see(facts), "en")
    assert next_action(facts, see(facts), "vi")


def test_a_part_is_round_and_never_more_than_the_whole() -> None:
    assert part_of(Money(5_420_000, "VND")) == Money(2_100_000, "VND")
    assert part_of(Money(60_000, "VND")) == Money(60_000, "VND")
    assert part_of(Money(14_550, "USD")) == Money(5_500, "USD")
    assert part_of(Money(1_000, "EUR")) == Money(400, "EUR")


def test_payment_is_asked_for_three_working_days_ahead() -> None:
    assert pay_by(FACTS) == TODAY + timedelta(days=3)
    assert pay_by(replace(FACTS, holidays=frozenset({TODAY + timedelta(days=2)}))) == (
        TODAY + timedelta(days=4)
    )
