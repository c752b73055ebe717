"""The hub as an app of its own: health, readiness, figures, and a socket."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx2
import pytest
import uvicorn

from realtime.client import Client, Welcomed
from realtime.main import ProcessClock, create_app
from tests.integration.realtime.conftest import DIRECT, PATIENCE_S, Browser
from tests.support.realtime import SECRET, Witness, a_ticket

if TYPE_CHECKING:
    from realtime.hub import Listener

WITNESS = Witness()


def make_witness() -> Listener:
    return WITNESS


async def test_a_hub_alone_serves_sockets_and_tells_how_it_is(redis_url: str) -> None:
    app = create_app(
        {
            "REDIS_URL": redis_url,
            "PACELINE_SECRET": SECRET.hex(),
            "PACELINE_ORIGINS": "https://desk.bank.vn,",
            "PACELINE_LISTENER": f"{__name__}:make_witness",
        }
    )
    config = uvicorn.Config(app, port=0, ws=DIRECT, log_config=None)
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve())
        async with asyncio.timeout(PATIENCE_S):
            while not server.started:  # noqa: ASYNC110 -- uvicorn tells it by no event
                await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            assert (await http.get("/healthz")).text == "ok\n"
            async with asyncio.timeout(PATIENCE_S):
                while (await http.get("/readyz")).status_code != 200:  # noqa: ASYNC110 -- polled by design
                    await asyncio.sleep(0.01)
            page = Browser(port, Client(a_ticket()))
            await page.connect(origin="https://desk.bank.vn")
            await page.until(lambda: page.of(Welcomed))
            assert WITNESS.events == [("opened", "7", "n1/1")]
            assert "paceline_sockets 1.0\n" in (await http.get("/metrics")).text
            page.leave()
        server.should_exit = True
        await serving


async def test_a_hub_without_its_broker_is_alive_but_not_ready() -> None:
    app = create_app({"REDIS_URL": "unix:///nowhere/v.sock", "PACELINE_SECRET": SECRET.hex()})
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://hub"
    ) as http:
        assert (await http.get("/healthz")).status_code == 200
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.text) == (503, "no line to Redis\n")


@pytest.mark.parametrize("missing", ["REDIS_URL", "PACELINE_SECRET"])
def test_a_hub_without_a_setting_does_not_start(missing: str) -> None:
    environ = {"REDIS_URL": "unix:///nowhere", "PACELINE_SECRET": SECRET.hex()}
    del environ[missing]
    with pytest.raises(KeyError, match=missing):
        create_app(environ)


def test_business_time_is_moved_by_the_offset() -> None:
    here, there = ProcessClock(), ProcessClock(3_600_000)
    assert 3_500_000 < there.now_ms() - here.now_ms() < 3_700_000
    assert there.monotonic() <= here.monotonic()
    assert len(here.token_bytes(18)) == 18
