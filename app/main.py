"""The web process: every address of the site, the socket at `/ws`, what is told about health, the ending.

`uvicorn app.main:create_app --factory`. What a page may do to the browser is said by the headers here;
who may come in is said by the doors.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sqlalchemy import text
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from app.alerts.routes import AlertDoors
from app.breaks.routes import BreakDoors
from app.campaigns.routes import CampaignDoors
from app.care.routes import CareDoors
from app.curves.routes import CurveDoors
from app.desk.choosing import ChoosingDoors
from app.desk.routes import DeskDoors
from app.desk.training_doors import TrainingDoors
from app.errors import NotFound
from app.explain.routes import ExplainDoors
from app.hub import SOCKET_PATH, is_near, open_sockets
from app.loadruns.routes import LoadDoors
from app.monitor.routes import MonitorDoors
from app.observe import METRICS_TYPE
from app.pacing.routes import PacingDoors
from app.people.admission import Admission
from app.people.answers import Answers, json_answer, language_of
from app.people.doors import Deed, Door, Gate, Needs, Visit
from app.people.passwords import Passwords
from app.people.roles_page import RolesDoors
from app.people.routes import SignInDoors
from app.people.sessions_page import SessionsDoors
from app.people.staff_pages import StaffDoors
from app.phone.registrar import Registrar
from app.phone.routes import PhoneDoors
from app.render import Pages
from app.roster.routes import RosterDoors
from app.scripts.routes import ScriptDoors
from app.settings import load
from app.supervision.announcement_pages import AnnouncementDoors
from app.supervision.routes import SupervisionDoors
from app.wall.routes import WallDoors
from app.whatif.routes import WhatIfDoors
from app.wiring import House, open_house
from realtime.ticket import Ticket, sign

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from app.settings import Settings
    from realtime.house import Realtime

TICKET_MS: Final = 30_000
NONCE_BYTES: Final = 16
ONE_YEAR: Final = "public, max-age=31536000, immutable"

SECURITY_HEADERS: Final = {
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        b"font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
        b"base-uri 'none'; frame-ancestors 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(self), payment=()",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}


def create_app() -> Site:
    """The application of this process, from its environment."""
    return Site(load(os.environ))


class Site:
    """The ASGI application: opens the house at startup, then answers; the socket passes no middleware."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: OpenSite | None = None
        self._lifespan = Starlette(lifespan=self.lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] == "lifespan" or self._open is None:
            await self._lifespan(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] == SOCKET_PATH:
            await self._open.realtime.socket(scope, receive, send)
        else:
            await self._open.pages(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _app: object = None) -> AsyncIterator[None]:
        """Open the house and answer until the end of the block."""
        async with open_house(self._settings, "web") as house, opened(house) as site:
            self._open = site
            yield
            self._open = None

    @property
    def opened(self) -> OpenSite:
        """What answers now. Raises RuntimeError outside the lifespan."""
        if self._open is None:
            raise RuntimeError("the site is not open")
        return self._open


@dataclass(frozen=True, slots=True)
class OpenSite:
    """What answers while the process lives."""

    house: House
    pages: ASGIApp
    realtime: Realtime
    doors: Sequence[Door | Deed]
    routes: Sequence[BaseRoute]


@asynccontextmanager
async def opened(house: House) -> AsyncIterator[OpenSite]:
    """Build the site on an open house and keep its sockets going."""
    async with open_sockets(house) as realtime, open_registrar(house) as registrar:
        web = Pages()
        answers = Answers(pages=web, metrics=house.metrics, clock=house.clock, log=house.log)
        doors = all_doors(house, realtime, web, answers, registrar)
        pages = build_pages(house, web, answers, doors)
        house.log.info("web is open", port=house.settings.port)
        ari = house.settings.ari
        guarded = with_security_headers(pages, speaks_to=ari.pages if ari else "")
        yield OpenSite(house, guarded, realtime, doors, pages.routes)


def build_pages(
    house: House, web: Pages, answers: Answers, doors: Sequence[Door | Deed]
) -> Starlette:
    """Every address but the socket."""
    gate = Gate(
        database=house.database,
        clock=house.clock,
        floor=house.asking,
        answers=answers,
        origins=house.settings.origins,
    )

    def refuse(request: Request, error: Exception) -> Response:
        return answers.refuse(request, error, language_of(request))

    static = Mount("/static", CachedFiles(directory=web.static, check_dir=False), name="static")
    return Starlette(
        routes=[*gate.routes(doors), static],
        exception_handlers={404: refuse, 405: refuse, 413: refuse},
    )


@asynccontextmanager
async def open_registrar(house: House) -> AsyncIterator[Registrar | None]:
    """Where pages get their telephones; None where everybody has one on his desk."""
    ari = house.settings.ari
    if ari is None or not ari.pages:
        yield None
        return
    async with asyncio.TaskGroup() as group:
        registrar = Registrar(ari, house.clock, group, house.log)
        try:
            yield registrar
        finally:
            await registrar.aclose()


def all_doors(
    house: House,
    realtime: Realtime,
    web: Pages,
    answers: Answers,
    registrar: Registrar | None = None,
) -> list[Door | Deed]:
    """The registry: every address of every slice with what it needs."""
    cores = os.cpu_count() or 1
    people = SignInDoors(
        database=house.database,
        clock=house.clock,
        pages=web,
        metrics=house.metrics,
        answers=answers,
        passwords=Passwords(
            cores=cores, salt=house.clock.token_bytes, monotonic=house.clock.monotonic
        ),
        floor=house.asking,
        tickets=SealedTickets(house),
        secret=house.settings.secret,
        admission=Admission(cores=cores, secret=house.settings.secret),
    )
    staff = StaffDoors(
        database=house.database,
        clock=house.clock,
        pages=web,
        passwords=people.passwords,
        desk=house.asking,
    )
    roles = RolesDoors(database=house.database, pages=web)
    signed_in = SessionsDoors(database=house.database, pages=web, floor=house.asking)
    desk = DeskDoors(
        database=house.database,
        clock=house.clock,
        pages=web,
        asking=house.asking,
        page_phones=registrar is not None,
    )
    phone = PhoneDoors(house.asking, house.metrics, registrar)
    training = TrainingDoors(house.database, house.asking)
    choosing = ChoosingDoors(house.database, house.clock, house.asking)
    care = CareDoors(database=house.database, clock=house.clock, pages=web)
    announcements = AnnouncementDoors(house.database, house.clock, web, house.asking)
    supervision = SupervisionDoors(database=house.database, clock=house.clock, room=house.asking)
    wall = WallDoors(database=house.database, pages=web, dialer=house.asking, broker=house.broker)
    monitor = MonitorDoors(
        house.database, web, house.asking, house.clock, page_phones=registrar is not None
    )
    explain = ExplainDoors(database=house.database, pages=web)
    campaigns = CampaignDoors(database=house.database, pages=web, dialer=house.asking)
    pacing, what_if = PacingDoors(campaigns), WhatIfDoors(campaigns, house.clock)
    curves = CurveDoors(campaigns)
    health = HealthDoors(house, realtime)
    breaks, roster = BreakDoors(house.database, web), RosterDoors(house.database, web)
    load_tests = LoadDoors(house.database, house.clock, web)
    office = (staff, roles, signed_in, breaks, roster, announcements, load_tests)
    scripts, alerts = ScriptDoors(house.database, web), AlertDoors()
    floor = (
        desk,
        choosing,
        phone,
        training,
        care,
        campaigns,
        pacing,
        curves,
        what_if,
        wall,
        monitor,
        explain,
        alerts,
    )
    slices = (people, *office, supervision, scripts, *floor, health)
    return [door for each in slices for door in each.doors()]


@dataclass(frozen=True, slots=True)
class HealthDoors:
    """What supervisors of processes ask: alive, ready and why not, figures."""

    house: House
    realtime: Realtime

    def doors(self) -> list[Door | Deed]:
        """The three addresses; none needs a sign-in, none tells about people."""
        return [
            Door("GET", "/healthz", Needs.NOTHING, self.show_alive),
            Door("GET", "/readyz", Needs.NOTHING, self.show_ready),
            Door("GET", "/metrics", Needs.NOTHING, self.show_metrics),
        ]

    async def show_alive(self, _visit: Visit) -> Response:
        """The event loop answers; nothing else is asked."""
        return json_answer({"ok": True})

    async def show_ready(self, _visit: Visit) -> Response:
        """200 when every engine answers, else 503 with what does not."""
        reasons = await ready_reasons(
            {
                "database": self._ask_database,
                "redis": self.house.redis.ping,
                "sockets": self._ask_realtime,
            }
        )
        status = 503 if any(reasons.values()) else 200
        return json_answer({"ok": status == 200, "reasons": reasons}, status)  # noqa: PLR2004 - OK

    async def show_metrics(self, visit: Visit) -> Response:
        """The figures, to this machine only: a proxy in front would make every stranger local."""
        if not is_near(visit.request):
            raise NotFound("There is no such page.")
        return Response(self.house.metrics.text(), media_type=METRICS_TYPE)

    async def _ask_database(self) -> None:
        async with self.house.database.reading() as session:
            await session.execute(text("SELECT 1"))

    async def _ask_realtime(self) -> None:
        if not self.realtime.is_ready:
            raise ConnectionError("the feed of the broker is down")


async def ready_reasons(
    questions: dict[str, Callable[[], Awaitable[object]]], seconds: float = 2.0
) -> dict[str, str | None]:
    """Ask every engine at once; None for one that answered in time, else a word why not."""

    async def ask(question: Callable[[], Awaitable[object]]) -> str | None:
        """One engine's answer."""
        try:
            async with asyncio.timeout(seconds):
                await question()
        except Exception as error:  # noqa: BLE001 - any failure is the answer to this question
            return type(error).__name__
        return None

    answers = await asyncio.gather(*(ask(question) for question in questions.values()))
    return dict(zip(questions, answers, strict=True))


class CachedFiles(StaticFiles):
    """Built assets: their names hold their digest, so a browser keeps them for good."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file with its lifetime."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = ONE_YEAR
        return response


def with_security_headers(inner: ASGIApp, *, speaks_to: str = "") -> ASGIApp:
    """Every answer carries what a page of ours may do; one that says otherwise itself is left alone.

    `speaks_to`: where a page's telephone registers, beside our own address.
    """
    rules = dict(SECURITY_HEADERS)
    if speaks_to:
        policy, address = b"content-security-policy", urlsplit(speaks_to)
        own, beside = b"connect-src 'self'", f" {address.scheme}://{address.netloc}".encode()
        rules[policy] = rules[policy].replace(own, own + beside)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        """As `inner`, with headers."""

        async def send_with(message: Message) -> None:
            """Add what is not said yet to the first part of the answer."""
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                said = {name.lower() for name, _ in headers}
                headers += [pair for pair in rules.items() if pair[0] not in said]
                message = {**message, "headers": headers}
            await send(message)

        await inner(scope, receive, send_with if scope["type"] == "http" else send)

    return app


@dataclass(frozen=True, slots=True)
class SealedTickets:
    """Seals the tickets of sockets with the secret of this house."""

    house: House

    async def standing(self, user: str) -> int:
        """See `people.routes.Tickets`."""
        return await self.house.tickets.standing(user)

    def seal(self, user: str, channels: tuple[str, ...], issue: str, standing: int) -> str:
        """See `people.routes.Tickets`."""
        clock = self.house.clock
        ticket = Ticket(
            user=user,
            channels=channels,
            expires_at_ms=clock.now_ms() + TICKET_MS,
            nonce=clock.token_bytes(NONCE_BYTES).hex(),
            issue=issue,
            standing=standing,
        )
        return sign(ticket, self.house.settings.secret)
