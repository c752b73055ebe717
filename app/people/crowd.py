"""A crowd for load tests: agents in teams and viewers of the wall, each signed in already.

Only in an organisation that nobody real works in. Nobody could type 2,000 passwords, so each sign-in is
opened here as `service.admit` opens one; what is made bears names of its own and is found again by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.audit import service as audit
from app.errors import Invalid, Refused
from app.people import sessions, staff, store
from app.people.models import SignIn, Team, User
from app.people.rules import Role
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from app.clock import Clock
    from app.db import WriteSession
    from app.people.store import OpenSignIn, Person

PREFIX: Final = "load"
MOST_AGENTS: Final = 20_000
MOST_VIEWERS: Final = 5_000
TEAM_OF: Final = 50  # agents under one lead


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many of each. `password_hash` is everybody's; None where nobody needs to type one."""

    agents: int
    viewers: int
    password_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Comer:
    """One of them with his new sign-in; `token` is the cookie's and is kept nowhere."""

    person: Person
    sign_in: OpenSignIn
    token: str


def check_wanted(agents: int, viewers: int) -> None:
    """Raises `Invalid` for a crowd that is none, or that no test could want."""
    if not 0 <= agents <= MOST_AGENTS:
        raise Invalid(f"--agents is a number from 0 to {MOST_AGENTS}.", field="agents")
    if not 0 <= viewers <= MOST_VIEWERS:
        raise Invalid(f"--viewers is a number from 0 to {MOST_VIEWERS}.", field="viewers")
    if not agents + viewers:
        raise Invalid("Say how many: --agents N, --viewers M, or both.", field="agents")


async def gather(
    session: WriteSession, wanted: Wanted, name_of: Callable[[int], str], clock: Clock
) -> list[Comer]:
    """Make who is missing, sign everybody in anew, and return them: agents first, then viewers.

    `name_of` gives the full name of the one with this number. Their earlier sign-ins end. Raises
    `Refused` where real people work.
    """
    house = await store.find_organisation(session)
    if house is None or not house.demo:
        raise Refused(
            "Load tests run in an organisation made by `paceline demo` or `seed`: people work in this one.",
            rule="NOT_A_DEMO",
        )
    usernames = await _hire(session, wanted, name_of, clock)
    known = {person.username: person for person in await store.list_people(session)}
    crowd = [known[username] for username in usernames]
    opened = await _sign_in(session, crowd, clock)
    after = {"agents": wanted.agents, "viewers": wanted.viewers}
    audit.record(
        session, audit.SYSTEM, verb="gathered a load test's crowd", entity="organisation",
        entity_id=house.id, now=clock.now(), after=after,
    )  # fmt: skip
    return opened


async def _hire(
    session: WriteSession, wanted: Wanted, name_of: Callable[[int], str], clock: Clock
) -> list[str]:
    """The user names of the crowd, all of whom exist afterwards."""
    teams = await _found_teams(session, -(-wanted.agents // TEAM_OF), clock)
    agents = [f"{PREFIX}-agent-{place:05d}" for place in range(1, wanted.agents + 1)]
    viewers = [f"{PREFIX}-viewer-{place:04d}" for place in range(1, wanted.viewers + 1)]
    known = {person.username: person for person in await store.list_people(session)}
    for number, username in enumerate([*agents, *viewers]):
        is_agent = number < len(agents)
        if username not in known:
            full_name = name_of(number)
            user = User(
                id=_fresh_id(clock),
                username=username,
                full_name=full_name,
                short_name=full_name.split()[-1],
                roles=[Role.AGENT.value if is_agent else Role.SUPERVISOR.value],
                team_id=teams[number // TEAM_OF] if is_agent else None,
                password_hash=wanted.password_hash or staff.NO_PASSWORD,
                desk_phone=True,  # nobody sits at a page that could speak
                created_at=clock.now(),
            )
            store.add(session, user)
        elif wanted.password_hash is not None:
            values = {"password_hash": wanted.password_hash}
            await store.set_user(session, known[username].id, **values)
    await session.flush()
    return [*agents, *viewers]


async def _found_teams(session: WriteSession, count: int, clock: Clock) -> list[UUID]:
    known = {team.name: team.id for team in await store.list_teams(session)}
    found = []
    for place in range(1, count + 1):
        name = team_name(place)
        if name not in known:
            known[name] = _fresh_id(clock)
            store.add(session, Team(id=known[name], name=name, branch=f"Tải {1 + place // 10}"))
        found.append(known[name])
    await session.flush()
    return found


def team_name(place: int) -> str:
    """What the team with this number, from 1, is called."""
    return f"Đội tải {place:03d}"


async def _sign_in(session: WriteSession, crowd: Sequence[Person], clock: Clock) -> list[Comer]:
    """A new sign-in for each, in the place of what was open."""
    now = clock.now()
    users = {person.id for person in crowd}
    before = [each for each, _ in await store.list_signed_in(session) if each.user_id in users]
    digests = [each.digest for each in before]
    await store.end(session, digests, now=now, reason=sessions.TAKEN_OVER)
    comers = []
    for person in crowd:
        token, csrf = (
            sessions.make_token(clock.token_bytes(sessions.TOKEN_BYTES)) for _ in range(2)
        )
        row = SignIn(
            token_digest=sessions.digest_of(token),
            user_id=person.id,
            csrf=csrf,
            started_at=now,
            last_seen_at=now,
            expires_at=now + sessions.LASTS_FOR,
            device="load test",
        )
        store.add(session, row)
        comers.append(Comer(person, store.open_sign_in(row), token))
    await session.flush()
    return comers


def _fresh_id(clock: Clock) -> UUID:
    return new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES))
