"""Roles and permissions of domain section 3; WB8: a team lead reaches only the own team."""

from uuid import UUID

import pytest

from app.people.rules import (
    DEFAULTS,
    UNDIVIDED,
    Cell,
    Permission,
    Role,
    Scope,
    check_keys,
    is_locked,
    landing,
    reaches,
    read_cell,
    roles_of,
    scopes_of,
)

OURS, THEIRS = UUID(int=1), UUID(int=2)


def test_every_role_has_a_row() -> None:
    assert set(DEFAULTS.cells) == set(Role)
    assert all(set(row) == set(Permission) for row in DEFAULTS.cells.values())


def test_every_permission_is_carried_by_some_role() -> None:
    assert DEFAULTS.held(Role) == set(Permission)


def test_an_agent_uses_the_desk_and_nothing_that_steers_the_floor() -> None:
    assert DEFAULTS.held([Role.AGENT]) == {Permission.DESK_USE, Permission.CUSTOMER_VIEW}


@pytest.mark.parametrize(
    ("role", "permission", "scope"),
    [
        (Role.TEAM_LEAD, Permission.AGENT_COMPLETE, Scope.OWN_TEAM),
        (Role.TEAM_LEAD, Permission.WALL_VIEW, Scope.OWN_TEAM),
        (Role.TEAM_LEAD, Permission.DIALING_STOP, Scope.NOBODY),
        (Role.SUPERVISOR, Permission.AGENT_COMPLETE, Scope.ALL),
        (Role.SUPERVISOR, Permission.PEOPLE_EDIT, Scope.NOBODY),
        (Role.AUDITOR, Permission.AUDIT_VIEW, Scope.ALL),
        (Role.AUDITOR, Permission.CAMPAIGN_CONTROL, Scope.NOBODY),
        (Role.AGENT, Permission.CUSTOMER_VIEW, Scope.ALL),
        (Role.SYSTEM, Permission.DESK_USE, Scope.NOBODY),
    ],
)
def test_a_permission_has_a_scope(role: Role, permission: Permission, scope: Scope) -> None:
    assert DEFAULTS.scope([role], permission) is scope
    assert DEFAULTS.may([role], permission) is (scope is not Scope.NOBODY)


def test_permissions_of_several_roles_add_up() -> None:
    both = [Role.AGENT, Role.TEAM_LEAD]

    assert DEFAULTS.may(both, Permission.DESK_USE)
    assert DEFAULTS.may(both, Permission.WALL_VIEW)
    wide = [Role.TEAM_LEAD, Role.AUDITOR]
    assert DEFAULTS.scope(wide, Permission.WALL_VIEW) is Scope.ALL
    assert DEFAULTS.scope([], Permission.WALL_VIEW) is Scope.NOBODY


def test_what_is_about_no_team_is_everybodys_or_nobodys() -> None:
    for permission in Permission:
        found = {DEFAULTS.cells[role][permission] for role in Role}
        assert found <= set(scopes_of(permission)), permission
        assert (Scope.OWN_TEAM in scopes_of(permission)) is (permission not in UNDIVIDED)


@pytest.mark.req("S0a-008")
def test_agent_senior_agent_and_team_lead_are_steps_of_a_ladder() -> None:
    agent, senior, lead = (
        DEFAULTS.held([role]) for role in (Role.AGENT, Role.SENIOR_AGENT, Role.TEAM_LEAD)
    )
    assert agent < senior < lead


def test_a_cell_of_the_organisation_lies_over_the_default() -> None:
    ours = DEFAULTS.with_cells([Cell(Role.AGENT, Permission.WALL_VIEW, Scope.OWN_TEAM)], 3)

    assert ours.version == 3
    assert ours.scope([Role.AGENT], Permission.WALL_VIEW) is Scope.OWN_TEAM
    assert ours.scope([Role.SENIOR_AGENT], Permission.WALL_VIEW) is Scope.NOBODY
    assert DEFAULTS.scope([Role.AGENT], Permission.WALL_VIEW) is Scope.NOBODY


@pytest.mark.parametrize("scope", Scope)
def test_no_cell_locks_the_administrators_out_or_lets_the_clockwork_in(scope: Scope) -> None:
    fixed = [(role, each) for role in Role for each in Permission if is_locked(role, each)]
    assert (Role.ADMIN, Permission.ROLES_EDIT) in fixed
    assert {each for role, each in fixed if role is Role.SYSTEM} == set(Permission)
    bent = DEFAULTS.with_cells([Cell(role, each, scope) for role, each in fixed], 1)
    assert bent.cells == DEFAULTS.cells


def test_a_scope_that_a_permission_cannot_have_is_passed_over() -> None:
    cell = Cell(Role.AGENT, Permission.AUDIT_VIEW, Scope.OWN_TEAM)
    assert DEFAULTS.with_cells([cell], 1).cells == DEFAULTS.cells


@pytest.mark.parametrize(
    "word", [("GOD", "desk.use", "ALL"), ("AGENT", "x", "ALL"), ("AGENT", "desk.use", "")]
)
def test_a_stored_cell_of_another_version_means_nothing(word: tuple[str, str, str]) -> None:
    assert read_cell(*word) is None
    assert read_cell("AGENT", "desk.use", "ALL") == Cell(Role.AGENT, Permission.DESK_USE, Scope.ALL)


def test_a_team_lead_reaches_only_the_own_team() -> None:
    assert reaches(Scope.OWN_TEAM, OURS, OURS)
    assert not reaches(Scope.OWN_TEAM, OURS, THEIRS)
    assert not reaches(Scope.OWN_TEAM, None, None)
    assert reaches(Scope.ALL, None, THEIRS)
    assert not reaches(Scope.NOBODY, OURS, OURS)


def test_words_that_are_no_roles_give_nothing() -> None:
    assert roles_of(["AGENT", "GOD"]) == {Role.AGENT}


@pytest.mark.parametrize(
    ("role", "page"),
    [(Role.AGENT, "/desk"), (Role.TEAM_LEAD, "/wall"), (Role.CUSTOMER_EXEC, "/me")],
)
def test_people_land_on_the_page_of_their_role(role: Role, page: str) -> None:
    assert landing(DEFAULTS, [role]) == page


def test_an_agent_who_may_look_at_the_wall_still_has_his_place_at_the_desk() -> None:
    ours = DEFAULTS.with_cells([Cell(Role.AGENT, Permission.WALL_VIEW, Scope.ALL)], 1)
    assert landing(ours, [Role.AGENT]) == "/desk"
    shut = ours.with_cells([Cell(Role.AGENT, Permission.DESK_USE, Scope.NOBODY)], 2)
    assert landing(shut, [Role.AGENT]) == "/wall"


def test_a_page_can_say_which_role_is_needed() -> None:
    assert DEFAULTS.who_may(Permission.PEOPLE_EDIT) == (Role.ADMIN,)


def test_letters_that_browsers_leave_free_can_be_moved_to() -> None:
    check_keys({"mute": "KeyQ", "card_last": "KeyZ"})
    check_keys({})


@pytest.mark.parametrize(
    "keys",
    [
        {"mute": "KeyF"},
        {"mute": "Digit1"},
        {"mute": "F5"},
        {"mute": "KeyQ", "hold": "KeyQ"},
        {"Mute!": "KeyQ"},
        {f"key_{letter}": "KeyQ" for letter in "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop" * 2}
        | {f"more_{letter}": "KeyQ" for letter in "abcdefghijklmnopqrstuvwxyz"},
    ],
)
def test_keys_that_cannot_work_are_refused(keys: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"key|letter"):
        check_keys(keys)
