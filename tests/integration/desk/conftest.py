"""What the tests of the desk begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.spoken import Spoken, speak

if TYPE_CHECKING:
    from app.db import Database
    from tests.support.clock import SetClock


@pytest.fixture
async def spoken(database: Database, clock: SetClock) -> Spoken:
    """A call that an agent had with somebody who owes."""
    return await speak(database, clock)
