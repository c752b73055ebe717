"""The command that asks a recorded day what other settings would have brought."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.command.frame import ERRORS, OUT, Place, at_place, say
from app.command.pacing import PACING
from app.errors import Invalid, PacelineError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.progress import TaskID

    from app.whatif.child import Simulating
    from app.whatif.rules import Answer, Band, Compared, DaySettings, Question
    from app.whatif.service import Asking

LOOKED_S = 0.2
UNRELIABLE = 3  # exit code: the day cannot be explained, so nothing was asked of it
ModeName = Literal["progressive", "ratio", "predictive"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks."""

    campaign: str
    day: str
    changes: Mapping[str, object]
    seeds: int
    processes: int


@PACING.command(name="replay")
def replay_day(  # noqa: PLR0913 - one for each setting that may be asked about
    day: str,
    *,
    campaign: str,
    target: float | None = None,
    limit: float | None = None,
    ceiling: float | None = None,
    lines: int | None = None,
    mode: ModeName | None = None,
    seeds: int = 20,
    processes: int | None = None,
    exact: bool = False,
    json: bool = False,
) -> int:
    """What would this day have been with other settings? Simulated from what its own record teaches.

    First the day's own settings are run again. When that does not come near to what happened, nothing is
    asked of the day, and the exit code is 3.

    Parameters
    ----------
    day: The business day: 2026-11-23.
    campaign: The campaign's name.
    target: Share of answered calls that may be abandoned, where pacing steers to: 0.02.
    limit: The same, where it ends: 0.03.
    ceiling: Most lines for each agent.
    lines: Most lines at once.
    mode: How hard it is dialled.
    seeds: Simulated days for each setting; at least 20.
    processes: How many processors to use; all but one when it is left out.
    exact: Simulate nothing: put every kept second before the engine again and tell where it decides otherwise.
    json: Print the whole answer, five minutes by five minutes.
    """
    changes = {
        "abandon_target_pct": None if target is None else 100 * target,
        "abandon_limit_pct": None if limit is None else 100 * limit,
        "ratio_ceiling": ceiling,
        "lines": lines,
        "mode": None if mode is None else mode.upper(),
    }
    asked = Asked(
        campaign,
        day,
        {name: value for name, value in changes.items() if value is not None},
        seeds,
        processes or max(1, (os.cpu_count() or 2) - 1),
    )
    if exact:
        told = at_place(partial(_compare, asked=asked))
        if json:
            say(_as_json(told))
        else:
            _print_compared(told)
        return 0
    question, answer = at_place(partial(_answer, asked=asked))
    if json:
        _print_json(question, answer)
    else:
        _print(question, answer)
    return 0 if answer.reliable else UNRELIABLE


async def _answer(place: Place, *, asked: Asked) -> tuple[Question, Answer]:
    question = await _question(place, asked)
    shown = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} days"),
        TimeRemainingColumn(), console=ERRORS, transient=True,
    )  # fmt: skip
    with shown:
        return question, await _simulate(question, shown)


async def _question(place: Place, asked: Asked) -> Question:
    from app.campaigns import service as campaigns
    from app.whatif import service
    from app.whatif.rules import Question

    asking = _asking(asked)
    async with place.database.reading() as session:
        campaign = await campaigns.find_by_name(session, asked.campaign)
        wanted = await service.settings_asked(session, campaign.id, asking)
        recorded = await service.read_day(session, campaign.id, asking.day)
    return Question(recorded, wanted, asked.seeds, processes=asked.processes)


def _asking(asked: Asked) -> Asking:
    from app.whatif import service

    try:
        day = date.fromisoformat(asked.day)
    except ValueError:
        raise Invalid(f"{asked.day!r} is no day: write 2026-11-23.", field="day") from None
    return service.Asking(day, asked.changes, asked.seeds)


async def _simulate(question: Question, shown: Progress) -> Answer:
    from app.whatif.child import Simulating

    task = shown.add_task("The day as it was, and otherwise", total=2 * question.seeds)
    child = Simulating.begin(question, os.environ)
    try:
        await _watch(child, shown, task)
        return child.answer()
    finally:
        child.close()


async def _watch(child: Simulating, shown: Progress, task: TaskID) -> None:
    while not child.ended:
        done, of = child.progress
        shown.update(task, completed=done, total=of or None)
        await asyncio.sleep(LOOKED_S)


# --- second by second ------------------------------------------------------------


async def _compare(place: Place, *, asked: Asked) -> Compared:
    from app.campaigns import service as campaigns
    from app.whatif import service
    from app.whatif.child import Simulating, new_folder
    from app.whatif.rules import SECONDS

    asking, folder = _asking(asked), new_folder()
    try:
        async with place.database.reading() as session:
            campaign = await campaigns.find_by_name(session, asked.campaign)
            await service.write_seconds(session, campaign.id, asking, folder / SECONDS)
    except PacelineError:
        shutil.rmtree(folder)
        raise
    child = Simulating.start(folder, os.environ)
    try:
        with Progress(console=ERRORS, transient=True) as shown:
            await _watch(child, shown, shown.add_task("Second by second", total=None))
        return child.compared()
    finally:
        child.close()


def _print_compared(told: Compared) -> None:
    share = told.same / told.seconds
    say(f"{told.seconds:,} seconds decided again; in {share:.1%} as many lines were opened.")
    say(f"Lines opened: {told.lines_was:,} then, {told.lines_now:,} now.")
    if told.reasons:
        table = Table("bound then", "binds now", "seconds", box=None, pad_edge=False)
        for was, now, count in told.reasons:
            table.add_row(was, now, f"{count:,}")
        OUT.print(table)
    if told.largest:
        table = Table("at (UTC)", "then", "", "now", "", box=None, pad_edge=False)
        for one in told.largest:
            at = datetime.fromtimestamp(one.at_ms / 1000, UTC)
            table.add_row(
                f"{at:%H:%M:%S}", str(one.was), one.was_because, str(one.now), one.now_because
            )
        OUT.print(table)
    say(
        "Each second is seen as it was: what would have come of other decisions is not in these figures."
    )


# --- in words --------------------------------------------------------------------


def _print(question: Question, answer: Answer) -> None:
    say(f"own settings: {_words(question.day.settings)}")
    say(f"what if:      {_words(question.asked)}")
    table = Table("", "happened", "own settings again", "what if", box=None, pad_edge=False)
    for label, name, scale, unit in (
        ("occupancy", "occupancy", 100, "%"),
        ("abandoned", "abandoned", 100, "%"),
        ("wait between calls", "wait_s", 1, "s"),
        ("lines in use", "lines", 1, ""),
        ("conversations", "connected", 1, ""),
    ):
        happened = _figure(getattr(answer.happened, name), scale, unit, band_too=False)
        again = _figure(getattr(answer.again, name), scale, unit)
        asked = "" if answer.asked is None else _figure(getattr(answer.asked, name), scale, unit)
        table.add_row(label, happened, again, asked)
    OUT.print(table)
    say(f"In brackets: where 90 % of {answer.seeds} simulated days lie.")
    error = (
        f"Own settings against what happened: {100 * answer.occupancy_error:+.1f} points of occupancy, "
        f"{100 * answer.abandoned_error:+.2f} of abandonment ({answer.persons:,} persons)."
    )
    say(error)
    if not answer.reliable:
        say("Not reliable for this day: the simulation does not come near enough to what happened.")


def _words(settings: DaySettings) -> str:
    return (
        f"{settings.mode.lower()}, target {settings.abandon_target_pct:g} %, "
        f"limit {settings.abandon_limit_pct:g} %, at most {settings.ratio_ceiling:g} lines for each agent "
        f"and {settings.lines} in all"
    )


def _figure(band: Band, scale: float, unit: str, *, band_too: bool = True) -> str:
    if band.pooled is None or band.low is None or band.high is None:
        return "-"
    text = f"{scale * band.pooled:.1f} {unit}".rstrip()
    return f"{text} [{scale * band.low:.1f}-{scale * band.high:.1f}]" if band_too else text


def _print_json(question: Question, answer: Answer) -> None:
    told: dict[str, Any] = {
        "own": question.day.settings,
        "asked": question.asked,
        "reliable": answer.reliable,
        "occupancy_error": answer.occupancy_error,
        "abandoned_error": answer.abandoned_error,
        "answer": answer,
    }
    say(_as_json(told))


def _as_json(told: object) -> str:
    """Plain JSON of our structures."""
    import msgspec

    return msgspec.json.encode(told).decode()
