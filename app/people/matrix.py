"""The matrix of an organisation: read again when its version has moved, changed cell by cell.

Every request reads the version beside its sign-in, so that a change holds from the next request on, in
every process; open sockets whose channels it concerns are closed by the worker, which hears the fact.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import msgspec

from app import outbox
from app.audit import service as audit
from app.errors import Conflict, Invalid, Refused
from app.people import store
from app.people.models import RolePermission
from app.people.rules import DEFAULTS, is_locked, read_cell, scopes_of
from app.values.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from app.db import ReadSession, WriteSession
    from app.people.rules import Cell, Rights

RIGHTS_CHANGED: Final = "rights.changed"
Words = tuple[str, str, str]  # role, permission, scope


class CellChange(msgspec.Struct):
    """A cell as it was shown, and as it is wanted."""

    role: str
    permission: str
    scope: str
    was: str


class Matrix:
    """The rights in force, kept by one process."""

    def __init__(self) -> None:
        self._rights = DEFAULTS

    async def rights(self, session: ReadSession, version: int | None = None) -> Rights:
        """The rights of `version`, or of now; the cells are read only when they have changed."""
        if version is None:
            version = await store.rights_version(session)
        if version != self._rights.version:
            self._rights = rights_from(await store.list_cells(session), version)
        return self._rights


def rights_from(cells: Iterable[Sequence[str]], version: int) -> Rights:
    """The defaults with stored cells over them; words that this version does not know are left out."""
    known = (read_cell(role, permission, scope) for role, permission, scope in cells)
    return DEFAULTS.with_cells((cell for cell in known if cell is not None), version)


async def change_cell(
    session: WriteSession, actor: audit.Actor, change: CellChange, *, now: datetime
) -> Rights:
    """Set a cell for the whole organisation, and tell it.

    Raises `Invalid` for words that mean nothing here, `Refused` for a cell that never changes, and
    `Conflict` when it is no longer as it was shown.
    """
    cell = _wanted(change)
    version = await store.raise_rights_version(session)
    before = await store.list_cells(session)
    was = rights_from(before, version).cells[cell.role][cell.permission]
    if was != change.was:
        raise Conflict("Somebody has changed this meanwhile: reload the page.", code="CELL_CHANGED")
    await _put(session, actor, cell, now)
    audit.record(
        session,
        actor,
        verb="changed",
        entity="role_permission",
        entity_id=f"{cell.role} {cell.permission}",
        now=now,
        before={"scope": was},
        after={"scope": cell.scope},
    )
    after = await store.list_cells(session)
    _tell(session, before, after, version, now)
    return rights_from(after, version)


def _wanted(change: CellChange) -> Cell:
    cell = read_cell(change.role, change.permission, change.scope)
    if cell is None:
        raise Invalid(
            "There is no such role, permission or scope.", code="CELL_UNKNOWN", field="permission"
        )
    if is_locked(cell.role, cell.permission):
        raise Refused("This cell is fixed, so that nobody is locked out.", code="CELL_LOCKED")
    if cell.scope not in scopes_of(cell.permission):
        raise Invalid(
            "This permission is not about a team: choose all or nobody.",
            code="CELL_UNDIVIDED",
            field="scope",
        )
    return cell


async def _put(session: WriteSession, actor: audit.Actor, cell: Cell, now: datetime) -> None:
    if DEFAULTS.cells[cell.role][cell.permission] is cell.scope:
        await store.forget_cell(session, cell.role, cell.permission)
        return
    row = RolePermission(
        role=cell.role.value,
        permission=cell.permission.value,
        scope=cell.scope.value,
        changed_at=now,
        changed_by=actor.id,
    )
    await store.set_cell(session, row)


def _tell(
    session: WriteSession,
    before: Sequence[Words],
    after: Sequence[Words],
    version: int,
    now: datetime,
) -> None:
    """Both matrices whole, so that whoever listens needs no other to see what has changed."""
    chance = hashlib.sha256(f"rights {version}".encode()).digest()
    fact_id = new_id(int(now.timestamp() * 1000), chance)
    body = {
        "version": version,
        "before": [list(words) for words in before],
        "after": [list(words) for words in after],
    }
    outbox.record(session, outbox.Fact(fact_id, RIGHTS_CHANGED, body, now))
