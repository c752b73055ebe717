"""Books on real tables: changes wait, publishing makes a version, old versions keep their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from app.audit.service import Actor
from app.errors import Conflict, Invalid, NotFound
from app.scripts import service as scripts
from app.scripts.defaults import BOOK
from app.scripts.pieces import Sort, unticked
from app.scripts.rules import NOBODY, Condition
from tests.support import rows
from tests.support.clock import START, SetClock
from tests.support.scripts import a_script, a_statement

if TYPE_CHECKING:
    from app.db import Database
    from app.scripts.pieces import Piece

LINH = Actor(UUID(int=7), role="SUPERVISOR")
OVERDUE = (Sort.SCRIPT, "OVERDUE")


@pytest.fixture(autouse=True)
async def _no_books(database: Database) -> None:
    await rows.wipe(database)


async def save(database: Database, clock: SetClock, piece: Piece, revision: int = 0) -> None:
    async with database.writing() as session:
        await scripts.save(session, piece, revision, LINH, clock.now())


async def publish(database: Database, clock: SetClock, newest: int, note: str = "") -> int:
    async with database.writing() as session:
        return await scripts.publish(session, newest, note, LINH, clock.now())


async def working(database: Database) -> scripts.Working:
    async with database.reading() as session:
        return await scripts.working(session)


async def in_force(database: Database) -> Any:
    async with database.reading() as session:
        return await scripts.published(session)


async def test_before_anything_was_published_the_products_own_book_is_in_force(
    database: Database,
) -> None:
    assert await in_force(database) == BOOK
    async with database.reading() as session:
        assert await scripts.book_of(session, 1) == BOOK
        assert await scripts.statements(session, None, START) == BOOK
        with pytest.raises(NotFound):
            await scripts.book_of(session, 2)


@pytest.mark.req("S0b-027")
async def test_a_change_waits_until_it_is_published_and_then_makes_a_version(
    database: Database, clock: SetClock
) -> None:
    changed = a_script(title=("Quá hạn rồi", "Overdue now"))
    await save(database, clock, changed)
    assert await in_force(database) == BOOK
    copy = await working(database)
    assert copy.book.find(OVERDUE) == changed
    assert copy.revision(OVERDUE) == 1

    assert await publish(database, clock, 1, "nói rõ hơn") == 2

    book = await in_force(database)
    assert (book.version, book.find(OVERDUE)) == (2, changed)
    assert (await working(database)).changes == {}
    async with database.reading() as session:
        assert (await scripts.book_of(session, 1)).find(OVERDUE) == BOOK.find(OVERDUE)
        versions = await scripts.list_versions(session)
    assert [(each.version, each.note) for each in versions] == [(2, "nói rõ hơn"), (1, "")]


async def test_every_change_stands_in_the_trail_with_before_and_after(
    database: Database, clock: SetClock
) -> None:
    await save(database, clock, a_script(priority=3))
    clock.advance(seconds=1)
    await publish(database, clock, 1, "thử")
    async with database.reading() as session:
        told = (
            await session.execute(
                text("SELECT verb, entity_id, before, after, reason FROM audit_events ORDER BY at")
            )
        ).all()
    saved, published = told
    assert (saved.verb, saved.entity_id) == ("saved", "SCRIPT.OVERDUE")
    assert (saved.before["priority"], saved.after["priority"]) == (100, 3)
    assert (published.verb, published.entity_id, published.reason) == ("published", "2", "thử")
    assert published.after == {"version": 2, "changed": ["SCRIPT.OVERDUE"]}


async def test_of_two_editors_the_second_is_told(database: Database, clock: SetClock) -> None:
    await save(database, clock, a_script(priority=3))
    with pytest.raises(Conflict) as conflict:
        await save(database, clock, a_script(priority=4))
    assert conflict.value.code == "SCRIPT_CHANGED"
    await save(database, clock, a_script(priority=4), revision=1)
    assert (await working(database)).revision(OVERDUE) == 2


async def test_publishing_twice_publishes_once(database: Database, clock: SetClock) -> None:
    await save(database, clock, a_script(priority=3))
    await publish(database, clock, 1)
    await save(database, clock, a_script(priority=4))
    with pytest.raises(Conflict) as conflict:
        await publish(database, clock, 1)
    assert conflict.value.code == "SCRIPT_PUBLISHED"
    await publish(database, clock, 2)
    with pytest.raises(Invalid) as invalid:
        await publish(database, clock, 3)
    assert invalid.value.code == "SCRIPT_UNCHANGED"


async def test_a_faulty_piece_is_refused_in_both_languages(
    database: Database, clock: SetClock
) -> None:
    with pytest.raises(scripts.Unfit) as unfit:
        await save(database, clock, a_script(lines=(("{ten}", "x"),)))
    assert unfit.value.field == "vi_1"
    assert unfit.value.sentence_vi.startswith("Không có {ten}")
    with pytest.raises(Invalid):
        await publish(database, clock, 1, "x" * 201)


async def test_a_book_that_would_leave_somebody_without_a_word_is_not_published(
    database: Database, clock: SetClock
) -> None:
    async with database.writing() as session:
        await scripts.remove(session, (Sort.SCRIPT, "THIRD_PARTY"), 0, LINH, clock.now())
    with pytest.raises(scripts.Unfit) as unfit:
        await publish(database, clock, 1)
    assert (unfit.value.code, unfit.value.field) == ("SCRIPT_LACKING", "SCRIPT")
    assert "người khác" in unfit.value.sentence_vi
    assert (await in_force(database)).version == 1


async def test_a_book_that_no_pop_could_carry_is_not_published(
    database: Database, clock: SetClock
) -> None:
    long = ("Dạ vâng ạ. " * 50).strip(), "Yes. " * 20 + "End."
    for number in range(2):
        await save(database, clock, a_script(code=f"LONG_{number}", lines=(long,) * 8))
    with pytest.raises(scripts.Unfit) as unfit:
        await publish(database, clock, 1)
    assert unfit.value.code == "SCRIPT_HEAVY"


async def test_a_piece_goes_with_the_next_version_and_a_new_one_at_once(
    database: Database, clock: SetClock
) -> None:
    late, new = (Sort.SCRIPT, "LATE"), (Sort.SCRIPT, "MINE")
    await save(database, clock, a_script(code="MINE"))
    async with database.writing() as session:
        await scripts.remove(session, late, 0, LINH, clock.now())
        await scripts.remove(session, new, 1, LINH, clock.now())
        with pytest.raises(NotFound):
            await scripts.remove(session, (Sort.SCRIPT, "NEVER"), 0, LINH, clock.now())
    assert (await working(database)).changes.keys() == {late}
    await publish(database, clock, 1)
    assert (await in_force(database)).find(late) is None


async def test_a_change_is_taken_back(database: Database, clock: SetClock) -> None:
    await save(database, clock, a_script(priority=3))
    async with database.writing() as session:
        await scripts.discard(session, OVERDUE, LINH, clock.now())
    assert (await working(database)).book.pieces == BOOK.pieces


async def test_an_old_version_comes_back_as_a_new_one(database: Database, clock: SetClock) -> None:
    await save(database, clock, a_script(priority=3))
    await save(database, clock, a_script(code="MINE"))
    async with database.writing() as session:
        await scripts.remove(session, (Sort.SCRIPT, "LATE"), 0, LINH, clock.now())
    await publish(database, clock, 1)
    async with database.writing() as session:
        assert await scripts.restore(session, 1, LINH, clock.now()) == 3
    assert (await in_force(database)).version == 2
    assert await publish(database, clock, 2) == 3
    assert (await in_force(database)).pieces == BOOK.pieces


async def test_a_process_reads_a_book_once_for_each_version(
    database: Database, clock: SetClock
) -> None:
    shelf, asked = scripts.Shelf(), []

    def note(*args: Any) -> None:
        if "script_books" in args[2]:
            asked.append(args[2])

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        await save(database, clock, a_script(priority=3))
        await publish(database, clock, 1)
        asked.clear()
        async with database.reading() as session:
            for newest in (None, None, 2, 2, 2):
                book = await shelf.renew(session, newest)
        assert (book.version, len(asked)) == (2, 1)
        assert shelf.book is book
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


@pytest.mark.req("S0b-029")
async def test_an_outcome_is_judged_by_the_version_on_the_screen_while_a_call_may_last(
    database: Database, clock: SetClock
) -> None:
    new = a_statement(code="NEW_NOTICE", blocks=("PTP_PAID",), required_when=NOBODY)
    await save(database, clock, a_script(priority=3))
    await publish(database, clock, 1)
    await save(database, clock, new)
    await publish(database, clock, 2)

    async def blocking(version: int | None) -> tuple[int, bool]:
        async with database.reading() as session:
            book = await scripts.statements(session, version, clock.now())
        return book.version, new in unticked(book, "PTP_PAID", ())

    assert await blocking(None) == (3, True)
    assert await blocking(3) == (3, True)
    assert await blocking(2) == (2, False)
    assert await blocking(99) == (3, True)
    clock.advance(seconds=timedelta(hours=13).total_seconds())
    assert await blocking(2) == (3, True)


async def test_a_statement_with_a_rule_is_kept_with_it(database: Database, clock: SetClock) -> None:
    ruled = a_statement(when=Condition("product", "=", "AUTO"))
    await save(database, clock, ruled)
    await publish(database, clock, 1)
    assert (await in_force(database)).find(ruled.key) == ruled
    assert (await in_force(database)).of(Sort.STATEMENT) == tuple(
        replace(each, when=ruled.when) if each.code == ruled.code else each
        for each in BOOK.of(Sort.STATEMENT)
    )
