"""Commands about how long records are kept, and what is let go."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cyclopts import App
from rich.table import Table

from app.command.frame import APP, OUT, Place, at_place, say

if TYPE_CHECKING:
    from app.retention.rules import Term
    from app.retention.service import Forgotten

RETENTION = App(name="retention", help="Let go of what was kept long enough; set how long that is.")
APP.command(RETENTION)


@RETENTION.default
def run_retention(*, dry_run: bool = False) -> None:
    """Let go of what was kept long enough, as the worker does by itself every six hours.

    Parameters
    ----------
    dry_run: Only tell what would go.
    """
    would = "would go" if dry_run else "gone"
    found = at_place(partial(_forget, dry_run=dry_run))
    for each in found:
        say(f"{each.kind:<14} {each.what:<32} {each.rows:>12,} rows {each.kept or would}")
    gone = sum(each.rows for each in found if each.kept is None)
    say(f"{gone:,} rows {would}." if found else "Nothing has been kept for too long.")


@RETENTION.command(name="list")
def list_terms() -> None:
    """How long each kind is kept, and the least that the law of this place wants."""
    table = Table("kind", "kept for", "at least", "source", box=None, pad_edge=False)
    for term in at_place(_terms):
        least = f"{term.least.days} days" + (
            " after the last call" if term.least.while_worked else ""
        )
        table.add_row(term.kind.name, f"{term.days} days", least, term.least.source)
    OUT.print(table)


@RETENTION.command(name="keep")
def keep_kind(kind: str, days: int) -> None:
    """Keep one kind for so many days.

    Parameters
    ----------
    kind: As `paceline retention list` names it.
    days: How many.
    """
    at_place(partial(_keep, kind=kind, days=days))
    say(f"{kind} are kept for {days} days.")


async def _forget(place: Place, *, dry_run: bool) -> list[Forgotten]:
    from app.audit.service import SYSTEM
    from app.retention import service as retention

    now = place.clock.now()
    return [each async for each in retention.forget(place.database, now, SYSTEM, dry_run=dry_run)]


async def _terms(place: Place) -> list[Term]:
    from app.retention import service as retention

    async with place.database.reading() as session:
        return await retention.terms(session)


async def _keep(place: Place, *, kind: str, days: int) -> None:
    from app.audit.service import SYSTEM
    from app.retention import service as retention

    async with place.database.writing() as session:
        await retention.keep(session, kind, days, SYSTEM, place.clock.now())
