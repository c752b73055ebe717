"""Load tests: asked for, led by the worker (`jobs.py`) in a process of their own, kept with their files.

A run opens a house of its own (engines, portfolio, web, dialer, worker) on the worker's machine and does nothing
to this one; but it takes the machine, so it is refused where people work.
"""

from __future__ import annotations

import importlib.util
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.audit import service as audit
from app.errors import Invalid, NotFound, Refused
from app.loadruns import store
from app.loadruns.models import LoadRun
from app.loadruns.rules import BOUNDS, LIMIT_BOUNDS, Wanted, out_of_bounds
from app.people import service as people
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.audit.service import Actor
    from app.clock import Clock
    from app.db import ReadSession, WriteSession

__all__ = ["LoadRun"]

KEPT: Final = 20  # runs, with their files
SILENT: Final = timedelta(seconds=60)  # a run whose process was not heard for so long is lost
LONGEST_FAULT: Final = 300


async def why_not(session: ReadSession) -> Refused | None:
    """Why no load test can be run here at all; None when one can."""
    if not (await people.organisation(session)).demo:
        return Refused(
            "People work in this organisation: load tests run in a demonstration only.",
            code="LOAD_NOT_HERE",
        )
    if importlib.util.find_spec("loadtests") is None or importlib.util.find_spec("locust") is None:
        return Refused(
            "Locust and the folder loadtests/ are not installed here: run `make setup-dev`.",
            code="LOAD_NOT_INSTALLED",
        )
    return None


async def start(session: WriteSession, wanted: Wanted, actor: Actor, clock: Clock) -> UUID:
    """Ask for a load test; the worker begins it. Returns its id.

    Raises Refused where people work, where Locust is not installed, and while another one is under way;
    Invalid, naming the field, for a number that cannot be asked for.
    """
    refused = await why_not(session)
    if refused is not None:
        raise refused
    field = out_of_bounds(wanted)
    if field is not None:
        least, most = BOUNDS.get(field, LIMIT_BOUNDS)
        raise Invalid(f"From {least:,} to {most:,}.", code="LOAD_BOUNDS", field=field)
    await store.one_at_a_time(session)
    if await store.find_open(session) is not None:
        raise Refused("A load test is under way: wait for it or stop it.", code="LOAD_RUNNING")
    identifier = new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES))
    asked = msgspec.to_builtins(asdict(wanted))
    row = {"id": identifier, "asked": asked, "asked_by": actor.id, "asked_at": clock.now()}
    await store.add(session, row)
    await store.forget(session, KEPT)
    audit.record(
        session, actor, verb="started", entity="load_run", entity_id=identifier, now=clock.now(),
        after=asked,
    )  # fmt: skip
    return identifier


async def stop(session: WriteSession, run: UUID, actor: Actor, now: datetime) -> None:
    """End a run that waits or is under way. Raises NotFound when it is over already."""
    if not await store.change(session, run, {"state": "CANCELLED", "ended_at": now}):
        raise NotFound("This load test is over already.", code="LOAD_NOT_RUNNING")
    audit.record(session, actor, verb="stopped", entity="load_run", entity_id=run, now=now)


async def latest(session: ReadSession) -> Sequence[LoadRun]:
    """The runs that are kept, the newest first."""
    return await store.list_latest(session, KEPT)


async def files(session: ReadSession, run: UUID) -> list[str]:
    """The names of a run's files."""
    return await store.list_files(session, run)


async def read_file(session: ReadSession, run: UUID, name: str) -> bytes:
    """A file of a run. Raises NotFound."""
    found = await store.read_file(session, run, name)
    if found is None:
        raise NotFound("There is no such file of a load test.")
    return found


# --- for who leads a run ---------------------------------------------------------


async def take(session: WriteSession, now: datetime) -> tuple[UUID, Wanted] | None:
    """The run that waits, now this process's to lead; None when none does, or one is under way."""
    await store.one_at_a_time(session)
    await store.lose_silent(session, now - SILENT, now)
    found = await store.find_open(session)
    if found is None or found.state != "WAITING":
        return None
    await store.change(session, found.id, {"state": "RUNNING", "begun_at": now, "beat_at": now})
    return found.id, wanted_of(found)


async def beat(
    session: WriteSession, run: UUID, live: Mapping[str, Any] | None, now: datetime
) -> bool:
    """Tell how far it is; False when nobody wants it any more."""
    told = {} if live is None else {"live": live}
    return await store.change(session, run, {"beat_at": now, **told}, state="RUNNING")


async def finish(
    session: WriteSession,
    run: UUID,
    outcome: Mapping[str, Any],
    kept: Mapping[str, bytes],
    now: datetime,
) -> None:
    """Keep what it found, and its files."""
    held = all(verdict["held"] for verdict in outcome["verdicts"])
    values = {"state": "DONE", "ended_at": now, "outcome": outcome, "held": held}
    if await store.change(session, run, values, state="RUNNING"):
        for name, content in kept.items():
            await store.keep_file(session, run, name, content)


async def fail(session: WriteSession, run: UUID, fault: str, now: datetime) -> None:
    """Keep that it found nothing, and the last words of its process."""
    values = {"state": "FAILED", "ended_at": now, "fault": fault[:LONGEST_FAULT]}
    await store.change(session, run, values)


def wanted_of(run: LoadRun) -> Wanted:
    """What was asked for."""
    return msgspec.convert(run.asked, Wanted)
