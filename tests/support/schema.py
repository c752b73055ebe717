"""The tables straight from the models, for the time before the first migration."""

from __future__ import annotations

import asyncio
import importlib
import os
from pathlib import Path

from app.db import Base, Database

MODELS = sorted((Path(__file__).resolve().parents[2]).glob("app/*/models.py"))


async def create_all(url: str) -> None:
    """Import every slice's models and create their tables."""
    for path in MODELS:
        importlib.import_module(f"app.{path.parent.name}.models")
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await database.close()


if __name__ == "__main__":
    asyncio.run(create_all(os.environ["DATABASE_URL"]))
