"""`Dial` carried out: leads reserved, each opened, the room told line by line."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import structlog

from app.clock import Clock
from dialer import opener
from dialer.core import events as e
from dialer.core.live import LineOpened
from dialer.core.orders import AboutLeads, Dial
from dialer.fence import Fenced
from dialer.leads import Refused
from dialer.opener import ROUNDS, Opener
from tests.support.dialer import CAMPAIGN
from tests.support.dialing import MemoryLeads, until

if TYPE_CHECKING:
    from uuid import UUID

NO = Refused("DAILY_CAP", "Circular 18/2019", None)


class Bench:
    """An opener, its leads, and what it told."""

    def __init__(self, people: int, refusals: int = 0) -> None:
        self.leads = MemoryLeads(Clock())
        self.leads.fill(people)
        self.leads.refusals.extend([NO] * refusals)
        self.told: list[e.Event] = []
        self.open = True
        self.opener = Opener(
            self.leads,
            Clock(),
            1,
            may_dial=self.may_dial,
            tell=self.tell,
            log=structlog.get_logger("test"),
        )

    def may_dial(self, _campaign: UUID, _now: int) -> bool:
        return self.open

    async def tell(self, event: e.Event) -> None:
        self.told.append(event)

    async def dial(self, lines: int) -> e.DialDone:
        await self.opener.open(Dial(CAMPAIGN, lines))
        done = self.told[-1]
        assert isinstance(done, e.DialDone)
        assert sum(isinstance(event, LineOpened) for event in self.told) == done.opened
        return done


async def test_each_lead_is_opened_and_told() -> None:
    assert await Bench(5).dial(3) == e.DialDone(CAMPAIGN, 3, 3, {}, dry=False)


async def test_a_refused_lead_is_replaced_by_the_next() -> None:
    bench = Bench(5, refusals=1)
    assert await bench.dial(2) == e.DialDone(CAMPAIGN, 2, 2, {"DAILY_CAP": 1}, dry=False)


async def test_but_not_for_ever() -> None:
    done = await Bench(50, refusals=50).dial(1)
    assert (done.opened, done.refused) == (0, {"DAILY_CAP": ROUNDS})


async def test_fewer_leads_than_asked_for_mean_a_dry_list() -> None:
    assert await Bench(1).dial(3) == e.DialDone(CAMPAIGN, 3, 1, {}, dry=True)


async def test_a_stop_gives_the_leads_back_untouched() -> None:
    bench = Bench(3)

    def stop() -> None:
        bench.open = False

    bench.leads.before_open = stop
    done = await bench.dial(3)
    assert done.opened == 1
    assert len(bench.leads.released) == 2


async def test_nothing_is_reserved_when_nothing_may_be_dialled() -> None:
    bench = Bench(3)
    bench.open = False
    assert (await bench.dial(3)).opened == 0
    assert len(bench.leads.people) == 3


async def test_a_store_that_fails_half_way_keeps_the_count_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opener, "PAUSE_SECONDS", 0.0)
    bench = Bench(3)

    def fail() -> None:
        bench.leads.down = len(bench.leads.opened) == 1

    bench.leads.before_answer = fail
    done = await bench.dial(3)
    assert (done.opened, done.dry) == (1, False)


async def test_an_old_number_ends_it() -> None:
    bench = Bench(3)
    bench.leads.fence = 2
    orders: asyncio.Queue[AboutLeads] = asyncio.Queue()
    orders.put_nowait(Dial(CAMPAIGN, 1))
    with pytest.raises(Fenced):
        await bench.opener.run(orders)
    assert bench.told == []


async def test_what_was_opened_without_an_answer_is_taken_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opener, "PAUSE_SECONDS", 0)
    bench = Bench(2)
    bench.leads.mute = True
    await bench.dial(1)
    (doubt,) = bench.leads.doubtful
    bench.leads.doubtful.clear()  # not committed yet
    await bench.opener.look()
    bench.leads.doubtful.append(doubt)
    bench.leads.down = True
    await bench.opener.look()
    assert bench.leads.doubtful == [doubt]
    bench.leads.down = False
    await bench.opener.look()
    assert bench.leads.doubtful == []


async def test_what_never_was_opened_is_not_looked_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opener, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(opener, "DOUBT_MS", -1)
    bench = Bench(1)
    bench.leads.mute = True
    await bench.dial(1)
    (doubt,) = bench.leads.doubtful
    bench.leads.doubtful.clear()
    await bench.opener.look()
    bench.leads.doubtful.append(doubt)
    await bench.opener.look()
    assert bench.leads.doubtful == [doubt]


async def test_doubts_are_looked_at_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opener, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(opener, "LOOK_SECONDS", 0.01)
    bench = Bench(1)
    bench.leads.mute = True
    await bench.dial(1)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(bench.opener.settle())
        await until(lambda: bench.leads.doubtful == [])
        task.cancel()
