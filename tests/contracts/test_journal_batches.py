"""What is written in one batch is what is written one by one, in whatever order things happened."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from dialer.core.records import CallMoment, Moment
from tests.support.journal import AGENT, OTHER, Room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialer.core.records import Record

STATES = {
    Moment.DIALED: "DIALING", Moment.ANSWERED: "ANSWERED", Moment.ASSIGNED: "RESERVED",
    Moment.CONNECTED: "BRIDGED", Moment.RETURNED: "WAITING",
}  # fmt: skip
ANEW = """
UPDATE calls SET state = 'CREATED', ended_at = NULL, dialing_at = NULL, ringing_at = NULL, answered_at = NULL,
  waiting_at = NULL, assigned_at = NULL, published_at = NULL, received_at = NULL, painted_at = NULL,
  painted_error_ms = NULL, connected_at = NULL, agent_id = NULL, pops_unacknowledged = 0, message = NULL,
  verdict = NULL, judged_at = NULL, machine = false, answered_by_human = false, cause = NULL, hangup_by = NULL,
  abandoned = false, leaf = NULL
"""


def a_story(room: Room, chance: Random) -> list[Record]:
    """Moments in any order, some twice, with an end in the midst of some."""
    story: list[Record] = []
    for place in range(chance.randint(2, 14)):
        moment = chance.choice(list(Moment))
        said = chance.choice(["", "HUMAN", "Xin chào"])
        told = CallMoment(
            room.call, moment, room.ended().at_ms + place * 7, STATES.get(moment, moment.value),
            chance.choice([AGENT, OTHER]), chance.randint(0, 9), said,
        )  # fmt: skip
        story += [told] * chance.choice([1, 1, 1, 2])
    if chance.random() < 0.5:
        story.insert(chance.randint(0, len(story)), room.ended(answered=False, agent=None))
    return story


async def told(room: Room, *batches: Sequence[Record]) -> tuple[object, ...]:
    """The call's row after these batches, written to a call just opened."""
    async with room.database.writing() as session:
        await session.execute(text(ANEW))
    for batch in batches:
        await room.write(*batch)
    return tuple(await room.one("SELECT * FROM calls"))


@pytest.mark.parametrize("seed", range(24))
async def test_a_batch_says_what_its_records_say_one_by_one(room: Room, seed: int) -> None:
    chance = Random(seed)
    story = a_story(room, chance)
    single = await told(room, *([record] for record in story))
    cut = chance.randint(0, len(story))
    assert await told(room, story) == single
    assert await told(room, story[:cut], story[cut:]) == single
