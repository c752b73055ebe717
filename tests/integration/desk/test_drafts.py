"""Drafts on the real table: no page's words are lost, whoever writes after whom (ux.md 4.4, point 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.audit.service import Actor
from app.desk import drafts
from app.desk import service as desk
from app.desk.drafts import Kept, Typed, join_notes
from app.desk.outcomes import Form
from app.errors import Invalid, NotFound
from tests.support import rows
from tests.support.people import a_user

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database
    from tests.support.clock import SetClock

OUTCOME = "HUNG_UP_BEFORE_ID"


@dataclass
class Notes:
    """One agent's call, and pages that type about it."""

    database: Database
    clock: SetClock
    agent: UUID
    call: UUID

    async def type(self, writer: str, note: str, **more: Any) -> Kept:
        typed = Typed(call=self.call, writer=writer, note=note, **more)
        async with self.database.writing() as session:
            return await drafts.keep(session, typed, self.agent, self.clock)

    async def stand(self, agent: UUID | None = None) -> dict[str, Any] | None:
        async with self.database.reading() as session:
            return await drafts.read(session, self.call, agent or self.agent)

    async def choose(self, **form: Any) -> None:
        actor = Actor(self.agent, role="AGENT")
        async with self.database.writing() as session:
            chosen = Form(call=self.call, leaf=OUTCOME, **form)
            await desk.save_outcome(session, chosen, actor, self.clock)

    async def finish(self) -> None:
        actor = Actor(self.agent, role="AGENT")
        async with self.database.writing() as session:
            await desk.finish_call(session, self.call, actor, self.clock)


@pytest.fixture
async def notes(database: Database, clock: SetClock) -> Notes:
    await rows.wipe(database)
    async with database.writing() as session:
        await rows.an_organisation(session)
        debtor = await rows.a_debtor(session)
    agent = await a_user(database, clock, "minh", "AGENT")
    async with database.writing() as session:
        call = await rows.a_call(session, debtor, agent)
    return Notes(database, clock, agent, call)


@pytest.mark.req("S0a-024")
async def test_what_a_page_sends_replaces_what_it_sent_before(notes: Notes) -> None:
    first = await notes.type("a", "khách hẹn", edits=1)
    second = await notes.type("a", "khách", leaf="REFUSED", fields={"reason": "bận"}, edits=2)
    assert (first, second) == (Kept(1), Kept(2))
    stands = await notes.stand()
    assert stands is not None
    assert (stands["note"], stands["leaf"], stands["fields"]) == (
        "khách",
        "REFUSED",
        {"reason": "bận"},
    )
    assert (stands["version"], stands["writer"], stands["edits"]) == (2, "a", 2)


async def test_another_page_goes_on_from_what_it_has_read(notes: Notes) -> None:
    await notes.type("a", "một")
    assert await notes.type("b", "hai", seen=1) == Kept(2), "it saw the one and made it the other"
    stands = await notes.stand()
    assert stands is not None
    assert (stands["note"], stands["writer"]) == ("hai", "b")


async def test_two_pages_that_did_not_know_of_each_other_keep_both_notes(notes: Notes) -> None:
    await notes.type("a", "một", ticked=("RECORDING_NOTICE",))
    await notes.type("b", "hai", seen=1, leaf="REFUSED", ticked=("PURPOSE_NOTICE",))
    joined = await notes.type("a2", "ba", leaf=OUTCOME, ticked=("IDENTITY_CHECK",), edits=7)
    assert joined.draft is not None, "the page is told what stands now"
    assert joined.draft == await notes.stand()
    assert joined.draft["note"] == "hai\nba"
    assert joined.draft["leaf"] == "REFUSED", "the version that is here is the newer"
    assert joined.draft["edits"] > 7, "the page that sent it sees that more stands here"
    assert joined.draft["ticked"] == ["IDENTITY_CHECK", "PURPOSE_NOTICE"]
    assert await notes.type("a2", "hai\nba, bốn") == Kept(4), "from there on it is its own"


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ("", "hai", "hai"),
        ("một", "", "một"),
        ("một hai", "hai", "một hai"),
        ("một", "một hai", "một hai"),
        ("một", "hai", "một\nhai"),
        ("", "", ""),
    ],
)
def test_notes_are_joined_without_losing_or_doubling(first: str, second: str, both: str) -> None:
    assert join_notes(first, second) == both


async def test_a_chosen_outcome_stays_chosen_under_later_words(notes: Notes) -> None:
    await notes.choose(note="một", writer="a")
    await notes.type("a", "hai", leaf="REFUSED")
    stands = await notes.stand()
    assert stands is not None
    assert (stands["note"], stands["leaf"], stands["saved"]) == ("hai", "REFUSED", OUTCOME)
    await notes.finish()
    assert await notes.stand() is None, "taken, so the draft is cleared"


async def test_words_that_come_after_the_outcome_is_recorded_make_no_new_draft(
    notes: Notes,
) -> None:
    await notes.choose(note="một")
    await notes.finish()
    assert await notes.type("a", "một, hai") == Kept(0)
    assert await notes.stand() is None


async def test_who_takes_the_call_over_reads_nothing_and_loses_nothing(notes: Notes) -> None:
    await notes.choose(note="nghe máy rồi im", writer="a")
    colleague = await a_user(notes.database, notes.clock, "lan", "AGENT")
    async with notes.database.writing() as session:
        await session.execute(
            text("UPDATE calls SET agent_id = :lan WHERE id = :call"),
            {"lan": colleague, "call": notes.call},
        )
    assert await notes.stand(colleague) is None
    with pytest.raises(NotFound):
        await notes.type("a", "vẫn của tôi")
    lan = Notes(notes.database, notes.clock, colleague, notes.call)
    joined = await lan.type("b", "gặp đúng người", leaf="REFUSED")
    assert joined.draft is not None
    assert joined.draft["note"] == "nghe máy rồi im\ngặp đúng người"
    assert (joined.draft["leaf"], joined.draft["saved"]) == ("REFUSED", None), (
        "the choice was not hers"
    )


@pytest.mark.parametrize("typed", [{"note": "x" * 40_000}, {"note": "", "more": "w" * 65}])
async def test_a_draft_that_is_too_large_is_refused(notes: Notes, typed: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        await notes.type(typed.get("more", "a"), typed["note"])
