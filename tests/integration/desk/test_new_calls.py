"""An agent may be quicker than the books: his call is at his desk before its row names him."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import pytest

from app.audit.service import Actor
from app.desk import drafts
from app.desk.outcomes import Form
from app.desk.routes import DeskDoors
from app.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database
    from tests.support.clock import SetClock


def doors_of(database: Database, clock: SetClock, at_the_desk: UUID | None) -> DeskDoors:
    async def call_of(_user: UUID) -> UUID | None:
        return at_the_desk

    asking = cast("Any", SimpleNamespace(call_of=call_of))
    return DeskDoors(database, cast("Any", clock), cast("Any", None), asking)


async def send(doors: DeskDoors, what: str, call: UUID) -> None:
    user = uuid4()
    visit = cast("Any", SimpleNamespace(user=SimpleNamespace(id=user, actor=Actor(id=user))))
    async with doors.database.writing() as session:
        if what == "outcome":
            await doors.choose(visit, Form(call=call, leaf="HUNG_UP_BEFORE_ID"), session)
        else:
            await doors.keep_draft(visit, drafts.Typed(call=call, note="quick"), session)


@pytest.mark.parametrize("what", ["outcome", "draft"])
async def test_the_page_is_told_to_send_again_what_comes_before_the_books(
    database: Database, clock: SetClock, what: str
) -> None:
    call = uuid4()
    with pytest.raises(Unavailable):
        await send(doors_of(database, clock, call), what, call)


@pytest.mark.parametrize("what", ["outcome", "draft"])
async def test_a_call_that_is_at_no_desk_or_another_is_not_found(
    database: Database, clock: SetClock, what: str
) -> None:
    for at_the_desk in (None, uuid4()):
        with pytest.raises(NotFound):
            await send(doors_of(database, clock, at_the_desk), what, uuid4())
