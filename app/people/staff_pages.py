"""The users of the house as pages: the list, one user's form, a new password, ending and reopening access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import msgspec
from starlette.responses import HTMLResponse, Response

from app.errors import NotFound
from app.people import staff, store
from app.people.answers import NO_STORE, json_answer
from app.people.doors import Deed, Door, Visit, Whom
from app.people.models import User
from app.people.passwords import draw_password
from app.people.rules import Permission, Role, Scope, roles_of
from app.people.service import works_at_desk
from app.people.shell import page_context
from app.people.staff import Profile
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from app.clock import Clock
    from app.db import Database, ReadSession, WriteSession
    from app.people.passwords import Passwords
    from app.people.store import Person
    from app.render import Pages

CHOSEN = tuple(role for role in Role if role is not Role.SYSTEM)


class NewUser(Profile):
    """A profile, and the name that its user signs in with."""

    username: str = ""


class Changed(Profile):
    """A profile, and the version of the user that the page showed."""

    version: int = 0


class Nothing(msgspec.Struct):
    """A deed that needs no words: its address says whom."""


class Desk(Protocol):
    """What is told of a user who works at a desk; fulfilled by `app.desk.asking`."""

    async def signed_in(self, person: Person) -> None:
        """An agent is there, perhaps otherwise described than before."""
        ...


@dataclass(frozen=True, slots=True)
class StaffDoors:
    """The doors of users."""

    database: Database
    clock: Clock
    pages: Pages
    passwords: Passwords
    desk: Desk

    def doors(self) -> list[Door | Deed]:
        """The list, the form of one, and what is done to one."""
        view, edit, user = Permission.PEOPLE_VIEW, Permission.PEOPLE_EDIT, Whom.USER
        one = "/admin/people/{user}"
        return [
            Door("GET", "/admin/people", view, self.show_list, Whom.LISTED),
            Deed("/admin/people", edit, self.create, NewUser),
            Door("GET", "/admin/people/new", edit, self.show_new),
            Door("GET", one, view, self.show_one, user),
            Deed(one, edit, self.change, Changed, self.tell_change, whom=user),
            Door("POST", f"{one}/password", edit, self.draw, user),
            Deed(f"{one}/deactivate", edit, self.deactivate, Nothing, whom=user),
            Deed(f"{one}/activate", edit, self.activate, Nothing, whom=user),
        ]

    async def show_list(self, visit: Visit) -> Response:
        """Everybody within the reader's scope."""
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            everybody = await store.list_people(session)
        who = visit.user
        people = [each for each in everybody if who.reaches(Permission.PEOPLE_VIEW, each)]
        text = self.pages.page(
            "people/people.html",
            visit.language,
            **context,
            people=people,
            may_edit=who.may(Permission.PEOPLE_EDIT),
            own_team=who.scope(Permission.PEOPLE_VIEW) is Scope.OWN_TEAM,
        )
        return HTMLResponse(text, headers=NO_STORE)

    async def show_new(self, visit: Visit) -> Response:
        """The empty form."""
        return await self._form(visit, None)

    async def show_one(self, visit: Visit) -> Response:
        """One user's form; without the permission to edit it is only read."""
        async with self.database.reading() as session:
            person = await self._person(session, visit)
        return await self._form(visit, person)

    async def create(self, visit: Visit, body: NewUser, session: WriteSession) -> dict[str, Any]:
        """Add a user, who has no password until one is drawn for him."""
        username = staff.check_username(body.username)
        columns = await staff.columns_of(session, body)
        self._check_editor(visit, None, columns)
        user = User(
            id=new_id(visit.now_ms, self.clock.token_bytes(RANDOM_BYTES)),
            username=username,
            password_hash=staff.NO_PASSWORD,
            created_at=visit.now,
            **columns,
        )
        await staff.create_user(session, visit.user.actor, user, now=visit.now)
        return {"user": user.id, "next": f"/admin/people/{user.id}"}

    async def change(self, visit: Visit, body: Changed, session: WriteSession) -> dict[str, Any]:
        """Describe a user otherwise."""
        person = await self._person(session, visit)
        columns = await staff.columns_of(session, body)
        self._check_editor(visit, person, columns)
        moved = await staff.change_profile(
            session, visit.user.actor, person, columns, version=body.version, now=visit.now
        )
        changed = await store.find_person(session, person.id) or person
        return {"user": person.id, "version": changed.version, "moved": moved}

    async def tell_change(self, visit: Visit, answer: dict[str, Any]) -> None:
        """An agent at his desk is described anew to the floor; other roles are told by the worker."""
        async with self.database.reading() as session:
            person = await store.find_person(session, UUID(answer["user"]))
            if person is None or not works_at_desk(person, visit.user.rights):
                return
            is_in = bool(await store.list_open(session, person.id))
        if is_in:
            await self.desk.signed_in(person)

    async def draw(self, visit: Visit) -> Response:
        """Draw a password and say it once. It is in no stored answer: asking again draws another."""
        async with self.database.reading() as reading:
            person = await self._person(reading, visit)
        self._check_editor(visit, person, {"roles": list(person.roles)})
        password = draw_password(self.clock.token_bytes)
        hashed = await self.passwords.hash(password)
        async with self.database.writing() as session:
            actor = visit.user.actor
            await staff.change_password(session, actor, person.id, hashed, now=visit.now)
        return json_answer({"ok": True, "password": password})

    async def deactivate(
        self, visit: Visit, _body: Nothing, session: WriteSession
    ) -> dict[str, Any]:
        """End a user's access; the worker closes his sockets."""
        person = await self._person(session, visit)
        self._check_editor(visit, person, {"roles": list(person.roles)})
        await staff.deactivate(session, visit.user.actor, person.id, now=visit.now)
        return {"user": person.id, "next": f"/admin/people/{person.id}"}

    async def activate(self, visit: Visit, _body: Nothing, session: WriteSession) -> dict[str, Any]:
        """Let a user sign in again."""
        person = await self._person(session, visit)
        self._check_editor(visit, person, {"roles": list(person.roles)})
        await staff.activate(session, visit.user.actor, person.id, now=visit.now)
        return {"user": person.id, "next": f"/admin/people/{person.id}"}

    async def _form(self, visit: Visit, person: Person | None) -> Response:
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            teams = await store.list_teams(session)
        text = self.pages.page(
            "people/person.html",
            visit.language,
            **context,
            person=person,
            teams=teams,
            roles=CHOSEN,
            no_password=person is not None and person.password_hash == staff.NO_PASSWORD,
            may_edit=visit.user.may(Permission.PEOPLE_EDIT),
        )
        return HTMLResponse(text, headers=NO_STORE)

    async def _person(self, session: ReadSession, visit: Visit) -> Person:
        user = visit.id_in("user", "There is no such user.", code="USER_UNKNOWN")
        person = await store.find_person(session, user)
        if person is None:
            raise NotFound("There is no such user.", code="USER_UNKNOWN")
        return person

    def _check_editor(self, visit: Visit, person: Person | None, columns: dict[str, Any]) -> None:
        who = visit.user
        roles = roles_of(columns["roles"])
        staff.check_editor(who.rights, who.roles, person=person, roles=roles)
