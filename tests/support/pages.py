"""Every page of the site, from its own doors, and an address at which each has something to show."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from app.people.doors import Door, Needs
from app.people.rules import DEFAULTS, Permission, Role
from tests.house.describe_http import doors
from tests.support.chromium import person

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext

    from tests.support.floor import Floor

# What fills the braces of a path and of every path below it, a column for each: a query of the floor's own
# database; each of its rows is looked at. What is named first goes first.
SAMPLES: Final = {
    "/campaigns/{id}/what-if/{question}": "SELECT campaign_id, id FROM what_ifs",
    "/admin/roster/{user}/{day}": "SELECT user_id, day FROM shifts ORDER BY user_id, day LIMIT 1",
    "/admin/people/{user}": "SELECT id FROM users WHERE username = 'minh'",
    "/admin/scripts/pieces/{piece}": "VALUES ('SCRIPT.OVERDUE'), ('STATEMENT.IDENTITY_CHECK')",
    "/admin/scripts/versions/{version}": "SELECT 1",
    "/agents/{user}": "SELECT id FROM users WHERE username = 'minh'",
    "/campaigns/{id}": "SELECT id FROM campaigns WHERE state <> 'PAUSED' LIMIT 1",
    "/admin/breaks/{id}": "VALUES ('LUNCH'), ('END_OF_SHIFT')",
    "/desk/practice/{id}": "SELECT 0",
    "/monitor/{user}": "SELECT id FROM users WHERE username = 'minh'",
    "/load/{run}": "SELECT id FROM load_runs WHERE state <> 'RUNNING'",
    "/explain/{id}": "SELECT id FROM customers ORDER BY cif LIMIT 1",
}
FILES: Final = frozenset({"/load/{run}/files/{name}"})  # what is kept, not looked at
# What else a page shows when it is asked to, beside what it shows by itself.
QUERIES: Final = {
    "/admin/roster": ("team=all",),
    "/admin/scripts": ("sort=STATEMENT", "sort=TEMPLATE"),
    "/admin/scripts/new": ("sort=OBJECTION",),
    "/explain/{id}": ("at=2026-11-01T12:00",),
    "/wall": ("view=campaigns", "view=agents", "view=alerts", "view=tv"),
}
VIEWERS: Final = (Role.ADMIN, Role.AGENT)  # between them they see every page


def shown() -> list[Door]:
    """Every door that shows something; which of them are pages for people is said by their answers."""
    found = [door for door in doors() if isinstance(door, Door) and door.method == "GET"]
    return [door for door in found if door.path not in FILES]


def sample(door: Door) -> str | None:
    """The query that fills the braces of its path; None when nobody has said."""
    return next((query for path, query in SAMPLES.items() if door.path.startswith(path)), None)


def viewer(door: Door) -> Role | None:
    """Somebody who may see it; None where nobody need be signed in. Raises for what nobody here may."""
    if isinstance(door.needs, Permission):
        return next(role for role in VIEWERS if DEFAULTS.may((role,), door.needs))
    return VIEWERS[0] if door.needs is Needs.SIGN_IN else None


async def addresses(floor: Floor, door: Door) -> dict[str, str]:
    """Where that page has something to show on this floor, by the name of what is seen there."""
    paths = [door.path]
    if query := sample(door):
        rows = [[str(value) for value in row.values()] for row in await floor.all(query)]
        bare = re.sub(r"{\w+}", "{}", door.path)
        paths = [bare.format(*values) for values in rows]
        assert paths, f"nothing to show at {door.path}: see tests/support/furnishing.py"
    plain = re.sub(r"\W+", "-", door.path).strip("-") or "home"
    asked = ["", *QUERIES.get(door.path, ())]
    every = [f"{path}?{more}".rstrip("?") for path in paths for more in asked]
    return {f"{plain}-{number}" if number else plain: each for number, each in enumerate(every)}


@asynccontextmanager
async def open_viewers(
    floor: Floor, started: Browser
) -> AsyncIterator[dict[Role | None, BrowserContext]]:
    """A window of each kind of viewer, and one of nobody; a colleague is at his desk, to be seen."""
    opened: dict[Role | None, BrowserContext] = {None: await person(started)}
    for role in VIEWERS:
        name = f"eyes-{role.lower()}"
        await floor.hire(name, role=role, team=None)
        opened[role] = await person(started)
        page = await opened[role].new_page()
        await floor.sign_in(page, name)
        await page.close()
    seat = await (await person(started)).new_page()
    await floor.sign_in(seat, floor.colleague)
    yield opened
    for window in (*opened.values(), seat.context):
        await window.close()
