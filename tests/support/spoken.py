"""A call that has an outcome: chosen, finished, corrected by who spoke."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.audit.service import Actor
from app.desk import service as desk
from app.desk.outcomes import Form, PromiseTerms
from tests.support import rows
from tests.support.people import a_user
from tests.support.scripts import CODES

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database
    from tests.support.clock import SetClock


@dataclass(frozen=True)
class Spoken:
    """A call that an agent had with somebody who owes."""

    call: UUID
    agent: Actor
    debtor: rows.Debtor
    lead: UUID


async def speak(database: Database, clock: SetClock) -> Spoken:
    """An empty bank with one agent, who has one customer on the line."""
    await rows.wipe(database)
    async with database.writing() as session:
        await rows.an_organisation(session)
        debtor = await rows.a_debtor(session)
        campaign = await rows.a_campaign(session)
        lead = await rows.a_lead(session, campaign, debtor, state="IN_FLIGHT")
    agent = await a_user(database, clock, "minh", "AGENT")
    async with database.writing() as session:
        call = await rows.a_call(session, debtor, agent, campaign_id=campaign, lead_id=lead)
    return Spoken(call, Actor(agent, role="AGENT"), debtor, lead)


def the_form(spoken: Spoken, **form: Any) -> Form:
    """What is sent when everything that must be said was said, unless the test says otherwise."""
    return Form(call=spoken.call, **{"ticked": CODES, **form})


async def choose(database: Database, spoken: Spoken, clock: SetClock, **form: Any) -> None:
    """Choose the outcome of the call."""
    async with database.writing() as session:
        await desk.save_outcome(session, the_form(spoken, **form), spoken.agent, clock)


async def finish(database: Database, spoken: Spoken, clock: SetClock) -> desk.Finished:
    """End its wrap-up."""
    async with database.writing() as session:
        return await desk.finish_call(session, spoken.call, spoken.agent, clock)


async def correct(
    database: Database, spoken: Spoken, clock: SetClock, **form: Any
) -> desk.Finished:
    """Say afterwards what it should have been."""
    async with database.writing() as session:
        return await desk.correct(session, the_form(spoken, **form), spoken.agent, clock)


def promise(amount: int = 2_000_000, days: int = 3) -> PromiseTerms:
    """To pay so many dong in so many days."""
    return PromiseTerms(
        amount_minor=amount, currency="VND", due_on=rows.ZONE_TODAY + timedelta(days=days)
    )
