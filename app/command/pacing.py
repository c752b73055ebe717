"""Commands that tell why a campaign was dialled as it was."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter
from rich.table import Table

from app.command.frame import APP, OUT, Place, at_place, say
from app.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.pacing.phrases import Row, Told

PACING = App(
    name="pacing", help="Why a campaign was dialled as it was, and what else could have been."
)
APP.command(PACING)


@PACING.command(name="explain")
def explain_pace(
    campaign: str,
    *,
    at: str,
    language: Literal["en", "vi"] = "en",
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> None:
    """What pacing saw, foresaw and decided in one second. Kept for 30 days, each minute when it is over.

    Parameters
    ----------
    campaign: Its name.
    at: When, on the organisation's wall: 10:05:17 of today, or 2026-11-23T10:05:17.
    language: Of the words.
    as_json: Print the page as it was kept, for programs; its instants are ms from the minute's beginning.
    """
    found = at_place(partial(_explain, name=campaign, typed=at, language=language))
    if as_json:
        say(json.dumps(found["page"], ensure_ascii=False))
        return
    told: Told = found["told"]
    say(f"{campaign} · {found['when']}")
    say(told.decision)
    say(f"  {told.why}")
    for title, rows in found["sections"]:
        if rows:
            _print(title, rows)


def _print(title: str, rows: Sequence[Row]) -> None:
    table = Table(title, "", box=None, pad_edge=False, show_header=True, header_style="bold")
    for row in rows:
        table.add_row(row.label, row.value)
    OUT.print()
    OUT.print(table)


async def _explain(place: Place, *, name: str, typed: str, language: str) -> dict[str, Any]:
    from app.campaigns import service as campaigns
    from app.pacing import service as pacing
    from app.pacing.phrases import Teller
    from app.pacing.rules import read_instant
    from app.people import service as people
    from app.render import load_sentences

    speak = load_sentences().speaker(language)
    async with place.database.reading() as session:
        campaign = await campaigns.find_by_name(session, name)
        zone = (await people.organisation(session)).timezone
        at, teller = read_instant(typed, place.clock.now(), zone), Teller(speak, language, zone)
        second = await pacing.second(session, campaign.id, at)
        if second is None:
            last = await pacing.last_kept(session, campaign.id)
            until = speak("pacing.kept_until", at=teller.when(last)) if last else ""
            nothing = speak("pacing.nothing_kept", at=teller.when(at))
            raise NotFound(f"{nothing} {until}".strip())
    told = teller.explain(second)
    return {
        "when": f"{teller.when(second.at)} ({zone})",
        "told": told,
        "page": {"at": second.at.isoformat(), **second.page, "words": asdict(told)},
        "sections": [
            (speak("pacing.section_seen"), told.seen),
            (speak("pacing.section_foreseen"), told.foreseen),
            (speak("pacing.section_limits"), told.limits),
        ],
    }
