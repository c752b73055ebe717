"""Addresses of the wall: the page, the stop key and its undoing, a campaign's start and pause.

A stop is in the database and on its way to the dialer before the answer leaves; the dialer opens no line
after it has read it, and leaves live calls alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response

from app.people.answers import NO_STORE
from app.people.doors import Deed, Door, Visit
from app.people.rules import Permission
from app.people.shell import page_context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.clock import Clock
    from app.db import Database
    from app.render import Pages


@dataclass(frozen=True, slots=True)
class WallDoors:
    """The doors of the wall. `tell` puts intents on their way to the dialer."""

    database: Database
    clock: Clock
    pages: Pages
    tell: Callable[..., Awaitable[None]]

    def doors(self) -> list[Door | Deed]:
        """Every address of the wall."""
        return [Door("GET", "/wall", Permission.WALL_VIEW, self.show_wall)]

    async def show_wall(self, visit: Visit) -> Response:
        """The page; its figures come by the socket."""
        async with self.database.reading() as session:
            context: dict[str, Any] = await page_context(session, visit)
        text = self.pages.page("wall/wall.html", visit.language, **context)
        return HTMLResponse(text, headers=NO_STORE)
