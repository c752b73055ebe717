"""Addresses of the roster: a team's week as a table, and each shift as a form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import HTMLResponse, Response

from app.errors import NotFound
from app.people import service as people
from app.people.answers import NO_STORE
from app.people.doors import Deed, Door, Visit, Whom
from app.people.rules import Permission, Scope
from app.people.shell import page_context
from app.roster import service
from app.roster.rules import WEEK_DAYS, breaks_text, span_text, week_of
from app.roster.service import Times
from app.values.period import business_date

if TYPE_CHECKING:
    from app.db import Database, ReadSession, WriteSession
    from app.people.service import Team
    from app.render import Pages

PAGE: Final = "/admin/roster"
ALL: Final = "all"  # instead of a team


class ShiftForm(msgspec.Struct):
    """A shift as it is typed; no start and no end: the day is off. `version`: the one shown, 0 for none."""

    starts: str = ""
    ends: str = ""
    breaks: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class RosterDoors:
    """The doors of the roster."""

    database: Database
    pages: Pages

    def doors(self) -> list[Door | Deed]:
        """The week, one shift, and its correction."""
        needs, one = Permission.ROSTER_EDIT, f"{PAGE}/{{user}}/{{day}}"
        return [
            Door("GET", PAGE, needs, self.show_week, Whom.LISTED),
            Door("GET", one, needs, self.show_shift, Whom.USER),
            Deed(one, needs, self.plan, ShiftForm, whom=Whom.USER),
        ]

    async def show_week(self, visit: Visit) -> Response:
        """The week that holds `week` (a day; this week without it) of the team `team`."""
        who, asked = visit.user, visit.request.query_params
        everywhere = who.scope(Permission.ROSTER_EDIT) is Scope.ALL
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            zone = ZoneInfo((await people.organisation(session)).timezone)
            teams = await people.list_teams(session) if everywhere else []
            team = _chosen(asked.get("team", ""), teams)
            planned = await service.list_planned(session, who, team)
            today = business_date(visit.now, zone)
            days = week_of(_day_in(asked.get("week", ""), today))
            shifts = await service.week(session, [person.id for person in planned], days)
        text = self.pages.page(
            "roster/week.html",
            visit.language,
            **context,
            people=planned,
            teams=teams,
            team=team,
            days=days,
            today=today,
            cells={place: _cell(each, zone) for place, each in shifts.items()},
            before=days[0] - timedelta(days=WEEK_DAYS),
            after=days[0] + timedelta(days=WEEK_DAYS),
        )
        return HTMLResponse(text, headers=NO_STORE)

    async def show_shift(self, visit: Visit) -> Response:
        """One agent's day."""
        user, day = _place_in(visit)
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            zone = ZoneInfo((await people.organisation(session)).timezone)
            person = await people.find_person(session, user)
            planned = await service.find(session, user, day)
            back = await self._back(session, visit, day)
        text = self.pages.page(
            "roster/shift.html",
            visit.language,
            **context,
            person=person,
            day=day,
            cell=_cell(planned, zone) if planned else None,
            version=planned.version if planned else 0,
            back=back,
        )
        return HTMLResponse(text, headers=NO_STORE)

    async def plan(self, visit: Visit, body: ShiftForm, session: WriteSession) -> dict[str, Any]:
        """Set the shift; the dialer knows of it within half a minute."""
        place = _place_in(visit)
        times = Times(body.starts.strip(), body.ends.strip(), body.breaks.strip())
        await service.plan(
            session, place, times, version=body.version, actor=visit.user.actor, now=visit.now
        )
        return {"user": place[0], "next": await self._back(session, visit, place[1])}

    async def _back(self, session: ReadSession, visit: Visit, day: date) -> str:
        """The week from which somebody came to the day."""
        address = f"{PAGE}?week={day}"
        if visit.user.scope(Permission.ROSTER_EDIT) is Scope.ALL:
            person = await people.find_person(session, _place_in(visit)[0])
            address += f"&team={(person and person.team_id) or ALL}"
        return address


@dataclass(frozen=True, slots=True)
class Cell:
    """A shift in words of the wall."""

    starts: str
    ends: str
    breaks: str


def _cell(planned: service.Planned, zone: ZoneInfo) -> Cell:
    starts, _, ends = span_text(planned.shift.period, zone).partition("-")
    return Cell(starts, ends, breaks_text(planned.shift, zone))


def _chosen(typed: str, teams: list[Team]) -> UUID | None:
    """The team that is asked for, else the first one; None for all."""
    if typed == ALL or not teams:
        return None
    return next((team.id for team in teams if str(team.id) == typed), teams[0].id)


def _day_in(typed: str, today: date) -> date:
    """A day of the week that is asked for; today when none is."""
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return today
    return found if _is_kept(found) else today


def _is_kept(day: date) -> bool:
    """Whether a roster speaks of such days, and of the weeks around them."""
    return date(2000, 1, 1) <= day <= date(2100, 12, 31)


def _place_in(visit: Visit) -> tuple[UUID, date]:
    try:
        user = UUID(visit.request.path_params["user"])
        day = date.fromisoformat(visit.request.path_params["day"])
    except ValueError:
        raise NotFound("There is no such day.") from None
    if not _is_kept(day):
        raise NotFound("There is no such day.")
    return user, day
