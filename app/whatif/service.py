"""Asking a recorded day what other settings would have brought: the question, its day, its answer.

A question waits for the worker (`jobs.py`), which has it simulated by a process of its own (`child.py`).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import asdict

from app.audit import service as audit
from app.campaigns import service as campaigns
from app.campaigns.strategy import settings_from
from app.compliance.profiles import AbandonClock
from app.errors import Invalid, NotFound, Refused
from app.pacing import service as pacing
from app.people import service as people
from app.roster import service as roster
from app.values.ids import RANDOM_BYTES, new_id
from app.values.period import business_date, day_start, next_day
from app.whatif import store
from app.whatif.models import WhatIf
from app.whatif.reading import day_from
from app.whatif.rules import (
    ASKABLE,
    LEAST_SEEDS,
    MOST_SEEDS,
    Answer,
    DaySettings,
    Question,
    RecordedDay,
    faults,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path
    from uuid import UUID

    from app.audit.service import Actor
    from app.campaigns.service import Campaign
    from app.clock import Clock
    from app.compliance.profiles import Profile
    from app.db import ReadSession, WriteSession

__all__ = ["Asking", "Unaskable", "WhatIf"]

DAYS_BACK: Final = 30
MOST_CALLS: Final = 400_000  # of one day; a larger one would not fit into a worker's memory
MOST_WAITING: Final = 20  # questions of all campaigns that have no answer yet
KEPT: Final = 10  # questions of one campaign
SILENT: Final = timedelta(seconds=60)  # who answers and was not heard for so long is gone
SHIFT: Final = timedelta(hours=14)  # before the day: what its agents were when it began
_MODE: Final = "mode"


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody wants to know of which day."""

    day: date
    changes: Mapping[str, object]  # of `ASKABLE`; what is left out stays as it was that day
    seeds: int = LEAST_SEEDS


class Unaskable(Invalid):
    """A setting that cannot be asked about, told in the reader's language."""

    def __init__(self, field: str, why_vi: str, why_en: str) -> None:
        super().__init__(f"{field}: {why_en}", code="WHAT_IF", field=field)
        self.sentence_vi = why_vi


# --- the day ---------------------------------------------------------------------


async def list_days(session: ReadSession, campaign: UUID, now: datetime) -> list[date]:
    """The days of the last month on which the campaign dialled, the latest first."""
    today = business_date(now, await _zone(session))
    return await store.list_days(session, campaign, today - timedelta(days=DAYS_BACK), today)


async def own_settings(session: ReadSession, campaign: UUID, day: date) -> DaySettings:
    """What the campaign was set to when a day ended. Raises NotFound for no campaign."""
    found = await campaigns.find(session, campaign)
    ends = next_day(day_start(day, await _zone(session)), await _zone(session))
    return (await _held(session, found, ends, ends))[0]


async def read_day(session: ReadSession, campaign: UUID, day: date) -> RecordedDay:
    """All that the books have of a campaign's day. Raises NotFound when it dialled nobody."""
    found = await campaigns.find(session, campaign)
    zone = await _zone(session)
    start = day_start(day, zone)
    until = next_day(start, zone)
    calls = await store.list_calls(session, campaign, start, until, MOST_CALLS + 1)
    if len(calls) > MOST_CALLS:
        raise Refused(
            f"That day has more than {MOST_CALLS:,} calls: too many to simulate here.",
            code="DAY_TOO_LARGE",
            field="day",
        )
    changes = await store.list_changes(session, campaign, start - SHIFT, start, until)
    settings, earlier = await _held(session, found, start, until)
    planned = await roster.absences(session, start)
    recorded = day_from(calls, changes, campaign, settings, earlier, planned)
    if recorded is None:
        raise NotFound(f"The campaign dialled nobody on {day}.", code="NO_SUCH_DAY", field="day")
    return recorded


async def _held(
    session: ReadSession, campaign: Campaign, start: datetime, until: datetime
) -> tuple[DaySettings, list[tuple[datetime, DaySettings]]]:
    """The settings at an instant, and those before it back to `start` with the instant of their end.

    What is stored now is taken back change by change, as the trail has them.
    """
    law = await campaigns.law_on(session, campaign)
    document = {**campaign.settings, _MODE: campaign.mode}
    settings = _settings(document, law, campaign.priority)
    earlier: list[tuple[datetime, DaySettings]] = []
    for at, before, _ in await store.list_changed(session, campaign.id, start):
        document = {**document, **before}
        known = _settings(document, law, campaign.priority)
        if at >= until:
            settings = known
        elif known != (earlier[-1][1] if earlier else settings):
            earlier.append((at, known))
    return settings, earlier[::-1]


def _settings(document: Mapping[str, Any], law: Profile, priority: int) -> DaySettings:
    stored = {name: value for name, value in document.items() if name != _MODE}
    known = settings_from({name: v for name, v in stored.items() if v is not None})
    at_answer = law.abandon_clock is AbandonClock.ANSWER
    return DaySettings(
        mode=str(document[_MODE]),
        abandon_target_pct=min(known.abandon_target_pct, law.abandon_limit_pct),
        abandon_limit_pct=min(known.abandon_limit_pct, law.abandon_limit_pct),
        ratio_ceiling=known.ratio_ceiling,
        lines=known.lines,
        ratio_step=known.ratio_step,
        min_agents=known.min_agents,
        warmup_calls=known.warmup_calls,
        connect_threshold_ms=min(known.connect_threshold_ms, law.connect_threshold_ms),
        ring_timeout_s=max(known.ring_timeout_s, law.ring_seconds_min),
        priority=priority,
        clock_at_answer=at_answer,
        amd=known.amd and not at_answer,
    )


async def _zone(session: ReadSession) -> ZoneInfo:
    return ZoneInfo((await people.organisation(session)).timezone)


async def write_seconds(session: ReadSession, campaign: UUID, asking: Asking, path: Path) -> int:
    """Write every kept second of the day into a file, behind what shall be different and their count.

    Raises NotFound when nothing was kept of it, Invalid as `settings_asked`.
    """
    await settings_asked(session, campaign, asking)
    zone = await _zone(session)
    start = day_start(asking.day, zone)
    until, count = next_day(start, zone), 0
    kept = pacing.seconds(session, campaign, start, until)
    pages = path.with_suffix(".pages")
    with pages.open("wb") as file:
        async for second in kept:
            at_ms = round(second.at.timestamp() * 1000)
            file.write(msgspec.msgpack.encode((at_ms, second.page)))
            count += 1
    if count == 0:
        raise NotFound(f"No second of {asking.day} was kept.", code="NO_SECONDS", field="day")
    with path.open("wb") as whole, pages.open("rb") as told:
        whole.write(msgspec.msgpack.encode(dict(asking.changes)))
        whole.write(msgspec.msgpack.encode(count))
        shutil.copyfileobj(told, whole)
    pages.unlink()
    return count


# --- asking ----------------------------------------------------------------------


async def ask(
    session: WriteSession, campaign: UUID, asking: Asking, actor: Actor, clock: Clock
) -> UUID:
    """Put a question to a day; the worker answers it. Returns its id.

    Raises Invalid by field for settings that cannot be or are against the law, NotFound for a day
    without dials, Refused while the campaign has a question that waits.
    """
    now = clock.now()
    asked = await settings_asked(session, campaign, asking)
    if asking.day not in await list_days(session, campaign, now):
        raise NotFound(
            f"The campaign dialled nobody on {asking.day}.", code="NO_SUCH_DAY", field="day"
        )
    if await store.find_open(session, campaign) is not None:
        raise Refused("A question is being answered: wait for it or cancel it.", code="ASKED")
    if await store.count_open(session) >= MOST_WAITING:
        raise Refused("Too many questions wait already: try again later.", code="MANY_ASKED")
    identifier = new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES))
    await store.add(
        session,
        {
            "id": identifier,
            "campaign_id": campaign,
            "business_on": asking.day,
            "own": asdict(await own_settings(session, campaign, asking.day)),
            "asked": asdict(asked),
            "seeds": asking.seeds,
            "asked_by": actor.id,
            "asked_at": now,
        },
    )
    await store.forget(session, campaign, KEPT)
    audit.record(
        session, actor, verb="asked", entity="what_if", entity_id=identifier, now=now,
        after={"campaign": str(campaign), "day": str(asking.day), **asdict(asked)},
    )  # fmt: skip
    return identifier


async def settings_asked(session: ReadSession, campaign: UUID, asking: Asking) -> DaySettings:
    """The day's own settings with what shall be different. Raises Invalid, naming the field."""
    if not LEAST_SEEDS <= asking.seeds <= MOST_SEEDS:
        raise Invalid(f"From {LEAST_SEEDS} to {MOST_SEEDS} runs.", field="seeds")
    own = await own_settings(session, campaign, asking.day)
    unknown = set(asking.changes) - set(ASKABLE)
    if unknown:
        raise Invalid(f"{min(unknown)} cannot be asked about.", field=min(unknown))
    try:
        asked = msgspec.convert({**asdict(own), **asking.changes}, DaySettings)
    except msgspec.ValidationError as wrong:
        raise Invalid(str(wrong), field=str(wrong).rpartition("$.")[2].rstrip("`")) from wrong
    law = await campaigns.law_on(session, await campaigns.find(session, campaign))
    for field, (why_vi, why_en) in faults(asked, law.abandon_limit_pct).items():
        raise Unaskable(field, why_vi, why_en)
    return asked


async def cancel(session: WriteSession, campaign: UUID, actor: Actor, now: datetime) -> None:
    """Take the waiting or running question back. Raises NotFound when there is none."""
    found = await store.find_open(session, campaign)
    if found is None:
        raise NotFound("No question is being answered.", code="NOT_ASKED")
    await store.change(session, found.id, {"state": "CANCELLED", "ended_at": now})
    audit.record(
        session, actor, verb="cancelled", entity="what_if", entity_id=found.id, now=now
    )  # fmt: skip


async def latest(session: ReadSession, campaign: UUID) -> Sequence[WhatIf]:
    """The campaign's questions, the newest first."""
    return await store.list_latest(session, campaign, KEPT)


def answer_of(question: WhatIf) -> Answer | None:
    """The answer that was kept; None before there is one."""
    return None if question.answer is None else msgspec.convert(question.answer, Answer)


# --- answering -------------------------------------------------------------------


async def take(session: WriteSession, now: datetime) -> tuple[UUID, Question] | None:
    """The next question with its day, now this process's to answer; None when none waits.

    One is answered at a time in the whole house; who was silent for a minute has lost it. A day that
    cannot be read is answered at once, with why.
    """
    found = await store.take(session, now, now - SILENT)
    if found is None:
        return None
    try:
        day = await read_day(session, found.campaign_id, found.business_on)
    except (NotFound, Refused) as fault:
        await fail(session, found.id, fault.code, now)
        return None
    return found.id, Question(day, msgspec.convert(found.asked, DaySettings), found.seeds)


async def beat(session: WriteSession, question: UUID, done: int, of: int, now: datetime) -> bool:
    """Tell how far it is; False when nobody wants the answer any more."""
    values = {"beat_at": now, "days_done": done, "days_of": of}
    return await store.change(session, question, values, state="RUNNING")


async def finish(session: WriteSession, question: UUID, answer: Answer, now: datetime) -> None:
    """Keep the answer."""
    values = {"state": "DONE", "ended_at": now, "answer": msgspec.to_builtins(answer)}
    await store.change(session, question, values, state="RUNNING")


async def fail(session: WriteSession, question: UUID, fault: str, now: datetime) -> None:
    """Keep that there will be no answer, and a word why."""
    await store.change(session, question, {"state": "FAILED", "ended_at": now, "fault": fault})
