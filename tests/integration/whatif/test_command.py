"""`paceline pacing replay` as an operator meets it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from msgspec.structs import replace

from app.campaigns import service as campaigns
from app.pacing import service as pacing
from app.whatif.rules import Stay
from tests.support.clock import START
from tests.support.kept_day import kept_seconds
from tests.support.made_day import SETTINGS, MadeWorld, live_through
from tests.support.rows import a_campaign, an_organisation, at, wipe
from tests.support.written_day import write_day

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database

pytestmark = pytest.mark.timeout(600)
ROOT = Path(__file__).resolve().parents[3]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def bank(database: Database) -> AsyncIterator[None]:
    """A bank whose day was dialled by something else than our engine: it cannot be explained."""
    await wipe(database)
    world = MadeWorld([Stay(agent, 0.0, 300.0) for agent in range(12)], Random(1))
    day, _ = live_through(world, 4.0, 300.0)
    async with database.writing() as session:
        await an_organisation(session)
        campaign = await a_campaign(session, "Thẻ trễ hạn", mode="PROGRESSIVE")
        await write_day(
            session, campaign, replace(day, settings=SETTINGS), START - timedelta(hours=1)
        )
    yield


async def keep(database: Database) -> None:
    """Five minutes of the pace log."""
    books: dict[int, pacing.MinuteBook] = {}
    async with database.writing() as session:
        campaign = (await campaigns.find_by_name(session, "Thẻ trễ hạn")).id
        for each in kept_seconds(8, 300.0):
            minute = each.at_ms // 60_000
            book = books.setdefault(minute, pacing.MinuteBook(campaign, at(each.at_ms), 0))
            book.add(each.at_ms // 1000 % 60, each.page)
        await pacing.keep(session, [book.pack() for book in books.values()])


def replay(
    *words: str, database_url: str, redis_url: str, state: Path
) -> subprocess.CompletedProcess[str]:
    """Run the command on the engines of this run."""
    told = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "PACELINE_STATE": str(state)}
    return subprocess.run(
        [sys.executable, "-m", "app.command", "pacing", "replay", *words],
        cwd=ROOT,
        env={**os.environ, **told, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )


@pytest.mark.usefixtures("bank")
def test_a_day_that_cannot_be_explained_is_said_to_be_so(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    words = ("2026-11-23", "--campaign", "Thẻ trễ hạn", "--target", "0.01")
    done = replay(*words, database_url=database_url, redis_url=redis_url, state=tmp_path)
    assert done.returncode == 3, done.stderr
    assert "Not reliable for this day" in done.stdout
    assert "own settings: progressive, target 2 %, limit 3 %" in done.stdout
    assert "what if:      progressive, target 1 %" in done.stdout
    told = replay(*words, "--json", database_url=database_url, redis_url=redis_url, state=tmp_path)
    answer = json.loads(told.stdout)
    assert answer["answer"]["asked"] is None
    assert answer["occupancy_error"] < -0.02


@pytest.mark.usefixtures("bank")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("2026-11-33", "--campaign", "Thẻ trễ hạn"), "write 2026-11-23"),
        (("2026-11-20", "--campaign", "Thẻ trễ hạn"), "dialled nobody on 2026-11-20"),
        (("2026-11-23", "--campaign", "Không có"), "There is no campaign"),
        (("2026-11-23", "--campaign", "Thẻ trễ hạn", "--target", "2"), "abandon_target_pct"),
        (("2026-11-23", "--campaign", "Thẻ trễ hạn", "--seeds", "3"), "From 20 to 100 runs"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    words: tuple[str, ...], sentence: str, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    done = replay(*words, database_url=database_url, redis_url=redis_url, state=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.strip().count("\n") == 0


@pytest.mark.usefixtures("bank")
async def test_every_kept_second_can_be_put_before_the_engine_again(
    database: Database, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    words = ("2026-11-23", "--campaign", "Thẻ trễ hạn", "--exact")
    run = partial(replay, database_url=database_url, redis_url=redis_url, state=tmp_path)
    nothing = await asyncio.to_thread(run, *words)
    assert (nothing.returncode, "No second of 2026-11-23 was kept" in nothing.stderr) == (2, True)
    await keep(database)
    told = await asyncio.to_thread(run, *words)
    assert told.returncode == 0, told.stderr
    assert "300 seconds decided again" in told.stdout
    careful = await asyncio.to_thread(run, *words, "--mode", "progressive", "--json")
    assert {now for _, now, _ in json.loads(careful.stdout)["reasons"]} == {"PROGRESSIVE"}
