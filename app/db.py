"""The engine, the declarative base and the two kinds of session. The only `commit()` is here.

A request, job or dialer step is one `writing()` block and so one transaction; what only reads says so
by type and by the database's own read-only mode.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, MetaData, Text, Uuid, event
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import QueuePool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from prometheus_client import Gauge
    from sqlalchemy import AdaptedConnection
    from sqlalchemy.exc import DBAPIError

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


AWAY = frozenset({"08", "53", "57"})  # SQLSTATE: no connection; full; starting, stopping, ended


def is_away(fault: DBAPIError) -> bool:
    """Whether the server is not there, full, starting or stopping: the same again may succeed later."""
    code = str(getattr(fault.orig, "sqlstate", None) or "")
    return fault.connection_invalidated or code[:2] in AWAY


def _check_open(connection: AdaptedConnection, _record: object, _proxy: object) -> None:
    """Leave a connection that was lost while nobody used it. The driver knows; asking would cost a round trip."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("closed by the server")


class Base(DeclarativeBase):
    """Every table of every slice. Instants carry a zone; enums are stored as their words."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        str: Text(),
        int: BigInteger(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
        list[str]: ARRAY(Text()),
    }


class ReadSession(AsyncSession):
    """A session that may only read: the database refuses anything else."""


class WriteSession(ReadSession):
    """A session whose block commits when it ends well. Callers never commit."""


class Database:
    """One engine and its pool. `echo` prints SQL; `pool_size` counts connections of this process.

    A task holds one connection at a time: where each of many waits for a second one, the pool is empty and
    nobody gets on. `RuntimeError` for one that asks for another. Who waits longer than `wait_seconds` for a
    connection is refused (sqlalchemy's TimeoutError).
    """

    def __init__(
        self, url: str, *, pool_size: int = 10, echo: bool = False, wait_seconds: float = 30.0
    ) -> None:
        self._overflow = pool_size
        self._holders: set[asyncio.Task[Any] | None] = set()
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=self._overflow,
            pool_timeout=wait_seconds,
            echo=echo,
            hide_parameters=True,  # they hold names and numbers of people; errors end in logs
        )
        event.listen(self.engine.sync_engine, "checkout", _check_open)
        self._readers = self.engine.execution_options(postgresql_readonly=True)  # BEGIN READ ONLY

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """A read-only transaction, rolled back at the end."""
        with self._held():
            async with ReadSession(self._readers, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[WriteSession]:
        """One transaction: committed when the block ends well, rolled back when it raises."""
        with self._held():
            async with (
                WriteSession(self.engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session

    @contextmanager
    def _held(self) -> Iterator[None]:
        task = asyncio.current_task()
        if task in self._holders:
            raise RuntimeError("this task holds a connection: use its session, or end it first")
        self._holders.add(task)
        try:
            yield
        finally:
            self._holders.discard(task)

    def measure(self, connections: Gauge, limit: Gauge) -> None:
        """Have the pool tell its state at each scrape: connections by `state`, and how many there may be."""
        pool = self.engine.pool
        if isinstance(pool, QueuePool):
            connections.labels("in_use").set_function(pool.checkedout)
            connections.labels("idle").set_function(pool.checkedin)
            limit.set(pool.size() + self._overflow)

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()
