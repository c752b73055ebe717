"""Transactions in which an old fencing number writes nothing, and the words for a store that is silent.

Every write of the dialer goes through `fenced`; what it writes is the business of the caller.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.campaigns import lease
from app.db import is_away
from app.errors import Unavailable
from dialer.fence import Fenced

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database, ReadSession, WriteSession

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(ms: int) -> datetime:
    """Epoch milliseconds as the aware instant that tables hold, exactly."""
    return EPOCH + timedelta(milliseconds=ms)


def in_ms(at: datetime) -> int:
    """An aware instant in epoch milliseconds, rounded down."""
    return (at - EPOCH) // timedelta(milliseconds=1)


@asynccontextmanager
async def fenced(database: Database, fence: int) -> AsyncIterator[WriteSession]:
    """One transaction under this number. Raises `Fenced` before anything is written, or `Unavailable`."""
    async with answering(), database.writing() as session:
        seen = await lease.guard(session)
        if seen != fence:
            raise Fenced(fence, seen)
        yield session


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[ReadSession]:
    """A read-only transaction. Raises `Unavailable`."""
    async with answering(), database.reading() as session:
        yield session


@asynccontextmanager
async def answering() -> AsyncIterator[None]:
    """Turn a database that cannot be reached, or let us wait too long, into `Unavailable`.

    A statement that is wrong stays an error: trying again would not mend it.
    """
    try:
        yield
    except (InterfaceError, PoolTimeoutError, OSError, TimeoutError) as fault:
        raise Unavailable("PostgreSQL does not answer.") from fault
    except DBAPIError as fault:
        if not _passing(fault):
            raise
        raise Unavailable("PostgreSQL does not answer.") from fault


def _passing(fault: DBAPIError) -> bool:
    """A server that is away; lock waits, deadlocks, a transaction ended for standing still."""
    code = str(getattr(fault.orig, "sqlstate", None) or "")
    return is_away(fault) or code[:2] in {"40", "55"} or code == "25P03"
