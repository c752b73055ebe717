"""Roles and permissions of domain section 3; WB8: a team lead reaches only the own team."""

from uuid import UUID

import pytest

from app.people.rules import (
    BREAKS,
    PERMISSIONS,
    Permission,
    Role,
    Scope,
    break_reason,
    is_permitted,
    landing,
    permissions_of,
    reaches,
    roles_of,
    scope_of,
    who_may,
)

OURS, THEIRS = UUID(int=1), UUID(int=2)


def test_every_role_has_a_row() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_every_permission_is_carried_by_some_role() -> None:
    assert permissions_of(Role) == set(Permission)


def test_an_agent_uses_the_desk_and_nothing_that_steers_the_floor() -> None:
    assert permissions_of([Role.AGENT]) == {Permission.DESK_USE, Permission.CUSTOMER_VIEW}


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
    assert scope_of([role], permission) is scope
    assert is_permitted([role], permission) is (scope is not Scope.NOBODY)


def test_permissions_of_several_roles_add_up() -> None:
    both = [Role.AGENT, Role.TEAM_LEAD]

    assert is_permitted(both, Permission.DESK_USE)
    assert is_permitted(both, Permission.WALL_VIEW)


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
    assert landing([role]) == page


def test_a_page_can_say_which_role_is_needed() -> None:
    assert who_may(Permission.PEOPLE_EDIT) == (Role.ADMIN,)


def test_a_break_has_a_code_two_labels_and_a_limit() -> None:
    lunch = break_reason("LUNCH")

    assert lunch is not None
    assert lunch.max_seconds == 3600
    assert break_reason("NAP") is None
    assert len({reason.code for reason in BREAKS}) == len(BREAKS) == 10
