"""A batch of rows: what can be told apart, what contradicts, what is written. One transaction each."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import DBAPIError, InterfaceError

from app.accounts import service as accounts
from app.audit import service as audit
from app.campaigns import service as campaigns
from app.customers import service as customers
from app.customers.rules import Word
from app.payments import service as payments
from app.portfolio import cells
from app.portfolio.reader import Row, is_damaged
from app.portfolio.reasons import Fault, UnreadableError, reason
from app.portfolio.report import Tally
from app.portfolio.rows import Entry, digest_of, identity_of, probable_zone, read_row, tidy
from app.promises import service as promises

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from app.audit.service import Actor
    from app.clock import Clock
    from app.db import Database, ReadSession, WriteSession
    from app.portfolio.columns import Layout
    from app.portfolio.rejected import Shape
    from app.portfolio.rows import Terms
    from app.portfolio.store import Ledger

CODE_LIMIT: Final = 40
CURED: Final = "OUT_OF_SEGMENT"
"""Why a lead goes whose loan is not overdue any more; a refill takes it back when it is again."""


class _RehearsedError(Exception):
    """Ends a transaction that must leave nothing behind."""


@asynccontextmanager
async def deed(database: Database, *, dry_run: bool) -> AsyncIterator[WriteSession]:
    """A transaction; in a rehearsal all of it is done, counted and rolled back."""
    with suppress(_RehearsedError):
        async with database.writing() as session:
            yield session
            if dry_run:
                raise _RehearsedError


def is_gone(error: DBAPIError) -> bool:
    """Whether the database is not there any more, rather than minding what it was given."""
    return error.connection_invalidated or isinstance(error, InterfaceError)


@dataclass(slots=True)
class Candidate:
    """A row whose cells could be told apart. `entry` stays None for one that says what is known.

    `named_before`: an earlier batch of this file named the customer already.
    """

    row: Row
    account_no: str
    cif: str
    digest: str
    identity: str
    entry: Entry | None = None
    named_before: bool = False


@dataclass(slots=True)
class Sifted:
    """A batch sorted out: to write, already known, refused."""

    entries: list[Candidate] = field(default_factory=list)
    unchanged: list[Candidate] = field(default_factory=list)
    refused: list[tuple[Row, list[Fault]]] = field(default_factory=list)

    def refuse(self, row: Row, *faults: Fault) -> None:
        """Set a row aside with what is wrong with it."""
        self.refused.append((row, list(faults)))


@dataclass(frozen=True, slots=True)
class Intake:
    """What every batch of one import shares."""

    database: Database
    ledger: Ledger
    layout: Layout
    shape: Shape
    terms: Terms
    zone: str
    actor: Actor
    clock: Clock
    dry_run: bool

    async def take(self, rows: Sequence[Row]) -> tuple[Tally, list[tuple[Row, list[Fault]]]]:
        """Load what can be loaded; returns counts and the refused rows, in the order of their lines."""
        sifted = Sifted()
        candidates = self._tell_apart(rows, sifted)
        async with self.database.reading() as session:
            known = await accounts.loaded_digests(session, [c.account_no for c in candidates])
            self._understand(candidates, known, sifted)
            await self._compare(session, sifted)
        await self._name(sifted)
        tally = await self._write(sifted.entries, sifted)
        tally.rows = len(rows)
        tally.unchanged = len(sifted.unchanged)
        tally.rejected = len(sifted.refused)
        for _, faults in sifted.refused:
            tally.reasons.update((fault.field, fault.reason.code) for fault in faults)
        tally.nameless = await self._note_refused(sifted)
        return tally, sorted(sifted.refused, key=lambda refused: refused[0].line)

    # --- telling rows apart -------------------------------------------------------

    def _tell_apart(self, rows: Sequence[Row], sifted: Sifted) -> list[Candidate]:
        found = []
        for raw in rows:
            row, why = self.shape.original(raw), self.shape.why_not(raw)
            if why is not None:
                sifted.refuse(row, Fault("", why))
            elif is_damaged(row.cells):
                sifted.refuse(row, Fault(self._damaged_column(row), reason("NOT_UTF8")))
            else:
                found.append(self._candidate(row))
        return found

    def _candidate(self, row: Row) -> Candidate:
        return Candidate(
            row,
            _code(row.cells[self.layout.places["account_no"]]),
            _code(row.cells[self.layout.places["cif"]]),
            digest_of(row.cells, self.layout, self.terms),
            identity_of(row.cells, self.layout),
        )

    def _damaged_column(self, row: Row) -> str:
        for name, place in self.layout.places.items():
            if is_damaged([row.cells[place]]):
                return name
        return ""

    def _understand(
        self, candidates: Sequence[Candidate], known: dict[str, str], sifted: Sifted
    ) -> None:
        for candidate in candidates:
            if known.get(candidate.account_no) == candidate.digest:
                sifted.unchanged.append(candidate)
                continue
            read = read_row(candidate.row.cells, self.layout, self.terms)
            if isinstance(read, Entry):
                candidate.entry = read
                sifted.entries.append(candidate)
            else:
                sifted.refuse(candidate.row, *read)

    # --- what contradicts -----------------------------------------------------------

    async def _compare(self, session: ReadSession, sifted: Sifted) -> None:
        """Refuse rows that contradict what is known of their loan: its customer, its currency."""
        known = await accounts.by_account_no(session, [c.account_no for c in sifted.entries])
        cifs = await customers.cifs_of(session, {loan.customer_id for loan in known.values()})
        kept = []
        for candidate in sifted.entries:
            loan = known.get(candidate.account_no)
            entry = candidate.entry
            if loan is None or entry is None:
                kept.append(candidate)
            elif cifs[loan.customer_id] != entry.cif:
                why = reason("OTHER_CUSTOMER", cif=cifs[loan.customer_id])
                sifted.refuse(candidate.row, Fault("cif", why))
            elif loan.currency != entry.loan["currency"]:
                why = reason("OTHER_CURRENCY", currency=loan.currency)
                sifted.refuse(candidate.row, Fault("currency", why))
            else:
                kept.append(candidate)
        sifted.entries = kept

    async def _name(self, sifted: Sifted) -> None:
        """Refuse what the file itself has said before: the same loan, another name for a customer."""
        wanted = sorted([*sifted.entries, *sifted.unchanged], key=lambda c: c.row.line)
        firsts = await self.ledger.name_customers(_first_of_each(wanted))
        agreed = []
        for candidate in wanted:
            line, identity = firsts[candidate.cif]
            candidate.named_before = line < wanted[0].row.line
            if identity == candidate.identity:
                agreed.append(candidate)
            else:
                why = reason("CONTRADICTS", cif=candidate.cif, line=line)
                sifted.refuse(candidate.row, Fault("customer_name", why))
        lines: dict[str, int] = {}
        for candidate in agreed:
            lines.setdefault(candidate.account_no, candidate.row.line)
        before = await self.ledger.name_loans(lines)
        kept = set()
        for candidate in agreed:
            first = before.get(candidate.account_no, lines[candidate.account_no])
            if first == candidate.row.line:
                kept.add(first)
            else:
                why = reason("DUPLICATE", line=first)
                sifted.refuse(candidate.row, Fault("account_no", why))
        sifted.entries = [c for c in sifted.entries if c.row.line in kept]
        sifted.unchanged = [c for c in sifted.unchanged if c.row.line in kept]

    async def _note_refused(self, sifted: Sifted) -> int:
        """Remember refused loans as present; returns the number of rows whose loan cannot be told."""
        named, nameless = [], 0
        for row, _ in sifted.refused:
            number = ""
            if row.broken is None and len(row.cells) == self.layout.width:
                number = _code(row.cells[self.layout.places["account_no"]])
            if number and not is_damaged([number]) and "\0" not in number:
                named.append(number)
            else:
                nameless += 1
        await self.ledger.refuse_loans(named)
        return nameless

    # --- writing --------------------------------------------------------------------

    async def _write(self, entries: Sequence[Candidate], sifted: Sifted) -> Tally:
        """Write entries in one transaction; when the database refuses them, find the row that it minds."""
        if not entries:
            return Tally()
        try:
            return await self._apply(entries)
        except DBAPIError as error:
            if is_gone(error):
                raise
            if len(entries) == 1:
                why = reason("DATABASE", why=str(error.orig).splitlines()[0][:200])
                sifted.refuse(entries[0].row, Fault("", why))
                return Tally()
        half = len(entries) // 2
        tally = await self._write(entries[:half], sifted)
        tally.add(await self._write(entries[half:], sifted))
        return tally

    async def _apply(self, entries: Sequence[Candidate]) -> Tally:
        tally = Tally()
        async with deed(self.database, dry_run=self.dry_run) as session:
            await self._record(session, entries, tally)
        return tally

    async def _record(
        self, session: WriteSession, candidates: Sequence[Candidate], tally: Tally
    ) -> None:
        entries = [(c.entry, c.digest) for c in candidates if c.entry is not None]
        people = await customers.write_listings(
            session,
            [_customer(entry, self.terms, self.zone) for entry, _ in entries],
            self.actor,
            self.clock,
        )
        loans = await accounts.write_listings(
            session,
            [
                accounts.Listing(entry.account_no, people[entry.cif].id, entry.loan, digest)
                for entry, digest in entries
            ],
            self.terms.today,
            self.actor,
            self.clock,
        )
        await self._record_money(session, [entry for entry, _ in entries], loans, tally)
        cases = await accounts.settle_cases(
            session,
            {loan.customer_id for loan in loans.values()},
            self.terms.today,
            self.actor,
            self.clock,
        )
        cured = [loan.id for loan in loans.values() if loan.cured]
        if cured:
            tally.leads_excluded += await campaigns.exclude_loans(session, cured, CURED)
        tally.cases_opened += cases.opened
        tally.cases_closed += cases.closed
        tally.zeros_restored += sum(entry.mended for entry, _ in entries)
        rehearsed = {c.cif for c in candidates if c.named_before} if self.dry_run else set()
        _count(tally, {cif: who for cif, who in people.items() if cif not in rehearsed}, loans)
        self._trace_created(session, people, loans)

    async def _record_money(
        self,
        session: WriteSession,
        entries: Sequence[Entry],
        loans: dict[str, accounts.Written],
        tally: Tally,
    ) -> None:
        listed = [paid for e in entries if (paid := _payment(e, loans[e.account_no])) is not None]
        received = await payments.write_listings(session, listed, self.zone, self.actor, self.clock)
        promised = await promises.write_listings(
            session,
            [made for e in entries if (made := _promise(e, loans[e.account_no])) is not None],
            self.zone,
            self.clock,
        )
        # Money of the last days is told only now: what it was promised for is judged by it, again too.
        news = {p.loan_id for p in listed if received[p.reference] is not payments.Outcome.SAME}
        await promises.judge(session, news, self.zone, self.clock)
        outcomes = list(received.values())
        tally.payments_recorded += outcomes.count(payments.Outcome.CREATED)
        tally.payments_corrected += outcomes.count(payments.Outcome.CORRECTED)
        pledged = list(promised.values())
        tally.promises_recorded += pledged.count(promises.Outcome.CREATED)
        tally.promises_left += pledged.count(promises.Outcome.LEFT)

    def _trace_created(
        self,
        session: WriteSession,
        people: dict[str, customers.Written],
        loans: dict[str, accounts.Written],
    ) -> None:
        """One event for all that a batch created; what it changed has events of its own."""
        made: list[UUID] = [p.id for p in people.values() if p.created]
        lent = [loan.id for loan in loans.values() if loan.outcome is accounts.Outcome.CREATED]
        if made or lent:
            audit.record(
                session,
                self.actor,
                verb="created",
                entity="portfolio",
                entity_id="import",
                now=self.clock.now(),
                after={
                    "customers": [str(each) for each in made],
                    "loans": [str(each) for each in lent],
                },
            )


def _code(cell: str) -> str:
    """An identifier as `read_row` will read it; the bare text when it will not."""
    text = tidy(cell)
    try:
        return cells.read_code(text, CODE_LIMIT)
    except UnreadableError:
        return text


def _first_of_each(candidates: Sequence[Candidate]) -> list[tuple[str, int, str]]:
    firsts: dict[str, tuple[str, int, str]] = {}
    for candidate in candidates:
        firsts.setdefault(candidate.cif, (candidate.cif, candidate.row.line, candidate.identity))
    return list(firsts.values())


def _customer(entry: Entry, terms: Terms, zone: str) -> customers.Listing:
    told: dict[str, Any] = {
        {"customer_type": "kind", "birth_date": "born_on", "risk": "risk_class"}.get(
            name, name
        ): value
        for name, value in entry.customer.items()
        if name not in _TOLD_APART
    }
    if (word := entry.customer.get("consent")) is not None:
        told["consent"] = Word(given=word == "GIVEN", source=entry.customer["consent_source"])
    return customers.Listing(
        cif=entry.cif,
        name=entry.name,
        phones=entry.phones,
        probable_zone=probable_zone(entry, terms, zone),
        **told,
    )


_TOLD_APART: Final = frozenset({"cif", "customer_name", "consent", "consent_source"})


def _payment(entry: Entry, loan: accounts.Written) -> payments.Listing | None:
    paid = entry.payment
    if paid is None:
        return None
    number = entry.account_no
    return payments.Listing(
        loan.customer_id,
        loan.id,
        paid.amount_minor,
        entry.loan["currency"],
        paid.paid_on,
        paid.method,
        payments.reference_of(number, paid.reference, paid.paid_on, paid.amount_minor),
    )


def _promise(entry: Entry, loan: accounts.Written) -> promises.Listing | None:
    told = entry.promise
    if told is None:
        return None
    number = entry.account_no
    return promises.Listing(
        loan.customer_id,
        loan.id,
        told.amount_minor,
        entry.loan["currency"],
        told.due_on,
        told.made_on,
        told.method,
        promises.reference_of(number, told.reference, told.due_on, told.amount_minor),
    )


def _count(
    tally: Tally,
    people: dict[str, customers.Written],
    loans: dict[str, accounts.Written],
) -> None:
    outcomes = [loan.outcome for loan in loans.values()]
    tally.created += outcomes.count(accounts.Outcome.CREATED)
    tally.updated += outcomes.count(accounts.Outcome.UPDATED)
    tally.updated += outcomes.count(accounts.Outcome.SAME)  # another cell of the row has changed
    tally.reopened += outcomes.count(accounts.Outcome.REOPENED)
    tally.customers_created += sum(person.created for person in people.values())
    tally.customers_changed += sum(person.changed for person in people.values())
    tally.numbers_added += sum(person.numbers_added for person in people.values())
