"""Asks a real Asterisk what each failure of a call looks like; prints one line per question.

Run by hand, never by the pipeline: needs the loopback lab and its `ASTLAB_ARI`, `ASTLAB_ARI_USER` and
`ASTLAB_ARI_PASSWORD` in the environment. Its findings stand in the docstring of `dialer.carrier`.

    set -a; eval "$(./start LAB | grep =)"; set +a; python tests/probes/asterisk_carrier.py
"""

# ruff: noqa: T201 - a probe prints what it found
from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import dataclass, field
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect

APP = "paceline-probe"
RUN = f"{time.time_ns() // 1_000_000:x}"
Event = dict[str, Any]


@dataclass
class Line:
    """One ARI connection: requests out, every event in, kept in order with its arrival time."""

    http: httpx2.AsyncClient
    socket: ClientConnection
    events: list[tuple[float, Event]] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def read(self) -> None:
        """Keep what comes until the socket closes."""
        async for text in self.socket:
            async with self.arrived:
                self.events.append((time.monotonic(), json.loads(text)))
                self.arrived.notify_all()

    async def ask(self, method: str, path: str, **params: str) -> int:
        """One request; its status."""
        return (await self.http.request(method, path, params=params)).status_code

    async def until(
        self, channel: str, kind: str, seconds: float = 30.0, seen: int = 0
    ) -> tuple[float, Event]:
        """The first event of this kind for the channel, from index `seen` on."""

        def found() -> tuple[float, Event] | None:
            return next((e for e in self.events[seen:] if about(e[1], channel, kind)), None)

        async with asyncio.timeout(seconds), self.arrived:
            await self.arrived.wait_for(lambda: found() is not None)
        hit = found()
        assert hit is not None
        return hit

    def story(self, channel: str) -> str:
        """The order of events of one channel, in short."""
        return " -> ".join(short(e) for _, e in self.events if belongs(e, channel))

    async def dial(self, name: str, number: str, trunk: str = "carrier", ring_s: int = 20) -> str:
        """Originate with our own channel id."""
        channel = f"{name}-{RUN}"
        status = await self.ask(
            "POST", f"/channels/{channel}", endpoint=f"PJSIP/{number}@{trunk}", app=APP,
            appArgs="probe", timeout=str(ring_s), callerId="15550100",
        )  # fmt: skip
        assert status == 200, (name, status)
        return channel


def belongs(event: Event, channel: str) -> bool:
    """Whether the event speaks of the channel, as itself or as the dialled peer."""
    return channel in {
        event.get("channel", {}).get("id"),
        event.get("peer", {}).get("id"),
    }


def about(event: Event, channel: str, kind: str) -> bool:
    return bool(event["type"] == kind and belongs(event, channel))


def short(event: Event) -> str:
    kind = str(event["type"])
    if kind == "Dial":
        return f"Dial {event['dialstatus']!r}"
    if kind == "ChannelStateChange":
        return f"State {event['channel']['state']}"
    if kind == "ChannelDestroyed":
        return f"Destroyed {event['cause']} ({event['cause_txt']})"
    return kind


async def failures(line: Line) -> None:
    """Each way not to reach a person: the final cause."""
    for name, number, ring_s in (
        ("busy", "125", 20), ("invalid", "145", 20), ("congestion", "155", 20),
        ("declined", "245", 20), ("our ring timeout", "135", 3),
    ):  # fmt: skip
        began = time.monotonic()
        channel = await line.dial(name.replace(" ", "-"), number, ring_s=ring_s)
        at, event = await line.until(channel, "ChannelDestroyed")
        print(
            f"{name}: cause {event['cause']} after {(at - began) * 1000:.0f} ms: {line.story(channel)}"
        )


async def cancelled(line: Line) -> None:
    """We hang up while it rings."""
    channel = await line.dial("cancelled", "135")
    await line.until(channel, "Dial")
    await asyncio.sleep(1)
    status = await line.ask("DELETE", f"/channels/{channel}")
    await line.until(channel, "ChannelDestroyed")
    again = await line.ask("DELETE", f"/channels/{channel}")
    print(f"cancelled while ringing: DELETE {status}, again {again}: {line.story(channel)}")


async def gone_at_once(line: Line) -> None:
    """The person answers and hangs up at once: does every answer have its end, and what does a late bridge say?"""
    channels = [await line.dial(f"gone{i}", f"17{i}") for i in range(10)]
    for channel in channels:
        await line.until(channel, "ChannelDestroyed")
    stories = {line.story(c) for c in channels}
    bridge = f"late-{RUN}"
    await line.ask("POST", f"/bridges/{bridge}", type="mixing")
    status = await line.ask("POST", f"/bridges/{bridge}/addChannel", channel=channels[0])
    await line.ask("DELETE", f"/bridges/{bridge}")
    print(f"answered and gone: addChannel afterwards {status}")
    for story in sorted(stories):
        print(f"  {story}")


async def talked(line: Line, name: str, number: str, *, we_end: bool) -> None:
    """An agent waits in his bridge; the answered person is added; then one of the two sides ends it."""
    bridge = f"desk-{name}-{RUN}"
    agent = await line.dial(f"agent-{name}", "3000007777", trunk="phones")
    await line.until(agent, "StasisStart")
    await line.ask("POST", f"/bridges/{bridge}", type="mixing")
    await line.ask("POST", f"/bridges/{bridge}/addChannel", channel=agent)
    channel = await line.dial(name, number)
    answered, _ = await line.until(channel, "StasisStart")
    status = await line.ask("POST", f"/bridges/{bridge}/addChannel", channel=channel)
    entered, _ = await line.until(channel, "ChannelEnteredBridge")
    if we_end:
        await asyncio.sleep(1)
        await line.ask("DELETE", f"/channels/{channel}")
    ended, event = await line.until(channel, "ChannelDestroyed")
    alive = await line.ask("GET", f"/channels/{agent}")
    print(
        f"{name}: addChannel {status}, in the bridge {(entered - answered) * 1000:.1f} ms after the"
        f" answer, lived {ended - answered:.1f} s, cause {event['cause']}, agent's leg then: {alive}"
    )
    print(f"  {line.story(channel)}")
    await line.ask("DELETE", f"/channels/{agent}")
    await line.ask("DELETE", f"/bridges/{bridge}")


async def same_id(line: Line) -> None:
    """Retrying an originate with the id of a living and of an ended call."""
    channel = await line.dial("twice", "135")
    living = await line.ask(
        "POST", f"/channels/{channel}", endpoint="PJSIP/135@carrier", app=APP, appArgs="probe"
    )
    await line.ask("DELETE", f"/channels/{channel}")
    await line.until(channel, "ChannelDestroyed")
    ended = await line.ask(
        "POST", f"/channels/{channel}", endpoint="PJSIP/125@carrier", app=APP, appArgs="probe"
    )
    await line.until(channel, "ChannelDestroyed", seen=len(line.events))
    print(
        f"originate again with the id of a living call: {living}; of an ended call: {ended} (it dials)"
    )


async def main() -> None:
    """Ask everything once."""
    base = os.environ["ASTLAB_ARI"]
    user, password = os.environ["ASTLAB_ARI_USER"], os.environ["ASTLAB_ARI_PASSWORD"]
    events = base.replace("http://", f"ws://{user}:{password}@") + f"/events?app={APP}"
    async with (
        httpx2.AsyncClient(base_url=base, auth=(user, password)) as http,
        connect(events) as socket,
        asyncio.TaskGroup() as tasks,
    ):
        line = Line(http, socket)
        reader = tasks.create_task(line.read())
        await failures(line)
        await cancelled(line)
        await gone_at_once(line)
        await talked(line, "we-hang-up", "105", we_end=True)
        await talked(line, "person-hangs-up", "225", we_end=False)
        await same_id(line)
        reader.cancel()


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(main(), 180))
