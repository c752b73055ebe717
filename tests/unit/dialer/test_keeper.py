"""Pacing's memory is kept beside the loop, moves with the lease, and is never waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.errors import Unavailable
from dialer import keeper
from dialer.core.campaign import Mode
from dialer.core.lessons import Lesson
from dialer.fence import Fenced
from dialer.keeper import packed, unpacked
from tests.support.dialer import CAMPAIGN
from tests.support.dialing import Rig, running, until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

PAST = [Lesson(0, "SETUP", 2, 900, 100), Lesson(0, "RING", 8, 300, 600)]


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "KEEP_SECONDS", 0.02)


async def test_the_next_engine_remembers() -> None:
    rig = Rig()
    rig.campaign(mode=Mode.PREDICTIVE)
    rig.leads.fill(5)
    async with running(rig):
        await rig.seat()
        await until(lambda: rig.leads.opened)
        brain = rig.engine.floor.room.efforts[CAMPAIGN].brain
        await until(lambda: brain.seen > 0)
    assert CAMPAIGN in rig.memory.kept, "kept once more at the end"
    rig.engine = rig.build()
    async with running(rig):
        await until(lambda: rig.engine.floor.room.efforts)
        again = rig.engine.floor.room.efforts[CAMPAIGN].brain
        assert again.seen >= brain.seen
        assert again is not brain
    assert rig.lessons.asked == [CAMPAIGN], "only the first engine had to ask"


async def test_without_memory_it_begins_with_what_earlier_days_taught() -> None:
    class Away:
        async def keep(self, memories: Mapping[UUID, bytes], *, fence: int) -> None:
            raise Unavailable("Redis does not answer.")

        async def recall(self, *, fence: int) -> Mapping[UUID, bytes]:
            raise Unavailable("Redis does not answer.")

    rig = Rig()
    rig.memory = Away()  # type: ignore[assignment] # another store of the same contract
    rig.lessons.known[CAMPAIGN] = PAST
    rig.campaign(mode=Mode.PREDICTIVE)
    rig.engine = rig.build()
    async with running(rig):
        efforts = rig.engine.floor.room.efforts
        await until(lambda: CAMPAIGN in efforts and efforts[CAMPAIGN].brain.schooled)


async def test_a_dialer_whose_number_is_old_ends() -> None:
    rig = Rig()
    rig.campaign(mode=Mode.PREDICTIVE)
    await rig.memory.recall(fence=2)
    with pytest.raises(Fenced):
        await rig.engine.run()


def test_what_is_kept_is_small_and_what_is_no_memory_is_none() -> None:
    rig = Rig()
    floor = rig.engine.floor
    assert unpacked(packed({"ratio": 1.5})) == {"ratio": 1.5}
    assert unpacked(b"?") is None
    assert unpacked(packed({})[:-3]) is None
    assert dict(floor.memories()) == {}
