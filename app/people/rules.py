"""Who may do what: roles, the permission table, scope, break reasons. Pure.

A permission answers "may this person do it at all"; a scope answers "to whom". Signing in and
passwords are in `service.py` and `passwords.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID


class Role(StrEnum):
    """The roles of domain section 3. A user has one or more; permissions add up."""

    AGENT = "AGENT"
    SENIOR_AGENT = "SENIOR_AGENT"
    TEAM_LEAD = "TEAM_LEAD"
    SUPERVISOR = "SUPERVISOR"
    ADMIN = "ADMIN"
    BILLING_MANAGER = "BILLING_MANAGER"
    RECOVERY_EXEC = "RECOVERY_EXEC"
    CUSTOMER_EXEC = "CUSTOMER_EXEC"
    FIELD_AGENT = "FIELD_AGENT"
    AUDITOR = "AUDITOR"
    LOAD_TESTER = "LOAD_TESTER"
    SYSTEM = "SYSTEM"


class Permission(StrEnum):
    """Things a route or a command asks for by name."""

    DESK_USE = "desk.use"
    WALL_VIEW = "wall.view"
    WALL_VIEW_ALL = "wall.view_all"
    CAMPAIGN_VIEW = "campaign.view"
    CAMPAIGN_CONTROL = "campaign.control"
    CAMPAIGN_EDIT = "campaign.edit"
    PEOPLE_VIEW = "people.view"
    PEOPLE_EDIT = "people.edit"
    CUSTOMER_VIEW = "customer.view"
    CUSTOMER_UNMASK = "customer.unmask"
    IMPORT_RUN = "import.run"
    AUDIT_VIEW = "audit.view"
    DIALING_STOP = "dialing.stop"
    AGENT_COMPLETE = "agent.complete"
    LOADTEST_RUN = "loadtest.run"


class Scope(StrEnum):
    """To whom a permission reaches."""

    NOBODY = "NOBODY"
    OWN_TEAM = "OWN_TEAM"
    ALL = "ALL"


_P = Permission
_AGENT = frozenset({_P.DESK_USE, _P.CUSTOMER_VIEW})
_LEAD = _AGENT | {_P.WALL_VIEW, _P.CAMPAIGN_VIEW, _P.PEOPLE_VIEW, _P.AGENT_COMPLETE}
_SUPERVISOR = (_LEAD - {_P.DESK_USE}) | {
    _P.WALL_VIEW_ALL,
    _P.CAMPAIGN_CONTROL,
    _P.CAMPAIGN_EDIT,
    _P.CUSTOMER_UNMASK,
    _P.IMPORT_RUN,
    _P.DIALING_STOP,
}
_OFFICE = frozenset({_P.CUSTOMER_VIEW})

PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    Role.AGENT: _AGENT,
    Role.SENIOR_AGENT: _AGENT,
    Role.TEAM_LEAD: _LEAD,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMIN: _SUPERVISOR | {_P.PEOPLE_EDIT, _P.AUDIT_VIEW},
    Role.BILLING_MANAGER: _OFFICE | {_P.CUSTOMER_UNMASK},
    Role.RECOVERY_EXEC: _OFFICE | {_P.CUSTOMER_UNMASK},
    Role.CUSTOMER_EXEC: _OFFICE,
    Role.FIELD_AGENT: _OFFICE,
    Role.AUDITOR: _OFFICE
    | {_P.AUDIT_VIEW, _P.WALL_VIEW, _P.WALL_VIEW_ALL, _P.CAMPAIGN_VIEW, _P.PEOPLE_VIEW},
    Role.LOAD_TESTER: frozenset({_P.LOADTEST_RUN, _P.WALL_VIEW, _P.WALL_VIEW_ALL}),
    # The clockwork asks nobody's permission and signs in nowhere; it only appears in the trail.
    Role.SYSTEM: frozenset(),
}

_EVERYWHERE: Final = frozenset(
    {Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR, Role.LOAD_TESTER}
)  # the others reach their own team
_SEES_ALL_CUSTOMERS: Final = frozenset({_P.CUSTOMER_VIEW, _P.CUSTOMER_UNMASK})


def roles_of(words: Iterable[str]) -> frozenset[Role]:
    """The roles named by `words`; a word that is no role gives nothing and is left out."""
    known = set(Role)
    return frozenset(Role(word) for word in words if word in known)


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Everything that somebody with these roles may do."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


def is_permitted(roles: Iterable[Role], permission: Permission) -> bool:
    """Whether any of the roles carries the permission."""
    return any(permission in PERMISSIONS[role] for role in roles)


def scope_of(roles: Iterable[Role], permission: Permission) -> Scope:
    """How far a permission reaches: nobody without it, all or one's own team with it.

    Customers are not owned by teams, so looking at them is not narrowed by team.
    """
    carriers = {role for role in roles if permission in PERMISSIONS[role]}
    if not carriers:
        return Scope.NOBODY
    if carriers & _EVERYWHERE or permission in _SEES_ALL_CUSTOMERS:
        return Scope.ALL
    return Scope.OWN_TEAM


def reaches(scope: Scope, own_team: UUID | None, team: UUID | None) -> bool:
    """Whether somebody of `own_team` with this scope may act on somebody of `team`."""
    if scope is Scope.ALL:
        return True
    return scope is Scope.OWN_TEAM and own_team is not None and own_team == team


def landing(roles: Iterable[Role]) -> str:
    """The page somebody is led to after signing in, best first; `/me` when there is no other."""
    held = permissions_of(roles)
    if _P.WALL_VIEW in held:
        return "/wall"
    if _P.DESK_USE in held:
        return "/desk"
    return "/me"


def who_may(permission: Permission) -> tuple[Role, ...]:
    """The roles that carry a permission, for the page that says which one is needed."""
    return tuple(role for role in Role if permission in PERMISSIONS[role])


@dataclass(frozen=True, slots=True)
class Break:
    """Why an agent may be away; `max_seconds` is None when there is no limit."""

    code: str
    label_vi: str
    label_en: str
    max_seconds: int | None


BREAKS: Final = (
    Break("SHORT", "Nghỉ ngắn", "Short break", 600),
    Break("LUNCH", "Ăn trưa", "Lunch", 3600),
    Break("TOILET", "Vệ sinh", "Restroom", 300),
    Break("PERSONAL", "Việc riêng", "Prayer / personal", 900),
    Break("COACHING", "Kèm cặp", "Coaching", 1800),
    Break("TRAINING", "Đào tạo", "Training", 3600),
    Break("MEETING", "Họp", "Meeting", 3600),
    Break("TECH", "Lỗi kỹ thuật", "Technical issue", 900),
    Break("BACK_OFFICE", "Việc hồ sơ", "Back office", 1800),
    Break("END_OF_SHIFT", "Hết ca", "End of shift", None),
)
"""Default reasons of domain section 3; a pause without a reason is refused."""

_BREAK_BY_CODE: Final = {reason.code: reason for reason in BREAKS}


def break_reason(code: str) -> Break | None:
    """The default reason with this code; None for an unknown one."""
    return _BREAK_BY_CODE.get(code)
