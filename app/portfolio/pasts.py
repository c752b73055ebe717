"""What happened to invented customers before: payments, calls, promises, and what each left behind. Pure.

A history hangs together: a kept promise has its payment, a broken one has none, nobody is called while
a promise runs, and a number's counts are those of its calls.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from app.customers.rules import RiskFacts, assess_risk, band_hour
from app.portfolio import names
from app.portfolio.invented import MONTH, Maker, Row
from app.values.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

TOLERANCE_MINOR: Final = 10_000
HISTORY_DAYS: Final = 180

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
_RINGS: Final = frozenset({"UNVERIFIED", "VERIFIED"})
_SPOKEN: Final = frozenset(leaf for leaf, _ in _TALK)


class Inventor(Maker):
    """Draws customers with their past, one after another."""

    # --- the past -------------------------------------------------------------------

    def payment(self, loan: Row, day: date, amount: int) -> None:
        """Money that came in on a day, added."""
        at = self.day_end(day)
        self.paid += 1
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
                "reference": f"FT{day:%y%m%d}{self.paid:08d}",
            }
        )

    def installments(self, loan: Row, dpd: int) -> None:
        """Months of paying before the arrears began: mostly in time, sometimes late or less."""
        installment = max(150_000, loan["due_minor"] // max(1, dpd // MONTH + 1))
        for back in range(1, 5):
            due = self.stage.today - timedelta(days=dpd + back * MONTH)
            if due < loan["opened_on"] or self.happens(12):
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
        # Nothing today: the floor begins its day with the figures at nought.
        days = sorted(self.chance.sample(range(1, span + 1), min(count, span)), reverse=True)
        promised_until: date | None = None
        for back in days:
            day = self.stage.today - timedelta(days=back)
            if promised_until is not None and day <= promised_until:
                continue  # nobody is called while a promise runs
            due = self._call(customer, loan, case, self.chance.choice(reachable), self.moment(day))
            promised_until = due or promised_until

    def _call(self, customer: Row, loan: Row, case: Row, phone: Row, at: datetime) -> date | None:
        talked = self.happens(42)
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
            if self.happens(6):
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
        elif self.happens(15) and last < self.stage.today - timedelta(days=6):
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


def _count(phone: Row, hour: int, *, rpc: bool) -> None:
    """Count an attempt on a number, in all and in its two-hour band."""
    phone["attempts_180d"] += 1
    phone["rpc_180d"] += rpc
    band = band_hour(hour)
    if band is not None:
        right, tried = phone["bands"].get(str(band), (0, 0))
        phone["bands"][str(band)] = [right + rpc, tried + 1]
