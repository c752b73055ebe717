"""Commands about who works here: users, their teams and their passwords."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Literal

from cyclopts import App
from rich.table import Table

from app.command.frame import APP, OUT, Place, at_place, say
from app.errors import Invalid, NotFound

if TYPE_CHECKING:
    from uuid import UUID

    from app.clock import Clock
    from app.db import ReadSession, WriteSession
    from app.people.passwords import Passwords
    from app.people.service import Organisation, Person

USER = App(name="user", help="Add, list and end users; set passwords.")
APP.command(USER)

TEAM = App(name="team", help="Say whom a team's agents ring when their page is lost.")
APP.command(TEAM)

LEAST_PASSWORD = 10

RoleName = Literal[
    "agent", "senior_agent", "team_lead", "supervisor", "admin", "billing_manager",
    "recovery_exec", "customer_exec", "field_agent", "auditor", "load_tester",
]  # fmt: skip


@USER.command(name="create")
def create_user(
    username: str,
    *,
    name: str,
    role: RoleName,
    team: str | None = None,
    language: Literal["vi", "en"] = "vi",
    organisation: str | None = None,
    password_stdin: bool = False,
) -> None:
    """Add a user; a password is drawn and printed once, unless one comes on standard input.

    Parameters
    ----------
    username: What the person signs in with.
    name: Full name.
    role: What the person may do.
    team: The person's team; it is made when there is none of this name.
    language: Of the person's pages.
    organisation: The organisation's name; needed for the very first user only.
    password_stdin: Read the password from standard input.
    """
    wanted = {"username": username, "name": name, "role": role.upper(), "language": language}
    password = _read_password() if password_stdin else None
    drawn = at_place(
        partial(_create, wanted=wanted, team=team, organisation=organisation, password=password)
    )
    say(f"{username} may sign in as {role}." + ("" if password else f" Password: {drawn}"))


@USER.command(name="list")
def list_users() -> None:
    """Everybody, with role and team."""
    table = Table("user", "name", "roles", "team", "", box=None, pad_edge=False)
    for person in at_place(list_people):
        active = "" if person.active else "inactive"
        roles = ", ".join(person.roles)
        table.add_row(person.username, person.full_name, roles, person.team_name or "", active)
    OUT.print(table)


@USER.command(name="password")
def set_password(username: str, *, password_stdin: bool = False) -> None:
    """Set another password and print it once; the user's open sign-ins end.

    Parameters
    ----------
    username: Whose.
    password_stdin: Read the password from standard input.
    """
    password = _read_password() if password_stdin else None
    drawn = at_place(partial(set_password_of, username=username, password=password))
    say(f"{username} has another password." + ("" if password else f" Password: {drawn}"))


@USER.command(name="deactivate")
def deactivate_user(username: str) -> None:
    """End a user's access at once; records keep the name."""
    at_place(partial(_deactivate, username=username))
    say(f"{username} may not sign in any more.")


@TEAM.command(name="contact")
def set_contact(team: str, *, lead: str | None = None, phone: str | None = None) -> None:
    """Say who leads a team and at which number; agents see both when their page has lost its line.

    Parameters
    ----------
    team: The team's name.
    lead: User name of who leads it.
    phone: The number to ring, as agents would dial it.
    """
    if lead is None and phone is None:
        raise Invalid("Give --lead, --phone, or both.", field="phone")
    at_place(partial(_set_contact, team=team, lead=lead, phone=phone))
    say(f"{team}: agents ring {lead or 'their lead'}{f' at {phone}' if phone else ''}.")


def hasher(clock: Clock) -> Passwords:
    """The hasher of stored passwords, at its full cost."""
    from app.people.passwords import Passwords

    return Passwords(cores=os.cpu_count() or 1, salt=clock.token_bytes)


def fresh_id(clock: Clock) -> UUID:
    """A new sortable id."""
    from app.values.ids import new_id

    return new_id(clock.now_ms(), clock.token_bytes(10))


def found_organisation(
    session: WriteSession, name: str, clock: Clock, *, demo: bool
) -> Organisation:
    """Make the organisation and its break reasons. `demo`: only the simulator may dial it (D27)."""
    from app.breaks import service as breaks
    from app.people import service as people

    organisation = people.Organisation(
        id=fresh_id(clock), name=name, holidays=[], created_at=clock.now(), demo=demo
    )
    people.add(session, organisation)
    breaks.fill(session)
    return organisation


async def team_named(session: WriteSession, name: str, clock: Clock) -> UUID:
    """The team of this name, made when there is none."""
    from app.people import service as people

    found = await people.find_team(session, name)
    if found is not None:
        return found.id
    team = people.Team(id=fresh_id(clock), name=name)
    people.add(session, team)
    await session.flush()
    return team.id


async def _create(
    place: Place,
    *,
    wanted: dict[str, str],
    team: str | None,
    organisation: str | None,
    password: str | None,
) -> str:
    from app.audit.service import SYSTEM
    from app.people import service as people
    from app.people.passwords import draw_password

    password = password or draw_password(place.clock.token_bytes)
    password_hash = await hasher(place.clock).hash(password)
    async with place.database.writing() as session:
        if await people.find_organisation(session) is None:
            if organisation is None:
                raise Invalid("There is no organisation yet: name it with --organisation NAME.")
            found_organisation(session, organisation, place.clock, demo=False)
        user = people.User(
            id=fresh_id(place.clock),
            username=people.check_username(wanted["username"]),
            full_name=wanted["name"],
            short_name=wanted["name"].split()[-1],
            roles=[wanted["role"]],
            team_id=await team_named(session, team, place.clock) if team else None,
            password_hash=password_hash,
            language=wanted["language"],
            created_at=place.clock.now(),
        )
        await people.create_user(session, SYSTEM, user, now=place.clock.now())
    return password


async def list_people(place: Place) -> list[Person]:
    """Everybody, by user name."""
    from app.people import service as people

    async with place.database.reading() as session:
        return await people.list_people(session)


async def set_password_of(place: Place, *, username: str, password: str | None) -> str:
    """Set a password, drawn where None is given, and return it. Raises `NotFound`."""
    from app.audit.service import SYSTEM
    from app.people import service as people
    from app.people.passwords import draw_password

    password = password or draw_password(place.clock.token_bytes)
    password_hash = await hasher(place.clock).hash(password)
    async with place.database.writing() as session:
        user = await _user(session, username)
        now = place.clock.now()
        await people.change_password(session, SYSTEM, user, password_hash, now=now)
    return password


async def _deactivate(place: Place, *, username: str) -> None:
    from app.audit.service import SYSTEM
    from app.people import service as people

    async with place.database.writing() as session:
        user = await _user(session, username)
        await people.deactivate(session, SYSTEM, user, now=place.clock.now())


async def _set_contact(place: Place, *, team: str, lead: str | None, phone: str | None) -> None:
    from app.audit.service import SYSTEM
    from app.people import service as people

    async with place.database.writing() as session:
        found = await people.find_team(session, team)
        if found is None:
            raise NotFound(f"There is no team {team}.")
        person = None
        if lead is not None:
            name = people.clean_username(lead)
            person = await people.find_person_by_username(session, name)
            if person is None:
                raise NotFound(f"There is no user {lead}.")
        await people.set_team_contact(
            session, SYSTEM, found, lead=person, phone=phone, now=place.clock.now()
        )


async def _user(session: ReadSession, username: str) -> UUID:
    from app.people import service as people

    person = await people.find_person_by_username(session, people.clean_username(username))
    if person is None:
        raise NotFound(f"There is no user {username}.")
    return person.id


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\n")
    if len(password) < LEAST_PASSWORD:
        raise Invalid(f"A password has at least {LEAST_PASSWORD} characters.", field="password")
    return password
