"""The ASGI app of a hub that runs alone, and the ways to put a Realtime together.

`Realtime` itself is in house.py; app.main mounts its `socket` at `/ws` beside the pages.
"""

import contextlib
import importlib
import os
import time
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, cast

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from realtime.broker_memory import MemoryBroker
from realtime.broker_redis import RedisBroker
from realtime.exposition import serve_figures
from realtime.figures import SocketFigures
from realtime.house import Manners, NobodyListens, Realtime
from realtime.hub import Listener, Receipt
from realtime.presence_memory import MemoryPresence
from realtime.presence_redis import RedisPresence
from realtime.redis_client import connect
from realtime.session import Clock
from realtime.ticket_memory import MemoryTicketBook
from realtime.ticket_redis import RedisTicketBook

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = [
    "Listener",
    "Manners",
    "NobodyListens",
    "ProcessClock",
    "Realtime",
    "Receipt",
    "create_app",
    "in_memory",
    "on_redis",
]


FIGURES_STEP = 3  # from the port of the web's figures: web, dialer, worker, hub
LOOPBACK = frozenset({"127.0.0.1", "::1"})
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class ProcessClock:
    """Time and chance for a hub that runs alone and has no app above it to bring a clock.

    `offset_ms` moves business time away from real time, as the demonstration does.
    """

    def __init__(self, offset_ms: int = 0) -> None:
        self._offset_ms = offset_ms

    def now_ms(self) -> int:
        """Return ms since 1970 of business time."""
        return time.time_ns() // 1_000_000 + self._offset_ms  # noqa: TID251 -- see the class

    def monotonic(self) -> float:
        """Return seconds that never step back."""
        return time.monotonic()  # noqa: TID251 -- see the class

    def token_bytes(self, size: int) -> bytes:
        """Return that many unguessable bytes."""
        return os.urandom(size)


def in_memory(
    secret: bytes,
    *,
    clock: Clock,
    listener: Listener | None = None,
    manners: Manners | None = None,
) -> Realtime:
    """Return a realtime part that needs no second process."""
    broker = MemoryBroker()
    return Realtime(
        broker,
        MemoryPresence(),
        MemoryTicketBook(broker.standings),
        secret,
        clock=clock,
        listener=listener,
        manners=manners,
    )


def on_redis(
    url: str,
    secret: bytes,
    *,
    clock: Clock,
    listener: Listener | None = None,
    manners: Manners | None = None,
) -> tuple[Realtime, "Redis"]:
    """Return a realtime part on Redis, and its client, which the caller closes at the end."""
    client = connect(url)
    realtime = Realtime(
        RedisBroker(url, client),
        RedisPresence(client),
        RedisTicketBook(client),
        secret,
        clock=clock,
        listener=listener,
        manners=manners,
    )
    return realtime, client


def create_app(environ: Mapping[str, str] = os.environ) -> Starlette:
    """Return the hub as an app of its own: `/ws`, `/healthz`, `/readyz`, `/metrics`.

    Reads REDIS_URL, PACELINE_SECRET (hex), and if given PACELINE_ORIGINS (comma separated),
    PACELINE_CLOCK_OFFSET_MS, PACELINE_LISTENER (`module:factory`, which returns a Listener; without it
    nobody is told which sockets come and go), and PACELINE_METRICS_HOST and _PORT: the figures are
    served three ports above that too, by a second hub ten ports higher.
    """
    realtime, client = on_redis(
        environ["REDIS_URL"],
        bytes.fromhex(environ["PACELINE_SECRET"]),
        clock=ProcessClock(int(environ.get("PACELINE_CLOCK_OFFSET_MS", "0"))),
        listener=_load_listener(environ.get("PACELINE_LISTENER")),
        manners=Manners(
            origins=[name for name in environ.get("PACELINE_ORIGINS", "").split(",") if name],
            settle_memory=True,
        ),
    )

    place = environ.get("PACELINE_METRICS_HOST") or "127.0.0.1"
    port = int(environ.get("PACELINE_METRICS_PORT") or 0)
    alone = _Alone(realtime, client, (place, port + FIGURES_STEP) if port else None)
    return Starlette(
        routes=[
            WebSocketRoute("/ws", realtime.socket),
            Route("/healthz", alone.show_health),
            Route("/readyz", alone.show_ready),
            Route("/metrics", alone.show_metrics),
        ],
        lifespan=alone.live,
    )


class _Alone:
    """What a hub without pages answers."""

    def __init__(
        self, realtime: Realtime, client: "Redis", figures: tuple[str, int] | None = None
    ) -> None:
        self._realtime = realtime
        self._client = client
        self._figures = figures
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._registry.register(SocketFigures(realtime.counters, lambda: realtime.is_ready))

    @contextlib.asynccontextmanager
    async def live(self, _: Starlette) -> AsyncIterator[None]:
        """Run, drain, and give the connection back."""
        with contextlib.ExitStack() as ending:
            if self._figures is not None:
                host, port = self._figures
                stop = serve_figures(self._registry, port, host)[1]
                ending.callback(stop)
            async with self._realtime.running():
                yield
        await self._client.aclose()

    async def show_health(self, _: Request) -> Response:
        """The event loop answers; nothing else is asked."""
        return PlainTextResponse("ok\n")

    async def show_ready(self, _: Request) -> Response:
        """200 when publications arrive, else 503 with the reason."""
        if self._realtime.is_ready:
            return PlainTextResponse("ready\n")
        why = "draining" if self._realtime.is_draining else "no line to Redis"
        return PlainTextResponse(why + "\n", status_code=503)

    async def show_metrics(self, request: Request) -> Response:
        """Every figure, in the text format of Prometheus; to this machine only."""
        near = request.client is not None and request.client.host in LOOPBACK
        if not near or "x-forwarded-for" in request.headers:
            return PlainTextResponse("not found\n", status_code=404)
        return Response(generate_latest(self._registry), media_type=METRICS_TYPE)


def _load_listener(name: str | None) -> Listener | None:
    """Return what `module:factory` makes; None for no name."""
    if not name:
        return None
    module, _, factory = name.partition(":")
    return cast("Listener", getattr(importlib.import_module(module), factory)())
