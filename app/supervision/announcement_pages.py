"""Announcements as a page: what is shown to whom, how many have read it, and the form of a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from starlette.responses import HTMLResponse, Response

from app.errors import Invalid
from app.people import service as people
from app.people.answers import NO_STORE
from app.people.doors import Deed, Door, Visit, Whom
from app.people.rules import Permission, Scope
from app.people.shell import page_context
from app.supervision import announcements
from app.supervision.announcements import Wording

if TYPE_CHECKING:
    from app.clock import Clock
    from app.db import Database, WriteSession
    from app.render import Pages
    from app.supervision.routes import Room

PAGE = "/admin/announcements"


class Written(msgspec.Struct):
    """The form: `team` empty is everybody, `starts` empty is now."""

    text_vi: str
    text_en: str
    ends: str
    starts: str = ""
    team: str = ""


class Nothing(msgspec.Struct):
    """A deed that needs no words: its address says all."""


@dataclass(frozen=True, slots=True)
class AnnouncementDoors:
    """The doors of announcements."""

    database: Database
    clock: Clock
    pages: Pages
    room: Room

    def doors(self) -> list[Door | Deed]:
        """The page, the writing of one, its end, and the confirmation of an agent."""
        coach, desk, listed = Permission.AGENT_COACH, Permission.DESK_USE, Whom.LISTED
        return [
            Door("GET", PAGE, coach, self.show, listed),
            Deed(PAGE, coach, self.announce, Written, whom=listed),
            Deed(f"{PAGE}/{{id}}/withdraw", coach, self.withdraw, Nothing, whom=listed),
            Deed("/desk/announcements/{id}/read", desk, self.confirm, Nothing, self.tell_read),
        ]

    async def show(self, visit: Visit) -> Response:
        """Those within reach."""
        who = visit.user
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            written = await announcements.list_written(session, who, visit.now)
            organisation = await people.organisation(session)
        everybody = who.scope(Permission.AGENT_COACH) is Scope.ALL
        teams = context["boot"]["teams"]
        own = str(who.person.team_id)
        text = self.pages.page(
            "supervision/announcements.html",
            visit.language,
            **context,
            written=written,
            everybody=everybody,
            teams=[team for team in teams if everybody or team["id"] == own],
            now=visit.now,
            zone=organisation.timezone,
        )
        return HTMLResponse(text, headers=NO_STORE)

    async def announce(self, visit: Visit, body: Written, session: WriteSession) -> dict[str, Any]:
        """Write one; desks show it within seconds of its beginning."""
        organisation = await people.organisation(session)
        wording = Wording(_team_in(body), body.text_vi, body.text_en, body.starts, body.ends)
        written = await announcements.announce(
            session, wording, visit.user, organisation.timezone, self.clock
        )
        return {"announcement": written, "next": PAGE}

    async def withdraw(self, visit: Visit, _body: Nothing, session: WriteSession) -> dict[str, Any]:
        """Show it to nobody any more."""
        await announcements.withdraw(session, _id_in(visit), visit.user, visit.now)
        return {"next": PAGE}

    async def confirm(self, visit: Visit, _body: Nothing, session: WriteSession) -> dict[str, Any]:
        """The agent has read it."""
        announcement = _id_in(visit)
        await announcements.confirm(session, announcement, visit.user, visit.now)
        return {"announcement": announcement}

    async def tell_read(self, visit: Visit, answer: dict[str, Any]) -> None:
        """It leaves his desk."""
        key = f"{announcements.KEY}{answer['announcement']}"
        await self.room.show([(f"agent:{visit.user.id}", key, None)])


def _team_in(body: Written) -> UUID | None:
    try:
        return UUID(body.team) if body.team else None
    except ValueError:
        raise Invalid("Choose a team from the list.", field="team") from None


def _id_in(visit: Visit) -> UUID:
    return visit.id_in("id", "There is no such announcement.", code="ANNOUNCEMENT_UNKNOWN")
