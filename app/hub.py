"""The sockets of a process, whose news reach the dialer; and a process that serves nothing else.

`paceline web` serves sockets beside its pages; `paceline hub` runs more of them, scaled apart, behind a
proxy that sends `/ws` there. A desk is the same desk on either.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.desk.sockets import SocketNews
from app.observe import METRICS_TYPE
from app.settings import load
from app.wiring import open_house
from realtime.drain import Leaving
from realtime.figures import SocketFigures
from realtime.house import Manners, Realtime

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from app.settings import Settings
    from app.wiring import House

SOCKET_PATH: Final = "/ws"
LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})


@asynccontextmanager
async def open_sockets(house: House) -> AsyncIterator[Realtime]:
    """Serve sockets until the end of the block, and figures beside them; then end in order."""
    news = SocketNews(asking=house.asking, clock=house.clock, metrics=house.metrics, log=house.log)
    realtime = Realtime(
        house.broker,
        house.presence,
        house.tickets,
        house.settings.secret,
        clock=house.clock,
        listener=news,
        manners=Manners(
            origins=house.settings.origins,
            leaving=Leaving(within_s=house.settings.drain_seconds),
            settle_memory=True,
        ),
    )
    house.metrics.registry.register(SocketFigures(realtime.counters, lambda: realtime.is_ready))
    stop_metrics = house.metrics.serve(house.settings.metrics_port, house.settings.metrics_host)
    async with asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(news.run(), name="socket news")
        await realtime.start()
        yield realtime
        # 1. uvicorn has stopped accepting and finished the requests under way before we come here.
        # 2. Sockets leave in batches, each told when to come back, so that nobody stampedes.
        await realtime.drain()
        # 3. What the sockets said at the end still reaches the dialer.
        telling.cancel()
        await news.flush()
        # 4. Engines are given back by the house, last.
        house.log.info("sockets have ended", dropped=news.dropped)
    stop_metrics()


def is_near(request: Request) -> bool:
    """Whether this machine asks, and no proxy, which would make every stranger local."""
    near = request.client is not None and request.client.host in LOOPBACK
    return near and "x-forwarded-for" not in request.headers


class Hub:
    """The ASGI application of a process that serves sockets alone."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._house: House | None = None
        self._realtime: Realtime | None = None
        self._rest = Starlette(
            routes=[
                Route("/healthz", self.show_alive),
                Route("/readyz", self.show_ready),
                Route("/metrics", self.show_metrics),
            ],
            lifespan=self.live,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        sockets = self._realtime
        if sockets and scope["type"] == "websocket" and scope["path"] == SOCKET_PATH:
            await sockets.socket(scope, receive, send)
        else:
            await self._rest(scope, receive, send)

    @asynccontextmanager
    async def live(self, _app: object) -> AsyncIterator[None]:
        """Open the house and answer until the end of the block."""
        async with open_house(self._settings, "hub") as house, open_sockets(house) as realtime:
            self._house, self._realtime = house, realtime
            house.log.info("hub is open", port=self._settings.port)
            yield

    async def show_alive(self, _request: Request) -> Response:
        """The event loop answers; nothing else is asked."""
        return PlainTextResponse("ok\n")

    async def show_ready(self, _request: Request) -> Response:
        """200 when publications arrive, else 503 with the reason."""
        if self._realtime is not None and self._realtime.is_ready:
            return PlainTextResponse("ready\n")
        draining = self._realtime is not None and self._realtime.is_draining
        return PlainTextResponse("draining\n" if draining else "no line to Redis\n", 503)

    async def show_metrics(self, request: Request) -> Response:
        """The figures, to this machine only."""
        if self._house is None or not is_near(request):
            return PlainTextResponse("not found\n", 404)
        return Response(self._house.metrics.text(), media_type=METRICS_TYPE)


def create_app() -> Hub:
    """The factory that uvicorn calls: settings come from the environment."""
    return Hub(load(os.environ))
