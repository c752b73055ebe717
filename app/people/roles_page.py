"""The matrix of roles and permissions, as a page and cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response

from app.people import matrix
from app.people.answers import NO_STORE
from app.people.doors import Deed, Door, Visit
from app.people.matrix import CellChange
from app.people.rules import DEFAULTS, Permission, Rights, Role, is_locked, scopes_of
from app.people.shell import page_context

if TYPE_CHECKING:
    from app.db import Database, WriteSession
    from app.render import Pages

SHOWN = tuple(role for role in Role if role is not Role.SYSTEM)  # its row is empty for good


@dataclass(frozen=True, slots=True)
class RolesDoors:
    """The doors of the matrix."""

    database: Database
    pages: Pages

    def doors(self) -> list[Door | Deed]:
        """The page, and the change of one cell."""
        needs = Permission.ROLES_EDIT
        return [
            Door("GET", "/admin/roles", needs, self.show),
            Deed("/admin/roles", needs, self.change, CellChange),
        ]

    async def show(self, visit: Visit) -> Response:
        """The matrix in force."""
        async with self.database.reading() as session:
            context = await page_context(session, visit)
        text = self.pages.page(
            "people/roles.html",
            visit.language,
            **context,
            roles=SHOWN,
            groups=groups_of(visit.user.rights),
        )
        return HTMLResponse(text, headers=NO_STORE)

    async def change(self, visit: Visit, body: CellChange, session: WriteSession) -> dict[str, Any]:
        """Set one cell; the worker closes the sockets that it concerns."""
        rights = await matrix.change_cell(session, visit.user.actor, body, now=visit.now)
        return {"scope": body.scope, "version": rights.version}


def groups_of(rights: Rights) -> list[dict[str, Any]]:
    """The rows of the page, by the part of a permission's name before its dot."""
    return [
        {"name": name, "rows": [_row(rights, permission) for permission in permissions]}
        for name, permissions in groupby(Permission, key=lambda each: each.partition(".")[0])
    ]


def _row(rights: Rights, permission: Permission) -> dict[str, Any]:
    return {
        "permission": permission,
        "scopes": scopes_of(permission),
        "cells": [
            {
                "role": role,
                "scope": rights.cells[role][permission],
                "default": DEFAULTS.cells[role][permission],
                "locked": is_locked(role, permission),
            }
            for role in SHOWN
        ],
    }
