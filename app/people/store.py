"""Every SQL statement about people: users, sign-ins, failed tries, stored answers, the organisation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.people.models import (
    Idempotency,
    Organisation,
    RolePermission,
    SignIn,
    SignInFailure,
    Team,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession


ISSUE_LETTERS: Final = 16


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in, as read in one row. `team_name` is None without a team."""

    id: UUID
    username: str
    full_name: str
    short_name: str
    roles: tuple[str, ...]
    team_id: UUID | None
    team_name: str | None
    branch: str | None
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    language: str
    theme: str
    single_keys: bool
    key_map: dict[str, str]
    wrapup_multiplier: int
    sound_off: bool
    shortcuts_off: bool
    desk_phone: bool
    active: bool
    password_hash: str
    version: int


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """A signed-in browser that was not ended. `digest` is of its cookie's token."""

    digest: str
    user_id: UUID
    csrf: str
    started_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    device: str | None

    @property
    def issue(self) -> str:
        """The name that the tickets of its sockets bear; no cookie can be made of it."""
        return self.digest[:ISSUE_LETTERS]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An open sign-in, whose it is, and which version of the matrix is in force: one read."""

    sign_in: OpenSignIn
    person: Person
    rights_version: int


@dataclass(frozen=True, slots=True)
class Claim:
    """An idempotency key that a request claims: whose, for which route and which body."""

    user_id: UUID
    key: str
    route: str
    request_digest: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a POST was answered before. `status` is None while nothing was stored yet."""

    route: str
    request_digest: str
    status: int | None
    answer: dict[str, Any] | None


def _person(user: User, team_name: str | None) -> Person:
    return Person(
        id=user.id,
        username=user.username,
        full_name=user.full_name,
        short_name=user.short_name,
        roles=tuple(user.roles),
        team_id=user.team_id,
        team_name=team_name,
        branch=user.branch,
        skills=tuple(user.skills),
        languages=tuple(user.languages),
        language=user.language,
        theme=user.theme,
        single_keys=user.single_keys,
        key_map=user.key_map,
        wrapup_multiplier=user.wrapup_multiplier,
        sound_off=user.sound_off,
        shortcuts_off=user.shortcuts_off,
        desk_phone=user.desk_phone,
        active=user.active,
        password_hash=user.password_hash,
        version=user.version,
    )


def open_sign_in(row: SignIn) -> OpenSignIn:
    """A row of a sign-in that is open, as the slice hands it round."""
    return OpenSignIn(
        digest=row.token_digest,
        user_id=row.user_id,
        csrf=row.csrf,
        started_at=row.started_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        device=row.device,
    )


def add(session: WriteSession, row: Organisation | Team | User | SignIn) -> None:
    """Put a new row into the session."""
    session.add(row)


async def find_organisation(session: ReadSession) -> Organisation | None:
    """The one organisation; None before `paceline seed` or `demo`."""
    found: Organisation | None = await session.scalar(select(Organisation).limit(1))
    return found


async def set_dialing_stopped(session: WriteSession, *, stopped: bool) -> None:
    """Remember the floor-wide stop key."""
    await session.execute(update(Organisation).values(dialing_stopped=stopped))


_PEOPLE = select(User, Team.name).outerjoin(Team, Team.id == User.team_id)


async def find_person(session: ReadSession, user_id: UUID) -> Person | None:
    """A user by id."""
    row = (await session.execute(_PEOPLE.where(User.id == user_id))).first()
    return _person(row[0], row[1]) if row else None


async def find_person_by_username(session: ReadSession, username: str) -> Person | None:
    """A user by the name in lower case."""
    row = (await session.execute(_PEOPLE.where(User.username == username))).first()
    return _person(row[0], row[1]) if row else None


async def list_people(session: ReadSession) -> list[Person]:
    """Everybody, by user name."""
    rows = await session.execute(_PEOPLE.order_by(User.username))
    return [_person(user, team_name) for user, team_name in rows]


async def list_teams(session: ReadSession) -> list[Team]:
    """Every team, by name."""
    return list(await session.scalars(select(Team).order_by(Team.name)))


async def find_team(session: ReadSession, name: str) -> Team | None:
    """A team by name."""
    found: Team | None = await session.scalar(select(Team).where(Team.name == name))
    return found


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a team's agents ring when their page is lost."""

    name: str | None
    phone: str | None


async def contact_of(session: ReadSession, team_id: UUID) -> Contact:
    """A team's lead and number; None for what nobody set."""
    row = (
        await session.execute(
            select(User.full_name, Team.phone)
            .select_from(Team)
            .outerjoin(User, User.id == Team.lead_id)
            .where(Team.id == team_id)
        )
    ).first()
    return Contact(*row) if row else Contact(None, None)


async def set_contact(
    session: WriteSession, team_id: UUID, *, lead_id: UUID | None, phone: str | None
) -> None:
    """Set a team's lead and number; None leaves what is there."""
    values = {"lead_id": lead_id, "phone": phone}
    chosen = {name: value for name, value in values.items() if value is not None}
    await session.execute(update(Team).where(Team.id == team_id).values(**chosen))


_VERSION = select(func.coalesce(func.max(Organisation.rights_version), 0))


async def rights_version(session: ReadSession) -> int:
    """Which version of the matrix is in force; 0 before there is an organisation."""
    return int(await session.scalar(_VERSION) or 0)


async def list_cells(session: ReadSession) -> list[tuple[str, str, str]]:
    """The matrix's own cells: role, permission, scope."""
    rows = await session.execute(
        select(RolePermission.role, RolePermission.permission, RolePermission.scope).order_by(
            RolePermission.role, RolePermission.permission
        )
    )
    return [(role, permission, scope) for role, permission, scope in rows]


async def raise_rights_version(session: WriteSession) -> int:
    """Begin a change of the matrix: others wait until the transaction ends. Returns its version."""
    raised = await session.execute(
        update(Organisation)
        .values(rights_version=Organisation.rights_version + 1)
        .returning(Organisation.rights_version)
    )
    return int(raised.scalar_one())


async def set_cell(session: WriteSession, cell: RolePermission) -> None:
    """Store a cell, in the place of what was there."""
    values = {
        "scope": cell.scope,
        "changed_at": cell.changed_at,
        "changed_by": cell.changed_by,
    }
    await session.execute(
        insert(RolePermission)
        .values(role=cell.role, permission=cell.permission, **values)
        .on_conflict_do_update(
            index_elements=[RolePermission.role, RolePermission.permission], set_=values
        )
    )


async def forget_cell(session: WriteSession, role: str, permission: str) -> None:
    """Let a cell be as the defaults say."""
    await session.execute(
        delete(RolePermission).where(
            RolePermission.role == role, RolePermission.permission == permission
        )
    )


async def hold_holders(session: WriteSession, role: str) -> list[UUID]:
    """Active users with a role, locked until the transaction ends."""
    rows = await session.scalars(
        select(User.id)
        .where(User.active, User.roles.contains([role]))
        .order_by(User.id)
        .with_for_update()
    )
    return list(rows)


async def list_signed_in(session: ReadSession) -> list[tuple[OpenSignIn, Person]]:
    """Every open sign-in of an active user, by the user's name, oldest first."""
    rows = await session.execute(
        select(SignIn, User, Team.name)
        .join(User, User.id == SignIn.user_id)
        .outerjoin(Team, Team.id == User.team_id)
        .where(SignIn.ended_at.is_(None), User.active)
        .order_by(User.username, SignIn.started_at)
    )
    return [(open_sign_in(row[0]), _person(row[1], row[2])) for row in rows]


async def find_signed_in(session: ReadSession, digest: str) -> SignedIn | None:
    """An open sign-in by its token's digest: the read of every request."""
    row = (
        await session.execute(
            select(SignIn, User, Team.name, _VERSION.scalar_subquery())
            .join(User, User.id == SignIn.user_id)
            .outerjoin(Team, Team.id == User.team_id)
            .where(SignIn.token_digest == digest, SignIn.ended_at.is_(None))
        )
    ).first()
    return SignedIn(open_sign_in(row[0]), _person(row[1], row[2]), int(row[3])) if row else None


async def list_open(session: ReadSession, user_id: UUID) -> list[OpenSignIn]:
    """The open sign-ins of one user, oldest first."""
    rows = await session.scalars(
        select(SignIn)
        .where(SignIn.user_id == user_id, SignIn.ended_at.is_(None))
        .order_by(SignIn.started_at)
    )
    return [open_sign_in(row) for row in rows]


async def list_lapsed(
    session: ReadSession, *, now: datetime, idle_since: datetime
) -> list[OpenSignIn]:
    """Open sign-ins past their end, or not seen since `idle_since`."""
    rows = await session.scalars(
        select(SignIn).where(
            SignIn.ended_at.is_(None),
            (SignIn.expires_at <= now) | (SignIn.last_seen_at <= idle_since),
        )
    )
    return [open_sign_in(row) for row in rows]


async def touch(
    session: WriteSession, digest: str, *, seen_at: datetime, expires_at: datetime
) -> None:
    """Note that a sign-in is in use, and until when it lasts."""
    await session.execute(
        update(SignIn)
        .where(SignIn.token_digest == digest, SignIn.ended_at.is_(None))
        .values(last_seen_at=seen_at, expires_at=expires_at)
    )


async def end(session: WriteSession, digests: Sequence[str], *, now: datetime, reason: str) -> int:
    """End open sign-ins; returns how many were open."""
    ended = await session.execute(
        update(SignIn)
        .where(SignIn.token_digest.in_(digests), SignIn.ended_at.is_(None))
        .values(ended_at=now, end_reason=reason)
        .returning(SignIn.token_digest)
    )
    return len(ended.all())


async def hold_failures(session: WriteSession, username: str, now: datetime) -> SignInFailure:
    """The count of tries under a name, locked until the transaction ends; made when there is none."""
    await session.execute(
        insert(SignInFailure)
        .values(username=username, count=0, since=now)
        .on_conflict_do_nothing(index_elements=[SignInFailure.username])
    )
    found = await session.scalars(
        select(SignInFailure).where(SignInFailure.username == username).with_for_update()
    )
    return found.one()


async def clear_failures(session: WriteSession, username: str) -> None:
    """Forget the tries under a name."""
    await session.execute(delete(SignInFailure).where(SignInFailure.username == username))


async def forget_failures(session: WriteSession, before: datetime) -> None:
    """Delete counts that began before an instant."""
    await session.execute(delete(SignInFailure).where(SignInFailure.since < before))


async def set_user(session: WriteSession, user_id: UUID, **values: Any) -> None:
    """Change columns of a user and count the change."""
    await session.execute(
        update(User).where(User.id == user_id).values(version=User.version + 1, **values)
    )


async def claim_key(session: WriteSession, claim: Claim) -> StoredAnswer | None:
    """Claim an idempotency key: None when it is ours, else what is stored under it.

    A second request with the same key waits here until the first one's transaction has ended.
    """
    mine = await session.execute(
        insert(Idempotency)
        .values(asdict(claim))
        .on_conflict_do_nothing()
        .returning(Idempotency.key)
    )
    if mine.first() is not None:
        return None
    row = await session.get_one(Idempotency, (claim.user_id, claim.key))
    return StoredAnswer(row.route, row.request_digest, row.status, row.answer)


async def store_answer(
    session: WriteSession, *, user_id: UUID, key: str, status: int, answer: dict[str, Any]
) -> None:
    """Keep the answer under its key, in the transaction of the work."""
    await session.execute(
        update(Idempotency)
        .where(Idempotency.user_id == user_id, Idempotency.key == key)
        .values(status=status, answer=answer)
    )


async def forget_keys(session: WriteSession, before: datetime) -> None:
    """Delete stored answers made before an instant."""
    await session.execute(delete(Idempotency).where(Idempotency.created_at < before))
