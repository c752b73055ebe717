"""Commands for load tests: a crowd that is signed in already, for any client that speaks the protocol."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import App, Parameter

from app.clock import Clock
from app.command.frame import APP, here, know_every_table
from app.errors import Invalid
from app.launch.attached import attached

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.people.crowd import Comer, Wanted
    from app.wiring import House

LOADTEST = App(name="loadtest", help="Prepare a crowd for load tests; only in a demonstration.")
APP.command(LOADTEST)

NONCE_BYTES: Final = 16
MOST_VALID: Final = 720  # minutes: as long as a sign-in lasts
LEAST_PASSWORD: Final = 10


@LOADTEST.command(name="prepare")
def prepare(
    *,
    agents: int = 0,
    viewers: int = 0,
    valid: int = 30,
    password_stdin: bool = False,
    host: Annotated[str, Parameter(env_var="PACELINE_HOST")] = "127.0.0.1",
    port: Annotated[int, Parameter(env_var="PACELINE_PORT")] = 8000,
) -> None:
    """Make users, sign them in, and print a session each as a line of JSON: cookie, ticket, socket.

    The same users are found again by the next call, and their earlier sessions end. Whoever reads the
    output can be any of them: it is for a load generator and for nothing else.

    Parameters
    ----------
    agents: How many agents, in teams of fifty.
    viewers: How many supervisors, who watch the wall.
    valid: Minutes for which a ticket opens its socket.
    password_stdin: Read from standard input a password by which all of them may sign in, too.
    host: Where the site listens.
    port: Its port.
    """
    from app.people.crowd import check_wanted

    check_wanted(agents, viewers)
    if not 1 <= valid <= MOST_VALID:
        raise Invalid(f"--valid is a number of minutes from 1 to {MOST_VALID}.", field="valid")
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    if password is not None and len(password) < LEAST_PASSWORD:
        raise Invalid(f"A password has at least {LEAST_PASSWORD} characters.", field="password")
    state = here()
    with attached(state, os.environ) as environ:
        if not environ.get("PACELINE_SECRET"):
            environ["PACELINE_SECRET"] = state.secret(Clock())
        lines = asyncio.run(_prepare(environ, (agents, viewers), password, valid * 60_000))
    for line in lines:
        place = f"{host}:{port}"
        told = {**line, "origin": f"http://{place}", "socket": f"ws://{place}/ws"}
        sys.stdout.write(json.dumps(told) + "\n")


async def _prepare(
    environ: Mapping[str, str], counts: tuple[int, int], password: str | None, valid_ms: int
) -> list[dict[str, Any]]:
    from app.people import crowd
    from app.people.passwords import Passwords
    from app.settings import load
    from app.wiring import open_house

    know_every_table()
    async with open_house(load(environ), "loadtest") as house:
        hasher = Passwords(cores=1, salt=house.clock.token_bytes)
        hashed = None if password is None else hasher.hash_now(password)
        wanted = crowd.Wanted(*counts, hashed)
        comers = await _gather(house, wanted)
        await _announce(house, comers[: wanted.agents])
        return [await _session(house, comer, valid_ms) for comer in comers]


async def _gather(house: House, wanted: Wanted) -> list[Comer]:
    from zoneinfo import ZoneInfo

    from app.people import crowd
    from app.portfolio.invented import Maker, Stage
    from app.portfolio.seed import ZONE

    clock = house.clock
    maker = Maker(clock.random("load test"), Stage(clock.now(), ZoneInfo(ZONE), ()))
    async with house.database.writing() as session:
        return await crowd.gather(
            session, wanted, lambda number: maker.person_name(female=number % 2 == 0), clock
        )


async def _announce(house: House, agents: Sequence[Comer]) -> None:
    """Tell the dialer that they came, as a page does when it asks for its ticket; a team at a time."""
    from itertools import groupby

    from app.desk.intents import SignedIn

    for team, crew in groupby((comer.person for comer in agents), lambda person: person.team_id):
        first, *rest = crew
        campaigns = await house.asking.campaigns_of(first.id, team)
        now_ms = house.clock.now_ms()
        await house.asking.send(
            *(
                SignedIn(
                    user=person.id,
                    name=person.full_name,
                    team=team,
                    campaigns=tuple(campaigns),
                    desk_phone=person.desk_phone,
                    at_ms=now_ms,
                )
                for person in [first, *rest]
            )
        )


async def _session(house: House, comer: Comer, valid_ms: int) -> dict[str, Any]:
    """What a client needs to be this person."""
    from app.people.doors import SESSION_COOKIE
    from app.people.rules import DEFAULTS
    from app.people.service import channels_of
    from realtime.ticket import Ticket, sign

    person, clock = comer.person, house.clock
    channels = channels_of(person, DEFAULTS)
    ticket = Ticket(
        user=str(person.id),
        channels=channels,
        expires_at_ms=clock.now_ms() + valid_ms,
        nonce=clock.token_bytes(NONCE_BYTES).hex(),
        issue=comer.sign_in.issue,
        standing=await house.tickets.standing(str(person.id)),
    )
    return {
        "kind": "agent" if "AGENT" in person.roles else "viewer",
        "user": str(person.id),
        "username": person.username,
        "cookie": f"{SESSION_COOKIE}={comer.token}",
        "csrf": comer.sign_in.csrf,
        "ticket": sign(ticket, house.settings.secret),
        "channels": channels,
    }
