"""Commands about campaigns: made from a filter, started, paused, stopped, listed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App
from rich.table import Table

from app.command.frame import APP, OUT, Place, at_place, say
from app.errors import Invalid, NotFound

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import ReadSession

CAMPAIGN = App(name="campaign", help="Make, start, pause, stop and list campaigns.")
APP.command(CAMPAIGN)

ModeName = Literal["manual", "preview", "progressive", "ratio", "predictive", "agentless"]


@CAMPAIGN.command(name="create")
def create_campaign(
    name: str,
    *,
    where: str = "",
    team: list[str] | None = None,
    caller_id: list[str] | None = None,
    mode: ModeName = "progressive",
    priority: int = 0,
) -> None:
    """Make a campaign of everybody whom a filter names now; it dials nobody before it is started.

    Parameters
    ----------
    name: Its name.
    where: Who belongs: 'dpd 10..60 and product = CREDIT_CARD'. Everybody when it is left out.
    team: The team that takes its calls; may be given several times.
    caller_id: A number of yours that customers see; may be given several times, one stays with a customer.
    mode: How hard it is dialled.
    priority: Higher ones get free agents first.
    """
    leads = at_place(
        partial(
            _create,
            name=name,
            where=where,
            teams=team or [],
            caller_ids=[_number(each) for each in caller_id or []],
            mode=mode.upper(),
            priority=priority,
        )
    )
    say(f"{name}: {leads:,} leads. Start it with: paceline campaign start '{name}'")


@CAMPAIGN.command(name="start")
def start_campaign(name: str) -> None:
    """Let a campaign dial; what is not ready is named."""
    at_place(partial(_move, name=name, verb="start"))
    say(f"{name} is running.")


@CAMPAIGN.command(name="pause")
def pause_campaign(name: str) -> None:
    """Open no lines until it is started again; live calls go on."""
    at_place(partial(_move, name=name, verb="pause"))
    say(f"{name} is paused.")


@CAMPAIGN.command(name="stop")
def stop_campaign(name: str) -> None:
    """End a campaign for good; live calls go on to their end."""
    at_place(partial(_move, name=name, verb="stop"))
    say(f"{name} is stopped.")


@CAMPAIGN.command(name="list")
def list_campaigns() -> None:
    """Every campaign that is not put away, with its leads by state."""
    table = Table("campaign", "state", "mode", "leads", "who", box=None, pad_edge=False)
    for row in at_place(_list):
        table.add_row(*row)
    OUT.print(table)


async def _create(
    place: Place,
    *,
    name: str,
    where: str,
    teams: list[str],
    caller_ids: list[str],
    mode: str,
    priority: int,
) -> int:
    from app.audit.service import SYSTEM
    from app.campaigns import service as campaigns
    from app.campaigns.rules import Mode

    async with place.database.writing() as session:
        plan = campaigns.Plan(
            name=name,
            where=where,
            mode=Mode(mode),
            settings={"caller_ids": caller_ids} if caller_ids else None,
            team_ids=[await _team(session, team) for team in teams],
            priority=priority,
        )
        made = await campaigns.create(session, plan, SYSTEM, place.clock)
        counts = await campaigns.counts(session, made)
    return sum(counts.values())


def _number(text: str) -> str:
    """A number as networks write it. Raises Invalid for one that is none."""
    from app.values.phone import PhoneKind, read_phone

    phone = read_phone(text)
    if phone.kind is PhoneKind.UNKNOWN:
        raise Invalid(f"{text!r} is no number to call from.", field="caller-id")
    return phone.e164 or text


async def _team(session: ReadSession, name: str) -> UUID:
    from app.people import service as people

    found = await people.find_team(session, name)
    if found is None:
        known = ", ".join(team.name for team in await people.list_teams(session))
        raise NotFound(f"There is no team {name!r}; there are: {known or 'none'}.")
    return found.id


async def _move(place: Place, *, name: str, verb: str) -> None:
    """Move a campaign by the front door, and tell a dialer that runs."""
    from app.audit.service import SYSTEM
    from app.campaigns import service as campaigns

    moves: dict[str, Any] = {
        "start": campaigns.start,
        "pause": campaigns.pause,
        "stop": campaigns.stop,
    }
    async with place.database.writing() as session:
        campaign = await campaigns.find_by_name(session, name)
        await moves[verb](session, campaign.id, SYSTEM, place.clock.now())
    await _tell(place, campaign.id)


async def _tell(place: Place, campaign: UUID) -> None:
    from app.desk.asking import FIELD, STREAM
    from app.desk.intents import CampaignChanged, encode
    from realtime.redis_client import connect

    intent = CampaignChanged(campaign=campaign, at_ms=place.clock.now_ms())
    async with connect(place.redis_url) as client:
        await client.xadd(STREAM, {FIELD: encode(intent)})


async def _list(place: Place) -> list[tuple[str, ...]]:
    from app.campaigns import service as campaigns

    rows: list[tuple[str, ...]] = []
    async with place.database.reading() as session:
        for campaign in await campaigns.list_open(session):
            counts = await campaigns.counts(session, campaign.id)
            leads = ", ".join(f"{count:,} {state.lower()}" for state, count in counts.items())
            state = campaign.state + (" (dialing stopped)" if campaign.stopped else "")
            rows.append((campaign.name, state, campaign.mode, leads, campaign.where_text))
    return rows
