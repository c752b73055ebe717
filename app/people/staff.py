"""Changing users: adding, describing, roles, passwords, ending access. One road for pages and commands.

Each change is on the trail with what was and what is, and is told as a fact, so that open sockets follow
within two seconds. The guards ask who changes whom; the commands on the machine itself are not guarded.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from app import outbox
from app.audit import service as audit
from app.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.people import sessions, store
from app.people.rules import KEYS, Permission, Role, roles_of
from app.values.ids import new_id
from app.values.text import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession
    from app.people.models import User
    from app.people.rules import Rights
    from app.people.store import Person

MOST_NAME: Final = 64
MOST_FULL_NAME: Final = 120
MOST_WORDS: Final = 16  # skills, and languages
MOST_WORD: Final = 32
MULTIPLIERS: Final = range(1, 11)
USERNAME: Final = re.compile(r"[\w.@-]{2,64}")
NO_PASSWORD: Final = "!"  # noqa: S105 - no hash at all: nothing that is typed matches it

ACCESS_CHANGED: Final = "user.access_changed"
ROLES_CHANGED: Final = "roles_changed"


class Profile(msgspec.Struct):
    """What an administrator says of a user. `team` is an id, or empty for none."""

    full_name: str
    roles: list[str]
    team: str = ""
    branch: str = ""
    skills: list[str] = []
    languages: list[str] = []
    language: Literal["vi", "en"] = "vi"
    wrapup_multiplier: int = 1
    sound_off: bool = False
    shortcuts_off: bool = False


def clean_username(typed: str) -> str:
    """A typed name as it is stored: NFC, lower case, at most 64 characters."""
    return normalise(typed).lower()[:MOST_NAME]


def check_username(typed: str) -> str:
    """The stored form of a name for a new user. Raises `Invalid`."""
    username = normalise(typed).lower()
    if USERNAME.fullmatch(username) is None:
        raise Invalid(
            "A user name has 2 to 64 letters, digits, dots or dashes, and no spaces.",
            code="USERNAME_FORM",
            field="username",
        )
    return username


def check_editor(
    rights: Rights, editor: Iterable[Role], *, person: Person | None, roles: Iterable[Role]
) -> None:
    """Refuse who would give, take or use the keys of the house without holding them (`Forbidden`).

    `person` is changed (None: made anew) and has `roles` afterwards. Roles that may change people or
    roles are given and taken, and their holders changed, by whoever may change roles.
    """
    touched = {*roles, *(roles_of(person.roles) if person else ())}
    if rights.may(editor, Permission.ROLES_EDIT):
        return
    if any(rights.may((role,), key) for role in touched for key in KEYS):
        raise Forbidden(
            "This takes somebody who may change roles: the role can change people.",
            code="KEYS_NEEDED",
            field="roles",
        )


async def columns_of(session: ReadSession, profile: Profile) -> dict[str, Any]:
    """A profile as the columns of a user. Raises `Invalid` naming the field and the fix."""
    full_name = normalise(profile.full_name)
    if not 2 <= len(full_name) <= MOST_FULL_NAME:  # noqa: PLR2004 - a name has two letters
        raise Invalid("Write the full name.", code="FULL_NAME", field="full_name")
    if profile.wrapup_multiplier not in MULTIPLIERS:
        raise Invalid(
            "The multiplier is a whole number from 1 to 10.",
            code="MULTIPLIER",
            field="wrapup_multiplier",
        )
    return {
        "full_name": full_name,
        "short_name": full_name.split()[-1],
        "roles": _checked_roles(profile.roles),
        "team_id": await _team(session, profile.team),
        "branch": normalise(profile.branch)[:MOST_NAME] or None,
        "skills": _words(profile.skills, "skills"),
        "languages": _words(profile.languages, "languages"),
        "language": profile.language,
        "wrapup_multiplier": profile.wrapup_multiplier,
        "sound_off": profile.sound_off,
        "shortcuts_off": profile.shortcuts_off,
    }


def _checked_roles(roles: Sequence[str]) -> list[str]:
    wanted = roles_of(roles)
    if len(wanted) != len(set(roles)) or not wanted or Role.SYSTEM in wanted:
        raise Invalid(
            "Choose at least one role that people have.", code="ROLES_CHOSEN", field="roles"
        )
    return [role.value for role in Role if role in wanted]


async def _team(session: ReadSession, typed: str) -> UUID | None:
    if not typed:
        return None
    teams = {str(team.id): team.id for team in await store.list_teams(session)}
    if typed not in teams:
        raise Invalid("There is no such team.", code="TEAM_UNKNOWN", field="team")
    return teams[typed]


def _words(typed: Sequence[str], field: str) -> list[str]:
    words = list(dict.fromkeys(word for each in typed if (word := normalise(each))))
    if len(words) > MOST_WORDS or any(len(word) > MOST_WORD for word in words):
        raise Invalid(
            f"At most {MOST_WORDS} words of {MOST_WORD} letters, with commas between.",
            code="TOO_MANY_WORDS",
            field=field,
        )
    return words


async def change_profile(
    session: WriteSession,
    actor: audit.Actor,
    person: Person,
    columns: dict[str, Any],
    *,
    version: int,
    now: datetime,
) -> bool:
    """Describe a user otherwise; says whether his sockets must follow (other roles, another team).

    Raises `Conflict` when he was changed since `version`, `Refused` for the last administrator.
    """
    if person.version != version:
        raise Conflict("Somebody has changed this meanwhile: reload the page.", code="USER_CHANGED")
    changed = {key: value for key, value in columns.items() if value != _plain(person, key)}
    if not changed:
        return False
    if "roles" in changed and Role.ADMIN not in changed["roles"]:
        await _keep_an_administrator(session, person)
    moved = not changed.keys().isdisjoint({"roles", "team_id"})
    verb = ROLES_CHANGED if moved else "changed"
    await _change(session, actor, person.id, changed, verb, now, told=moved)
    return moved


async def change_roles(
    session: WriteSession, actor: audit.Actor, user_id: UUID, roles: Sequence[str], *, now: datetime
) -> None:
    """Give a user other roles; his open sockets close, because their channels were the old ones'.

    Raises `NotFound`, and `Invalid` for a word that is no role.
    """
    if len(roles_of(roles)) != len(set(roles)) or not roles:
        raise Invalid("Every role must be a known one.", field="roles")
    await _change(session, actor, user_id, {"roles": list(roles)}, ROLES_CHANGED, now)


async def deactivate(
    session: WriteSession, actor: audit.Actor, user_id: UUID, *, now: datetime
) -> None:
    """End a user's access at once. Raises `NotFound`, `Refused` for the last administrator."""
    person = await store.find_person(session, user_id)
    if person is not None:
        await _keep_an_administrator(session, person)
    await _change(session, actor, user_id, {"active": False}, "deactivated", now)
    digests = [each.digest for each in await store.list_open(session, user_id)]
    await store.end(session, digests, now=now, reason=sessions.FORCED)


async def activate(
    session: WriteSession, actor: audit.Actor, user_id: UUID, *, now: datetime
) -> None:
    """Let a user sign in again. Raises `NotFound`."""
    await _change(session, actor, user_id, {"active": True}, "activated", now, told=False)


async def change_password(
    session: WriteSession, actor: audit.Actor, user_id: UUID, password_hash: str, *, now: datetime
) -> None:
    """Set another password; every open sign-in of the user ends. Raises `NotFound`."""
    await _change(
        session, actor, user_id, {"password_hash": password_hash}, "password_changed", now
    )
    digests = [each.digest for each in await store.list_open(session, user_id)]
    await store.end(session, digests, now=now, reason=sessions.FORCED)


async def create_user(
    session: WriteSession, actor: audit.Actor, user: User, *, now: datetime
) -> None:
    """Add a user made by the caller; the name is cleaned here. Raises `Refused` when it is taken."""
    user.username = clean_username(user.username)
    if await store.find_person_by_username(session, user.username) is not None:
        raise Refused("That user name is taken.", code="USERNAME_TAKEN", field="username")
    store.add(session, user)
    after = {"roles": list(user.roles), "team": str(user.team_id) if user.team_id else None}
    audit.record(
        session, actor, verb="created", entity="user", entity_id=user.id, now=now, after=after
    )


async def _keep_an_administrator(session: WriteSession, person: Person) -> None:
    """Refuse to take away the last active administrator: nobody could mend it by the pages."""
    if Role.ADMIN not in roles_of(person.roles) or not person.active:
        return
    if await store.hold_holders(session, Role.ADMIN.value) == [person.id]:
        raise Refused(
            "This is the last administrator: make another one first.",
            code="LAST_ADMIN",
            field="roles",
        )


async def _change(
    session: WriteSession,
    actor: audit.Actor,
    user_id: UUID,
    values: dict[str, Any],
    verb: str,
    now: datetime,
    *,
    told: bool = True,
) -> None:
    person = await store.find_person(session, user_id)
    if person is None:
        raise NotFound("There is no such user.", code="USER_UNKNOWN")
    shown = {key: value for key, value in values.items() if key != "password_hash"}
    before = {key: _plain(person, key) for key in shown}
    await store.set_user(session, user_id, **values)
    audit.record(
        session,
        actor,
        verb=verb,
        entity="user",
        entity_id=user_id,
        now=now,
        before=_written(before),
        after=_written(shown),
    )
    if not told:
        return
    fact_id = new_id(
        int(now.timestamp() * 1000), hashlib.sha256(f"{user_id}{verb}{now}".encode()).digest()
    )
    body = {"user": str(user_id), "why": verb}
    outbox.record(session, outbox.Fact(fact_id, ACCESS_CHANGED, body, now))


def _plain(person: Person, key: str) -> object:
    value = getattr(person, key)
    return list(value) if isinstance(value, tuple) else value


def _written(values: dict[str, Any]) -> dict[str, Any]:
    """As the trail keeps it: ids as text."""
    return {
        key: str(value) if key == "team_id" and value else value for key, value in values.items()
    }
