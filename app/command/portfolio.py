"""Commands that bring in who is owed: a portfolio file of one's own, or an invented one."""

from __future__ import annotations

from functools import partial
from pathlib import Path  # noqa: TC003  # cyclopts reads the types at run time
from typing import TYPE_CHECKING, Literal

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.command.frame import APP, ERRORS, OUT, Place, at_place, say
from app.errors import Refused

if TYPE_CHECKING:
    from app.portfolio.service import ImportOptions, ImportReport

REASONS_SHOWN = 12


@APP.command(name="import")
def import_portfolio(
    file: Path,
    *,
    dates: Literal["dmy", "mdy", "ymd"] | None = None,
    full: bool = False,
    dry_run: bool = False,
    mass_close: bool = False,
    rejected: Path | None = None,
    language: Literal["vi", "en"] | None = None,
) -> None:
    """Load a portfolio file (CSV); every row is loaded or stands in rejected.csv with its reason.

    The columns are described in docs/import.md. The same file again changes nothing.

    Parameters
    ----------
    file: The file. UTF-8 or UTF-16; comma, semicolon or tab.
    dates: Order of day, month and year in the whole file; the organisation's by default.
    full: The file is the whole portfolio: loans that it does not name are closed, never deleted.
    dry_run: Print what would happen and change nothing.
    mass_close: With --full, close even when that is most of the portfolio.
    rejected: Where refused rows go; rejected.csv beside the file by default.
    language: Of the reasons in rejected.csv; the organisation's by default.
    """
    from app.portfolio.service import DateOrder, ImportOptions

    options = ImportOptions(
        dates=DateOrder(dates) if dates else None,
        full=full,
        dry_run=dry_run,
        rejected=rejected,
        language=language,
        mass_close=mass_close,
    )
    report = at_place(partial(_import, file=file, options=options))
    _show(report)


async def _import(place: Place, *, file: Path, options: ImportOptions) -> ImportReport:
    from app.portfolio.service import import_file

    columns = (TextColumn("{task.fields[rows]:,} rows"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=ERRORS, transient=True) as bar:
        task = bar.add_task("", rows=0)

        def draw(done_bytes: int, total_bytes: int, rows: int) -> None:
            bar.update(task, completed=done_bytes, total=total_bytes, rows=rows)

        return await import_file(place.database, file, options, draw, place.clock)


def _show(report: ImportReport) -> None:
    how = "would be loaded" if report.dry_run else "loaded"
    say(
        f"{report.rows:,} rows: {report.loaded:,} {how}, {report.rejected:,} rejected"
        f" ({report.encoding}, {report.seconds:.1f} s)."
    )
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, count in report.counts.items():
        if count:
            table.add_row(name.replace("_", " "), f"{count:,}")
    OUT.print(table)
    if not report.changed:
        say("Nothing has changed.")
    if report.ignored_columns:
        say(f"Columns that mean nothing here: {', '.join(report.ignored_columns)}.")
    _show_refusals(report)


def _show_refusals(report: ImportReport) -> None:
    worst = sorted(report.reasons.items(), key=lambda reason: -reason[1])
    for (column, code), count in worst[:REASONS_SHOWN]:
        say(f"  {count:,} x {column}: {code}")
    if report.rejected_path:
        say(f"Rejected rows stand in {report.rejected_path}: mend them and import that file.")
    if report.closed_not:
        raise Refused(report.closed_not)
