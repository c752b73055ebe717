"""One suite for `realtime.presence.Presence`, run over memory and over every kind of Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from realtime.broker import BrokerLost
from realtime.presence import BELIEVED_MS, Link, Parting, Seen
from realtime.presence_memory import MemoryPresence
from realtime.presence_redis import RedisPresence
from realtime.redis_client import connect
from tests.support.redis_sets import KINDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from realtime.presence import Presence

NOW = 1_795_363_167_560


@pytest_asyncio.fixture(params=["memory", *KINDS])
async def presence(request: pytest.FixtureRequest) -> AsyncIterator[Presence]:
    if request.param == "memory":
        yield MemoryPresence()
        return
    async with connect(request.getfixturevalue(request.param)) as client:
        await client.flushall()
        yield RedisPresence(client)


async def test_who_was_touched_was_heard_then(presence: Presence) -> None:
    await presence.touch(["a", "b"], NOW)
    assert await presence.last_heard("a") == NOW
    assert await presence.last_heard("nobody") is None


async def test_the_silent_are_those_before_the_instant_longest_first(presence: Presence) -> None:
    await presence.touch(["c"], NOW - 20_000)
    await presence.touch(["a", "b"], NOW - 10_000)
    await presence.touch(["d"], NOW)
    assert await presence.silent(NOW) == ["c", "a", "b"]
    assert await presence.silent(NOW - 10_000) == ["c"]
    assert await presence.silent(0) == []


async def test_an_older_word_never_hides_a_newer_one(presence: Presence) -> None:
    await presence.touch(["a"], NOW)
    await presence.touch(["a"], NOW - 5_000)
    assert await presence.last_heard("a") == NOW


async def test_several_are_asked_at_once(presence: Presence) -> None:
    await presence.touch(["a"], NOW)
    await presence.touch(["b"], NOW + 1)
    assert await presence.heard(["a", "x", "b"]) == {"a": NOW, "b": NOW + 1}
    assert await presence.heard([]) == {}


async def test_who_left_in_good_order_is_not_silent(presence: Presence) -> None:
    await presence.touch(["a", "b"], NOW)
    await presence.forget(["a", "x"])
    await presence.forget([])
    assert await presence.silent(NOW + 1) == ["b"]


async def test_nobody_touched_changes_nothing(presence: Presence) -> None:
    await presence.touch([], NOW)
    assert await presence.silent(NOW + 1) == []


async def test_a_store_out_of_reach_is_said_to_be_lost() -> None:
    async with connect("unix:///nowhere/redis.sock") as client:
        with pytest.raises(BrokerLost):
            await RedisPresence(client).touch(["a"], NOW)
        with pytest.raises(BrokerLost):
            await RedisPresence(client).note("web:1", {}, {}, NOW)
        with pytest.raises(BrokerLost):
            await RedisPresence(client).seen(["a"], NOW)


def a_link(link: str = "n1/1", *, hub: str = "web:1", opened_ms: int = NOW) -> Link:
    return Link(
        link=link,
        issue="here",
        hub=hub,
        noted_ms=NOW,
        opened_ms=opened_ms,
        heard_ms=NOW - 900,
        round_trip_ms=34,
        missed=1,
        waiting_bytes=2_048,
        backlog_bytes=0,
        held=3,
        is_stale=False,
        client="Mozilla/5.0",
        version="desk-4F2A",
        positions=(("agent:7", 41), ("wall:all", -1)),
    )


@pytest.mark.req("S0c-021")
async def test_what_a_hub_says_of_its_sockets_is_what_is_seen(presence: Presence) -> None:
    link = a_link("n1/3")
    parting = Parting("n1/2", "here", 4012, NOW - 5_000)
    await presence.note("web:1", {"7": [link]}, {"7": parting}, NOW)
    seen = await presence.seen(["7", "8"], NOW)
    assert seen == {"7": Seen((link,), parting), "8": Seen()}
    assert seen["7"].links[0].resumes == 2
    assert await presence.seen([], NOW) == {}


async def test_sockets_of_several_hubs_are_told_together_newest_first(presence: Presence) -> None:
    old, new = a_link("n1/1", opened_ms=NOW - 9), a_link("n2/1", hub="web:2", opened_ms=NOW - 1)
    await presence.note("web:1", {"7": [old]}, {}, NOW)
    await presence.note("web:2", {"7": [new]}, {}, NOW)
    assert (await presence.seen(["7"], NOW))["7"].links == (new, old)


async def test_who_left_has_no_socket_and_his_parting_stays(presence: Presence) -> None:
    parting = Parting("n1/1", "here", 4002, NOW)
    await presence.note("web:1", {"7": [a_link()], "8": [a_link("n9/1")]}, {}, NOW)
    await presence.note("web:1", {"7": []}, {"7": parting}, NOW)
    seen = await presence.seen(["7", "8"], NOW)
    assert seen["7"] == Seen((), parting)
    assert len(seen["8"].links) == 1


async def test_a_hub_that_fell_silent_is_not_believed(presence: Presence) -> None:
    await presence.note("web:1", {"7": [a_link()]}, {}, NOW)
    assert (await presence.seen(["7"], NOW + BELIEVED_MS))["7"].links
    assert (await presence.seen(["7"], NOW + BELIEVED_MS + 1))["7"] == Seen()
    await presence.note("web:1", {}, {}, NOW + BELIEVED_MS + 1)
    assert (await presence.seen(["7"], NOW + BELIEVED_MS + 1))["7"].links
