"""Who is signed in, and how the connection of each is: a page that refreshes itself, with reset and end.

Sign-ins are of the database, sockets of the hubs' own words (`realtime.presence`), some seconds old. What
is done to one is on the trail with its doer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import UUID

import msgspec
from starlette.responses import HTMLResponse, Response

from app.audit import service as audit
from app.errors import NotFound, Refused, Unavailable
from app.people import sessions, store
from app.people.answers import NO_STORE
from app.people.doors import Deed, Door, Visit, Whom
from app.people.rules import Permission, Scope
from app.people.service import end_sign_ins
from app.people.shell import page_context

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.db import Database, WriteSession
    from app.people.store import OpenSignIn, Person
    from app.render import Pages
    from realtime.presence import Link, Seen

RESET: Final = "reset"
LEFT_BY_ITSELF: Final = (
    None,
    1000,
    1001,
)  # never opened, or closed by whoever went to another page


class OfSignIn(msgspec.Struct):
    """Which sign-in of the user: the name that its tickets bear."""

    issue: str


class Ending(OfSignIn):
    """`in_call`: end it even in the middle of a call, which wrap-up is then written by the system."""

    in_call: bool = False


class Floor(Protocol):
    """What this page asks of the floor and tells it; fulfilled by `app.desk.asking`."""

    async def is_busy(self, user_id: UUID) -> bool:
        """Whether the user is in a call or in wrap-up."""
        ...

    async def sockets_of(self, users: Sequence[UUID]) -> Mapping[UUID, Seen]:
        """What the hubs know of these users' sockets. Raises `Unavailable`."""
        ...

    async def holds_desk(self, user_id: UUID, issue: str) -> bool:
        """Whether a page of this sign-in is the user's desk."""
        ...

    async def signed_out(self, user_id: UUID, why: str) -> None:
        """An agent left."""
        ...

    async def close_sockets(self, user_id: UUID, why: str, issue: str | None = None) -> None:
        """Close the user's open sockets; with an `issue` of that sign-in only."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One sign-in with its sockets, newest first; none: no page of it is connected."""

    person: Person
    sign_in: OpenSignIn
    links: tuple[Link, ...]
    closed_with: int | None
    closed_at_ms: int | None

    @property
    def state(self) -> str:
        """One word for the connection: `up`, `stale`, `down`, or `idle` where no live page was opened."""
        if self.links:
            return "stale" if self.links[0].is_stale else "up"
        return "idle" if self.closed_with in LEFT_BY_ITSELF else "down"

    @property
    def is_ailing(self) -> bool:
        """Whether somebody should look at it."""
        return self.state in {"stale", "down"}


@dataclass(frozen=True, slots=True)
class SessionsDoors:
    """The doors of sign-ins and sockets."""

    database: Database
    pages: Pages
    floor: Floor

    def doors(self) -> list[Door | Deed]:
        """The page, and what is done to one sign-in."""
        view, reset, user = Permission.SESSION_VIEW, Permission.SESSION_RESET, Whom.USER
        one = "/admin/sessions/{user}"
        return [
            Door("GET", "/admin/sessions", view, self.show, Whom.LISTED),
            Deed(f"{one}/reset", reset, self.reset, OfSignIn, self.tell_reset, whom=user),
            Deed(f"{one}/end", reset, self.end, Ending, self.tell_end, whom=user),
        ]

    async def show(self, visit: Visit) -> Response:
        """Every sign-in within the reader's scope."""
        who = visit.user
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            signed_in = [
                (sign_in, person)
                for sign_in, person in await store.list_signed_in(session)
                if who.reaches(Permission.SESSION_VIEW, person)
            ]
        rows, away = await self._rows(signed_in)
        text = self.pages.page(
            "people/sessions.html",
            visit.language,
            **context,
            rows=rows,
            away=away,
            now=visit.now,
            now_ms=visit.now_ms,
            may_reset=who.may(Permission.SESSION_RESET),
            own_team=who.scope(Permission.SESSION_VIEW) is Scope.OWN_TEAM,
        )
        return HTMLResponse(text, headers=NO_STORE)

    async def reset(self, visit: Visit, body: OfSignIn, session: WriteSession) -> dict[str, Any]:
        """Let the page of a sign-in connect anew: its user keeps his place and his work."""
        sign_in = await self._sign_in(session, visit, body)
        self._record(session, visit, "reset_connection", sign_in)
        return {"user": sign_in.user_id, "issue": sign_in.issue}

    async def tell_reset(self, _visit: Visit, answer: dict[str, Any]) -> None:
        """The sockets of that sign-in close and come back with a new ticket."""
        await self.floor.close_sockets(UUID(answer["user"]), RESET, answer["issue"])

    async def end(self, visit: Visit, body: Ending, session: WriteSession) -> dict[str, Any]:
        """End a sign-in: its user has to sign in again."""
        sign_in = await self._sign_in(session, visit, body)
        if not body.in_call and await self.floor.is_busy(sign_in.user_id):
            raise Refused(
                "This person is in a call or in wrap-up.", code="IN_CALL", field="in_call"
            )
        (ended,) = await end_sign_ins(session, [sign_in], now=visit.now, why=sessions.FORCED)
        self._record(session, visit, "ended_sign_in", sign_in)
        return {"user": sign_in.user_id, "issue": sign_in.issue, "last": ended.last}

    async def tell_end(self, _visit: Visit, answer: dict[str, Any]) -> None:
        """Its sockets close for good, and the floor hears of an agent who has left it."""
        user, issue = UUID(answer["user"]), answer["issue"]
        if answer["last"] or await self.floor.holds_desk(user, issue):
            await self.floor.signed_out(user, sessions.FORCED)
        await self.floor.close_sockets(user, sessions.FORCED, issue)

    async def _rows(self, signed_in: Sequence[tuple[OpenSignIn, Person]]) -> tuple[list[Row], bool]:
        """The page's rows; True when the hubs cannot be asked and only the sign-ins are known."""
        users = list({person.id for _, person in signed_in})
        try:
            seen, away = await self.floor.sockets_of(users), False
        except Unavailable:
            seen, away = {}, True
        return [_row(person, sign_in, seen.get(person.id)) for sign_in, person in signed_in], away

    async def _sign_in(self, session: WriteSession, visit: Visit, body: OfSignIn) -> OpenSignIn:
        user = UUID(visit.request.path_params["user"])
        for sign_in in await store.list_open(session, user):
            if sign_in.issue == body.issue:
                return sign_in
        raise NotFound("That sign-in is over.", code="SIGN_IN_OVER")

    def _record(self, session: WriteSession, visit: Visit, verb: str, sign_in: OpenSignIn) -> None:
        audit.record(
            session,
            visit.user.actor,
            verb=verb,
            entity="user",
            entity_id=sign_in.user_id,
            now=visit.now,
            before={"device": sign_in.device, "since": sign_in.started_at.isoformat()},
        )


def _row(person: Person, sign_in: OpenSignIn, seen: Seen | None) -> Row:
    links = tuple(link for link in seen.links if link.issue == sign_in.issue) if seen else ()
    parting = seen.parting if seen else None
    mine = parting if parting is not None and parting.issue == sign_in.issue else None
    return Row(
        person,
        sign_in,
        links,
        mine.code if mine else None,
        mine.at_ms if mine else None,
    )
