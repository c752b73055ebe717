"""The primary that holds an agent's desk dies: under sentinels, and in a cluster. Its replica goes on."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from realtime.broker import tag
from realtime.broker_redis import PREFIX
from tests.conftest import worker_number
from tests.faults.test_lost_engines import DOUBLED, SAYS_SO
from tests.support.engines import TestEngines, drop_database, make_database
from tests.support.redis_sets import RedisSet, with_replicas
from tests.support.sitting import sit_down

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Browser

    from tests.faults.conftest import Measured
    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "demo"}  # customers who talk for 25 s
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module", params=["sentinels", "cluster"])
def servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RedisSet]:
    with with_replicas(request.param, tmp_path_factory.mktemp(request.param)) as found:
        yield found


@pytest.fixture(scope="module")
def redis_url(servers: RedisSet) -> str:
    return servers.url


@pytest.fixture(scope="module")
def database_url(servers: RedisSet, engines: TestEngines) -> Iterator[str]:
    """Another one for each house."""
    name = f"lost_primary_{servers.servers[0].port}_{worker_number()}"
    yield make_database(engines, name)
    drop_database(engines, name)


@pytest.mark.req("P0-003")
async def test_a_primary_that_dies_in_a_call_costs_seconds_and_no_state(
    floor: Floor, chromium: Browser, servers: RedisSet, measured: Measured
) -> None:
    floor.load_people(300)
    floor.start_campaign()
    desk = await sit_down(floor, chromium, floor.agent)
    await desk.ready()
    call = await desk.in_call()
    customer = await desk.part("customer-name").first.inner_text()

    gone = time.time()
    dead = servers.holder_of(tag(PREFIX, f"agent:{floor.users[floor.agent]}"))
    await asyncio.to_thread(dead.kill)
    told = await desk.first(lambda it: it.stale and it.strip == "stale", after=gone)
    assert told <= SAYS_SO
    back = await desk.first(
        lambda it: not it.stale and it.state in {"IN_CALL", "WRAP_UP"}, after=gone + told
    )
    measured("primary", told=told, back=told + back)
    assert await desk.part("customer-name").first.inner_text() == customer

    await desk.finish()
    await floor.until("SELECT 1 FROM actions WHERE call_id = CAST(:call AS uuid)", call=call)
    assert await desk.in_call() != call
    assert await floor.all(DOUBLED) == [], "one agent had two calls at once"
