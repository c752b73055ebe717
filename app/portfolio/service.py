"""Other people's portfolios into ours: `import_file`, in batches, each of them one transaction.

Nothing is deleted and nothing in progress is touched: a promise that runs, a call that lives and a
lead in a dialer's hand stay as they are, whatever the file says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError

from app.accounts import service as accounts
from app.audit import service as audit
from app.campaigns import service as campaigns
from app.errors import Invalid, Refused, Unavailable
from app.people import service as people
from app.portfolio import store
from app.portfolio.batches import Intake, deed, is_gone
from app.portfolio.cells import DateOrder, fold, read_date
from app.portfolio.columns import lay_out
from app.portfolio.reader import Row, Sheet, is_damaged
from app.portfolio.reasons import Fault, Reason, UnreadableError, reason
from app.portfolio.rejected import Rejected, Shape
from app.portfolio.report import ImportOptions, ImportReport, Progress, Tally, is_change
from app.portfolio.rows import Terms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from app.clock import Clock
    from app.db import Database

__all__ = [
    "DateOrder", "Fault", "ImportOptions", "ImportReport", "Progress", "Reason", "Rejected", "Row",
    "Shape", "Sheet", "UnreadableError", "batches", "fold", "import_file", "is_damaged", "open_file",
    "read_date", "reason",
]  # fmt: skip

BATCH_ROWS: Final = 1_000
MASS_CLOSE_LOANS: Final = 1_000
MASS_CLOSE_SHARE: Final = 0.5


async def import_file(
    database: Database,
    path: Path,
    options: ImportOptions,
    progress: Progress,
    clock: Clock,
) -> ImportReport:
    """Load a portfolio file; every row is loaded or stands in `rejected.csv`.

    Each batch commits alone, so that a live floor never waits for a whole file; a run that was cut off
    is simply run again. `clock` tells business time. Raises Invalid when the file is no portfolio (nothing
    was changed), Conflict while another import runs, Refused when `full` would close most of the
    portfolio, Unavailable when the database goes away.
    """
    with open_file(path) as source:
        try:
            run = await _Run.begin(database, path, source, options, clock)
            async with store.open_ledger(database) as ledger:
                return await run.carry_out(ledger, progress)
        except DBAPIError as error:
            if not is_gone(error):
                raise
            raise Unavailable(
                "the database went away: what was loaded stays, run the import again"
            ) from error


def open_file(path: Path) -> BinaryIO:
    """A file to read. Raises Invalid, saying why it cannot be."""
    try:
        return path.open("rb")
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}", code="NO_FILE") from error


class _Run:
    """One import while it runs."""

    def __init__(
        self, database: Database, path: Path, sheet: Sheet, options: ImportOptions, clock: Clock
    ) -> None:
        self.database = database
        self.path = path
        self.sheet = sheet
        self.options = options
        self.clock = clock
        self.started = clock.monotonic()
        self.total = Tally()
        self.shape = Shape(sheet.header)
        self.layout = lay_out(self.shape.header)
        self.terms = Terms(DateOrder.DMY, "VND", clock.today("Asia/Ho_Chi_Minh"))
        self.zone = "Asia/Ho_Chi_Minh"
        self.language = "vi"

    @classmethod
    async def begin(
        cls,
        database: Database,
        path: Path,
        source: BinaryIO,
        options: ImportOptions,
        clock: Clock,
    ) -> _Run:
        """Read the header and the organisation's habits. Raises Invalid when this is no portfolio."""
        run = cls(database, path, Sheet(source), options, clock)
        async with database.reading() as session:
            house = await people.find_organisation(session)
        if house is not None:
            run.zone, run.language = house.timezone, house.locale
            order = options.dates or DateOrder(house.date_order)
            run.terms = Terms(
                order, house.base_currency, clock.today(house.timezone), house.legal_profile
            )
        elif options.dates is not None:
            run.terms = Terms(options.dates, "VND", run.terms.today)
        run.language = options.language or run.language
        return run

    async def carry_out(self, ledger: store.Ledger, progress: Progress) -> ImportReport:
        """All batches, then the loans that the file does not name."""
        rejected = Rejected(
            self.options.rejected or self.path.with_name("rejected.csv"),
            self.shape.header,
            self.sheet.delimiter,
            self.language,
        )
        written = None
        closed_not = None
        try:
            await self._load(ledger, rejected, progress)
            if self.options.full:
                closed_not = await self._close_absent(ledger)
        finally:
            if self.options.dry_run:
                rejected.discard()
            else:
                written = rejected.close()
        await self._trace()
        return self._report(written, closed_not)

    async def _load(self, ledger: store.Ledger, rejected: Rejected, progress: Progress) -> None:
        intake = Intake(
            self.database,
            ledger,
            self.layout,
            self.shape,
            self.terms,
            self.zone,
            self.options.actor,
            self.clock,
            self.options.dry_run,
        )
        size = self.path.stat().st_size
        for rows in batches(self.sheet):
            tally, refused = await intake.take(rows)
            for row, faults in refused:
                rejected.add(row, faults)
            self.total.add(tally)
            progress(self.sheet.position, size, self.total.rows)

    async def _close_absent(self, ledger: store.Ledger) -> str | None:
        """Close open loans that the file does not name; returns why not, when it may not be done."""
        if self.total.nameless:
            return (
                f"{self.total.nameless} rejected rows do not tell which loan they are of:"
                " mend them and run again, nothing was closed"
            )
        async with self.database.reading() as session:
            total = await accounts.count_open(session)
        absent = 0
        async for numbers in self._absent(ledger):
            absent += len(numbers)
        mass = absent > MASS_CLOSE_LOANS and absent > total * MASS_CLOSE_SHARE
        if mass and not self.options.mass_close:
            raise Refused(
                f"--full would close {absent} of {total} loans: is this the whole portfolio?",
                rule="MASS_CLOSE",
                source="own policy",
            )
        async for numbers in self._absent(ledger):
            await self._close(numbers)
        return None

    async def _absent(self, ledger: store.Ledger) -> AsyncIterator[list[str]]:
        after = ""
        while True:
            async with self.database.reading() as session:
                page = await accounts.open_numbers(session, after, BATCH_ROWS)
            if not page:
                return
            after = page[-1][0]
            numbers = await ledger.absent([number for number, _ in page])
            if numbers:
                yield numbers

    async def _close(self, numbers: list[str]) -> None:
        actor, clock = self.options.actor, self.clock
        async with deed(self.database, dry_run=self.options.dry_run) as session:
            closed = await accounts.close_loans(
                session, numbers, "ABSENT_FROM_FILE", actor, clock.now()
            )
            ids = [loan.id for loan in closed]
            self.total.leads_excluded += await campaigns.exclude_loans(session, ids)
            owners = {loan.customer_id for loan in closed}
            cases = await accounts.settle_cases(session, owners, self.terms.today, actor, clock)
            self.total.closed += len(closed)
            self.total.cases_closed += cases.closed

    async def _trace(self) -> None:
        """The import itself, when it wrote anything: its file and its counts."""
        if self.options.dry_run or not is_change(self.total.counts):
            return
        async with self.database.writing() as session:
            audit.record(
                session,
                self.options.actor,
                verb="imported",
                entity="portfolio",
                entity_id="import",
                now=self.clock.now(),
                after={
                    "file": self.path.name,
                    "rejected": self.total.rejected,
                    **self.total.counts,
                },
            )

    def _report(self, rejected_path: Path | None, closed_not: str | None) -> ImportReport:
        return ImportReport(
            path=self.path,
            dry_run=self.options.dry_run,
            encoding=self.sheet.encoding,
            delimiter=self.sheet.delimiter,
            dates=self.terms.order,
            ignored_columns=self.layout.ignored,
            rows=self.total.rows,
            loaded=self.total.loaded,
            rejected=self.total.rejected,
            counts=self.total.counts,
            reasons=dict(self.total.reasons),
            rejected_path=rejected_path,
            closed_not=closed_not,
            seconds=self.clock.monotonic() - self.started,
        )


def batches(sheet: Sheet) -> Iterator[list[Row]]:
    """Rows by the batch; rows without any text are no rows."""
    batch: list[Row] = []
    for row in sheet:
        if row.broken is None and not any(cell.strip() for cell in row.cells):
            continue
        batch.append(row)
        if len(batch) == BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
