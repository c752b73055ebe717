"""Runs the migrations: every slice's tables, one short lock timeout, one transaction each."""

from __future__ import annotations

import asyncio
import importlib
import os
import pkgutil

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import app
from app.db import Base
from app.settings import async_url

LOCK_TIMEOUT = "5s"  # a migration that cannot have its lock soon must not queue everybody behind it


def every_table() -> None:
    """Import `models` of each slice, and the outbox, so that the metadata is whole."""
    for slice_ in pkgutil.iter_modules(app.__path__, "app."):
        if slice_.ispkg and importlib.util.find_spec(f"{slice_.name}.models"):
            importlib.import_module(f"{slice_.name}.models")
    importlib.import_module("app.outbox")


def include(obj: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:  # noqa: FBT001 - alembic's signature
    """Monthly partitions are made by a function of the schema, not by the models."""
    return not (kind == "table" and reflected and other is None and "_p" in (name or ""))


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=include,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        context.run_migrations()


async def main() -> None:
    engine = create_async_engine(async_url(os.environ["DATABASE_URL"]), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


every_table()
asyncio.run(main())
