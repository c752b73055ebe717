"""When screens leave: at once when their facts are there, marked late and again when they are not."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.clock import Clock
from app.desk import screenpop
from app.errors import Unavailable
from app.observe import Metrics
from dialer import screens_desk
from dialer.screens import CallFacts
from dialer.screens_desk import DeskScreens
from realtime.broker_memory import MemoryBroker
from tests.support.dialer import CAMPAIGN, uid
from tests.support.pops import FACTS, MINH

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database
    from app.desk.pop import PopFacts, Speaker

CALL, AGENT = uid(1), MINH.id
RINGING = CallFacts(CALL, CAMPAIGN, "Thẻ B3", uid(2), None, uid(3), "+84500000001", 1, 1, 3, None)


class Desk:
    """Screens over facts that come when the test lets them."""

    def __init__(self, group: asyncio.TaskGroup, patch: pytest.MonkeyPatch) -> None:
        self.there = asyncio.Event()
        self.down = False
        self.fault: Exception | None = None  # of reading, in place of facts
        self.asked: list[Any] = []
        self.broker = MemoryBroker()
        patch.setattr("app.desk.screenpop.gather", self._gather)
        patch.setattr("app.desk.screenpop.speaker", self._speaker)
        patch.setattr(screens_desk, "FIRST_VERSION_SECONDS", 0.02)
        self.screens = DeskScreens(
            group=group,
            database=cast("Database", self),
            broker=self.broker,
            clock=Clock(),
            metrics=Metrics("dialer"),
            log=structlog.stdlib.get_logger(),
        )

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        if self.down:
            raise Unavailable("The store does not answer.")
        yield

    async def _gather(self, _session: object, **_: object) -> PopFacts:
        await self.there.wait()
        if self.fault is not None:
            raise self.fault
        return FACTS

    async def _speaker(self, _session: object, agent: object) -> Speaker:
        self.asked.append(agent)
        return MINH

    async def shown(self) -> dict[str, Any]:
        """The screen as it stands in the agent's channel; empty before there is one."""
        snapshot = await self.broker.snapshot(f"agent:{AGENT}")
        values = [msgspec.msgpack.decode(v) for _, key, v in snapshot.cards if str(CALL) in key]
        return values[0] if values else {}

    async def until_whole(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            while (await self.shown()).get("late", True):  # noqa: ASYNC110 - a condition of the broker
                await asyncio.sleep(0.005)
        return await self.shown()


async def test_a_screen_whose_facts_are_there_leaves_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.there.set()
        desk.screens.warm(RINGING)
        await asyncio.sleep(0)
        assert await desk.screens.finish(CALL, AGENT, 1) is not None
        shown = await desk.shown()
    assert (shown["late"], shown["customer"]["name"]) == (False, "Nguyễn Thị Thu Hà")


async def test_late_facts_follow_under_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.screens.warm(RINGING)
        await desk.screens.finish(CALL, AGENT, 1)
        first = await desk.shown()
        desk.there.set()
        whole = await desk.until_whole()
    assert (first["late"], first["customer"]) == (True, None)
    assert whole["customer"]["name"] == "Nguyễn Thị Thu Hà"


async def test_facts_that_cannot_be_had_leave_a_usable_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.screens.meet(AGENT)
        await asyncio.sleep(0)
        desk.down = True
        desk.screens.warm(RINGING)
        await desk.screens.finish(CALL, AGENT, 1)
        shown = await desk.until_whole()
    assert (shown["customer"], shown["script"]["steps"] != []) == (None, True)


async def test_who_signs_in_is_read_once_then_and_not_at_his_first_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.there.set()
        desk.screens.meet(AGENT)
        desk.screens.warm(RINGING)
        await asyncio.sleep(0)
        assert desk.asked == [AGENT]
        await desk.screens.finish(CALL, AGENT, 1)
    assert desk.asked == [AGENT]


async def test_a_sign_in_survives_a_store_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.down = True
        desk.screens.meet(AGENT)
        await asyncio.sleep(0)
        desk.down = False
        desk.there.set()
        desk.screens.warm(RINGING)
        assert await desk.screens.finish(CALL, AGENT, 1) is not None


async def test_a_dropped_call_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.screens.warm(RINGING)
        desk.screens.drop(CALL)
        assert await desk.screens.finish(CALL, AGENT, 1) is None
        assert await desk.shown() == {}


@pytest.mark.parametrize(
    "fault",
    [
        msgspec.ValidationError("Expected `int`, got `str`"),
        DBAPIError("SELECT", {}, ConnectionResetError("gone"), connection_invalidated=True),
        PoolTimeoutError("QueuePool limit reached"),
        RuntimeError("whatever else"),
    ],
)
async def test_facts_that_break_leave_a_usable_screen_and_end_nothing(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.fault = fault
        desk.there.set()
        desk.screens.warm(RINGING)
        await desk.screens.finish(CALL, AGENT, 1)
        shown = await desk.until_whole()
        desk.fault = None
        desk.screens.drop(CALL)
        desk.screens.warm(RINGING)
        await desk.screens.finish(CALL, AGENT, 2)
        again = await desk.until_whole()
    assert (shown["customer"], shown["script"]["steps"] != []) == (None, True)
    assert again["customer"]["name"] == "Nguyễn Thị Thu Hà"


async def test_facts_that_cannot_be_shown_leave_a_usable_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = screenpop.compose

    def compose(facts: PopFacts | None, occasion: Any) -> dict[str, Any]:
        if facts is not None:
            raise KeyError("no such product")
        return whole(facts, occasion)

    monkeypatch.setattr("app.desk.screenpop.compose", compose)
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.there.set()
        desk.screens.warm(RINGING)
        assert await desk.screens.finish(CALL, AGENT, 1) is not None
        shown = await desk.shown()
    assert (shown["customer"], shown["late"]) == (None, False)


async def test_what_came_to_be_known_meanwhile_is_shown_as_a_newer_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.there.set()
        desk.screens.warm(RINGING)
        await asyncio.sleep(0)
        desk.screens.renew(CALL, None, 0)  # nobody has it yet: only read again
        await desk.screens.finish(CALL, AGENT, 1)
        before = (await desk.broker.snapshot(f"agent:{AGENT}")).position
        desk.screens.renew(CALL, AGENT, 1)
    changed = await desk.broker.since(f"agent:{AGENT}", before)
    assert changed is not None
    assert [key for _, key, _ in changed] == [f"screen:{CALL}"]
    assert (await desk.shown())["late"] is False


async def test_a_screen_stays_when_newer_facts_cannot_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.there.set()
        desk.screens.warm(RINGING)
        await desk.screens.finish(CALL, AGENT, 1)
        desk.fault = RuntimeError("gone")
        desk.screens.renew(CALL, AGENT, 1)
        desk.screens.renew(uid(77), AGENT, 1)  # of a call that is over: nothing
    assert (await desk.shown())["customer"]["name"] == "Nguyễn Thị Thu Hà"


async def test_a_call_that_ended_meanwhile_gets_no_newer_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.there.set()
        desk.screens.warm(RINGING)
        await desk.screens.finish(CALL, AGENT, 1)
        desk.there.clear()
        before = (await desk.broker.snapshot(f"agent:{AGENT}")).position
        desk.screens.renew(CALL, AGENT, 1)
        desk.screens.drop(CALL)
        desk.there.set()
    assert not await desk.broker.since(f"agent:{AGENT}", before)


async def test_a_broker_that_is_lost_before_the_facts_come_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.screens.warm(RINGING)
        assert await desk.screens.finish(CALL, AGENT, 1) is not None
        desk.broker.cut()
        desk.there.set()
    desk.broker.mend()
    assert (await desk.shown())["late"]  # the whole one was lost, and nothing else


async def test_a_screen_that_the_broker_did_not_take_did_not_leave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.there.set()
        desk.screens.warm(RINGING)
        desk.broker.cut()
        assert await desk.screens.finish(CALL, AGENT, 1) is None


async def test_who_cannot_be_read_when_he_signs_in_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def nobody(*_: object) -> Speaker:
        raise msgspec.ValidationError("Expected `str`, got `null`")

    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        monkeypatch.setattr("app.desk.screenpop.speaker", nobody)
        desk.screens.meet(AGENT)
    assert desk.asked == []


async def test_a_call_that_is_dropped_while_its_facts_are_awaited_shows_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.screens.warm(RINGING)
        showing = group.create_task(desk.screens.finish(CALL, AGENT, 1))
        await asyncio.sleep(0)
        desk.screens.drop(CALL)
        assert await showing is None
    assert await desk.shown() == {}


async def test_what_is_still_being_made_ends_before_its_stores_close(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(group, monkeypatch)
        desk.screens.warm(RINGING)
        assert await desk.screens.finish(CALL, AGENT, 1) is not None  # the whole one follows
        async with asyncio.timeout(2):
            await desk.screens.aclose()
            await desk.screens.aclose()
        desk.there.set()
    assert (await desk.shown())["late"]
