"""Why each campaign was dialled as it was is kept beside the loop, bounded, and never in its way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import structlog

from app.pacing.folding import unfold
from app.pacing.rules import Minute
from dialer import pace_book
from dialer.core.campaign import CampaignState, Mode
from dialer.core.events import Tick
from dialer.pace_book import PaceBook
from tests.support.dialer import CAMPAIGN, START, Desk, a_floor
from tests.support.dialing import Rig, running, until

if TYPE_CHECKING:
    import pytest

BEGAN = START // 60_000 * 60_000


class Bench:
    """A book over a floor that the test turns by hand."""

    def __init__(self, **campaign: object) -> None:
        self.rig = Rig()
        self.desk: Desk = a_floor(2, **campaign)
        self.desk.now = BEGAN
        self.book = PaceBook(self.rig.paces, 7, self.rig.metrics, structlog.get_logger("test"))

    def turn(self, seconds: float, tick_ms: int = 250) -> None:
        for _ in range(int(seconds * 1000 / tick_ms)):
            self.desk.tell(Tick())
            self.book.note(self.desk.floor.room.efforts.values(), self.desk.now)
            self.desk.now += tick_ms


async def test_each_second_is_a_page_and_each_minute_a_block() -> None:
    bench = Bench()
    bench.turn(121)
    assert bench.book.waiting == 2
    await bench.book.finish()
    first, second, third = bench.rig.paces.kept
    assert [each.at for each in (first, second, third)] == [
        datetime.fromtimestamp(BEGAN / 1000, UTC) + timedelta(minutes=n) for n in range(3)
    ]
    assert {(each.campaign, each.fence) for each in bench.rig.paces.kept} == {(CAMPAIGN, 7)}
    assert [each.seconds for each in (first, second, third)] == [60, 60, 1]
    pages = dict(unfold(first.block))
    assert list(pages) == list(range(60))
    assert pages[0]["pace"] == {"lines": 2, "because": "PROGRESSIVE", "cancelled": 0}
    assert (pages[0]["asked"], pages[1]["asked"]) == (0, 2)
    minute = Minute(**first.figures)
    assert (minute.opened, minute.agents, minute.mode) == (2, 2.0, "PROGRESSIVE")


async def test_a_campaign_that_decides_once_a_second_is_written_once_a_second() -> None:
    bench = Bench(mode=Mode.PREDICTIVE)
    bench.turn(61)
    await bench.book.finish()
    pages = [p for each in bench.rig.paces.kept for _, p in unfold(each.block)]
    assert 60 <= len(pages) <= 62
    assert {p["later"] for p in pages} == {0}


async def test_a_campaign_that_does_not_run_has_no_pages() -> None:
    bench = Bench(state=CampaignState.PAUSED)
    bench.turn(61)
    await bench.book.finish()
    assert bench.rig.paces.kept == []


async def test_a_campaign_that_ended_in_a_minute_leaves_what_there_was() -> None:
    bench = Bench()
    bench.turn(5)
    bench.desk.open_campaign(state=CampaignState.PAUSED)
    bench.turn(60)
    assert bench.book.waiting == 1
    await bench.book.finish()
    assert [each.seconds for each in bench.rig.paces.kept] == [5]


async def test_a_store_that_is_away_costs_the_oldest_minutes_and_they_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace_book, "MOST_WAITING", 2)
    monkeypatch.setattr(pace_book, "WAIT_SECONDS", 0.01)
    bench = Bench()
    bench.rig.paces.down = True
    async with asyncio.TaskGroup() as group:
        task = group.create_task(bench.book.run())
        bench.turn(241)
        await asyncio.sleep(0.05)
        assert bench.book.waiting == 2
        dropped = bench.rig.metrics.registry.get_sample_value("paceline_paces_dropped_total")
        assert dropped == 2
        bench.rig.paces.down = False
        await until(lambda: bench.book.waiting == 0)
        task.cancel()
    begins = [each.at.timestamp() * 1000 - BEGAN for each in bench.rig.paces.kept]
    assert begins == [120_000, 180_000]


async def test_a_page_that_cannot_be_written_costs_itself_and_nothing_else() -> None:
    bench = Bench()
    bench.turn(2)
    effort = bench.desk.floor.room.efforts[CAMPAIGN]
    effort.view = SimpleNamespace(running=True)  # type: ignore[assignment]  # no page can be made of it
    bench.book.note([effort], bench.desk.now)
    bench.turn(2)
    await bench.book.finish()
    assert [each.seconds for each in bench.rig.paces.kept] == [4]


async def test_an_engine_that_ends_leaves_its_running_minute() -> None:
    rig = Rig()
    campaign = rig.campaign()
    async with running(rig):
        await until(lambda: rig.meter.reports)
    assert rig.paces.kept
    assert {each.campaign for each in rig.paces.kept} == {campaign.id}
    pages = [page for each in rig.paces.kept for _, page in unfold(each.block)]
    assert {"NO_AGENTS"} <= {page["pace"]["because"] for page in pages}
