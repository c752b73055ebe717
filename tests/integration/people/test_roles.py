"""The matrix as data: cells changed, guarded, audited and told; users described, guarded and ended."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.audit import service as audit
from app.errors import Conflict, Forbidden, Invalid, Refused
from app.people import matrix, staff, store
from app.people import service as people
from app.people.matrix import CellChange, Matrix
from app.people.rules import DEFAULTS, Cell, Permission, Role, Scope
from app.people.staff import Profile
from tests.support.clock import SetClock
from tests.support.people import a_team, a_user, an_organisation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Database
    from app.people.rules import Rights


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> SetClock:
    return SetClock(seed=zlib.crc32(request.node.nodeid.encode()))


@pytest_asyncio.fixture(autouse=True)
async def defaults(database: Database) -> AsyncIterator[None]:
    """Each test begins with the defaults."""
    await an_organisation(database, SetClock(seed=5))
    yield
    async with database.writing() as session:
        await session.execute(text("DELETE FROM role_permissions"))
        await session.execute(text("DELETE FROM outbox_facts"))
        await session.execute(text("UPDATE organisations SET rights_version = rights_version + 1"))


async def change(
    database: Database, clock: SetClock, role: str, permission: str, scope: str, *, was: str
) -> Rights:
    wanted = CellChange(role, permission, scope, was)
    async with database.writing() as session:
        return await matrix.change_cell(session, audit.SYSTEM, wanted, now=clock.now())


async def facts(database: Database) -> list[dict[str, Any]]:
    async with database.reading() as session:
        rows = await session.execute(text("SELECT kind, body FROM outbox_facts ORDER BY position"))
        return [{"kind": kind, **body} for kind, body in rows]


async def test_a_changed_cell_is_in_force_at_once_in_every_process(
    database: Database, clock: SetClock
) -> None:
    here, there = Matrix(), Matrix()
    async with database.reading() as session:
        assert (await there.rights(session)).cells == DEFAULTS.cells
    await change(database, clock, "TEAM_LEAD", "dialing.stop", "ALL", was="NOBODY")
    for process in (here, there):
        async with database.reading() as session:
            rights = await process.rights(session)
        assert rights.may([Role.TEAM_LEAD], Permission.DIALING_STOP)


async def test_a_change_is_on_the_trail_and_told_with_both_matrices(
    database: Database, clock: SetClock
) -> None:
    await change(database, clock, "AGENT", "wall.view", "OWN_TEAM", was="NOBODY")
    await change(database, clock, "AGENT", "wall.view", "NOBODY", was="OWN_TEAM")
    cell = ["AGENT", "wall.view", "OWN_TEAM"]
    told = [(fact["before"], fact["after"]) for fact in await facts(database)]
    assert told == [([], [cell]), ([cell], [])], "a cell as the default is not stored"
    async with database.reading() as session:
        rows = await session.execute(
            text(
                "SELECT verb, before, after FROM audit_events"
                " WHERE entity = 'role_permission' AND entity_id = 'AGENT wall.view' ORDER BY at, id"
            )
        )
        trail = [tuple(row) for row in rows]
    assert ("changed", {"scope": "NOBODY"}, {"scope": "OWN_TEAM"}) in trail
    assert ("changed", {"scope": "OWN_TEAM"}, {"scope": "NOBODY"}) in trail


@pytest.mark.parametrize(
    ("words", "was", "error", "code"),
    [
        (("GOD", "wall.view", "ALL"), "NOBODY", Invalid, "CELL_UNKNOWN"),
        (("AGENT", "wall.paint", "ALL"), "NOBODY", Invalid, "CELL_UNKNOWN"),
        (("AGENT", "wall.view", "SOME"), "NOBODY", Invalid, "CELL_UNKNOWN"),
        (("SYSTEM", "wall.view", "ALL"), "NOBODY", Refused, "CELL_LOCKED"),
        (("ADMIN", "people.edit", "NOBODY"), "ALL", Refused, "CELL_LOCKED"),
        (("ADMIN", "roles.edit", "NOBODY"), "ALL", Refused, "CELL_LOCKED"),
        (("AGENT", "audit.view", "OWN_TEAM"), "NOBODY", Invalid, "CELL_UNDIVIDED"),
        (("AGENT", "wall.view", "ALL"), "OWN_TEAM", Conflict, "CELL_CHANGED"),
    ],
)
async def test_what_would_lock_out_or_means_nothing_is_refused(
    database: Database,
    clock: SetClock,
    words: tuple[str, str, str],
    was: str,
    error: type[Refused | Invalid],
    code: str,
) -> None:
    with pytest.raises(error) as refused:
        await change(database, clock, *words, was=was)
    assert refused.value.code == code
    assert await facts(database) == []


async def test_only_who_is_signed_in_and_has_other_channels_is_concerned(
    database: Database, clock: SetClock
) -> None:
    team = await a_team(database, clock)
    users = {}
    for name, role in (("ag", "AGENT"), ("su", "SUPERVISOR"), ("out", "AGENT")):
        users[name] = await a_user(database, clock, f"{name}-concerned", role, team_id=team)
    for name in ("ag", "su"):
        await sign_in(database, clock, users[name])
    async with database.reading() as session:
        gained = await people.concerned(session, [], [("AGENT", "wall.view", "OWN_TEAM")])
        lost = await people.concerned(session, [], [("AGENT", "desk.use", "NOBODY")])
        neither = await people.concerned(session, [], [("AGENT", "audit.view", "ALL")])
    mine = set(users.values())
    assert {(each.user, each.leaves_desk) for each in gained if each.user in mine} == {
        (users["ag"], False)
    }
    assert {(each.user, each.leaves_desk) for each in lost if each.user in mine} == {
        (users["ag"], True)
    }
    assert neither == []


async def sign_in(database: Database, clock: SetClock, user: UUID) -> None:
    async with database.writing() as session:
        person = await people.find_person(session, user)
        assert person is not None
        browser = people.Browser(clock.token_bytes(16).hex(), "c", None, None)
        await people.admit(
            session, person, browser, rights=DEFAULTS, take_over=True, now=clock.now()
        )


async def test_nobody_signs_in_as_the_clockwork(database: Database, clock: SetClock) -> None:
    user = await a_user(database, clock, "clockwork", "SYSTEM")
    with pytest.raises(Forbidden) as refused:
        await sign_in(database, clock, user)
    assert refused.value.code == "NO_ROLE"


async def test_the_last_administrator_stays_one(database: Database, clock: SetClock) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE users SET active = false WHERE 'ADMIN' = ANY(roles)"))
    first = await a_user(database, clock, "first-admin", "ADMIN")
    with pytest.raises(Refused) as refused:
        async with database.writing() as session:
            await people.deactivate(session, audit.SYSTEM, first, now=clock.now())
    assert refused.value.code == "LAST_ADMIN"
    with pytest.raises(Refused):
        await describe(database, clock, first, roles=["SUPERVISOR"])
    second = await a_user(database, clock, "second-admin", "ADMIN")
    assert await describe(database, clock, first, roles=["SUPERVISOR"])
    with pytest.raises(Refused):
        await describe(database, clock, second, roles=["AGENT"])


async def describe(
    database: Database, clock: SetClock, user: UUID, *, version: int | None = None, **said: Any
) -> bool:
    """Change a user as the page does; says whether his sockets must follow."""
    async with database.writing() as session:
        person = await store.find_person(session, user)
        assert person is not None
        profile = Profile(
            **{
                "full_name": person.full_name,
                "roles": list(person.roles),
                "team": str(person.team_id) if person.team_id else "",
                **said,
            }
        )
        columns = await staff.columns_of(session, profile)
        return await staff.change_profile(
            session,
            audit.SYSTEM,
            person,
            columns,
            version=person.version if version is None else version,
            now=clock.now(),
        )


async def test_a_profile_is_kept_whole_and_only_roles_and_team_concern_sockets(
    database: Database, clock: SetClock
) -> None:
    team = await a_team(database, clock, "Đội Ba")
    user = await a_user(database, clock, "described")
    moved = await describe(
        database,
        clock,
        user,
        full_name="Trần  Minh Đức",
        branch="Hà Nội",
        skills=["đàm phán", " thẻ ", "thẻ"],
        languages=["vi", "en"],
        wrapup_multiplier=3,
        sound_off=True,
        shortcuts_off=True,
    )
    assert not moved
    assert await facts(database) == []
    async with database.reading() as session:
        person = await store.find_person(session, user)
    assert person is not None
    assert (person.full_name, person.short_name, person.branch) == (
        "Trần Minh Đức",
        "Đức",
        "Hà Nội",
    )
    assert (person.skills, person.languages) == (("đàm phán", "thẻ"), ("vi", "en"))
    assert (person.wrapup_multiplier, person.sound_off, person.shortcuts_off) == (3, True, True)
    assert await describe(database, clock, user, team=str(team), full_name="Trần Minh Đức")
    assert [fact["why"] for fact in await facts(database)] == [people.ROLES_CHANGED]


async def test_two_who_edit_the_same_user_do_not_overwrite_each_other(
    database: Database, clock: SetClock
) -> None:
    user = await a_user(database, clock, "edited")
    await describe(database, clock, user, branch="Huế", version=1)
    with pytest.raises(Conflict) as refused:
        await describe(database, clock, user, branch="Vinh", version=1)
    assert refused.value.code == "USER_CHANGED"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"full_name": " "}, "full_name"),
        ({"full_name": "x" * 121}, "full_name"),
        ({"roles": []}, "roles"),
        ({"roles": ["GOD"]}, "roles"),
        ({"roles": ["SYSTEM"]}, "roles"),
        ({"team": "none"}, "team"),
        ({"wrapup_multiplier": 0}, "wrapup_multiplier"),
        ({"wrapup_multiplier": 11}, "wrapup_multiplier"),
        ({"skills": ["x" * 33]}, "skills"),
        ({"languages": [str(number) for number in range(17)]}, "languages"),
    ],
)
async def test_bad_input_names_the_field(
    database: Database, clock: SetClock, said: dict[str, Any], field: str
) -> None:
    user = await a_user(database, clock, f"bad-{clock.token_bytes(4).hex()}")
    with pytest.raises(Invalid) as refused:
        await describe(database, clock, user, **said)
    assert refused.value.field == field


@pytest.mark.parametrize("typed", ["", "a", "hai chữ", "x" * 65, "a/b"])
def test_a_name_to_sign_in_with_has_a_form(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        staff.check_username(typed)
    assert refused.value.field == "username"
    assert staff.check_username(" Minh.Nguyễn ") == "minh.nguyễn"


async def test_the_keys_of_the_house_are_given_by_their_holders_only(
    database: Database, clock: SetClock
) -> None:
    """A supervisor who may edit people makes agents, but neither himself nor another an administrator."""
    cell = Cell(Role.SUPERVISOR, Permission.PEOPLE_EDIT, Scope.ALL)
    rights = DEFAULTS.with_cells([cell], 1)
    admin_id = await a_user(database, clock, "key-holder", "ADMIN")
    async with database.reading() as session:
        admin = await store.find_person(session, admin_id)
    staff.check_editor(rights, [Role.SUPERVISOR], person=None, roles=[Role.AGENT])
    staff.check_editor(rights, [Role.ADMIN], person=admin, roles=[Role.AGENT])
    for person, roles in ((None, [Role.ADMIN]), (admin, [Role.AGENT]), (None, [Role.SUPERVISOR])):
        with pytest.raises(Forbidden) as refused:
            staff.check_editor(rights, [Role.SUPERVISOR], person=person, roles=roles)
        assert refused.value.code == "KEYS_NEEDED"
