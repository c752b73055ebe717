"""Invented customers with a past: pure, the same again for the same seed and day.

Numbers lie in prefixes that no operator has, so that nobody's phone is among them. A history hangs
together: a kept promise has its payment, a broken one has none, who pays in time is not overdue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random  # noqa: TID251 - a seeded generator is handed in; this is its type
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.accounts.rules import bucket_of, stage_of
from app.customers.rules import RiskFacts, assess_risk, band_hour, parse_name
from app.portfolio import names
from app.values.ids import new_id
from app.values.money import Money
from app.values.text import name_sort_key, search_key

PREFIXES: Final = ("050", "051", "053", "054", "057")
"""Mobile prefixes that the Vietnamese plan has given to nobody; the simulator dials no others."""

TOLERANCE_MINOR: Final = 10_000
HISTORY_DAYS: Final = 180
_MONTH: Final = 30

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
_TALK: Final = (
    ("PTP_SCHEDULED", 30), ("PTP_PARTIAL", 6), ("CALLBACK_SCHEDULED", 12), ("REFUSED", 9),
    ("HARDSHIP_REVIEW", 2), ("DISPUTE_OPENED", 2), ("PAID_TO_VERIFY", 7), ("THIRD_PARTY_MESSAGE", 8),
    ("HUNG_UP_AFTER_ID", 6), ("HUNG_UP_BEFORE_ID", 8),
)  # fmt: skip
_NO_TALK: Final = (
    ("NO_ANSWER_RETRY", 58), ("BUSY_RETRY", 14), ("SWITCHED_OFF_RETRY", 22), ("MACHINE_NO_MESSAGE", 6),
)  # fmt: skip
_METHODS: Final = (("BANK_TRANSFER", 55), ("QR", 25), ("E_WALLET", 12), ("CASH", 8))
_RIGHT_PARTY: Final = frozenset(leaf for leaf, _ in _TALK) - {
    "THIRD_PARTY_MESSAGE",
    "HUNG_UP_BEFORE_ID",
}

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

    def tables(self) -> Iterator[tuple[str, list[Row]]]:
        """Table names with their rows, in the order in which they may be written."""
        for name in self.__dataclass_fields__:
            yield name, getattr(self, name)


class Inventor:
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

    # --- chance -------------------------------------------------------------------

    def draw(self, weighted: Sequence[tuple[str, int]]) -> str:
        """One word by its weight."""
        words, weights = zip(*weighted, strict=True)
        return str(self.chance.choices(words, weights)[0])

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
            "cif": f"KH{index:07d}",
            "language": "en" if self.chance.random() < 0.01 else "vi",  # noqa: PLR2004 - one in a hundred
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
        female = self.chance.random() < 0.5  # noqa: PLR2004 - a coin
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
        if self.chance.random() < 0.02:  # noqa: PLR2004 - one in fifty
            mark = self.chance.choice(list(names.INSTRUCTIONS))
            row["special_handling"] = [mark]
            row["handling_instruction"] = names.INSTRUCTIONS[mark]
        if self.chance.random() < 0.08:  # noqa: PLR2004 - about one in twelve has said when
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
        mark = "VERIFIED" if self.chance.random() < 0.3 else "UNVERIFIED"  # noqa: PLR2004 - three in ten
        if place and self.chance.random() < 0.08:  # noqa: PLR2004 - second numbers go stale
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
        months = min(dpd // _MONTH + 1, 12) if dpd else 0
        overdue = min(outstanding, installment * months)
        today = self.stage.today
        opened = customer["created_at"].date() + timedelta(days=self.chance.randrange(0, 120))
        due_day = (
            today - timedelta(days=dpd % _MONTH)
            if dpd
            else today + timedelta(days=self.chance.randrange(1, 28))
        )
        number = f"{_ACCOUNT[product]}{customer['cif'][2:]}{place}"
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
            "next_due_on": due_day + timedelta(days=_MONTH) if dpd else due_day,
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

    # --- the past -------------------------------------------------------------------

    def payment(self, loan: Row, day: date, amount: int) -> None:
        """Money that came in on a day, added."""
        at = self.day_end(day)
        self.made.payments.append(
            {
                "id": self.id_at(at),
                "customer_id": loan["customer_id"],
                "loan_id": loan["id"],
                "amount_minor": amount,
                "currency": loan["currency"],
                "paid_on": day,
                "paid_at": at,
                "method": self.draw(_METHODS),
                "status": "POSTED",
                "source": "seed",
                "reference": f"FT{day:%y%m%d}{self.chance.randrange(10**10):010d}",
            }
        )

    def installments(self, loan: Row, dpd: int) -> None:
        """A year of paying before the arrears began: mostly in time, sometimes late or less."""
        installment = max(150_000, loan["due_minor"] // max(1, dpd // _MONTH + 1))
        for back in range(1, 7):
            due = self.stage.today - timedelta(days=dpd + back * _MONTH)
            if due < loan["opened_on"] or self.chance.random() < 0.12:  # noqa: PLR2004 - skipped now and then
                continue
            late = self.chance.choices((0, 2, 6, 14), (60, 22, 12, 6))[0]
            part = self.chance.choices((1.0, 0.5), (88, 12))[0]
            self.payment(loan, due + timedelta(days=late), max(50_000, round(installment * part)))

    def calls(self, customer: Row, loan: Row, case: Row, phones: Sequence[Row], dpd: int) -> None:
        """What was tried on the phone since the debt is late, a promise here and there."""
        reachable = [
            phone for phone in phones if phone["dialable"] and phone["verification"] in _RINGS
        ]
        if not reachable or not dpd:
            return
        span = min(dpd, HISTORY_DAYS)
        count = min(12, 1 + self.chance.randrange(2 + span // 9))
        days = sorted(self.chance.sample(range(span + 1), min(count, span + 1)), reverse=True)
        promised_until: date | None = None
        for back in days:
            day = self.stage.today - timedelta(days=back)
            if promised_until is not None and day <= promised_until:
                continue  # nobody is called while a promise runs
            due = self._call(customer, loan, case, self.chance.choice(reachable), self.moment(day))
            promised_until = due or promised_until

    def _call(self, customer: Row, loan: Row, case: Row, phone: Row, at: datetime) -> date | None:
        talked = self.chance.random() < 0.42  # noqa: PLR2004 - answered by a person
        leaf = self.draw(_TALK if talked else _NO_TALK)
        action = self.action(customer, loan, case, phone, at, leaf)
        _count(phone, at.astimezone(self.stage.zone).hour, rpc=action["rpc"])
        if leaf not in ("PTP_SCHEDULED", "PTP_PARTIAL"):
            self._aftermath(customer, action)
            return None
        promise = self.promise(loan, case, action, partial=leaf == "PTP_PARTIAL")
        amount = Money(promise["amount_minor"], "VND").display("vi")
        action["note"] = action["note"].format(amount=amount, day=f"{promise['due_on']:%d/%m}")
        return date.fromordinal(promise["due_on"].toordinal() + 1)

    def action(
        self, customer: Row, loan: Row, case: Row, phone: Row | None, at: datetime, leaf: str
    ) -> Row:
        """An interaction, added; notes still hold their fields when a promise is to fill them."""
        row: Row = {
            "id": self.id_at(at),
            "at": at,
            "customer_id": customer["id"],
            "case_id": case["id"],
            "loan_id": loan["id"],
            "kind": "CALL",
            "direction": "OUT",
            "user_id": self.chance.choice(self.stage.agents) if leaf in _SPOKEN else None,
            "phone_id": phone["id"] if phone else None,
            "call_id": None,
            "campaign_id": None,
            "leaf": leaf,
            "tree_version": self.stage.tree_version,
            "rpc": leaf in _RIGHT_PARTY,
            "note": self.chance.choice(names.NOTES.get(leaf, ("",))),
            "details": {},
            "ticked": [],
            "effects": [],
            "source_mode": "AUTO",
            "supersedes_id": None,
            "superseded": False,
        }
        self.made.actions.append(row)
        return row

    def promise(self, loan: Row, case: Row, action: Row, *, partial: bool) -> Row:
        """A promise with the outcome that its day allows, and the payment that made it so; added."""
        made_on = action["at"].astimezone(self.stage.zone).date()
        due = made_on + timedelta(days=self.chance.randrange(1, 11))
        share = self.chance.uniform(0.2, 0.6) if partial else 1.0
        amount = max(100_000, round(loan["due_minor"] * share / 10_000) * 10_000)
        row: Row = {
            "id": self.id_at(action["at"]),
            "customer_id": loan["customer_id"],
            "loan_id": loan["id"],
            "case_id": case["id"],
            "amount_minor": min(amount, loan["outstanding_minor"]),
            "currency": "VND",
            "due_on": due,
            "method": self.draw(_METHODS),
            "state": "OPEN",
            "grace_days": 1,
            "threshold_pct": 100,
            "tolerance_minor": TOLERANCE_MINOR,
            "paid_in_window_minor": 0,
            "paid_late_minor": 0,
            "created_at": action["at"],
            "created_by": action["user_id"],
            "action_id": action["id"],
            "judged_at": None,
            "supersedes_id": None,
            "cancel_reason": None,
            "reference": None,
            "version": 1,
        }
        self._end(row, loan)
        self.made.promises.append(row)
        return row

    def _end(self, row: Row, loan: Row) -> None:
        """How a promise ended. Past its window it is judged; within it, it runs and holds dialling."""
        last = row["due_on"] + timedelta(days=row["grace_days"])
        if last >= self.stage.today:
            if self.chance.random() < 0.06:  # noqa: PLR2004 - some are moved or taken back
                self._withdraw(row)
            else:
                self.hold(row, "PROMISE_RUNNING", self._after(last), "promise", row["action_id"])
            return
        fate = self.draw((("KEPT", 38), ("PARTLY_KEPT", 12), ("BROKEN", 40), ("MOVED", 10)))
        if fate == "MOVED":
            self._withdraw(row)
            return
        row["state"] = fate
        row["judged_at"] = self._after(last)
        day = row["due_on"] - timedelta(days=self.chance.randrange(0, 2))
        made_on = row["created_at"].astimezone(self.stage.zone).date()
        day = max(day, made_on)
        if fate == "KEPT":
            row["paid_in_window_minor"] = row["amount_minor"]
            row["judged_at"] = self.day_end(day)
            self.payment(loan, day, row["amount_minor"])
        elif fate == "PARTLY_KEPT":
            paid = max(50_000, row["amount_minor"] // 3)
            row["paid_in_window_minor"] = min(paid, row["amount_minor"] - TOLERANCE_MINOR - 1)
            self.payment(loan, day, row["paid_in_window_minor"])
        elif self.chance.random() < 0.15 and last < self.stage.today - timedelta(days=6):  # noqa: PLR2004
            row["paid_late_minor"] = row["amount_minor"] // 2
            self.payment(loan, last + timedelta(days=3), row["paid_late_minor"])

    def _withdraw(self, row: Row) -> None:
        row["state"] = self.chance.choice(("RESCHEDULED", "CANCELLED"))
        row["judged_at"] = row["created_at"]
        if row["state"] == "CANCELLED":
            row["cancel_reason"] = "Ghi nhầm, khách hàng không hứa"

    def _after(self, day: date) -> datetime:
        return datetime.combine(day + timedelta(days=1), time(), self.stage.zone)

    def hold(
        self, of: Row, kind: str, until: datetime | None, source: str, action_id: UUID | None
    ) -> None:
        """What keeps a customer from being dialled, added. `of` is a row with a customer and a loan."""
        placed = min(of.get("created_at") or of.get("at") or self.stage.now, self.stage.now)
        self.made.holds.append(
            {
                "id": self.id_at(placed),
                "customer_id": of["customer_id"],
                "loan_id": of.get("loan_id"),
                "kind": kind,
                "until": until,
                "source": source,
                "action_id": action_id,
                "placed_at": placed,
                "released_at": None,
                "release_reason": None,
            }
        )

    def _aftermath(self, customer: Row, action: Row) -> None:
        """What an outcome left behind: a hardship flag, a dispute, a look at payments, a manner."""
        recent = action["at"] > self.stage.now - timedelta(days=10)
        leaf, at = action["leaf"], action["at"]
        if leaf == "HARDSHIP_REVIEW":
            since = at.astimezone(self.stage.zone).date()
            customer["hardship"] = {
                "since": since.isoformat(),
                "reason": "Mất việc làm",
                "review_on": (since + timedelta(days=30)).isoformat(),
                "source": "AGENT",
            }
            customer["cooperation"] = "HARDSHIP"
        elif leaf == "DISPUTE_OPENED" and recent:
            self.hold(action, "DISPUTE_HOLD", None, "disposition", action["id"])
            customer["cooperation"] = "DISPUTING"
        elif leaf == "PAID_TO_VERIFY" and at > self.stage.now - timedelta(days=2):
            self.hold(action, "PROOF_CHECK", at + timedelta(days=2), "disposition", action["id"])
        elif leaf == "REFUSED":
            customer["cooperation"] = self.chance.choice(("AVOIDING", "HOSTILE"))

    # --- all of one -------------------------------------------------------------------

    def whole_customer(self, index: int) -> Row:
        """A customer with numbers, loans, a case when something is overdue, and a past."""
        customer = self.customer(index)
        phones = self.phones(customer)
        count = self.chance.choices((1, 2, 3), (75, 20, 5))[0]
        ages = sorted((self.days_past_due() for _ in range(count)), reverse=True)
        loans = [self.loan(customer, place, dpd) for place, dpd in enumerate(ages, start=1)]
        for loan, dpd in zip(loans, ages, strict=True):
            self.installments(loan, dpd)
        promises_before = len(self.made.promises)
        if ages[0]:
            case = self.case(customer, ages[0])
            self.calls(customer, loans[0], case, phones, ages[0])
        self._judge(customer, ages[0], self.made.promises[promises_before:])
        return customer

    def _judge(self, customer: Row, dpd: int, promises: Sequence[Row]) -> None:
        broken = [p for p in promises if p["state"] == "BROKEN"]
        recently = self.stage.today - timedelta(days=60)
        facts = RiskFacts(
            dpd=dpd,
            broken_60d=sum(p["due_on"] > recently for p in broken),
            broken_ever=len(broken),
            hostile=customer["cooperation"] == "HOSTILE",
        )
        customer["risk_class"] = assess_risk(facts).risk_class
        if customer["cooperation"] is None and promises and not broken:
            customer["cooperation"] = "PROMISE_KEEPER"


_ACCOUNT: Final = {"CREDIT_CARD": "4512", "PERSONAL": "3301", "AUTO": "3402", "MORTGAGE": "3503"}
_RINGS: Final = frozenset({"UNVERIFIED", "VERIFIED"})
_SPOKEN: Final = frozenset(leaf for leaf, _ in _TALK)
_YOUNG, _ELDER = 30, 58


def _salutation(age: int, *, female: bool) -> str:
    if age >= _ELDER:
        return "BA" if female else "ONG"
    return "CHI" if female else "ANH"


def _count(phone: Row, hour: int, *, rpc: bool) -> None:
    """Count an attempt on a number, in all and in its two-hour band."""
    phone["attempts_180d"] += 1
    phone["rpc_180d"] += rpc
    band = band_hour(hour)
    if band is not None:
        right, tried = phone["bands"].get(str(band), (0, 0))
        phone["bands"][str(band)] = [right + rpc, tried + 1]
