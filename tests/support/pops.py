"""A customer, her card, her promises and a call to her, for the tests of the screen pop."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from app.desk.pop import (
    Contested,
    Did,
    Number,
    Occasion,
    Owed,
    Paid,
    Pledged,
    PopFacts,
    Ringing,
    Speaker,
    Who,
)

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)  # 14:05 on a Sunday in Ho Chi Minh City
TODAY = date(2026, 11, 22)
LOAN = UUID(int=7)

HA = Who(
    id=UUID(int=1), cif="0048812", kind="INDIVIDUAL", display="Nguyễn Thị Thu Hà", given="Hà",
    salutation="CHI", language="vi", risk_class="HIGH", cooperation="WILLING_NEEDS_TIME",
    preference={"channel": "ZALO", "band": "sau 18h", "avoid": ["nơi làm việc"]},
    hardship={"since": "2026-10-12", "reason": "ốm", "source": "agent"},
    handling_instruction="Không gọi nơi làm việc.",
)  # fmt: skip
CARD = Owed(
    id=LOAN, account_no="9704001234564417", product="CREDIT_CARD", currency="VND",
    outstanding_minor=38_900_000, overdue_minor=5_420_000, due_minor=5_420_000,
    oldest_unpaid_due_on=TODAY - timedelta(days=45), next_due_on=date(2026, 12, 5),
    bucket_before="B2",
)  # fmt: skip
BROKEN = Pledged(LOAN, 5_000_000, "VND", date(2026, 11, 20), "BROKEN", NOW - timedelta(days=6), 0)
EARLIER = Pledged(LOAN, 5_000_000, "VND", date(2026, 10, 10), "BROKEN", NOW - timedelta(days=50), 0)
PAID = Paid(LOAN, 1_200_000, "VND", date(2026, 10, 5), "QR", "POSTED")
LAST = Did(NOW - timedelta(days=4), "CALL", "PTP_SCHEDULED", "hẹn ngày lương", rpc=True, by="Lan")
MOBILE = Number(
    id=UUID(int=9), number="+84912345678", label="MOBILE", is_primary=True,
    verification="VERIFIED", attempts_180d=21, rpc_180d=13, bands={"17": [9, 10], "9": [4, 11]},
)  # fmt: skip
DISPUTE = Contested(
    "AMOUNT", "OPEN", NOW - timedelta(days=4), TODAY + timedelta(days=6), loan_id=LOAN, by="Lan"
)
FACTS = PopFacts(
    today=TODAY, now=NOW, bank="Ngân hàng Mẫu", who=HA, loans=(CARD,), numbers=(MOBILE,),
    promises=(BROKEN, EARLIER), payments=(PAID,), actions=(LAST,),
)  # fmt: skip
MINH = Speaker(UUID(int=2), "Minh", "vi")
RINGING = Ringing(
    UUID(int=3), UUID(int=4), "Thẻ B3 T11", "+84912345678", 2, 1, 3, 1_795_000_000_000
)
AT_MS = int(NOW.timestamp() * 1000)
OCCASION = Occasion(RINGING, MINH, AT_MS, AT_MS + 20)
