"""Valkey and PostgreSQL go away and come back: nobody is dialled blindly, nothing that was so is lost."""

from __future__ import annotations

import asyncio
import signal
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.engines import migrate
from tests.support.own_engines import OwnEngine
from tests.support.sitting import Seat, first_shown, open_wall, sit_down

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Browser

    from tests.faults.conftest import Measured
    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
pytestmark = pytest.mark.timeout(300)
STOPPED = timedelta(seconds=3)  # nobody is dialled later than this after an engine is gone
SAYS_SO = 3.0  # s
AWAY_SECONDS = 8.0
BOTS = 4

DIALLED = "SELECT count(*) AS n FROM calls WHERE created_at > :since AND created_at < :until"
CONNECTED = "SELECT 1 FROM calls WHERE created_at > :since AND connected_at IS NOT NULL"
DOUBLED = (
    "SELECT a.agent_id FROM calls a JOIN calls b ON a.agent_id = b.agent_id AND a.id < b.id"
    " AND tstzrange(a.connected_at, coalesce(a.ended_at, 'infinity'))"
    " && tstzrange(b.connected_at, coalesce(b.ended_at, 'infinity'))"
    " WHERE a.connected_at IS NOT NULL AND b.connected_at IS NOT NULL"
)


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEngine]:
    with OwnEngine("valkey", tmp_path_factory.mktemp("valkey")) as engine:
        yield engine


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEngine]:
    with OwnEngine("postgres", tmp_path_factory.mktemp("postgres")) as engine:
        migrate(engine.url)
        yield engine


@pytest.fixture(scope="module")
def redis_url(valkey: OwnEngine) -> str:
    return valkey.url


@pytest.fixture(scope="module")
def database_url(postgres: OwnEngine) -> str:
    return postgres.url


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(floor: Floor, chromium: Browser) -> Seat:
    """An agent among bots, in a campaign that always has somebody to call."""
    floor.load_people(1000)
    floor.start_campaign()
    desk = await sit_down(floor, chromium, floor.agent)
    await desk.ready()
    await floor.open_crowd(BOTS)
    return desk


async def no_dial_without(floor: Floor, engine: OwnEngine, how: signal.Signals) -> float:
    """Take an engine away for a while; when that was, in seconds since 1970."""
    gone, at = floor.clock.now(), time.time()
    await asyncio.to_thread(engine.end, how)
    await asyncio.sleep(AWAY_SECONDS)
    assert floor.clock.now() - gone > STOPPED
    return at


async def after_it_is_back(floor: Floor, since: float) -> None:
    """Between 3 s after it went and its return nobody was dialled; now people are again."""
    gone = floor.clock.now() - timedelta(seconds=time.time() - since)
    until = gone + timedelta(seconds=AWAY_SECONDS)
    (dialled,) = await floor.all(DIALLED, since=gone + STOPPED, until=until)
    assert dialled["n"] == 0
    await floor.until(CONNECTED, since=floor.clock.now(), seconds=90)
    assert await floor.all(DOUBLED) == [], "one agent had two calls at once"


@pytest.mark.req("P0-003")
async def test_without_valkey_nobody_is_dialled_and_everything_comes_back(
    floor: Floor, desk: Seat, valkey: OwnEngine, chromium: Browser, measured: Measured
) -> None:
    wall = await open_wall(floor, chromium)
    call = await desk.in_call()
    customer = await desk.part("customer-name").first.inner_text()

    gone = await no_dial_without(floor, valkey, signal.SIGKILL)
    told = await desk.first(lambda it: it.stale and it.strip == "stale", after=gone)
    told_wall = await first_shown(wall, lambda it: it.stale, after=gone)
    assert told <= SAYS_SO
    assert await desk.part("customer-name").first.inner_text() == customer

    started = time.time()
    await asyncio.to_thread(valkey.start)
    back = await desk.first(lambda it: not it.stale, after=started)
    back_wall = await first_shown(wall, lambda it: not it.stale, after=started)
    measured("valkey", told=told, told_wall=told_wall, back=back, back_wall=back_wall)
    await desk.finish()
    await floor.until("SELECT 1 FROM actions WHERE call_id = CAST(:call AS uuid)", call=call)
    await after_it_is_back(floor, gone)
    await wall.context.close()
    await floor.nothing_left()


async def test_a_valkey_that_forgot_everything_is_told_everything_again(
    floor: Floor, desk: Seat, valkey: OwnEngine, measured: Measured
) -> None:
    call = await desk.in_call()
    customer = await desk.part("customer-name").first.inner_text()

    gone = time.time()
    await asyncio.to_thread(valkey.end, signal.SIGKILL)
    valkey.forget()
    await asyncio.to_thread(valkey.start)
    await desk.first(lambda it: it.stale, after=gone)
    back = await desk.first(
        lambda it: not it.stale and it.state in {"IN_CALL", "WRAP_UP"}, after=gone + 0.5
    )
    measured("forgetful valkey", back=back)
    assert await desk.part("customer-name").first.inner_text() == customer
    await desk.finish()
    await floor.until("SELECT 1 FROM actions WHERE call_id = CAST(:call AS uuid)", call=call)
    assert await desk.in_call() != call
    await desk.finish()
    assert await floor.all(DOUBLED) == [], "one agent had two calls at once"
    await floor.nothing_left()


async def test_without_postgresql_nobody_is_dialled_and_the_journal_keeps_its_records(
    floor: Floor, desk: Seat, postgres: OwnEngine, measured: Measured
) -> None:
    call = await desk.in_call()
    await desk.page.keyboard.press("Alt+9")

    gone = floor.clock.now()
    since = await no_dial_without(floor, postgres, signal.SIGINT)
    await desk.hang_up()  # written nowhere by the page: done while nobody can write it down
    ended = await desk.first(lambda it: it.state == "WRAP_UP", after=since)
    back_at = floor.clock.now()
    started = time.time()
    await asyncio.to_thread(postgres.start)

    (row,) = await floor.until(
        "SELECT ended_at, cause, hangup_by FROM calls"
        " WHERE id = CAST(:call AS uuid) AND ended_at IS NOT NULL",
        call=call,
    )
    assert row["hangup_by"] == "AGENT"
    measured("postgresql", wrap_up=ended, written=time.time() - started)
    assert gone < row["ended_at"] < back_at, (
        "the instant at which it was, not at which it was written"
    )
    assert row["cause"] == "COMPLETED"
    await desk.finish()
    await floor.until("SELECT 1 FROM actions WHERE call_id = CAST(:call AS uuid)", call=call)
    await after_it_is_back(floor, since)
    await floor.nothing_left()
