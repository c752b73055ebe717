"""Signing in and out, taking over a desk, ending what has lapsed.

Nothing here opens or commits a transaction, hashes a password on the event loop, or knows HTTP. What the
floor must be asked or told goes through `Floor`, which the desk fulfils. Changing users is in `staff.py`,
changing what roles may do in `matrix.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

from app.audit import service as audit
from app.errors import Forbidden, NotFound, Refused, TooMany
from app.people import matrix, sessions, staff, store
from app.people.models import Organisation, SignIn, Team, User
from app.people.rules import DEFAULTS, Permission, Rights, Role, Scope, landing, reaches, roles_of
from app.people.store import OpenSignIn, Person

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from app.db import ReadSession, WriteSession

__all__ = [
    "Floor",
    "Identity",
    "OpenSignIn",
    "Organisation",
    "Person",
    "Role",
    "Team",
    "User",
]

DESK: Final = "/desk"
FLOOR: Final = "floor"  # the channel of what every desk hears beside its own
NO_TEAM: Final = UUID(int=0)  # a team that there never is
ACCESS_CHANGED: Final = staff.ACCESS_CHANGED
ROLES_CHANGED: Final = staff.ROLES_CHANGED
RIGHTS_CHANGED: Final = matrix.RIGHTS_CHANGED


class Floor(Protocol):
    """What signing in asks of the floor and tells it; fulfilled by `app.desk.asking`."""

    async def heard_at(self, user_id: UUID) -> datetime | None:
        """When the user's desk was last heard on a socket; None when it is not connected."""
        ...

    async def is_busy(self, user_id: UUID) -> bool:
        """Whether the user is in a call or in wrap-up."""
        ...

    async def holds_desk(self, user_id: UUID, issue: str) -> bool:
        """Whether a page of this sign-in is the user's desk; True also when that cannot be known."""
        ...

    async def signed_in(self, person: Person) -> None:
        """An agent came to the floor, or is still there: telling it again changes nothing."""
        ...

    async def signed_out(self, user_id: UUID, why: str) -> None:
        """An agent left; `why` is one of `sessions.LOGOUT`, `EXPIRED`, `TAKEN_OVER`, `FORCED`."""
        ...

    async def close_sockets(self, user_id: UUID, why: str, issue: str | None = None) -> None:
        """Close the user's open sockets everywhere within two seconds; with an `issue` of that sign-in only."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking: the person, the sign-in, from which address, and what the matrix says just now."""

    person: Person
    sign_in: OpenSignIn
    address: str | None = None
    rights: Rights = DEFAULTS

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
        return self.rights.may(self.roles, permission)

    def scope(self, permission: Permission) -> Scope:
        """How far the permission reaches."""
        return self.rights.scope(self.roles, permission)

    def only_team(self, permission: Permission) -> UUID | None:
        """The one team that the permission reaches (`NO_TEAM` for who has none); None: every team."""
        if self.scope(permission) is Scope.ALL:
            return None
        return self.person.team_id or NO_TEAM

    def reaches(self, permission: Permission, person: Person) -> bool:
        """Whether the permission reaches that person: his team, or everybody's."""
        return reaches(self.scope(permission), self.person.team_id, person.team_id)

    @property
    def works_at_desk(self) -> bool:
        """Whether this person's place is the desk."""
        return works_at_desk(self.person, self.rights)


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


def works_at_desk(person: Person, rights: Rights) -> bool:
    """Whether this person's place is the desk: one open sign-in, and the dialer knows of it."""
    return landing(rights, roles_of(person.roles)) == DESK


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
    session: WriteSession,
    person: Person,
    browser: Browser,
    *,
    rights: Rights = DEFAULTS,
    take_over: bool,
    now: datetime,
) -> list[OpenSignIn]:
    """Open a sign-in for a person whose password was right; returns the sign-ins that it ended.

    A desk is one person's one place: with another sign-in open it is refused (`ALREADY_SIGNED_IN`)
    unless `take_over`. The caller closes the sockets of the ended ones after the commit. `Forbidden`
    for who has no role that people sign in with.
    """
    if not roles_of(person.roles) - {Role.SYSTEM}:
        raise Forbidden("This account has no role: ask an administrator.", code="NO_ROLE")
    ended: list[OpenSignIn] = []
    if works_at_desk(person, rights):
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


async def sign_out(session: WriteSession, who: Identity, *, now: datetime) -> Ended:
    """End the sign-in that is asking; its sockets are closed after the commit (`tell_ended`)."""
    why = sessions.LOGOUT
    (ended,) = await end_sign_ins(session, [who.sign_in], now=now, why=why)
    audit.record(
        session, who.actor, verb="signed_out", entity="user", entity_id=who.id, now=now, reason=why
    )
    return ended


async def identify(
    session: ReadSession,
    token: str,
    floor: Floor,
    *,
    rights: matrix.Matrix,
    now: datetime,
    address: str | None,
) -> Identity | None:
    """Who a cookie's token belongs to; None when it is unknown, ended, lapsed or inactive.

    The floor is asked only about a sign-in that would lapse: a live desk or a call keeps it open.
    """
    found = await store.find_signed_in(session, sessions.digest_of(token))
    if found is None or not found.person.active or await _lapsed(found.sign_in, floor, now):
        return None
    in_force = await rights.rights(session, found.rights_version)
    return Identity(found.person, found.sign_in, address, in_force)


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


@dataclass(frozen=True, slots=True)
class Ended:
    """A sign-in that was ended; `last`: the user has no other open."""

    sign_in: OpenSignIn
    last: bool


async def end_sign_ins(
    session: WriteSession, sign_ins: Sequence[OpenSignIn], *, now: datetime, why: str
) -> list[Ended]:
    """End these sign-ins; returns them for the sockets and the dialer, who are told after the commit."""
    await store.end(session, [each.digest for each in sign_ins], now=now, reason=why)
    users = {each.user_id for each in sign_ins}
    still_in = {user for user in users if await store.list_open(session, user)}
    return [Ended(each, each.user_id not in still_in) for each in sign_ins]


async def end_earlier(
    session: WriteSession, user_id: UUID, before: datetime, *, now: datetime, why: str
) -> list[Ended]:
    """End a user's sign-ins that were opened before an instant."""
    opened = await store.list_open(session, user_id)
    earlier = [each for each in opened if each.started_at < before]
    return await end_sign_ins(session, earlier, now=now, why=why)


async def end_lapsed(session: WriteSession, floor: Floor, *, now: datetime) -> list[Ended]:
    """End every sign-in that lapsed by time."""
    stale = await store.list_lapsed(session, now=now, idle_since=now - sessions.IDLE_FOR)
    lapsed = [each for each in stale if await _lapsed(each, floor, now)]
    return await end_sign_ins(session, lapsed, now=now, why=sessions.EXPIRED)


async def tell_ended(
    floor: Floor, ended: Sequence[Ended], why: str, *, agents: bool = True
) -> None:
    """Close the sockets of ended sign-ins, and tell the floor of `agents` who have left it.

    Who is signed in elsewhere has left only when his desk was a page of the sign-in that ended.
    """
    for each in ended:
        user, issue = each.sign_in.user_id, each.sign_in.issue
        if agents and (each.last or await floor.holds_desk(user, issue)):
            await floor.signed_out(user, why)
        await floor.close_sockets(user, why, issue)


async def tidy(session: WriteSession, *, before: datetime) -> None:
    """Forget stored answers and counted tries from before an instant."""
    await store.forget_keys(session, before)
    await store.forget_failures(session, before)


def channels_of(person: Person, rights: Rights) -> tuple[str, ...]:
    """The channels that a ticket of this person may open: the matrix, as names.

    A team lead is given his own team's wall and no other; who sees every team hears all agents on one
    channel, so that a second of the floor is one frame for him however many teams there are.
    """
    roles = roles_of(person.roles)
    channels = [f"agent:{person.id}", FLOOR] if rights.may(roles, Permission.DESK_USE) else []
    channels += _lead_channels(person, rights)
    channels += _monitor_channels(person, rights)
    wall = rights.scope(roles, Permission.WALL_VIEW)
    if wall is Scope.ALL:
        channels += ["wall:campaigns", "wall:all", "wall:agents"]
    elif wall is Scope.OWN_TEAM and person.team_id is not None:
        team = person.team_id
        channels += [f"wall:campaigns:{team}", f"wall:team:{team}"]
    return tuple(channels)


def _lead_channels(person: Person, rights: Rights) -> list[str]:
    """What agents ask of who leads them: of one's own team, or what became everybody's."""
    scope = rights.scope(roles_of(person.roles), Permission.AGENT_COACH)
    if scope is Scope.ALL:
        return ["lead:all"]
    own = scope is Scope.OWN_TEAM and person.team_id is not None
    return [f"lead:{person.team_id}"] if own else []


def _monitor_channels(person: Person, rights: Rights) -> list[str]:
    """Who is in which call: of one's own team's agents, or of everybody's."""
    scope = rights.scope(roles_of(person.roles), Permission.MONITOR_LISTEN)
    if scope is Scope.ALL:
        return ["monitor:all"]
    own = scope is Scope.OWN_TEAM and person.team_id is not None
    return [f"monitor:{person.team_id}"] if own else []


@dataclass(frozen=True, slots=True)
class Concerned:
    """A signed-in user who has other channels than before; `leaves_desk`: he had one and has none."""

    user: UUID
    leaves_desk: bool


async def concerned(
    session: ReadSession, before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]
) -> list[Concerned]:
    """Whom a change of the matrix concerns, by all its cells before and after."""
    old, new = matrix.rights_from(before, 0), matrix.rights_from(after, 0)
    people = {person.id: person for _, person in await store.list_signed_in(session)}
    found = []
    for user, person in people.items():
        had, has = (set(channels_of(person, rights)) for rights in (old, new))
        if had != has:
            found.append(Concerned(user, f"agent:{user}" in had - has))
    return found


async def may_work(session: ReadSession, user_id: UUID) -> bool:
    """Whether the matrix of now lets this user sit at a desk."""
    person = await store.find_person(session, user_id)
    rights = await matrix.Matrix().rights(session)
    return person is not None and rights.may(roles_of(person.roles), Permission.DESK_USE)


async def set_team_contact(
    session: WriteSession,
    actor: audit.Actor,
    team: Team,
    *,
    lead: Person | None,
    phone: str | None,
    now: datetime,
) -> None:
    """Say who leads a team and which number its agents ring when their page is lost; None: as it is."""
    await store.set_contact(session, team.id, lead_id=lead.id if lead else None, phone=phone)
    audit.record(
        session,
        actor,
        verb="set_contact",
        entity="team",
        entity_id=team.id,
        now=now,
        after={"lead": str(lead.id) if lead else None, "phone": phone},
    )


async def choose_phone(
    session: WriteSession, person: Person, actor: audit.Actor, *, desk_phone: bool, now: datetime
) -> None:
    """He speaks by a telephone on his desk, or by his page; the same again is nothing."""
    if person.desk_phone is desk_phone:
        return
    await store.set_user(session, person.id, desk_phone=desk_phone)
    audit.record(
        session,
        actor,
        verb="chose_phone",
        entity="user",
        entity_id=person.id,
        now=now,
        before={"desk_phone": person.desk_phone},
        after={"desk_phone": desk_phone},
    )


async def organisation(session: ReadSession) -> Organisation:
    """The one organisation. Raises `NotFound` before anything was seeded."""
    found = await store.find_organisation(session)
    if found is None:
        raise NotFound("There is no organisation yet: run `paceline seed` or `paceline demo`.")
    return found


def _first(roles: Sequence[str]) -> str | None:
    return roles[0] if roles else None


change_password = staff.change_password
change_roles = staff.change_roles
check_username = staff.check_username
clean_username = staff.clean_username
create_user = staff.create_user
deactivate = staff.deactivate
add = store.add
find_person = store.find_person
find_person_by_username = store.find_person_by_username
find_organisation = store.find_organisation
find_team = store.find_team
list_people = store.list_people
list_teams = store.list_teams
set_dialing_stopped = store.set_dialing_stopped
