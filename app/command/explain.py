"""The command that answers why a customer was, or was not, called."""

from __future__ import annotations

from functools import partial

from rich.table import Table

from app.command.frame import APP, OUT, Place, at_place, say
from app.errors import NotFound


@APP.command
def explain(customer: str, *, at: str = "") -> None:
    """Why was, or was not, this customer called? From what was stored; what is derived says so.

    Parameters
    ----------
    customer: The customer's number at the bank.
    at: When, on the organisation's wall: 2026-11-23T10:05. Now when it is left out.
    """
    lines, rows = at_place(partial(_explain, cif=customer, typed=at))
    for line in lines:
        say(line)
    if not rows:
        return
    table = Table(
        "at", "campaign", "verdict", "source", "until", "result", box=None, pad_edge=False
    )
    for row in rows:
        table.add_row(*row)
    OUT.print()
    OUT.print(table)


async def _explain(
    place: Place, *, cif: str, typed: str
) -> tuple[list[str], list[tuple[str, ...]]]:
    from app.audit.service import SYSTEM
    from app.customers import service as customers
    from app.explain import service
    from app.explain.phrases import Teller
    from app.people import service as people
    from app.render import load_sentences

    now = place.clock.now()
    async with place.database.writing() as session:
        person = await customers.find_known(session, cif)
        if person is None:
            raise NotFound(f"There is no customer {cif!r}.")
        zone = (await people.organisation(session)).timezone
        at = service.read_instant(typed, zone) if typed else now
        told = await service.explain(session, person.id, at, SYSTEM, now)
    teller = Teller(load_sentences().speaker("en"), "en", zone)
    lines = [f"{cif} at {teller.when(at)} ({zone})"]
    for reason in told.reasons:
        lines.append(f"  {teller.sentence(reason)}")
        if reason.heard:
            lines.append(f"    {teller.heard(reason)}")
        if reason.source:
            lines.append(f"    source: {reason.source}")
        if reason.derived:
            lines.append(
                "    derived: nobody asked at the time; worked out from what is kept of it"
            )
    if told.free_from is not None:
        lines.append(f"  Lawful from {teller.when(told.free_from)} if nothing else happened.")
    lines += [f"  {teller.consent(word)}" for word in told.consents]
    rows: list[tuple[str, ...]] = [
        (
            teller.when(asked.at),
            teller.campaign(asked),
            teller.verdict(asked),
            asked.source or "",
            "" if asked.allowed else teller.when(asked.until),
            teller.outcome(asked),
        )
        for asked in told.trail
    ]
    return lines, rows
