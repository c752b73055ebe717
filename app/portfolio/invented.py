"""Invented customers, their numbers and what they owe: pure, the same again for the same seed and day.

Numbers lie in prefixes that no operator has, so that nobody's phone is among them. What happened to
these people before is invented in `pasts`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from app.accounts.rules import bucket_of, stage_of
from app.customers.rules import parse_name
from app.portfolio import names
from app.values.ids import new_id
from app.values.text import name_sort_key, search_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random  # noqa: TID251 - a generator is handed in; this is only its type
    from uuid import UUID
    from zoneinfo import ZoneInfo

PREFIXES: Final = ("050", "051", "053", "054", "057")
"""Mobile prefixes that the Vietnamese plan has given to nobody; the simulator dials no others."""

CIF_PREFIX: Final = "MAU"
"""Of invented customers, so that somebody's own file meets none of them."""

MONTH: Final = 30
"""Days between two installments, near enough."""

# Product: share per cent, typical outstanding in million đồng, spread, monthly installment share.
_PRODUCTS: Final = {
    "CREDIT_CARD": (44, 28, 0.7, 0.06),
    "PERSONAL": (34, 55, 0.6, 0.045),
    "AUTO": (12, 380, 0.5, 0.02),
    "MORTGAGE": (10, 1_250, 0.5, 0.009),
}
# Bucket: share per cent, days past due from and to.
_AGES: Final = (
    (22, 0, 0), (17, 1, 9), (24, 10, 30), (15, 31, 60), (9, 61, 90), (7, 91, 180), (4, 181, 360), (2, 361, 700),
)  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stage:
    """What the invention stands on: the business instant, its zone, who could have called."""

    now: datetime
    zone: ZoneInfo
    agents: Sequence[UUID]
    tree_version: int = 1

    @property
    def today(self) -> date:
        """The business date."""
        return self.now.astimezone(self.zone).date()


@dataclass(slots=True)
class Invented:
    """Rows by table, ready to be copied in; the order of the fields is that of foreign keys."""

    customers: list[Row] = field(default_factory=list)
    phones: list[Row] = field(default_factory=list)
    loans: list[Row] = field(default_factory=list)
    cases: list[Row] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    promises: list[Row] = field(default_factory=list)
    actions: list[Row] = field(default_factory=list)
    holds: list[Row] = field(default_factory=list)
    customer_statuses: list[Row] = field(default_factory=list)
    hardships: list[Row] = field(default_factory=list)
    disputes: list[Row] = field(default_factory=list)

    def tables(self) -> Iterator[tuple[str, list[Row]]]:
        """Table names with their rows, in the order in which they may be written."""
        for name in self.__dataclass_fields__:
            yield name, getattr(self, name)


class Maker:
    """Draws customers one after another; all its chance comes from one generator."""

    def __init__(self, chance: Random, stage: Stage) -> None:
        self.chance = chance
        self.stage = stage
        self.made = Invented()
        self._families = list(names.FAMILIES)
        self._family_weights = list(names.FAMILIES.values())
        self._branches = list(names.BRANCHES)
        self._branch_weights = [place[3] for place in names.BRANCHES.values()]
        self._numbers: set[str] = set()
        self._words: dict[str, tuple[str, str]] = {}
        self._cases = 0
        self.paid = 0

    # --- chance -------------------------------------------------------------------

    def draw(self, weighted: Sequence[tuple[str, int]]) -> str:
        """One word by its weight."""
        words, weights = zip(*weighted, strict=True)
        return str(self.chance.choices(words, weights)[0])

    def happens(self, per_cent: float) -> bool:
        """Whether something happens that happens so often."""
        return self.chance.random() * 100 < per_cent

    def id_at(self, instant: datetime) -> UUID:
        """An id as it would have been made at an instant."""
        return new_id(int(instant.timestamp() * 1000), self.chance.randbytes(10))

    def moment(self, day: date) -> datetime:
        """An instant in the calling hours of a day, never later than now."""
        second = self.chance.randrange(8 * 3600, 20 * 3600)
        local = datetime.combine(day, time(), self.stage.zone) + timedelta(seconds=second)
        return min(local, self.stage.now - timedelta(minutes=self.chance.randrange(1, 90)))

    def day_end(self, day: date) -> datetime:
        """The last microsecond of a local day: from when money known by its day counts."""
        start = datetime.combine(day + timedelta(days=1), time(), self.stage.zone)
        return min(start - timedelta(microseconds=1), self.stage.now)

    def number(self) -> str:
        """An E.164 number that is nobody's and not given out before."""
        while True:
            number = f"+84{self.chance.choice(PREFIXES)[1:]}{self.chance.randrange(10**7):07d}"
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    # --- a person -----------------------------------------------------------------

    def person_name(self, *, female: bool) -> str:
        """A name in the order family, middle, given."""
        family = self.chance.choices(self._families, self._family_weights)[0]
        middle = self.chance.choice(names.FEMALE_MIDDLES if female else names.MALE_MIDDLES)
        given = self.chance.choice(names.FEMALE_GIVENS if female else names.MALE_GIVENS)
        return f"{family} {middle} {given}"

    def keys(self, name: str) -> Row:
        """How a name is found and sorted; words are remembered, a portfolio has few."""
        words = name.split()
        for word in words:
            if word not in self._words:
                self._words[word] = (search_key(word), name_sort_key(word))
        last_first = [words[-1], *words[:-1]]
        return {
            "display": name,
            "search_key": " ".join(self._words[word][0] for word in words),
            "sort_key": "".join(self._words[word][1] for word in last_first),
        }

    def customer(self, index: int) -> Row:
        """A customer's row, added; one in sixty is a company."""
        since = self.stage.now - timedelta(days=self.chance.randrange(200, 2500))
        branch = self.chance.choices(self._branches, self._branch_weights)[0]
        province, code, districts, _ = names.BRANCHES[branch]
        row: Row = {
            "id": self.id_at(since),
            "cif": f"{CIF_PREFIX}{index:07d}",
            "language": "en" if self.happens(1) else "vi",
            "status": "ACTIVE",
            "segment": self.draw((("MASS", 78), ("AFFLUENT", 16), ("SME", 6))),
            "province": province,
            "district": self.chance.choice(districts),
            "timezone": "Asia/Ho_Chi_Minh",
            "special_handling": [],
            "handling_instruction": "",
            "cooperation": None,
            "preference": None,
            "hardship": None,
            "risk_class": "LOW",
            "do_not_contact": False,
            "created_at": since,
            "updated_at": self.stage.now,
            "version": 1,
        }
        row |= self._company() if index % 60 == 0 else self._individual(code)
        self._treat_specially(row)
        self.made.customers.append(row)
        return row

    def _individual(self, province_code: str) -> Row:
        female = self.happens(50)
        name = self.person_name(female=female)
        parts = parse_name(name)
        born = date(self.chance.randrange(1956, 2005), 1, 1) + timedelta(self.chance.randrange(365))
        age = (self.stage.today - born).days // 365
        century = 2 if born.year >= 2000 else 0  # noqa: PLR2004 - how identity numbers tell centuries
        serial = self.chance.randrange(10**6)
        return {
            **self.keys(name),
            "kind": "INDIVIDUAL",
            "family": parts.family,
            "middle": parts.middle,
            "given": parts.given,
            "salutation": _salutation(age, female=female),
            "born_on": born,
            "national_id": f"{province_code}{century + female}{born.year % 100:02d}{serial:06d}",
            "tax_code": None,
        }

    def _company(self) -> Row:
        form = self.chance.choice(names.COMPANY_FORMS)
        trade = self.chance.choice(names.COMPANY_TRADES)
        name = f"{form} {trade} {self.chance.choice(names.COMPANY_NAMES)}"
        return {
            **self.keys(name),
            "kind": "ORGANIZATION",
            "family": "",
            "middle": "",
            "given": "",
            "salutation": "NONE",
            "born_on": None,
            "national_id": None,
            "tax_code": f"03{self.chance.randrange(10**8):08d}",
        }

    def _treat_specially(self, row: Row) -> None:
        if self.happens(2):
            mark = self.chance.choice(list(names.INSTRUCTIONS))
            row["special_handling"] = [mark]
            row["handling_instruction"] = names.INSTRUCTIONS[mark]
        if self.happens(8):
            band = self.chance.choice(("9-11", "11-13", "17-19", "19-21"))
            row["preference"] = {
                "channel": "CALL",
                "band": band,
                "language": row["language"],
                "avoid": [],
            }

    def phones(self, customer: Row) -> list[Row]:
        """One to three numbers, added; the first is the primary one."""
        count = self.chance.choices((1, 2, 3), (62, 31, 7))[0]
        rows = [self._phone(customer, place) for place in range(count)]
        self.made.phones.extend(rows)
        return rows

    def _phone(self, customer: Row, place: int) -> Row:
        number = self.number()
        label = (
            "MOBILE" if place == 0 else self.draw((("MOBILE", 50), ("WORK", 25), ("RELATIVE", 25)))
        )
        mark = "VERIFIED" if self.happens(30) else "UNVERIFIED"
        if place and self.happens(8):
            mark = self.chance.choice(("INVALID", "WRONG_PARTY", "DO_NOT_CONTACT"))
        return {
            "id": self.id_at(customer["created_at"]),
            "customer_id": customer["id"],
            "number": number,
            "raw": f"0{number[3:]}",
            "label": label,
            "is_primary": place == 0,
            "verification": mark,
            "verified_at": None if mark == "UNVERIFIED" else self.stage.now - timedelta(days=40),
            "dialable": label != "RELATIVE",
            "attempts_180d": 0,
            "rpc_180d": 0,
            "bands": {},
            "version": 1,
        }

    # --- what is owed ---------------------------------------------------------------

    def loan(self, customer: Row, place: int, dpd: int) -> Row:
        """A loan's row, added; `dpd` 0 means that nothing is overdue."""
        product = self.draw([(name, facts[0]) for name, facts in _PRODUCTS.items()])
        _, typical, spread, share = _PRODUCTS[product]
        outstanding = round(typical * self.chance.lognormvariate(0, spread) * 1000) * 1000
        installment = max(150_000, round(outstanding * share / 1000) * 1000)
        months = min(dpd // MONTH + 1, 12) if dpd else 0
        overdue = min(outstanding, installment * months)
        today = self.stage.today
        opened = customer["created_at"].date() + timedelta(days=self.chance.randrange(0, 120))
        due_day = (
            today - timedelta(days=dpd % MONTH)
            if dpd
            else today + timedelta(days=self.chance.randrange(1, 28))
        )
        number = f"{_ACCOUNT[product]}{customer['cif'].removeprefix(CIF_PREFIX)}{place}"
        row = {
            "id": self.id_at(customer["created_at"]),
            "account_no": number,
            "customer_id": customer["id"],
            "product": product,
            "currency": "VND",
            "principal_minor": round(outstanding * self.chance.uniform(1.05, 2.2) / 100_000)
            * 100_000,
            "outstanding_minor": outstanding,
            "overdue_minor": overdue,
            "due_minor": min(outstanding, overdue or installment),
            "next_due_on": due_day + timedelta(days=MONTH) if dpd else due_day,
            "oldest_unpaid_due_on": today - timedelta(days=dpd) if dpd else None,
            "bucket_before": bucket_of(max(0, dpd - today.day)).code,
            "status": "OVERDUE" if overdue else "CURRENT",
            "opened_on": min(opened, today - timedelta(days=60)),
            "closed_at": None,
            "close_reason": None,
            "import_digest": None,
            "updated_at": self.stage.now,
            "version": 1,
        }
        self.made.loans.append(row)
        return row

    def days_past_due(self) -> int:
        """How late a loan is, by the shares of the buckets."""
        _, first, last = self.chance.choices(_AGES, [age[0] for age in _AGES])[0]
        return self.chance.randint(first, last)

    def case(self, customer: Row, dpd: int) -> Row:
        """An open case, added."""
        self._cases += 1
        opened = self.stage.now - timedelta(days=min(dpd, 400))
        row = {
            "id": self.id_at(opened),
            "case_no": f"CASE-{self.stage.today.year}-{self._cases:07d}",
            "customer_id": customer["id"],
            "status": "IN_TREATMENT" if dpd > 9 else "OPEN",  # noqa: PLR2004 - the end of bucket B1
            "stage": stage_of(dpd),
            "opened_at": opened,
            "closed_at": None,
            "close_reason": None,
            "owner_id": None,
            "version": 1,
        }
        self.made.cases.append(row)
        return row


_ACCOUNT: Final = {"CREDIT_CARD": "4512", "PERSONAL": "3301", "AUTO": "3402", "MORTGAGE": "3503"}
_ELDER: Final = 58


def _salutation(age: int, *, female: bool) -> str:
    if age >= _ELDER:
        return "BA" if female else "ONG"
    return "CHI" if female else "ANH"
