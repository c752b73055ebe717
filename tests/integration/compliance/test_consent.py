"""Consent as it is kept: the latest word counts, words of the past explain the past, unknown is no yes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.audit.service import Actor
from app.compliance.profiles import US, Rule
from app.compliance.rules import Starter, Verdict
from app.compliance.service import Question, ask, derive
from app.customers import consents
from app.customers.rules import Word
from app.errors import Invalid
from tests.support.clock import START, SetClock
from tests.support.rows import Debtor, a_debtor, an_id, an_organisation, wipe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from app.db import Database

WHO = Actor(id=an_id(), role="SUPERVISOR")
DAY = timedelta(days=1)
CLOCK = SetClock(seed=5)

pytestmark = pytest.mark.req("S1-035")


@pytest_asyncio.fixture(loop_scope="session", params=["VN", "US"])
async def debtor(database: Database, request: pytest.FixtureRequest) -> AsyncIterator[Debtor]:
    """Somebody in Vietnam, under either law."""
    await wipe(database)
    async with database.writing() as session:
        await an_organisation(session, legal_profile=request.param)
        debtor = await a_debtor(session)
    yield debtor


async def say(database: Database, debtor: Debtor, word: Word) -> int:
    async with database.writing() as session:
        return await consents.note(session, {debtor.customer: word}, WHO, CLOCK)


async def verdict(
    database: Database, debtor: Debtor, at: datetime, starter: Starter = Starter.DIALER
) -> Verdict:
    question = Question(debtor.customer, debtor.phone, debtor.loan, starter=starter)
    async with database.reading() as session:
        return (await ask(session, question, at)).verdict


async def law(database: Database) -> str:
    async with database.reading() as session:
        return str(await session.scalar(text("SELECT legal_profile FROM organisations")))


async def test_who_never_said_anything_is_called_where_no_yes_is_needed(
    database: Database, debtor: Debtor
) -> None:
    found = await verdict(database, debtor, START)
    if await law(database) == "US":
        assert (found.rule, found.source) == (Rule.NO_CONSENT, US.source(Rule.NO_CONSENT))
    else:
        assert found.allowed
    assert (await verdict(database, debtor, START, Starter.AGENT)).allowed


async def test_the_latest_word_counts_and_the_past_is_explained_by_its_own(
    database: Database, debtor: Debtor
) -> None:
    assert await say(database, debtor, Word(given=True, source="contract", at=START - 9 * DAY)) == 1
    assert (await verdict(database, debtor, START)).allowed
    assert (
        await say(
            database, debtor, Word(given=False, source="letter of 20 November", at=START - 3 * DAY)
        )
        == 1
    )
    assert (await verdict(database, debtor, START)).rule is Rule.NO_CONSENT
    question = Question(debtor.customer, debtor.phone, debtor.loan)
    async with database.reading() as session:
        before = await derive(session, question, debtor.loan, START - 4 * DAY)
        after = await derive(session, question, debtor.loan, START - 2 * DAY)
        held = await consents.held_at(session, debtor.customer, START)
    assert before is not None
    assert after is not None
    assert before.verdict.rule is not Rule.NO_CONSENT
    assert after.verdict.rule is Rule.NO_CONSENT
    assert [(word.given, word.source) for word in held] == [(False, "letter of 20 November")]


async def test_the_same_word_is_written_and_audited_once(
    database: Database, debtor: Debtor
) -> None:
    assert await say(database, debtor, Word(given=True, source="contract", at=START)) == 1
    assert await say(database, debtor, Word(given=True, source=" contract ", at=START)) == 0
    async with database.reading() as session:
        rows = await session.execute(text("SELECT verb, after->>'source' FROM audit_events"))
    assert list(rows) == [("consented", "contract")]


async def test_a_word_without_a_source_is_none(database: Database, debtor: Debtor) -> None:
    with pytest.raises(Invalid, match="how we know"):
        await say(database, debtor, Word(given=True, source="  ", at=START))
