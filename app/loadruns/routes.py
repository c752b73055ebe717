"""The page of load tests: what ran, what runs, and the form that starts the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import HTMLResponse, Response

from app.errors import NotFound
from app.loadruns import service
from app.loadruns.drawing import draw
from app.loadruns.rules import BOUNDS, LIMIT_BOUNDS, Limits, Pace, Scenario, Wanted
from app.people import service as people
from app.people.answers import NO_STORE
from app.people.doors import Deed, Door, Visit
from app.people.rules import Permission
from app.people.shell import page_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.clock import Clock
    from app.db import Database, WriteSession
    from app.loadruns.service import LoadRun
    from app.render import Pages

PAGE: Final = "/load"
OPEN: Final = frozenset({"WAITING", "RUNNING"})
MEDIA: Final = {"html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8"}


class LoadForm(msgspec.Struct):
    """A load test as it is asked for: see `rules.Wanted`. `calls_per_second` null: no cap of its own."""

    scenario: Scenario
    agents: int
    pace: Pace
    seconds: int
    calls_per_second: int | None = None
    storm_pct: int = 0
    slow_pct: int = 0
    limits: Limits = msgspec.field(default_factory=Limits)


class Nothing(msgspec.Struct):
    """A deed that needs no words: its address says all."""


@dataclass(frozen=True, slots=True)
class LoadDoors:
    """The doors of the page."""

    database: Database
    clock: Clock
    pages: Pages

    def doors(self) -> list[Door | Deed]:
        """The page with its latest run, an earlier one, its files, the start and the stop."""
        needs, one = Permission.LOADTEST_RUN, f"{PAGE}/{{run}}"
        return [
            Door("GET", PAGE, needs, self.show),
            Door("GET", one, needs, self.show),
            Door("GET", f"{one}/files/{{name}}", needs, self.hand_out),
            Deed(PAGE, needs, self.start, LoadForm),
            Deed(f"{one}/stop", needs, self.stop, Nothing),
        ]

    async def show(self, visit: Visit) -> Response:
        """The run of the address, else the newest, and the form."""
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            refused = await service.why_not(session)
            runs = await service.latest(session)
            run = _looked_at(visit, runs)
            files = await service.files(session, run.id) if run else []
            zone = (await people.organisation(session)).timezone
        text = self.pages.page(
            "load/load.html",
            visit.language,
            **context,
            run=run,
            runs=runs,
            files=files,
            drawing=draw(run.live, run.outcome) if run else None,
            going=next((each for each in runs if each.state in OPEN), None),
            refused=refused.code if refused else None,
            shown=service.wanted_of(run) if run else Wanted(),
            scenarios=[*Scenario],
            paces=[*Pace],
            bounds=BOUNDS,
            limit_bounds=LIMIT_BOUNDS,
            zone=zone,
        )
        return HTMLResponse(text, headers=NO_STORE)

    async def hand_out(self, visit: Visit) -> Response:
        """One of Locust's files, to keep: it is never opened under our address, where its scripts are refused."""
        name = visit.request.path_params["name"]
        run = visit.id_in("run", "There is no such load test.")
        async with self.database.reading() as session:
            content = await service.read_file(session, run, name)
        headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="load-{name}"'}
        return Response(content, media_type=MEDIA[name.rpartition(".")[2]], headers=headers)

    async def start(self, visit: Visit, body: LoadForm, session: WriteSession) -> dict[str, Any]:
        """Ask for one; the worker begins it."""
        wanted = Wanted(**msgspec.structs.asdict(body))
        run = await service.start(session, wanted, visit.user.actor, self.clock)
        return {"next": f"{PAGE}/{run}"}

    async def stop(self, visit: Visit, _body: Nothing, session: WriteSession) -> dict[str, Any]:
        """End it before its time."""
        run = visit.id_in("run", "There is no such load test.")
        await service.stop(session, run, visit.user.actor, visit.now)
        return {"next": f"{PAGE}/{run}"}


def _looked_at(visit: Visit, runs: Sequence[LoadRun]) -> LoadRun | None:
    """The run of the address, else the newest. Raises NotFound for one that is not kept."""
    if "run" not in visit.request.path_params:
        return runs[0] if runs else None
    wanted = visit.id_in("run", "There is no such load test.")
    found = next((each for each in runs if each.id == wanted), None)
    if found is None:
        raise NotFound("There is no such load test.")
    return found
