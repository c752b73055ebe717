"""Every SQL statement about load tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, text, update

from app.loadruns.models import LoadRun, LoadRunFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.db import ReadSession, WriteSession

_OPEN = ("WAITING", "RUNNING")


async def one_at_a_time(session: WriteSession) -> None:
    """Have nobody else begin or take a run before this transaction ends."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('load_runs'))"))


async def add(session: WriteSession, row: Mapping[str, Any]) -> None:
    """Write a new run."""
    await session.execute(insert(LoadRun).values(**row))


async def find(session: ReadSession, identifier: UUID) -> LoadRun | None:
    """A run by its id."""
    found: LoadRun | None = await session.get(LoadRun, identifier, populate_existing=True)
    return found


async def find_open(session: ReadSession) -> LoadRun | None:
    """The run that waits or is under way."""
    statement = select(LoadRun).where(LoadRun.state.in_(_OPEN)).order_by(LoadRun.asked_at)
    found: LoadRun | None = await session.scalar(statement.limit(1))
    return found


async def list_latest(session: ReadSession, most: int) -> Sequence[LoadRun]:
    """The latest runs, the newest first."""
    statement = select(LoadRun).order_by(LoadRun.asked_at.desc(), LoadRun.id.desc())
    return (await session.scalars(statement.limit(most))).all()


async def lose_silent(session: WriteSession, silent_since: datetime, now: datetime) -> None:
    """Give up runs whose process was not heard since then."""
    lost = (LoadRun.state == "RUNNING") & (LoadRun.beat_at < silent_since)
    values = {"state": "FAILED", "ended_at": now, "fault": "LOST"}
    await session.execute(update(LoadRun).where(lost).values(**values))


async def change(
    session: WriteSession, identifier: UUID, values: Mapping[str, Any], *, state: str | None = None
) -> bool:
    """Change columns of a run that is not over, or is in this state; whether it was."""
    so = LoadRun.state.in_(_OPEN) if state is None else LoadRun.state == state
    done = await session.execute(
        update(LoadRun).where(LoadRun.id == identifier, so).values(**values).returning(LoadRun.id)
    )
    return done.first() is not None


async def keep_file(session: WriteSession, run: UUID, name: str, content: bytes) -> None:
    """Keep a file of a run."""
    row = {"run_id": run, "name": name, "content": content}
    await session.execute(insert(LoadRunFile).values(**row))


async def list_files(session: ReadSession, run: UUID) -> list[str]:
    """The names of a run's files."""
    statement = select(LoadRunFile.name).where(LoadRunFile.run_id == run).order_by(LoadRunFile.name)
    return list(await session.scalars(statement))


async def read_file(session: ReadSession, run: UUID, name: str) -> bytes | None:
    """A file of a run."""
    found: LoadRunFile | None = await session.get(LoadRunFile, (run, name))
    return None if found is None else found.content


async def forget(session: WriteSession, most: int) -> None:
    """Keep the latest so many runs, with their files."""
    kept = select(LoadRun.id).order_by(LoadRun.asked_at.desc(), LoadRun.id.desc()).limit(most)
    gone = list(
        await session.scalars(
            select(LoadRun.id).where(LoadRun.id.not_in(kept), LoadRun.state.not_in(_OPEN))
        )
    )
    await session.execute(delete(LoadRunFile).where(LoadRunFile.run_id.in_(gone)))
    await session.execute(delete(LoadRun).where(LoadRun.id.in_(gone)))
