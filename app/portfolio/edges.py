"""The edge set of the demonstration (domain.md 10.3): customers that every screen must survive. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from app.customers.rules import RiskFacts, assess_risk, parse_name

if TYPE_CHECKING:
    from app.portfolio.invented import Row
    from app.portfolio.pasts import Inventor

LONG_NAME: Final = "Nguyễn Hoàng Phương Khánh Quỳnh Nguyệt Thùy Trang"
LARGEST_AMOUNT: Final = 99_999_999_999
TET: Final = date(2027, 2, 6)
"""The first day of the lunar year 2027: a promise due on it meets a holiday."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One odd customer: the loan that is dialled, and the amounts that make it odd."""

    cif: str
    name: str
    product: str
    dpd: int
    outstanding: int
    overdue: int
    salutation: str = "CHI"


EDGES: Final = (
    Edge("EDGE-NOPHONE", "Lê Thị Không Máy", "CREDIT_CARD", 25, 12_000_000, 2_400_000),
    Edge("EDGE-THREE", "Phạm Văn Ba", "CREDIT_CARD", 40, 30_000_000, 5_000_000, "ANH"),
    Edge("EDGE-MOTHER", "Vũ Đức Con", "PERSONAL", 20, 18_000_000, 1_900_000, "ANH"),
    Edge("EDGE-LONG", LONG_NAME, "CREDIT_CARD", 33, 41_500_000, 6_200_000),
    Edge("EDGE-ZERO", "Trần Đăng Không", "CREDIT_CARD", 0, 0, 0, "ONG"),
    Edge("EDGE-HUGE", "Công ty Cổ phần Xây dựng Vạn Lộc", "MORTGAGE", 75, LARGEST_AMOUNT, LARGEST_AMOUNT, "NONE"),
    Edge("EDGE-DD", "Đỗ Đình Đạt", "PERSONAL", 15, 22_000_000, 2_100_000, "ANH"),
    Edge("EDGE-LATE-CALL", "Bùi Thị Tối", "CREDIT_CARD", 18, 16_000_000, 1_600_000),
    Edge("EDGE-TET", "Ngô Thị Xuân", "PERSONAL", 45, 28_000_000, 4_300_000),
)  # fmt: skip


def add_edges(inventor: Inventor) -> dict[str, Row]:
    """Add the odd customers; returns them by cif, for what is tied to them elsewhere."""
    made = {edge.cif: _customer(inventor, edge) for edge in EDGES}
    stage = inventor.stage
    three = made["EDGE-THREE"]
    for place, product in ((2, "PERSONAL"), (3, "AUTO")):
        _loan(inventor, three, place, product=product, outstanding_minor=90_000_000)
    tet = made["EDGE-TET"]
    loan = next(row for row in inventor.made.loans if row["customer_id"] == tet["id"])
    case = next(row for row in inventor.made.cases if row["customer_id"] == tet["id"])
    action = inventor.action(tet, loan, case, None, stage.now - timedelta(days=1), "PTP_SCHEDULED")
    action["note"] = "Hứa trả ngay mùng một Tết."
    promise = inventor.promise(loan, case, action, partial=False)
    promise |= {"due_on": TET, "state": "OPEN", "judged_at": None, "cancel_reason": None}
    return made


def _customer(inventor: Inventor, edge: Edge) -> Row:
    customer = inventor.customer(1)
    organisation = edge.name.startswith("Công ty")
    parts = parse_name(edge.name)
    customer |= {
        **inventor.keys(edge.name),
        "cif": edge.cif,
        "salutation": edge.salutation,
        "risk_class": assess_risk(RiskFacts(dpd=edge.dpd)).risk_class,
        "special_handling": [],
        "handling_instruction": "",
        "kind": "ORGANIZATION" if organisation else "INDIVIDUAL",
        "family": "" if organisation else parts.family,
        "middle": "" if organisation else parts.middle,
        "given": "" if organisation else parts.given,
    }
    _phones(inventor, customer, edge)
    _loan(
        inventor, customer, 1, edge.dpd, product=edge.product,
        outstanding_minor=edge.outstanding, overdue_minor=edge.overdue, due_minor=edge.overdue,
    )  # fmt: skip
    if edge.dpd:
        inventor.case(customer, edge.dpd)
    return customer


def _phones(inventor: Inventor, customer: Row, edge: Edge) -> None:
    if edge.cif == "EDGE-NOPHONE":
        return
    before = len(inventor.made.phones)
    inventor.phones(customer)
    del inventor.made.phones[before + 1 :]
    phone = inventor.made.phones[before]
    phone |= {"verification": "VERIFIED", "verified_at": customer["updated_at"]}
    if edge.cif == "EDGE-MOTHER":  # hers, and she does not owe: shown, never dialled
        phone |= {"label": "RELATIVE", "dialable": False, "is_primary": False}


def _loan(inventor: Inventor, customer: Row, place: int, dpd: int = 40, **odd: Any) -> Row:
    loan = inventor.loan(customer, place, dpd)
    loan |= {"account_no": f"{customer['cif']}-{place}", **odd}
    loan["overdue_minor"] = min(loan["overdue_minor"], loan["outstanding_minor"])
    loan["status"] = "OVERDUE" if loan["overdue_minor"] else "CURRENT"
    return loan
