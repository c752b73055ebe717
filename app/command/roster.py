"""Commands about who works when."""

from __future__ import annotations

from functools import partial
from pathlib import Path  # noqa: TC003  # cyclopts reads the types at run time
from typing import TYPE_CHECKING, Literal

from cyclopts import App

from app.command.frame import APP, Place, at_place, say

if TYPE_CHECKING:
    from app.portfolio.service import DateOrder
    from app.roster.service import RosterReport

ROSTER = App(name="roster", help="Bring in who works when, so that nobody is dialled for in vain.")
APP.command(ROSTER)


@ROSTER.command(name="import")
def import_roster(
    file: Path,
    *,
    dates: Literal["dmy", "mdy", "ymd"] | None = None,
    dry_run: bool = False,
    rejected: Path | None = None,
    language: Literal["vi", "en"] | None = None,
) -> None:
    """Load shifts from a CSV file; every row is loaded or stands in rejected.csv with its reason.

    The columns are described in docs/roster.md. The same file again changes nothing.

    Parameters
    ----------
    file: The file. UTF-8 or UTF-16; comma, semicolon or tab.
    dates: Order of day, month and year in the whole file; the organisation's by default.
    dry_run: Print what would happen and change nothing.
    rejected: Where refused rows go; rejected.csv beside the file by default.
    language: Of the reasons in rejected.csv; the organisation's by default.
    """
    from app.portfolio.service import DateOrder

    order = DateOrder(dates) if dates else None
    _show(
        at_place(
            partial(
                _import,
                file=file,
                order=order,
                dry_run=dry_run,
                rejected=rejected,
                language=language,
            )
        )
    )


async def _import(
    place: Place,
    *,
    file: Path,
    order: DateOrder | None,
    dry_run: bool,
    rejected: Path | None,
    language: str | None,
) -> RosterReport:
    from app.audit.service import SYSTEM
    from app.roster.service import RosterOptions, import_file

    options = RosterOptions(SYSTEM, order, dry_run, rejected, language)
    return await import_file(place.database, file, options, place.clock)


def _show(report: RosterReport) -> None:
    how = "would be " if report.dry_run else ""
    done = ", ".join(f"{count:,} {how}{name}" for name, count in report.counts.items() if count)
    say(
        f"{report.rows:,} rows: {done or 'nothing has changed'}, {report.unchanged:,} as they were."
    )
    if report.ignored_columns:
        say(f"Columns that mean nothing here: {', '.join(report.ignored_columns)}.")
    if report.rejected:
        say(f"{report.rejected:,} rows rejected.")
    if report.rejected_path:
        say(f"Rejected rows stand in {report.rejected_path}: mend them and import that file.")
