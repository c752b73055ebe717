"""Desks in training: who practises, on what, and how an outcome is judged without being recorded.

To the room of calls somebody in training is on a break of the reason TRAINING: no call can reach him.
What he practises is played by his own page on screens composed here; nothing of it is ever written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from app.audit import service as audit
from app.desk import outcomes, practice, screenpop, script, service, store
from app.desk.bars import Standing, barred
from app.desk.picture import see
from app.desk.pop import Occasion, Ringing
from app.desk.rules import compose
from app.desk.words import pick
from app.errors import Refused
from app.scripts import service as scripts

if TYPE_CHECKING:
    from datetime import datetime

    from app.audit.service import Actor
    from app.db import ReadSession, WriteSession
    from app.desk.outcomes import Form
    from app.desk.pop import PopFacts, Speaker
    from app.scripts.fields import Situation

KEY: Final = "training"
CARD: Final = {"on": True}  # of a desk in training, under that key of its own channel
NOBODY: Final = UUID(int=0)
CAP: Final = 3  # attempts a day, as a practised screen shows them


@dataclass(frozen=True, slots=True)
class Judged:
    """An outcome that was practised: whether it was right for the case, and what would be."""

    fits: bool
    why: str


async def begin(session: WriteSession, user: UUID, actor: Actor, now: datetime) -> None:
    """Put a desk into training; one that is stays as it is."""
    if await store.begin_training(session, user, by=actor.id or user, now=now):
        _trace(session, user, actor, "training_began", now)


async def end(session: WriteSession, user: UUID, actor: Actor, now: datetime) -> None:
    """Take a desk out of training; one that is not stays as it is."""
    if await store.end_training(session, user):
        _trace(session, user, actor, "training_ended", now)


async def is_on(session: ReadSession, user: UUID) -> bool:
    """Whether this user's desk is in training."""
    return await store.is_training(session, user)


async def lesson(
    session: ReadSession, number: int, speaker: Speaker, now: datetime
) -> dict[str, Any]:
    """The `number`th call of practice: its screen, what the customer says, and templates of notes."""
    facts = practice.facts_of(number, await _house(session, now))
    book = await scripts.published(session)
    name = pick(("Khách giả định", "Invented customers"), speaker.language)
    now_ms = round(now.timestamp() * 1000)
    ringing = Ringing(
        call=practice.id_of(number),
        campaign=NOBODY,
        campaign_name=name,
        number=facts.numbers[0].number,
        attempt_no=1,
        attempts_today=1,
        cap=CAP,
        window_until_ms=None,
    )
    occasion = Occasion(ringing, speaker, assigned_at_ms=now_ms, published_at_ms=now_ms, book=book)
    return {
        "screen": compose(facts, occasion),
        "says": pick(practice.case_at(number).says, speaker.language),
        "templates": script.templates(facts, see(facts), name, book, speaker),
    }


async def judge(session: ReadSession, form: Form, language: str, now: datetime) -> Judged:
    """Whether an outcome could be recorded, and whether it was right; nothing is recorded.

    Raises what choosing an outcome in a call raises, `Refused` for a call that is not of practice.
    """
    number = practice.number_of(form.call)
    if number is None:
        raise Refused("This is not a call of practice.", code="NOT_PRACTICE", field="call")
    leaf, facts = outcomes.check_form(form), practice.facts_of(number, await _house(session, now))
    picture = see(facts)

    async def situate() -> Situation:
        """The case as the rules of scripts ask about it."""
        return script.situation(facts, picture, "")

    await service.heed_statements(session, form, now, situate)
    special = facts.who.special_handling if facts.who else ()
    bar = barred(leaf.code, Standing(picture.disputed, picture.hardship, special))
    if bar is not None:
        raise Refused(f"{bar.why[1]}.", code=f"BARRED_{bar.code}", field="leaf", rule=bar.code)
    case = practice.case_at(number)
    return Judged(leaf.code in case.fits, pick(case.why, language))


async def _house(session: ReadSession, now: datetime) -> PopFacts:
    """The bank, its place and its day, with nobody on the line."""
    found = await screenpop.read(session, customer=NOBODY, loan=None, campaign=NOBODY, now=now)
    return found.facts


def _trace(session: WriteSession, user: UUID, actor: Actor, verb: str, now: datetime) -> None:
    audit.record(session, actor, verb=verb, entity="user", entity_id=user, now=now)
