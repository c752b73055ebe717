"""Shifts as they are kept: brought in from a file, corrected one by one, read by the dialer.

A correction is audited with before and after, a file with its counts. The same file again changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from app.audit import service as audit
from app.errors import Conflict, Invalid
from app.people import service as people
from app.people.rules import Permission, Scope
from app.portfolio import service as files
from app.roster import store
from app.roster.reading import Entry, Layout, Times, UnplannableError, read_row, read_shift
from app.roster.rules import GOING_HOME, Shift, breaks_text, span_text
from app.roster.store import Planned

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path
    from uuid import UUID

    from app.audit.service import Actor
    from app.clock import Clock
    from app.db import Database, ReadSession, WriteSession
    from app.people.service import Identity, Organisation, Person
    from app.portfolio.service import Fault, Row
    from app.roster.store import Place
    from app.values.period import Period

__all__ = ["Planned", "Times"]

AHEAD: Final = timedelta(days=1)  # of what the dialer is told


class Unplannable(Invalid):
    """What was typed is no shift, told in the reader's language."""

    def __init__(self, wrong: UnplannableError) -> None:
        told = wrong.reason.sentence("en")
        super().__init__(f"{told[:1].upper()}{told[1:]}.", code="ROSTER", field=wrong.field)
        told = wrong.reason.sentence("vi")
        self.sentence_vi = f"{told[:1].upper()}{told[1:]}."


# --- reading ---------------------------------------------------------------------


async def absences(session: ReadSession, now: datetime) -> dict[UUID, tuple[Period, ...]]:
    """When each agent is planned to be away, from now to a day ahead; who has no shift is left out."""
    found: dict[UUID, list[Period]] = defaultdict(list)
    for user, shift in await store.list_between(session, now - GOING_HOME, now + AHEAD):
        found[user] += [each for each in shift.absences() if each.end > now]
    return {user: tuple(periods) for user, periods in found.items()}


async def week(
    session: ReadSession, users: Collection[UUID], days: Sequence[date]
) -> Mapping[Place, Planned]:
    """The shifts of these users on these days."""
    return await store.list_days(session, users, days)


async def find(session: ReadSession, user: UUID, day: date) -> Planned | None:
    """One shift; None when that day is off."""
    return await store.find(session, (user, day))


async def list_planned(session: ReadSession, who: Identity, team: UUID | None) -> list[Person]:
    """Those who work at the desk, of one team or (None) of all, as far as the asker may plan them."""
    scope = who.scope(Permission.ROSTER_EDIT)
    own = who.person.team_id
    wanted = team if scope is Scope.ALL else own
    return [
        person
        for person in await people.list_people(session)
        if person.active
        and people.works_at_desk(person, who.rights)
        and (wanted is None or person.team_id == wanted)
        and who.reaches(Permission.ROSTER_EDIT, person)
    ]


# --- correcting ------------------------------------------------------------------


async def plan(
    session: WriteSession,
    place: Place,
    times: Times,
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> Shift | None:
    """Set one shift; empty times take it away. Returns what holds now.

    Raises Unplannable naming the field and the fix, Conflict when it is not of `version` any more (0: there was
    none).
    """
    zone = ZoneInfo((await people.organisation(session)).timezone)
    try:
        shift = read_shift(place[1], times, zone)
    except UnplannableError as wrong:
        raise Unplannable(wrong) from None
    known = await store.find(session, place)
    if version != (known.version if known else 0):
        raise Conflict("Somebody else has changed this meanwhile.", code="VERSION", field="starts")
    before = known.shift if known else None
    if shift == before:
        return shift
    if shift is None:
        await store.remove(session, [place])
    else:
        await store.put(session, {place: shift})
    audit.record(
        session, actor, verb="planned", entity="user", entity_id=place[0], now=now,
        before=_told(place[1], before, zone), after=_told(place[1], shift, zone),
    )  # fmt: skip
    return shift


def _told(day: date, shift: Shift | None, zone: ZoneInfo) -> dict[str, str | None]:
    """A shift as the trail has it."""
    if shift is None:
        return {"day": day.isoformat(), "shift": None}
    return {
        "day": day.isoformat(),
        "shift": span_text(shift.period, zone),
        "breaks": breaks_text(shift, zone),
    }


# --- a file ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RosterOptions:
    """How to read a file. `dates` and `language` None: the organisation's. `dry_run`: change nothing."""

    actor: Actor
    dates: files.DateOrder | None = None
    dry_run: bool = False
    rejected: Path | None = None
    language: str | None = None


@dataclass(slots=True)
class RosterReport:
    """What a file did, in shifts, or would do."""

    dry_run: bool
    rows: int = 0
    planned: int = 0  # new ones
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    rejected: int = 0
    ignored_columns: list[str] = field(default_factory=list)
    rejected_path: Path | None = None

    @property
    def counts(self) -> dict[str, int]:
        """What was done, by name."""
        return {name: getattr(self, name) for name in ("planned", "changed", "removed")}


async def import_file(
    database: Database, path: Path, options: RosterOptions, clock: Clock
) -> RosterReport:
    """Load shifts from a CSV file, all in one transaction; rows that cannot be stand in `rejected.csv`.

    Raises Invalid when the file is no roster, and then nothing was changed.
    """
    with files.open_file(path) as source:
        sheet = files.Sheet(source)
        async with database.reading() as session:
            house = await people.organisation(session)
            agents = {p.username: p.id for p in await people.list_people(session) if p.active}
        shape = files.Shape(sheet.header)
        layout = Layout(shape.header)
        report = RosterReport(options.dry_run, ignored_columns=layout.ignored)
        rejected = files.Rejected(
            options.rejected or path.with_name("rejected.csv"),
            shape.header,
            sheet.delimiter,
            options.language or house.locale,
        )
        intake = _Intake(layout, house, options, agents)
        try:
            for rows in files.batches(sheet):
                for raw in rows:
                    report.rows += 1
                    row, why = shape.original(raw), shape.why_not(raw)
                    fault = intake.take(row) if why is None else files.Fault("", why)
                    if fault is not None:
                        rejected.add(row, [fault])
            await _write(database, intake.wanted, report, options.actor, path.name, clock.now())
        except BaseException:
            rejected.discard()
            raise
        report.rejected = rejected.count
        if options.dry_run:
            rejected.discard()
        else:
            report.rejected_path = rejected.close()
        return report


class _Intake:
    """The rows of one file, told apart; `wanted` is what they ask for."""

    def __init__(
        self,
        layout: Layout,
        house: Organisation,
        options: RosterOptions,
        agents: Mapping[str, UUID],
    ) -> None:
        self._layout = layout
        self._order = options.dates or files.DateOrder(house.date_order)
        self._zone = ZoneInfo(house.timezone)
        self._agents = agents
        self._lines: dict[Place, int] = {}
        self.wanted: dict[Place, Shift | None] = {}

    def take(self, row: Row) -> Fault | None:
        """Note what a row asks for, or say why it cannot be."""
        entry = self._read(row)
        if not isinstance(entry, Entry):
            return entry
        user = self._agents.get(people.clean_username(entry.agent))
        if user is None:
            return files.Fault("agent", files.reason("AGENT_UNKNOWN", name=entry.agent))
        place = user, entry.day
        if place in self._lines:
            return files.Fault("day", files.reason("SHIFT_TWICE", line=self._lines[place]))
        self._lines[place] = row.line
        self.wanted[place] = entry.shift
        return None

    def _read(self, row: Row) -> Entry | Fault:
        if files.is_damaged(row.cells):
            return files.Fault("", files.reason("NOT_UTF8"))
        return read_row(self._layout, row.cells, self._order, self._zone)


async def _write(
    database: Database,
    wanted: Mapping[Place, Shift | None],
    report: RosterReport,
    actor: Actor,
    name: str,
    now: datetime,
) -> None:
    """Compare with what is known, and write what differs."""
    users, days = {user for user, _ in wanted}, {day for _, day in wanted}
    async with database.writing() as session:
        known = await store.list_days(session, users, days)
        put: dict[Place, Shift] = {}
        gone: list[Place] = []
        for place, shift in wanted.items():
            before = known[place].shift if place in known else None
            if shift == before:
                report.unchanged += 1
            elif shift is None:
                gone.append(place)
            else:
                put[place] = shift
                report.changed += before is not None
        report.removed, report.planned = len(gone), len(put) - report.changed
        if report.dry_run or not (put or gone):
            return
        await store.remove(session, gone)
        await store.put(session, put)
        span = {"first_day": min(days).isoformat(), "last_day": max(days).isoformat()}
        audit.record(
            session, actor, verb="imported", entity="roster", entity_id="import", now=now,
            after={"file": name, **span, **report.counts},
        )  # fmt: skip
