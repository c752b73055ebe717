"""Addresses of the break reasons: the list, and its changes by who runs the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import HTMLResponse, Response

from app.breaks import service
from app.breaks.service import Break
from app.people.answers import NO_STORE
from app.people.doors import Deed, Door, Visit
from app.people.rules import Permission
from app.people.shell import page_context

if TYPE_CHECKING:
    from app.db import Database, WriteSession
    from app.render import Pages

PAGE = "/admin/breaks"


class NewReason(msgspec.Struct):
    """A reason to add. `max_seconds` left out: as long as it takes."""

    code: str
    label_vi: str
    label_en: str
    max_seconds: int | None = None
    paid: bool = True
    productive: bool = False
    needs_approval: bool = False
    alerts: bool = False


class Changes(msgspec.Struct):
    """What to change of a reason; what is left out stays. `max_seconds` null: no limit."""

    label_vi: str | msgspec.UnsetType = msgspec.UNSET
    label_en: str | msgspec.UnsetType = msgspec.UNSET
    max_seconds: int | msgspec.UnsetType | None = msgspec.UNSET
    paid: bool | msgspec.UnsetType = msgspec.UNSET
    productive: bool | msgspec.UnsetType = msgspec.UNSET
    needs_approval: bool | msgspec.UnsetType = msgspec.UNSET
    alerts: bool | msgspec.UnsetType = msgspec.UNSET
    active: bool | msgspec.UnsetType = msgspec.UNSET
    position: int | msgspec.UnsetType = msgspec.UNSET


class Nothing(msgspec.Struct):
    """A deed that needs no words: its address says all."""


@dataclass(frozen=True, slots=True)
class BreakDoors:
    """The doors of the break reasons."""

    database: Database
    pages: Pages

    def doors(self) -> list[Door | Deed]:
        """Every address of the break reasons."""
        needs = Permission.BREAKS_EDIT
        return [
            Door("GET", PAGE, needs, self.show),
            Door("GET", f"{PAGE}/new", needs, self.show_new),
            Door("GET", f"{PAGE}/{{id}}", needs, self.show_one),
            Deed(PAGE, needs, self.create, NewReason),
            Deed(f"{PAGE}/{{id}}", needs, self.change, Changes),
            Deed(f"{PAGE}/{{id}}/delete", needs, self.remove, Nothing),
        ]

    async def show(self, visit: Visit) -> Response:
        """Every reason, offered or not, in the order of the list."""
        async with self.database.reading() as session:
            reasons = await service.list_all(session)
        return await self._page(visit, "breaks/breaks.html", reasons=reasons)

    async def show_new(self, visit: Visit) -> Response:
        """The empty form."""
        return await self._page(visit, "breaks/break.html", reason=None)

    async def show_one(self, visit: Visit) -> Response:
        """One reason's form."""
        async with self.database.reading() as session:
            reason = await service.find(session, visit.request.path_params["id"])
        return await self._page(visit, "breaks/break.html", reason=reason)

    async def _page(self, visit: Visit, template: str, **values: Any) -> Response:
        async with self.database.reading() as session:
            context = await page_context(session, visit)
        text = self.pages.page(template, visit.language, **context, **values)
        return HTMLResponse(text, headers=NO_STORE)

    async def create(self, visit: Visit, body: NewReason, session: WriteSession) -> dict[str, Any]:
        """Offer one more reason."""
        terms = Break(**msgspec.structs.asdict(body))
        await service.create(session, terms, visit.user.actor, visit.now)
        return {"code": terms.code, "next": f"{PAGE}/{terms.code}"}

    async def change(self, visit: Visit, body: Changes, session: WriteSession) -> dict[str, Any]:
        """Change a reason's words, terms, place, or whether it is offered."""
        code = visit.request.path_params["id"]
        said = msgspec.structs.asdict(body)
        values = {name: value for name, value in said.items() if value is not msgspec.UNSET}
        await service.change(session, code, values, visit.user.actor, visit.now)
        return {"code": code}

    async def remove(self, visit: Visit, _body: Nothing, session: WriteSession) -> dict[str, Any]:
        """Delete a reason that nobody ever gave."""
        code = visit.request.path_params["id"]
        await service.remove(session, code, visit.user.actor, visit.now)
        return {"code": code, "next": PAGE}
