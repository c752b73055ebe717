"""Fixtures that every folder may use. Engines start when the first test asks for one.

`database_url` and `database` are a fresh database per module; `redis_url` is this worker's own Valkey,
emptied per module; `clock` stands still until it is moved. Unit tests and properties reach no socket.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, NoReturn

import hypothesis
import pytest
import pytest_asyncio
import redis

from app.db import Database
from tests.support import asterisk
from tests.support.clock import SetClock
from tests.support.engines import TestEngines, drop_database, make_database, this_runs_engines
from tests.support.redis_sets import RedisSet, in_cluster, under_sentinels

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

# A shared machine is slow at times; how many examples are tried is said by HYPOTHESIS_PROFILE.
for profile, examples in {"dev": 50, "ci": 300, "night": 5_000}.items():
    hypothesis.settings.register_profile(profile, max_examples=examples, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

NO_SOCKETS = ("unit", "properties")


def worker_number() -> int:
    """Which xdist worker this is, from 0; alone counts as 0."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@pytest.fixture(scope="session")
def engines() -> TestEngines:
    return this_runs_engines()


@pytest.fixture(scope="module")
def database_url(engines: TestEngines, request: pytest.FixtureRequest) -> Iterator[str]:
    name = f"{request.module.__name__.rsplit('.', 1)[-1]}_{worker_number()}"[-60:]
    drop_database(engines, name)
    yield make_database(engines, name)
    drop_database(engines, name)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="module")
def redis_url(engines: TestEngines) -> str:
    url = engines.redis_url(worker_number())
    with redis.Redis.from_url(url) as client:
        client.flushall()
    return url


@pytest.fixture(scope="session")
def sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisSet]:
    with under_sentinels(tmp_path_factory.mktemp("sentinels")) as found:
        yield found


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisSet]:
    with in_cluster(tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture
def sentinel_url(sentinels: RedisSet) -> str:
    """An address for the suites that run on every kind of Redis; nobody kills what stands there."""
    return sentinels.url


@pytest.fixture
def cluster_url(cluster: RedisSet) -> str:
    """The same for a cluster."""
    return cluster.url


@pytest.fixture(scope="session")
def lab() -> Iterator[asterisk.Lab]:
    """Two Asterisks of this worker's own, where they have been built."""
    if not asterisk.BUILT.exists():
        pytest.skip(asterisk.WHY_NOT)
    with asterisk.running() as lab:
        yield lab


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(autouse=True)
def no_sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit tests and properties are pure: a connection attempt there is a test in the wrong folder."""
    folder = request.path.relative_to(request.config.rootpath / "tests").parts[0]
    if folder not in NO_SOCKETS:
        return

    def refuse(*_: object) -> NoReturn:
        raise RuntimeError("no sockets in unit tests and properties")

    for verb in ("connect", "connect_ex", "bind"):
        monkeypatch.setattr(socket.socket, verb, refuse)
