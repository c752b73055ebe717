"""Every address and every channel, for every role and scope, as the matrix says: generated from the registries.

Three matrices are tried: the defaults, and each cell turned on once and twice, so that every cell holds
each of its scopes at least once. Checks AM4, X5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.people.doors import Deed, Door, Needs, Whom
from app.people.rules import (
    DEFAULTS,
    Cell,
    Permission,
    Rights,
    Role,
    Scope,
    reaches,
    scopes_of,
)
from realtime.closing import Close
from realtime.frames import VERSION, Hello
from realtime.ticket import TicketRefused, verify
from tests.integration.site.conftest import ROLES
from tests.support.browser import Browser
from tests.support.clock import SetClock
from tests.support.people import a_user

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from app.db import Database
    from app.main import Site

pytestmark = [pytest.mark.req("S0c-002", "S4b-004"), pytest.mark.timeout(300)]

STRANGER = UUID("019aaf00-0000-7000-8000-000000000001")
# What a door answers to whom it lets in, when asked for nothing sensible: never a refusal of the role.
LET_IN = {200, 303, 404, 409, 422, 503}
TURNS = (0, 1, 2)

# Each kind of channel with the permission that opens it, and the scopes that do for the own team and for
# another. A channel that no line names fails the test.
OWN, ANY = {Scope.OWN_TEAM, Scope.ALL}, {Scope.ALL}
KINDS: dict[str, tuple[Permission, set[Scope]]] = {
    "agent:{me}": (Permission.DESK_USE, ANY),
    "floor": (Permission.DESK_USE, ANY),
    "wall:all": (Permission.WALL_VIEW, ANY),
    "wall:agents": (Permission.WALL_VIEW, ANY),
    "wall:campaigns": (Permission.WALL_VIEW, ANY),
    "wall:team:{own}": (Permission.WALL_VIEW, {Scope.OWN_TEAM}),
    "wall:campaigns:{own}": (Permission.WALL_VIEW, {Scope.OWN_TEAM}),
    "lead:all": (Permission.AGENT_COACH, ANY),
    "lead:{own}": (Permission.AGENT_COACH, {Scope.OWN_TEAM}),
    "monitor:all": (Permission.MONITOR_LISTEN, ANY),
    "monitor:{own}": (Permission.MONITOR_LISTEN, {Scope.OWN_TEAM}),
}
NEVER = (
    "agent:{target}",
    "wall:team:{other}",
    "wall:campaigns:{other}",
    "lead:{other}",
    "monitor:{other}",
    "control",
)


def turned(turns: int) -> Rights:
    """The defaults with each cell moved on to its next scope so many times."""
    cells = []
    for role, row in DEFAULTS.cells.items():
        for permission, scope in row.items():
            choices = scopes_of(permission)
            place = (choices.index(scope) + turns) % len(choices)
            cells.append(Cell(role, permission, choices[place]))
    return DEFAULTS.with_cells(cells, turns)


@dataclass(frozen=True, slots=True)
class Ground:
    """The site with a signed-in browser per role, all of one team, and whom they ask about."""

    site: Site
    browsers: dict[str, Browser]
    users: dict[str, UUID]
    targets: dict[str, UUID]

    def names(self, role: str) -> dict[str, str]:
        """What stands for the places in the names of channels."""
        return {
            "me": str(self.users[role.lower()]),
            "own": str(self.users["team"]),
            "other": str(self.users["other"]),
            "target": str(self.targets["own"]),
        }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def signed_in(
    site: Site, database: Database, users: dict[str, UUID]
) -> AsyncIterator[Ground]:
    clock = SetClock(seed=41)
    targets = {
        "own": await a_user(database, clock, "target-own", team_id=users["team"]),
        "other": await a_user(database, clock, "target-other", team_id=users["other"]),
        "nobody": STRANGER,
    }
    browsers = {}
    for role in ROLES:
        browsers[role] = Browser(site)
        assert (await browsers[role].sign_in(role.lower())).status_code == 200
    yield Ground(site, browsers, users, targets)
    for browser in browsers.values():
        await browser.client.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=TURNS)
async def matrix(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Rights]:
    """One of the three matrices, in force in the database."""
    rights = turned(request.param)
    await put(database, rights)
    yield rights
    await put(database, DEFAULTS)


async def put(database: Database, rights: Rights) -> None:
    """Store every cell that differs from the defaults, as a new version."""
    rows = [
        {"role": role, "permission": permission, "scope": scope}
        for role, row in rights.cells.items()
        for permission, scope in row.items()
        if scope is not DEFAULTS.cells[role][permission]
    ]
    async with database.writing() as session:
        await session.execute(text("DELETE FROM role_permissions"))
        await session.execute(text("UPDATE organisations SET rights_version = rights_version + 1"))
        if rows:
            insert = text(
                "INSERT INTO role_permissions (role, permission, scope, changed_at)"
                " VALUES (:role, :permission, :scope, now())"
            )
            await session.execute(insert, rows)


def test_the_three_matrices_hold_every_scope_in_every_cell_that_can_change() -> None:
    from app.people.rules import is_locked

    for role in Role:
        for permission in Permission:
            held = {turned(turns).cells[role][permission] for turns in TURNS}
            fixed = is_locked(role, permission)
            assert held == (
                {DEFAULTS.cells[role][permission]} if fixed else set(scopes_of(permission))
            )


def tries(ground: Ground, door: Door | Deed) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """About whom a door is asked: the word for it, the address, the body."""
    if door.whom is not Whom.USER:
        yield "", re.sub(r"\{\w+\}", str(STRANGER), door.path), {}
        return
    for word, user in ground.targets.items():
        path = door.path.replace("{user}", str(user))
        body = {} if path != door.path else {"user": str(user)}
        yield word, re.sub(r"\{\w+\}", str(STRANGER), path), body


def expected(ground: Ground, scope: Scope, whom: str) -> tuple[int | None, str]:
    """Status and code of a refusal; None where the door opens."""
    if scope is Scope.NOBODY:
        return 403, "NOT_PERMITTED"
    if whom == "nobody":
        return (404, "USER_UNKNOWN") if scope is Scope.ALL else (403, "OTHER_TEAM")
    team = ground.users.get({"own": "team", "other": "other"}.get(whom, ""))
    if whom and not reaches(scope, ground.users["team"], team):
        return 403, "OTHER_TEAM"
    return None, ""


@pytest.mark.parametrize("role", ROLES)
async def test_every_address_opens_as_the_matrix_says(
    signed_in: Ground, matrix: Rights, role: str
) -> None:
    browser, faults = signed_in.browsers[role], []
    for door in signed_in.site.opened.doors:
        if isinstance(door.needs, Needs):
            continue
        scope = matrix.scope([Role(role)], door.needs)
        for whom, path, body in tries(signed_in, door):
            answer = await (browser.get(path) if door.method == "GET" else browser.post(path, body))
            status, code = expected(signed_in, scope, whom)
            told = (
                answer.json().get("error", {}) if "json" in answer.headers["content-type"] else {}
            )
            wrong = (
                answer.status_code not in LET_IN
                if status is None
                else (answer.status_code, told.get("code")) != (status, code)
            )
            if wrong:
                faults.append(
                    f"{door.method} {path} {whom} {scope}: {answer.status_code} {told.get('code')}"
                )
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("role", ROLES)
async def test_every_channel_opens_as_the_matrix_says(
    signed_in: Ground, matrix: Rights, role: str
) -> None:
    names = signed_in.names(role)
    allowed = {
        kind.format(**names)
        for kind, (permission, scopes) in KINDS.items()
        if matrix.scope([Role(role)], permission) in scopes
    }
    answer = await signed_in.browsers[role].post("/ws/ticket")
    if not allowed:
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "NO_CHANNELS")
        return
    house = signed_in.site.opened.house
    ticket = verify(answer.json()["ticket"], house.settings.secret, house.clock.now_ms())
    assert set(ticket.channels) == allowed
    known = [*(kind.format(**names) for kind in KINDS), *(each.format(**names) for each in NEVER)]
    for channel in known:
        fresh = (await signed_in.browsers[role].post("/ws/ticket")).json()["ticket"]
        hello = Hello(VERSION, fresh, (channel,))
        if channel in allowed:
            assert (await signed_in.site.opened.realtime.admit(hello)).channels == (channel,)
        else:
            with pytest.raises(TicketRefused) as refused:
                await signed_in.site.opened.realtime.admit(hello)
            assert refused.value.code is Close.FORBIDDEN, channel
