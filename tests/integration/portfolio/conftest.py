"""A desk to import at: an organisation, an empty portfolio for each test, and files written row by row."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest_asyncio
from sqlalchemy import text

from app.portfolio.service import ImportOptions, ImportReport, import_file
from tests.support.people import an_organisation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from app.db import Database
    from tests.support.clock import SetClock

HEADER = (
    "cif", "customer_name", "phone_1", "account_no", "product", "outstanding", "overdue",
    "due_amount", "oldest_unpaid_on",
)  # fmt: skip
TABLES = (
    "customers", "phones", "loans", "cases", "payments", "promises", "holds", "customer_statuses",
    "hardships", "disputes", "campaigns", "leads", "audit_events",
)  # fmt: skip


@dataclass
class Desk:
    """Where files are written and imported."""

    database: Database
    clock: SetClock
    folder: Path

    def write(
        self,
        rows: Sequence[Sequence[str]],
        header: Sequence[str] = HEADER,
        *,
        name: str = "portfolio.csv",
        encoding: str = "utf-8",
        delimiter: str = ",",
    ) -> Path:
        """A file of these rows."""
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=delimiter).writerows([header, *rows])
        path = self.folder / name
        path.write_bytes(buffer.getvalue().encode(encoding))
        return path

    async def load(
        self,
        rows: Sequence[Sequence[str]],
        header: Sequence[str] = HEADER,
        **options: Any,
    ) -> ImportReport:
        """Write a file of these rows and import it."""
        return await self.load_file(self.write(rows, header), **options)

    async def load_file(self, path: Path, **options: Any) -> ImportReport:
        """Import a file; every row of it is loaded or rejected."""
        report = await import_file(
            self.database, path, ImportOptions(**options), lambda *_: None, self.clock
        )
        assert report.loaded + report.rejected == report.rows
        return report

    async def all(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """Rows of the database."""
        async with self.database.reading() as session:
            found = await session.execute(text(sql), values)
            return [dict(row) for row in found.mappings()]

    async def one(self, sql: str, **values: Any) -> dict[str, Any]:
        """The only row of an answer."""
        (row,) = await self.all(sql, **values)
        return row

    async def run(self, sql: str, **values: Any) -> None:
        """Do something to the database that no service does."""
        async with self.database.writing() as session:
            await session.execute(text(sql), values)

    async def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table that an import could touch."""
        return {name: await self.all(f"SELECT * FROM {name} ORDER BY id") for name in TABLES}

    def rejected(self, path: Path | None) -> list[dict[str, str]]:
        """The rows of a rejected.csv."""
        assert path is not None
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


@pytest_asyncio.fixture(loop_scope="session")
async def desk(database: Database, clock: SetClock, tmp_path: Path) -> AsyncIterator[Desk]:
    """An organisation that writes dd/mm/yyyy and đồng, and nothing in its books."""
    await an_organisation(database, clock)
    yield Desk(database, clock, tmp_path)
    async with database.writing() as session:
        await session.execute(text(f"TRUNCATE {', '.join(TABLES)} CASCADE"))


def a_row(**cells: str) -> list[str]:
    """A row of `HEADER`; cells not given are those of one ordinary loan, 45 days overdue."""
    usual = {
        "cif": "KH1",
        "customer_name": "Nguyễn Thị Thu Hà",
        "phone_1": "0912345678",
        "account_no": "HD1",
        "product": "CREDIT_CARD",
        "outstanding": "38.900.000",
        "overdue": "5.420.000",
        "due_amount": "5.420.000",
        "oldest_unpaid_on": "09/10/2026",
    }
    return [{**usual, **cells}[name] for name in HEADER]
