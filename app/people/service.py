"""Signing in and out, taking over a desk, ending what has lapsed, and changing users.

Nothing here opens or commits a transaction, hashes a password on the event loop, or knows HTTP. What the
floor must be asked or told goes through `Floor`, which the desk fulfils.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from app import outbox
from app.audit import service as audit
from app.errors import Invalid, NotFound, Refused, TooMany
from app.people import sessions, store
from app.people.models import BreakReason, Organisation, SignIn, Team, User
from app.people.rules import Permission, Role, Scope, is_permitted, landing, roles_of, scope_of
from app.people.store import OpenSignIn, Person
from app.values.ids import new_id
from app.values.text import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from app.db import ReadSession, WriteSession

__all__ = [
    "BreakReason",
    "Floor",
    "Identity",
    "OpenSignIn",
    "Organisation",
    "Person",
    "Team",
    "User",
]

DESK: Final = "/desk"
MOST_NAME: Final = 64
MOST_TEAMS: Final = 60  # a socket holds 64 channels; a larger floor is watched by `wall:all`
ACCESS_CHANGED: Final = "user.access_changed"
ROLES_CHANGED: Final = "roles_changed"


class Floor(Protocol):
    """What signing in asks of the floor and tells it; fulfilled by `app.desk.asking`."""

    async def heard_at(self, user_id: UUID) -> datetime | None:
        """When the user's desk was last heard on a socket; None when it is not connected."""
        ...

    async def is_busy(self, user_id: UUID) -> bool:
        """Whether the user is in a call or in wrap-up."""
        ...

    async def signed_in(self, person: Person) -> None:
        """An agent came to the floor, or is still there: telling it again changes nothing."""
        ...

    async def signed_out(self, user_id: UUID, why: str) -> None:
        """An agent left; `why` is one of `sessions.LOGOUT`, `EXPIRED`, `TAKEN_OVER`, `FORCED`."""
        ...

    async def close_sockets(self, user_id: UUID, why: str) -> None:
        """Close the user's open sockets everywhere within two seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking: the person, the sign-in, and from which address."""

    person: Person
    sign_in: OpenSignIn
    address: str | None = None

    @property
    def id(self) -> UUID:
        """The user's id."""
        return self.person.id

    @property
    def roles(self) -> frozenset[Role]:
        """The user's roles."""
        return roles_of(self.person.roles)

    @property
    def actor(self) -> audit.Actor:
        """How the trail names this user."""
        role = self.person.roles[0] if self.person.roles else None
        return audit.Actor(id=self.person.id, role=role, address=self.address)

    def may(self, permission: Permission) -> bool:
        """Whether any of the user's roles carries the permission."""
        return is_permitted(self.roles, permission)

    def scope(self, permission: Permission) -> Scope:
        """How far the permission reaches."""
        return scope_of(self.roles, permission)


class Occupied(Refused):
    """The desk is signed in elsewhere; whoever gave the right password may take it over."""

    def __init__(self, user_id: UUID, other: OpenSignIn) -> None:
        super().__init__("This desk is open elsewhere. Take it over?", code="ALREADY_SIGNED_IN")
        self.user_id = user_id
        self.device = other.device or ""
        self.since = other.started_at


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in from, and the tokens drawn for it."""

    token: str
    csrf: str
    device: str | None
    address: str | None


def clean_username(typed: str) -> str:
    """A typed name as it is stored: NFC, lower case, at most 64 characters."""
    return normalise(typed).lower()[:MOST_NAME]


def works_at_desk(person: Person) -> bool:
    """Whether this person's place is the desk: one open sign-in, and the dialer knows of it."""
    return landing(roles_of(person.roles)) == DESK


async def count_try(session: WriteSession, username: str, now: datetime) -> None:
    """Count a try before the password is looked at, so that many at once are no way round.

    Raises `TooMany` while the name waits; five tries without success begin 60 s of it.
    """
    tries = await store.hold_failures(session, username, now)
    if tries.blocked_until and now < tries.blocked_until:
        raise _blocked(tries.blocked_until - now)
    if tries.blocked_until or now - tries.since >= sessions.TRIES_COUNT_FOR:
        tries.count, tries.since, tries.blocked_until = 0, now, None
    tries.count += 1
    if tries.count >= sessions.TRIES:
        tries.blocked_until = now + sessions.WAIT


def _blocked(left: timedelta) -> TooMany:
    seconds = max(1, -int(-left.total_seconds() // 1))
    return TooMany(
        f"Too many wrong passwords. Try again in {seconds} s.",
        retry_after_seconds=seconds,
        code="SIGN_IN_WAIT",
    )


async def admit(
    session: WriteSession, person: Person, browser: Browser, *, take_over: bool, now: datetime
) -> list[OpenSignIn]:
    """Open a sign-in for a person whose password was right; returns the sign-ins that it ended.

    A desk is one person's one place: with another sign-in open it is refused (`ALREADY_SIGNED_IN`)
    unless `take_over`. The caller closes the sockets of the ended ones after the commit.
    """
    ended: list[OpenSignIn] = []
    if works_at_desk(person):
        ended = await store.list_open(session, person.id)
        if ended and not take_over:
            raise Occupied(person.id, ended[-1])
        digests = [each.digest for each in ended]
        await store.end(session, digests, now=now, reason=sessions.TAKEN_OVER)
    store.add(
        session,
        SignIn(
            token_digest=sessions.digest_of(browser.token),
            user_id=person.id,
            csrf=browser.csrf,
            started_at=now,
            last_seen_at=now,
            expires_at=now + sessions.LASTS_FOR,
            device=browser.device,
            address=browser.address,
        ),
    )
    await store.clear_failures(session, person.username)
    actor = audit.Actor(id=person.id, role=_first(person.roles), address=browser.address)
    after = {"device": browser.device, "took_over": len(ended)}
    audit.record(
        session, actor, verb="signed_in", entity="user", entity_id=person.id, now=now, after=after
    )
    return ended


async def sign_out(
    session: WriteSession, who: Identity, *, now: datetime, why: str = sessions.LOGOUT
) -> None:
    """End the sign-in that is asking."""
    await store.end(session, [who.sign_in.digest], now=now, reason=why)
    audit.record(
        session, who.actor, verb="signed_out", entity="user", entity_id=who.id, now=now, reason=why
    )


async def identify(
    session: ReadSession, token: str, floor: Floor, *, now: datetime, address: str | None
) -> Identity | None:
    """Who a cookie's token belongs to; None when it is unknown, ended, lapsed or inactive.

    The floor is asked only about a sign-in that would lapse: a live desk or a call keeps it open.
    """
    found = await store.find_signed_in(session, sessions.digest_of(token))
    if found is None or not found[1].active:
        return None
    sign_in, person = found
    if await _lapsed(sign_in, floor, now):
        return None
    return Identity(person, sign_in, address)


async def _lapsed(sign_in: OpenSignIn, floor: Floor, now: datetime) -> bool:
    if not sessions.has_lapsed(sign_in, now=now, heard_at=None, busy=False):
        return False
    heard_at = await floor.heard_at(sign_in.user_id)
    if not sessions.has_lapsed(sign_in, now=now, heard_at=heard_at, busy=False):
        return False
    return not await floor.is_busy(sign_in.user_id)


async def renew(session: WriteSession, who: Identity, *, now: datetime) -> None:
    """Note that a sign-in is in use. Past its end it is only a call that keeps it, for a while more."""
    busy = now >= who.sign_in.expires_at
    expires_at = sessions.renewed_until(who.sign_in, now=now, busy=busy)
    await store.touch(session, who.sign_in.digest, seen_at=now, expires_at=expires_at)


async def end_lapsed(session: WriteSession, floor: Floor, *, now: datetime) -> list[UUID]:
    """End every sign-in that lapsed by time; returns whose, for the sockets and the dialer."""
    stale = await store.list_lapsed(session, now=now, idle_since=now - sessions.IDLE_FOR)
    lapsed = [each for each in stale if await _lapsed(each, floor, now)]
    digests = [each.digest for each in lapsed]
    await store.end(session, digests, now=now, reason=sessions.EXPIRED)
    return [each.user_id for each in lapsed]


async def tidy(session: WriteSession, *, before: datetime) -> None:
    """Forget stored answers and counted tries from before an instant."""
    await store.forget_keys(session, before)
    await store.forget_failures(session, before)


def channels_of(who: Identity, team_ids: Iterable[UUID]) -> tuple[str, ...]:
    """The channels that a ticket of this user may open: the permission table, as names.

    `team_ids`: every team there is. A team lead is given his own team's wall and no other.
    """
    channels = [f"agent:{who.id}"] if who.may(Permission.DESK_USE) else []
    if who.scope(Permission.WALL_VIEW) is Scope.ALL and who.may(Permission.WALL_VIEW_ALL):
        teams = [f"wall:team:{team}" for team in team_ids][:MOST_TEAMS]
        channels += ["wall:campaigns", "wall:all", *teams]
    elif who.may(Permission.WALL_VIEW) and who.person.team_id is not None:
        team = who.person.team_id
        channels += [f"wall:campaigns:{team}", f"wall:team:{team}"]
    return tuple(channels)


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
    """End a user's access at once. Raises `NotFound`."""
    await _change(session, actor, user_id, {"active": False}, "deactivated", now)
    digests = [each.digest for each in await store.list_open(session, user_id)]
    await store.end(session, digests, now=now, reason=sessions.FORCED)


async def change_password(
    session: WriteSession, actor: audit.Actor, user_id: UUID, password_hash: str, *, now: datetime
) -> None:
    """Set another password; every open sign-in of the user ends. Raises `NotFound`."""
    await _change(
        session, actor, user_id, {"password_hash": password_hash}, "password_changed", now
    )
    digests = [each.digest for each in await store.list_open(session, user_id)]
    await store.end(session, digests, now=now, reason=sessions.FORCED)


async def _change(
    session: WriteSession,
    actor: audit.Actor,
    user_id: UUID,
    values: dict[str, Any],
    verb: str,
    now: datetime,
) -> None:
    person = await store.find_person(session, user_id)
    if person is None:
        raise NotFound("There is no such user.")
    shown = {key: value for key, value in values.items() if key != "password_hash"}
    before = {key: _plain(getattr(person, key)) for key in shown}
    await store.set_user(session, user_id, **values)
    audit.record(
        session,
        actor,
        verb=verb,
        entity="user",
        entity_id=user_id,
        now=now,
        before=before,
        after=shown,
    )
    fact_id = new_id(
        int(now.timestamp() * 1000), hashlib.sha256(f"{user_id}{verb}{now}".encode()).digest()
    )
    body = {"user": str(user_id), "why": verb}
    outbox.record(session, outbox.Fact(fact_id, ACCESS_CHANGED, body, now))


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


async def organisation(session: ReadSession) -> Organisation:
    """The one organisation. Raises `NotFound` before anything was seeded."""
    found = await store.find_organisation(session)
    if found is None:
        raise NotFound("There is no organisation yet: run `paceline seed` or `paceline demo`.")
    return found


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _first(roles: Sequence[str]) -> str | None:
    return roles[0] if roles else None


add = store.add
find_person = store.find_person
find_person_by_username = store.find_person_by_username
find_organisation = store.find_organisation
find_team = store.find_team
list_breaks = store.list_breaks
list_people = store.list_people
list_teams = store.list_teams
set_dialing_stopped = store.set_dialing_stopped
