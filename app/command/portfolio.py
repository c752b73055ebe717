"""Commands that bring in who is owed: a portfolio file of one's own, or an invented one."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path  # noqa: TC003  # cyclopts reads the types at run time
from typing import TYPE_CHECKING, Literal

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.command.frame import APP, ERRORS, OUT, Place, at_place, here, say
from app.command.people import list_people, set_password_of
from app.errors import Refused
from app.launch.demo import SIGN_INS
from app.launch.state import write_private

if TYPE_CHECKING:
    from app.portfolio.seed import Seeded, SeedOptions, SignIn
    from app.portfolio.service import ImportOptions, ImportReport

    Told = dict[str, str]

REASONS_SHOWN = 12
BOT = "bot"  # bots' names begin with it


@APP.command
def seed(*, customers: int = 20_000, bots: int = 40, seed: int = 1) -> None:
    """Make the demonstration: an organisation, people, a portfolio with a past, campaigns.

    Where it stands already, only its clock is moved to working hours. It can be dialled by the simulated
    carrier alone. Sign-ins are kept in the state directory, readable by you only.

    Parameters
    ----------
    customers: How many people are owed by.
    bots: How many simulated agents get a sign-in.
    seed: Chance; the same again makes the same portfolio.
    """
    from app.portfolio.seed import SeedOptions

    state = here()
    known = (state.path / SIGN_INS).exists()
    options = SeedOptions(customers=customers, bots=bots, seed=seed)
    seeded, people, bot_people = at_place(partial(_seed, options=options, known=known))
    if people:
        state.path.mkdir(parents=True, exist_ok=True)
        told = {"people": people, "bots": bot_people}
        write_private(state.path / SIGN_INS, json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    if seeded.created:
        say(f"{seeded.customers:,} customers with their loans.")
        say(f"Sign-ins stand in {state.path / SIGN_INS}.")
    else:
        say("The demonstration stands already; its clock says a working morning.")


async def _seed(
    place: Place, *, options: SeedOptions, known: bool
) -> tuple[Seeded, list[Told], list[Told]]:
    """Make it; where it stands but nobody knows a password any more, draw new ones."""
    from app.clock import Clock
    from app.portfolio.seed import seed_demo

    seeded = await seed_demo(place.database, options, Clock())
    people, bots = [list(map(_as_told, who)) for who in (seeded.people, seeded.bots)]
    if not seeded.created and not known:
        people, bots = await _renew(place)
    return seeded, people, bots


async def _renew(place: Place) -> tuple[list[Told], list[Told]]:
    people: list[Told] = []
    bots: list[Told] = []
    for person in await list_people(place):
        password = await set_password_of(place, username=person.username, password=None)
        is_bot = person.username.startswith(BOT)
        role = "BOT" if is_bot else person.roles[0]
        told = {
            "role": role,
            "username": person.username,
            "password": password,
            "full_name": person.full_name,
        }
        (bots if is_bot else people).append(told)
    return people, bots


def _as_told(who: SignIn) -> Told:
    return {
        "role": who.role,
        "username": who.username,
        "password": who.password,
        "full_name": who.full_name,
    }


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
