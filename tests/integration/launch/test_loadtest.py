"""`paceline loadtest prepare`: a crowd with sessions that open sites and sockets, and only in a demonstration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from app.people import sessions
from realtime.frames import Hello
from realtime.gate import Gate
from realtime.main import ProcessClock
from realtime.redis_client import connect
from realtime.ticket import TicketRefused, verify
from realtime.ticket_redis import RedisTicketBook
from tests.integration.launch.test_command import paceline
from tests.support.clock import SetClock
from tests.support.people import an_organisation

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from app.db import Database

SECRET = "5a" * 32
NOW = ProcessClock()


@pytest_asyncio.fixture(autouse=True)
async def demonstration(database: Database) -> None:
    await an_organisation(database, SetClock())
    async with database.writing() as session:
        await session.execute(text("UPDATE organisations SET demo = true"))


@pytest.fixture
def prepare(
    tmp_path: Path, database_url: str, redis_url: str
) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        return paceline(
            "loadtest", "prepare", *words, state=tmp_path, said=said,
            DATABASE_URL=database_url, REDIS_URL=redis_url, PACELINE_SECRET=SECRET,
            PACELINE_PORT="8123",
        )  # fmt: skip

    return run


def told(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The sessions that were printed."""
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


async def test_each_session_has_a_cookie_a_ticket_and_an_address_that_are_good(
    prepare: Callable[..., subprocess.CompletedProcess[str]], database: Database, redis_url: str
) -> None:
    async with connect(redis_url) as redis:
        known = await redis.xlen("intents")
    crowd = told(prepare("--agents", "51", "--viewers", "2", "--valid", "5"))
    assert [each["kind"] for each in crowd] == ["agent"] * 51 + ["viewer"] * 2
    assert {each["socket"] for each in crowd} == {"ws://127.0.0.1:8123/ws"}
    async with database.reading() as session:
        rows = await session.execute(
            text("SELECT token_digest, user_id FROM sign_ins WHERE ended_at IS NULL")
        )
        open_for = {row.token_digest: str(row.user_id) for row in rows}
        teams = await session.scalar(
            text("SELECT count(DISTINCT team_id) FROM users WHERE username LIKE 'load-agent-%'")
        )
    assert teams == 2
    for each in crowd:
        token = each["cookie"].removeprefix("paceline_session=")
        assert open_for[sessions.digest_of(token)] == each["user"]
    async with connect(redis_url) as redis:
        gate = Gate(RedisTicketBook(redis), bytes.fromhex(SECRET), NOW, "agent:")
        agent, viewer = crowd[0], crowd[-1]
        grant = await gate.admit(Hello(v=1, ticket=agent["ticket"]))
        assert (grant.user, grant.exclusive) == (agent["user"], f"agent:{agent['user']}")
        seen = await gate.admit(Hello(v=1, ticket=viewer["ticket"]))
        assert "wall:agents" in seen.channels
        with pytest.raises(TicketRefused):
            await gate.admit(Hello(v=1, ticket=agent["ticket"]))
        told_dialer = await redis.xlen("intents") - known
    assert told_dialer == 51  # every agent is known to the dialer, as after a page's own ticket
    until_ms = verify(crowd[0]["ticket"], bytes.fromhex(SECRET), NOW.now_ms()).expires_at_ms
    assert 0 < until_ms - NOW.now_ms() <= 5 * 60_000


async def test_a_second_crowd_is_the_same_people_with_new_sessions(
    prepare: Callable[..., subprocess.CompletedProcess[str]], database: Database
) -> None:
    first, second = told(prepare("--agents", "2")), told(prepare("--agents", "3"))
    assert [each["user"] for each in first] == [each["user"] for each in second[:2]]
    assert first[0]["cookie"] != second[0]["cookie"]
    async with database.reading() as session:
        ended = await session.scalar(
            text("SELECT end_reason FROM sign_ins WHERE token_digest = :digest"),
            {"digest": sessions.digest_of(first[0]["cookie"].partition("=")[2])},
        )
    assert ended == "TAKEN_OVER"


async def test_a_password_is_everybodys_and_is_not_printed(
    prepare: Callable[..., subprocess.CompletedProcess[str]], database: Database
) -> None:
    done = prepare("--agents", "2", "--password-stdin", said="một mật khẩu dài\n")
    assert "mật khẩu" not in done.stdout
    told(done)
    async with database.reading() as session:
        found = await session.scalar(
            text("SELECT password_hash FROM users WHERE username = 'load-agent-00001'")
        )
    assert str(found).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    ("words", "said", "names"),
    [
        ((), "", "--agents"),
        (("--agents", "-1"), "", "--agents"),
        (("--agents", "1", "--valid", "0"), "", "--valid"),
        (("--agents", "1", "--password-stdin"), "short\n", "10 characters"),
    ],
)
def test_a_bad_wish_is_one_sentence(
    prepare: Callable[..., subprocess.CompletedProcess[str]],
    words: tuple[str, ...],
    said: str,
    names: str,
) -> None:
    done = prepare(*words, said=said)
    assert done.returncode == 2
    assert names in done.stderr
    assert done.stdout == ""


async def test_where_people_work_no_crowd_comes(
    prepare: Callable[..., subprocess.CompletedProcess[str]], database: Database
) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE organisations SET demo = false"))
    done = prepare("--agents", "1")
    assert done.returncode == 2
    assert "people work in this one" in done.stderr
