"""Who may do what, and to whom: roles, permissions, the matrix of both. Pure.

A permission answers "may this person do it at all"; its scope answers "to whom". The matrix of an
organisation is the defaults below with that organisation's own cells laid over them (`Rights`).
Signing in and passwords are in `service.py` and `passwords.py`.
"""

import re
from collections.abc import Iterable, Mapping
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
    """Things a route or a command asks for by name: the one registry, of which the page is made.

    Each has its words in both catalogues: `permission.NAME` and `permission_help.NAME`.
    """

    DESK_USE = "desk.use"
    WALL_VIEW = "wall.view"
    CAMPAIGN_VIEW = "campaign.view"
    CAMPAIGN_CONTROL = "campaign.control"
    CAMPAIGN_EDIT = "campaign.edit"
    PEOPLE_VIEW = "people.view"
    PEOPLE_EDIT = "people.edit"
    ROLES_EDIT = "roles.edit"
    SESSION_VIEW = "session.view"
    SESSION_RESET = "session.reset"
    CUSTOMER_VIEW = "customer.view"
    CUSTOMER_UNMASK = "customer.unmask"
    IMPORT_RUN = "import.run"
    AUDIT_VIEW = "audit.view"
    DIALING_STOP = "dialing.stop"
    AGENT_COMPLETE = "agent.complete"
    AGENT_COACH = "agent.coach"
    AGENT_ORDER = "agent.order"
    BREAKS_EDIT = "breaks.edit"
    ROSTER_EDIT = "roster.edit"
    MONITOR_LISTEN = "monitor.listen"
    MONITOR_WHISPER = "monitor.whisper"
    MONITOR_BARGE = "monitor.barge"
    MONITOR_TAKE_OVER = "monitor.take_over"
    CARE_DECIDE = "care.decide"
    LOADTEST_RUN = "loadtest.run"
    SCRIPT_EDIT = "script.edit"
    ALERT_HANDLE = "alert.handle"
    ALERT_EDIT = "alert.edit"


class Scope(StrEnum):
    """To whom a permission reaches, narrowest first."""

    NOBODY = "NOBODY"
    OWN_TEAM = "OWN_TEAM"
    ALL = "ALL"


_P = Permission
_WIDTH: Final = {scope: width for width, scope in enumerate(Scope)}
_AGENT = frozenset({_P.DESK_USE, _P.CUSTOMER_VIEW})
_SENIOR = _AGENT | {_P.CAMPAIGN_VIEW}
_LEAD = _SENIOR | {
    _P.WALL_VIEW,
    _P.PEOPLE_VIEW,
    _P.SESSION_VIEW,
    _P.SESSION_RESET,
    _P.AGENT_COMPLETE,
    _P.AGENT_COACH,
    _P.AGENT_ORDER,
    _P.CARE_DECIDE,
    _P.MONITOR_LISTEN,
    _P.MONITOR_WHISPER,
    _P.MONITOR_BARGE,
    _P.MONITOR_TAKE_OVER,
    _P.ALERT_HANDLE,
    _P.ROSTER_EDIT,
}
_SUPERVISOR = (_LEAD - {_P.DESK_USE}) | {
    _P.CAMPAIGN_CONTROL,
    _P.CAMPAIGN_EDIT,
    _P.CUSTOMER_UNMASK,
    _P.IMPORT_RUN,
    _P.DIALING_STOP,
    _P.SCRIPT_EDIT,
    _P.ALERT_EDIT,
}
_OFFICE = frozenset({_P.CUSTOMER_VIEW})

_HELD: Final[dict[Role, frozenset[Permission]]] = {
    Role.AGENT: _AGENT,
    Role.SENIOR_AGENT: _SENIOR,
    Role.TEAM_LEAD: _LEAD,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMIN: _SUPERVISOR
    | {_P.PEOPLE_EDIT, _P.ROLES_EDIT, _P.AUDIT_VIEW, _P.BREAKS_EDIT, _P.LOADTEST_RUN},
    Role.BILLING_MANAGER: _OFFICE | {_P.CUSTOMER_UNMASK},
    Role.RECOVERY_EXEC: _OFFICE | {_P.CUSTOMER_UNMASK},
    Role.CUSTOMER_EXEC: _OFFICE,
    Role.FIELD_AGENT: _OFFICE,
    Role.AUDITOR: _OFFICE | {_P.AUDIT_VIEW, _P.WALL_VIEW, _P.CAMPAIGN_VIEW, _P.PEOPLE_VIEW},
    Role.LOAD_TESTER: frozenset({_P.LOADTEST_RUN, _P.WALL_VIEW}),
    # The clockwork asks nobody's permission and signs in nowhere; it only appears in the trail.
    Role.SYSTEM: frozenset(),
}
_EVERYWHERE: Final = frozenset(
    {Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR, Role.LOAD_TESTER}
)  # the others reach their own team

_CALLERS: Final = frozenset({Role.AGENT, Role.SENIOR_AGENT})

UNDIVIDED: Final = frozenset(
    {
        _P.DESK_USE,
        _P.CAMPAIGN_CONTROL,
        _P.CAMPAIGN_EDIT,
        _P.PEOPLE_EDIT,
        _P.ROLES_EDIT,
        _P.CUSTOMER_VIEW,
        _P.CUSTOMER_UNMASK,
        _P.IMPORT_RUN,
        _P.AUDIT_VIEW,
        _P.DIALING_STOP,
        _P.BREAKS_EDIT,
        _P.LOADTEST_RUN,
        _P.SCRIPT_EDIT,
        _P.ALERT_EDIT,
        _P.CARE_DECIDE,
    }
)
"""What is not about somebody's team: everybody's or nobody's. Customers and campaigns have no one team."""

KEYS: Final = frozenset({_P.PEOPLE_EDIT, _P.ROLES_EDIT})
"""With these, somebody can give himself everything else; who gives them away needs `roles.edit`."""

_ALWAYS_ADMINS: Final = frozenset({_P.PEOPLE_VIEW, _P.PEOPLE_EDIT, _P.ROLES_EDIT})


def scopes_of(permission: Permission) -> tuple[Scope, ...]:
    """The scopes that a cell of this permission may hold."""
    if permission in UNDIVIDED:
        return (Scope.NOBODY, Scope.ALL)
    return tuple(Scope)


def is_locked(role: Role, permission: Permission) -> bool:
    """Whether a cell never changes: SYSTEM has nothing, and an administrator can always mend the rest."""
    return role is Role.SYSTEM or (role is Role.ADMIN and permission in _ALWAYS_ADMINS)


@dataclass(frozen=True, slots=True)
class Cell:
    """One square of the matrix."""

    role: Role
    permission: Permission
    scope: Scope


@dataclass(frozen=True, slots=True)
class Rights:
    """The whole matrix in force. `version` rises with each change; 0 are the defaults."""

    cells: Mapping[Role, Mapping[Permission, Scope]]
    version: int = 0

    def scope(self, roles: Iterable[Role], permission: Permission) -> Scope:
        """How far the permission reaches for somebody with these roles: the widest of them."""
        found = (self.cells[role][permission] for role in roles)
        return max(found, key=_WIDTH.__getitem__, default=Scope.NOBODY)

    def may(self, roles: Iterable[Role], permission: Permission) -> bool:
        """Whether any of the roles carries the permission."""
        return self.scope(roles, permission) is not Scope.NOBODY

    def held(self, roles: Iterable[Role]) -> frozenset[Permission]:
        """Everything that somebody with these roles may do."""
        mine = tuple(roles)
        return frozenset(each for each in Permission if self.may(mine, each))

    def who_may(self, permission: Permission) -> tuple[Role, ...]:
        """The roles that carry a permission, for the page that says which one is needed."""
        return tuple(role for role in Role if self.may((role,), permission))

    def with_cells(self, cells: Iterable[Cell], version: int) -> "Rights":
        """These rights with other cells laid over them; what is locked or senseless is passed over."""
        rows = {role: dict(row) for role, row in self.cells.items()}
        for cell in cells:
            fits = cell.scope in scopes_of(cell.permission)
            if fits and not is_locked(cell.role, cell.permission):
                rows[cell.role][cell.permission] = cell.scope
        return Rights(rows, version)


def _default(role: Role, permission: Permission) -> Scope:
    if permission not in _HELD[role]:
        return Scope.NOBODY
    if permission in UNDIVIDED or role in _EVERYWHERE:
        return Scope.ALL
    return Scope.OWN_TEAM


DEFAULTS: Final = Rights({role: {each: _default(role, each) for each in _P} for role in Role})


def read_cell(role: str, permission: str, scope: str) -> Cell | None:
    """A stored cell; None when this version knows the role, the permission or the scope no more."""
    try:
        return Cell(Role(role), Permission(permission), Scope(scope))
    except ValueError:
        return None


def roles_of(words: Iterable[str]) -> frozenset[Role]:
    """The roles named by `words`; a word that is no role gives nothing and is left out."""
    known = set(Role)
    return frozenset(Role(word) for word in words if word in known)


def reaches(scope: Scope, own_team: UUID | None, team: UUID | None) -> bool:
    """Whether somebody of `own_team` with this scope may act on somebody of `team`."""
    if scope is Scope.ALL:
        return True
    return scope is Scope.OWN_TEAM and own_team is not None and own_team == team


def landing(rights: Rights, roles: Iterable[Role]) -> str:
    """The page somebody is led to after signing in; `/me` when there is no other.

    Whoever is an agent and nothing else has his place at the desk, whatever else he may look at.
    """
    mine = frozenset(roles)
    pages = [("/wall", _P.WALL_VIEW), ("/desk", _P.DESK_USE)]
    if mine <= _CALLERS:
        pages.reverse()
    return next((page for page, needed in pages if rights.may(mine, needed)), "/me")


MOST_KEYS: Final = 40
LEFT_TO_BROWSERS: Final = frozenset("DEF")
_KEY: Final = re.compile(r"Key([A-Z])")


def check_keys(keys: Mapping[str, str]) -> None:
    """Whether moved keys (what it does to `KeyQ`) can work. Raises ValueError saying which cannot."""
    if len(keys) > MOST_KEYS or any(not re.fullmatch(r"[a-z_]{1,20}", name) for name in keys):
        raise ValueError(f"at most {MOST_KEYS} keys can be moved, each by the name of what it does")
    for name, code in keys.items():
        letter = _KEY.fullmatch(code)
        if letter is None or letter[1] in LEFT_TO_BROWSERS:
            raise ValueError(f"{name} needs a letter that browsers do not use themselves")
    if len(set(keys.values())) < len(keys):
        raise ValueError("two keys cannot be the same")
