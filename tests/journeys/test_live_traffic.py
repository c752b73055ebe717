"""What really travels is what docs/asyncapi.yaml says: a desk in a call, a wall, a resume and a farewell."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import pytest_asyncio
import yaml

from app.floor.visitor import Refusal
from tests.house.describe_socket import PAGE, card_type
from tests.support.traffic import Sitting, sitting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.floor import Floor

LEAF = "HUNG_UP_BEFORE_ID"


class Page:
    """The committed page, asked about frames and cards."""

    def __init__(self) -> None:
        self._page = yaml.safe_load(PAGE.read_text(encoding="utf-8"))
        self._schemas = self._page["components"]["schemas"]
        self._checks: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def faults(self, frame: dict[str, Any]) -> list[str]:
        """What is wrong with a frame, with its cards and with their values."""
        message = self._page["components"]["messages"].get(frame.get("t"))
        if message is None:
            return [f"{frame.get('t')}: no such frame"]
        name = message["payload"]["$ref"].rpartition("/")[2]
        beyond = set(frame) - set(self._schemas[name]["properties"])
        found = [f"{name}.{key}: not on the page" for key in beyond] + self._against(name, frame)
        for _, key, value in frame.get("cards", ()):
            kind = card_type(frame["ch"], key)
            if kind is None:
                found.append(f"{frame['ch']} {key}: no such card")
            elif value is not None:
                found += self._against(kind, value)
        return found

    def _against(self, name: str, value: Any) -> list[str]:
        if name not in self._checks:
            schema = {
                "$ref": f"#/components/schemas/{name}",
                "components": self._page["components"],
            }
            self._checks[name] = jsonschema_rs.Draft202012Validator(schema)
        return [
            f"{name} at {'/'.join(map(str, error.instance_path))}: {error.message}"
            for error in self._checks[name].iter_errors(value)
        ]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def day(floor: Floor) -> AsyncIterator[tuple[Sitting, Sitting]]:
    """An agent has taken a call to its end and come back after a cut; a supervisor watched."""
    floor.load_people()
    floor.start_campaign()
    async with (
        sitting(floor.address, floor.agent, floor.clock) as agent,
        sitting(floor.address, floor.supervisor, floor.clock) as watcher,
    ):
        await watcher.connect()
        await agent.connect()
        async with asyncio.TaskGroup() as both:
            both.create_task(watcher.until(lambda: has_seen_the_wall(watcher)))
            await take_a_call(agent)
            agent.vanish()
            await agent.until_closed()
            await agent.connect()
            await agent.until(lambda: sum(frame["t"] == "welcome" for frame in agent.heard) == 2)
        await agent.visitor.do("/logout")
        assert await agent.until_closed() == 4002
        yield agent, watcher


def has_seen_the_wall(watcher: Sitting) -> bool:
    """Campaigns, teams, agents, the floor, and a beat."""
    kinds = {key.split(":")[0] for _, key in watcher.shown()}
    beaten = any(frame["t"] == "beat" for frame in watcher.heard)
    return beaten and {"floor", "team", "agent", "campaign"} <= kinds


async def take_a_call(agent: Sitting) -> None:
    """Ready, a screen, an outcome, the end of the call, the finish."""

    def card() -> dict[str, Any]:
        mine = [cards for name, cards in agent.client.store.items() if name.startswith("agent:")]
        return mine[0].get("agent") or {} if mine else {}

    await agent.until(lambda: card().get("status") not in (None, "OFFLINE"))
    await agent.visitor.do("/desk/ready")
    await agent.until(lambda: card().get("state") == "IN_CALL")
    call = card()["call"]
    await agent.until(lambda: any(key == f"screen:{call}" for _, key in agent.shown()))
    await agent.do("/desk/outcome", call=call, leaf=LEAF)
    if card().get("state") == "IN_CALL":
        with suppress(Refusal):  # the customer was first
            await agent.do("/desk/hangup", call=call)
    await agent.until(lambda: card().get("state") in ("WRAP_UP", "WRAP_OVER"))
    await agent.do("/desk/finish", call=call)
    await agent.until(lambda: card().get("call") != call)


def test_every_frame_and_card_is_as_the_page_says(day: tuple[Sitting, Sitting]) -> None:
    page = Page()
    faults = {
        fault
        for person in day
        for frame in (*person.heard, *person.said)
        for fault in page.faults(frame)
    }
    assert not faults, "\n".join(sorted(faults))


def test_the_session_has_seen_what_the_page_speaks_of(day: tuple[Sitting, Sitting]) -> None:
    """A check of nothing proves nothing: these kinds of frames and cards did travel."""
    agent, watcher = day
    assert {frame["t"] for frame in agent.said} >= {"hello", "resume", "got", "painted"}
    assert {frame["t"] for frame in watcher.said} >= {"hello", "pong"}
    assert {frame["t"] for frame in agent.heard} >= {"welcome", "snapshot", "cards", "bye"}
    kinds = {card_type(channel, key) for person in day for channel, key in person.shown()}
    assert kinds >= {
        "AgentCard", "CallCard", "ScreenPop", "StatsCard", "DialerCard",
        "WallCampaign", "WallFloor", "WallAgent", "TeamCard", "SettingsCard",
    }  # fmt: skip


@pytest.mark.parametrize(
    "frame",
    [
        {"t": "hullo"},
        {"t": "beat", "n": 1, "now": "soon"},
        {"t": "beat", "n": 1, "now": 5, "more": 1},
        {"t": "cards", "ch": "agent:7", "ep": "e", "cards": [[1, "agent", {}]]},
    ],
)
def test_the_check_itself_can_fail(frame: dict[str, Any]) -> None:
    assert Page().faults(frame)
