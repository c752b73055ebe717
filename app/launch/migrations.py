"""`alembic upgrade head` on `DATABASE_URL`, as a program of its own.

Importing alembic costs a second that no other process should pay.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config


def configuration() -> Config:
    """Alembic's configuration without a file of its own: `migrations/env.py` reads the environment."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[2] / "migrations"))
    return config


if __name__ == "__main__":
    command.upgrade(configuration(), "head")
