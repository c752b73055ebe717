"""What must be said before an outcome, and what of the script was said, on real tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.audit.service import Actor
from app.desk import drafts
from app.desk.outcomes import Said
from app.errors import Invalid
from app.scripts import service as scripts
from app.scripts.rules import Condition
from tests.support import rows
from tests.support.rows import read
from tests.support.scripts import CODES, a_statement
from tests.support.spoken import Spoken, choose, correct, finish, promise

if TYPE_CHECKING:
    from app.db import Database
    from tests.support.clock import SetClock


@pytest.mark.req("S0b-029")
async def test_an_outcome_is_refused_until_what_must_be_said_is_ticked(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    wanted = {"leaf": "PTP_SCHEDULED", "promise": promise()}
    with pytest.raises(Invalid) as invalid:
        await choose(
            database, spoken, clock, ticked=tuple(set(CODES) - {"IDENTITY_CHECK"}), **wanted
        )
    assert (invalid.value.code, invalid.value.field) == ("STATEMENT_UNTICKED", "IDENTITY_CHECK")
    assert await read(database, "SELECT 1 FROM drafts") == []
    await choose(database, spoken, clock, **wanted)
    await finish(database, spoken, clock)


async def publish_statement(database: Database, clock: SetClock, product: str) -> None:
    """A new version in which one more thing must be said before a refusal, of one product."""
    piece = a_statement(
        code="CARD_NOTICE", blocks=("REFUSED",), when=Condition("product", "=", product)
    )
    author = Actor(rows.an_id(), role="SUPERVISOR")
    async with database.writing() as session:
        await scripts.save(session, piece, 0, author, clock.now())
        await scripts.publish(session, 1, "", author, clock.now())


@pytest.mark.req("S0b-029")
async def test_a_statement_with_a_rule_blocks_only_where_its_rule_holds(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    (loan,) = await read(database, "SELECT product FROM loans")
    wanted = {"leaf": "REFUSED", "fields": {"reason": "không"}}
    await publish_statement(database, clock, "MORTGAGE")
    assert loan["product"] != "MORTGAGE"
    await choose(database, spoken, clock, **wanted)

    await rows_of_loans(database, "MORTGAGE")
    with pytest.raises(Invalid) as invalid:
        await choose(database, spoken, clock, **wanted)
    assert invalid.value.field == "CARD_NOTICE"
    await choose(database, spoken, clock, ticked=(*CODES, "CARD_NOTICE"), **wanted)


async def rows_of_loans(database: Database, product: str) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE loans SET product = :p"), {"p": product})


@pytest.mark.req("S0b-011", "S1-037")
async def test_the_script_on_the_screen_and_the_steps_said_are_kept_with_the_outcome(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    (loan,) = await read(database, "SELECT product FROM loans")
    await publish_statement(database, clock, loan["product"])
    shown = Said(version=1, code="OVERDUE", steps=(1, 2, 4))
    wanted = {"leaf": "REFUSED", "fields": {"reason": "không"}}
    await choose(database, spoken, clock, script=shown, **wanted)
    await finish(database, spoken, clock)

    (action,) = await read(database, "SELECT script_version, details FROM actions")
    assert action["script_version"] == 1
    assert action["details"]["script"] == {"version": 1, "code": "OVERDUE", "steps": [1, 2, 4]}


async def test_a_version_that_never_was_is_not_kept(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    await choose(
        database, spoken, clock, leaf="HUNG_UP_BEFORE_ID", script=Said(version=99, code="X")
    )
    await finish(database, spoken, clock)
    (action,) = await read(database, "SELECT script_version FROM actions")
    assert action["script_version"] == 1
    with pytest.raises(Invalid):
        await choose(
            database, spoken, clock, leaf="REFUSED", script=Said(1, steps=tuple(range(21)))
        )


@pytest.mark.parametrize("leaf", ["HUNG_UP_BEFORE_ID", "WRONG_NUMBER_INVALID"])
async def test_nothing_has_to_be_ticked_for_a_call_that_did_not_get_that_far(
    database: Database, spoken: Spoken, clock: SetClock, leaf: str
) -> None:
    await choose(database, spoken, clock, leaf=leaf, ticked=())
    assert (await finish(database, spoken, clock)).leaf == leaf


@pytest.mark.req("S0b-029")
async def test_each_statement_keeps_the_time_at_which_it_was_ticked_first(
    database: Database, spoken: Spoken, clock: SetClock
) -> None:
    began = clock.now()
    assert spoken.agent.id is not None
    for ticked in (("RECORDING_NOTICE",), ("RECORDING_NOTICE", "IDENTITY_CHECK", "NO_SUCH")):
        async with database.writing() as session:
            typed = drafts.Typed(call=spoken.call, ticked=ticked)
            await drafts.keep(session, typed, spoken.agent.id, clock)
        clock.advance(seconds=20)
    said = ("RECORDING_NOTICE", "IDENTITY_CHECK", "PURPOSE_NOTICE")
    await choose(database, spoken, clock, leaf="REFUSED", fields={"reason": "không"}, ticked=said)
    clock.advance(seconds=20)
    await finish(database, spoken, clock)

    clock.advance(seconds=20)
    await correct(database, spoken, clock, leaf="PTP_SCHEDULED", promise=promise())
    times = [
        {each["code"]: datetime.fromisoformat(each["at"]) - began for each in row["ticked"]}
        for row in await read(database, "SELECT ticked FROM actions ORDER BY at")
    ]
    seconds = {"RECORDING_NOTICE": 0, "IDENTITY_CHECK": 20, "PURPOSE_NOTICE": 40}
    assert times[0] == {code: timedelta(seconds=after) for code, after in seconds.items()}
    assert times[1].items() >= times[0].items()
    assert times[1]["PROMISE_SUMMARY"] == timedelta(seconds=80)
