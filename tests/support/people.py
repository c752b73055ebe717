"""People for tests: an organisation, teams, users with a cheap password, and a floor that remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.breaks import service as breaks
from app.people import service as people
from app.people.passwords import Passwords
from app.values.ids import new_id

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.clock import Clock
    from app.db import Database
    from app.people.service import Person

PASSWORD = "một mật khẩu dài"


def cheap_passwords() -> Passwords:
    """The real hasher at a cost that tests can pay."""
    return Passwords(cores=2, salt=lambda count: b"s" * count, memory_kib=64)


@dataclass(slots=True)
class RememberingFloor:
    """Fulfils `people.service.Floor`: answers what it was set to, and remembers what it was told."""

    heard: dict[UUID, datetime] = field(default_factory=dict)
    busy: set[UUID] = field(default_factory=set)
    desks: set[UUID] = field(default_factory=set)  # whose desk is a page of the sign-in that ends
    told: list[tuple[str, UUID, str]] = field(default_factory=list)

    async def heard_at(self, user_id: UUID) -> datetime | None:
        return self.heard.get(user_id)

    async def is_busy(self, user_id: UUID) -> bool:
        return user_id in self.busy

    async def holds_desk(self, user_id: UUID, issue: str) -> bool:
        return user_id in self.desks

    async def signed_in(self, person: Person) -> None:
        self.told.append(("signed_in", person.id, ""))

    async def signed_out(self, user_id: UUID, why: str) -> None:
        self.told.append(("signed_out", user_id, why))

    async def close_sockets(self, user_id: UUID, why: str, issue: str | None = None) -> None:
        self.told.append(("close_sockets" if issue is None else "close_issue", user_id, why))


class PlainTickets:
    """Fulfils `people.routes.Tickets`: a ticket that says what it names."""

    async def standing(self, user: str) -> int:
        return 7

    def seal(self, user: str, channels: tuple[str, ...], issue: str, standing: int) -> str:
        return f"{user}|{','.join(channels)}|{issue}|{standing}"


def an_id(clock: Clock) -> UUID:
    """A fresh id."""
    return new_id(clock.now_ms(), clock.token_bytes(10))


async def an_organisation(database: Database, clock: Clock) -> UUID:
    """The organisation and its break reasons, unless they are there."""
    async with database.writing() as session:
        found = await people.find_organisation(session)
        if found is not None:
            return found.id
        organisation = people.Organisation(
            id=an_id(clock), name="Ngân hàng Mẫu", holidays=[], created_at=clock.now(), demo=True
        )
        people.add(session, organisation)
        breaks.fill(session)
    return organisation.id


async def a_team(database: Database, clock: Clock, name: str = "Đội Một") -> UUID:
    """A team of this name, made when there is none."""
    async with database.writing() as session:
        found = await people.find_team(session, name)
        if found is not None:
            return found.id
        team = people.Team(id=an_id(clock), name=name)
        people.add(session, team)
    return team.id


async def a_user(
    database: Database,
    clock: Clock,
    username: str,
    *roles: str,
    team_id: UUID | None = None,
    active: bool = True,
) -> UUID:
    """A user with `PASSWORD` and these roles (AGENT when none is named)."""
    async with database.writing() as session:
        user = people.User(
            id=an_id(clock),
            username=username,
            full_name=f"Nguyễn {username}",
            short_name=username,
            roles=list(roles) or ["AGENT"],
            team_id=team_id,
            password_hash=cheap_passwords().hash_now(PASSWORD),
            language="vi",
            theme="system",
            single_keys=True,
            wrapup_multiplier=1,
            active=active,
            created_at=clock.now(),
            version=1,
        )
        people.add(session, user)
    return user.id
