"""Calls to practise on: invented customers, what each of them says, and which outcomes would be right. Pure.

Their screens are composed as any other screen is; only the facts are made up here, around today.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.desk.pop import Contested, Did, Number, Owed, Paid, Pledged, PopFacts, Strained, Who
from app.desk.words import Pair
from app.values.money import EXPONENTS

_FIRST: Final = 0x7AC7_1CE0 << 96  # ids of practice: no id of ours begins like this


@dataclass(frozen=True, slots=True)
class Owes:
    """What a made-up customer owes: amounts in dong, `dpd` days late."""

    product: str
    due: int
    outstanding: int
    dpd: int
    bucket_before: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One customer to practise on.

    `says` is what he answers, `fits` the outcomes that would be right, `why` says so in a sentence.
    `past` adds what is known of him to the facts.
    """

    display: str
    salutation: str
    owes: Owes
    says: Pair
    fits: frozenset[str]
    why: Pair
    risk: str = "MEDIUM"
    special: tuple[str, ...] = ()
    past: Callable[[PopFacts], PopFacts] = lambda facts: facts


def _broke_a_promise(facts: PopFacts) -> PopFacts:
    loan = facts.loans[0]
    due_on = facts.today - timedelta(days=2)
    pledge = Pledged(
        loan.id, loan.due_minor, loan.currency, due_on, "BROKEN", facts.now - timedelta(days=6), 0
    )
    said = Did(facts.now - timedelta(days=6), "CALL", "PTP_SCHEDULED", "", rpc=True, by="Lan")
    return replace(facts, promises=(pledge,), actions=(said,))


def _pays_by_transfer(facts: PopFacts) -> PopFacts:
    loan, last_month = facts.loans[0], facts.today - timedelta(days=31)
    paid = Paid(loan.id, loan.due_minor, loan.currency, last_month, "BANK_TRANSFER", "POSTED")
    return replace(facts, payments=(paid,))


def _is_in_hardship(facts: PopFacts) -> PopFacts:
    since = facts.today - timedelta(days=20)
    noted = facts.now - timedelta(days=20)
    review_on = facts.today + timedelta(days=5)
    strained = Strained(since, "mất việc", review_on, noted, "AGENT", "Lan")
    return replace(facts, hardship=strained)


def _disputed_before(facts: PopFacts) -> PopFacts:
    opened, due_on = facts.now - timedelta(days=200), facts.today - timedelta(days=186)
    return replace(facts, disputes=(Contested("AMOUNT", "RESOLVED", opened, due_on, by="Lan"),))


CASES: Final = (
    Case(
        "Nguyễn Thị Thu Hà", "CHI",
        Owes("CREDIT_CARD", 5_420_000, 38_900_000, 45, bucket_before="B2"),
        (
            "Chị xin lỗi, tháng này bận quá nên quên. Ba ngày nữa có lương chị trả đủ nhé.",
            "I am sorry, I forgot about it this month. I get paid in three days and will pay it all.",
        ),
        frozenset({"PTP_SCHEDULED"}),
        ("Khách hứa một ngày và một số tiền: Hứa trả", "A day and an amount were promised: promise to pay"),
        risk="HIGH", past=_broke_a_promise,
    ),
    Case(
        "Trần Văn Tùng", "ANH", Owes("PERSONAL", 2_150_000, 21_600_000, 12),
        (
            "Anh chuyển khoản hôm qua rồi mà, em kiểm tra lại giúp anh.",
            "I made a transfer yesterday. Please look again.",
        ),
        frozenset({"PAID_TO_VERIFY", "PAID_PROOF"}),
        ("Khách nói đã trả: Đã trả rồi, để đối chiếu", "Said to be paid: already paid, to be verified"),
        risk="LOW", past=_pays_by_transfer,
    ),
    Case(
        "Lê Ngọc Mai", "CHI", Owes("AUTO", 7_800_000, 212_000_000, 33),
        (
            "Mai đi vắng rồi, bác là mẹ nó. Có chuyện gì nói với bác cũng được.",
            "Mai is out, I am her mother. You can tell me what it is about.",
        ),
        frozenset({"THIRD_PARTY_MESSAGE"}),
        (
            "Không phải khách: không nói về khoản nợ, nhắn gọi lại",
            "Not the customer: no word about the debt, leave a message to call back",
        ),
    ),
    Case(
        "Phạm Minh Đức", "ONG", Owes("PERSONAL", 9_300_000, 54_000_000, 120),
        (
            "Chú nghỉ việc hai tháng nay, giờ chưa biết lấy gì mà trả.",
            "I have been out of work for two months. I do not know what to pay with.",
        ),
        frozenset({"HARDSHIP_REVIEW", "HARDSHIP_RESTRUCTURE"}),
        (
            "Khách gặp khó khăn: đề nghị xem xét, không ép hứa trả",
            "The customer is in difficulty: ask for a review, do not press for a promise",
        ),
        risk="HIGH", past=_is_in_hardship,
    ),
    Case(
        "Võ Hoàng Nam", "ANH", Owes("CREDIT_CARD", 1_260_000, 12_450_000, 8),
        (
            "Anh đang lái xe. Khoảng một tiếng nữa gọi lại cho anh nhé.",
            "I am driving. Please call me again in about an hour.",
        ),
        frozenset({"CALLBACK_SCHEDULED"}),
        ("Khách hẹn giờ: Hẹn gọi lại sau 1 giờ", "A time was agreed: call back in one hour"),
        risk="LOW",
    ),
    Case(
        "Đặng Thị Lan", "BA", Owes("CREDIT_CARD", 660_000, 8_700_000, 18),
        (
            "Phí này tôi không dùng, tôi không đồng ý trả.",
            "I never used what this fee is for. I do not agree to pay it.",
        ),
        frozenset({"DISPUTE_OPENED", "DISPUTE_ESCALATED"}),
        ("Khách không công nhận khoản này: Tranh chấp", "The debt is contested: dispute"),
        past=_disputed_before,
    ),
    Case(
        "Bùi Quang Huy", "ANH", Owes("PERSONAL", 3_480_000, 30_200_000, 61),
        (
            "Nhầm máy rồi em ơi, ở đây không có ai tên Huy.",
            "You have the wrong number. There is nobody called Huy here.",
        ),
        frozenset({"WRONG_NUMBER_INVALID", "WRONG_NUMBER_TRACE"}),
        ("Số không phải của khách: Sai số", "Not the customer's number: wrong number"),
    ),
)  # fmt: skip


def case_at(number: int) -> Case:
    """The case that is practised as the `number`th call; after the last comes the first again."""
    return CASES[number % len(CASES)]


def id_of(number: int, kind: int = 0) -> UUID:
    """An id for the call (0), the customer (1), the loan (2) or the telephone (3) of a case."""
    return UUID(int=_FIRST + (number << 8) + kind)


def number_of(call: UUID) -> int | None:
    """Which call of practice this is; None for a call that was really made."""
    past = call.int - _FIRST
    return past >> 8 if 0 <= past < 1 << 64 else None


def facts_of(number: int, house: PopFacts) -> PopFacts:
    """What the screen of a case is made of; `house` says today, the bank, its place and its currency."""
    case = case_at(number)
    who = Who(
        id=id_of(number, 1),
        cif=f"000000{number % len(CASES) + 1}",
        kind="INDIVIDUAL",
        display=case.display,
        given=case.display.split()[-1],
        salutation=case.salutation,
        language="vi",
        risk_class=case.risk,
        special_handling=case.special,
        timezone=house.zone,
    )
    phone = Number(
        id_of(number, 3), "+84900000000", "MOBILE", is_primary=True, verification="VERIFIED",
        attempts_180d=6, rpc_180d=3, bands={"18": (2, 3)},
    )  # fmt: skip
    known = replace(house, who=who, loans=(_loan(number, case.owes, house),), numbers=(phone,))
    return case.past(known)


def _loan(number: int, owes: Owes, house: PopFacts) -> Owed:
    """Amounts of other currencies are the same digits with a hundredth of the worth."""
    scale = 1 if EXPONENTS.get(house.currency, 0) == 0 else 100
    return Owed(
        id=id_of(number, 2),
        account_no="9704000000004417",
        product=owes.product,
        currency=house.currency,
        outstanding_minor=owes.outstanding // scale,
        overdue_minor=owes.due // scale,
        due_minor=owes.due // scale,
        oldest_unpaid_due_on=house.today - timedelta(days=owes.dpd),
        next_due_on=house.today + timedelta(days=12),
        bucket_before=owes.bucket_before,
    )
