"""Commands about targets: what a day should bring, for everybody, a team or one agent."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from cyclopts import App
from rich.table import Table

from app.command.frame import APP, OUT, Place, at_place, say
from app.errors import Invalid, NotFound

if TYPE_CHECKING:
    from uuid import UUID

    from app.targets.rules import Target

TARGET = App(name="target", help="Set and list the targets of an agent's day.")
APP.command(TARGET)

MetricName = Literal[
    "calls", "contacts", "promises", "promised", "collected", "occupancy", "wrap_up"
]


@TARGET.command(name="set")
def set_target(
    metric: MetricName, value: int, *, team: str | None = None, user: str | None = None
) -> None:
    """Set a target for everybody, for a team, or for one agent; the nearest holds.

    Parameters
    ----------
    metric: Which figure; promised and collected are amounts.
    value: Of a day: a count, an amount in minor units, per cent for occupancy, seconds at most for wrap_up.
        0 means none.
    team: The team it is for.
    user: The agent it is for.
    """
    if team and user:
        raise Invalid("A target is for a team or for an agent, not for both.", field="team")
    at_place(partial(_set, metric=metric, value=value, team=team, user=user))
    say(f"{metric}: {value} a day for {user or team or 'everybody'}.")


@TARGET.command(name="list")
def list_targets() -> None:
    """Every target that was set; what is not here has the house's default."""
    table = Table("figure", "for", "value", box=None, pad_edge=False)
    for target, name in at_place(_list):
        table.add_row(target.metric.lower(), name, str(target.value))
    OUT.print(table)


async def _set(
    place: Place, *, metric: str, value: int, team: str | None, user: str | None
) -> None:
    from app.audit.service import SYSTEM
    from app.people import service as people
    from app.targets import service as targets
    from app.targets.rules import NOBODY

    async with place.database.writing() as session:
        reach, subject = targets.Reach.ORGANISATION, NOBODY
        if team is not None:
            found = await people.find_team(session, team)
            if found is None:
                raise NotFound(f"There is no team {team}.")
            reach, subject = targets.Reach.TEAM, found.id
        elif user is not None:
            name = people.clean_username(user)
            person = await people.find_person_by_username(session, name)
            if person is None:
                raise NotFound(f"There is no user {user}.")
            reach, subject = targets.Reach.AGENT, person.id
        wanted = targets.Target(reach, subject, targets.Metric(metric.upper()), value)
        await targets.set_target(session, wanted, SYSTEM, now=place.clock.now())


async def _list(place: Place) -> list[tuple[Target, str]]:
    from app.people import service as people
    from app.targets import service as targets

    async with place.database.reading() as session:
        names: dict[UUID, str] = {team.id: team.name for team in await people.list_teams(session)}
        names |= {person.id: person.username for person in await people.list_people(session)}
        found = await targets.list_targets(session)
    return [(target, names.get(target.subject, "everybody")) for target in found]
