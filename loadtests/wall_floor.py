"""A floor that is only said to be there: agents' cards and the dialer's figures, published as the dialer does.

For what is asked of the wall alone, where 2,000 real agents would cost more than what is measured. The wall's
leader, the hub and the page are the product's own.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.wall.leader import FIGURES
from realtime.broker import Card

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from random import Random

    from redis.asyncio import Redis

    from realtime.broker import Broker

CAMPAIGNS: Final = tuple(
    {"id": f"019aaf00-0000-7000-8000-00000000000{n}", "name": f"Chiến dịch {n}"}
    for n in range(1, 7)
)
# Where an agent goes from a state, with the seconds he stays there on the mean: 94 s of talk, 17 s of writing.
STAY_S: Final = {"IN_CALL": 94, "WRAP_UP": 17, "READY": 15, "PAUSED": 600}
NEXT: Final = {"IN_CALL": "WRAP_UP", "WRAP_UP": "READY", "READY": "IN_CALL", "PAUSED": "READY"}
AT_FIRST: Final = ("IN_CALL",) * 70 + ("WRAP_UP",) * 13 + ("READY",) * 11 + ("PAUSED",) * 6
BREAK_SHARE: Final = 0.01


@dataclass
class SaidFloor:
    """Agents by user id and what each is doing; `now_ms` is business time."""

    broker: Broker
    redis: Redis
    users: Sequence[str]
    chance: Random
    now_ms: Callable[[], int]
    doing: dict[str, str] = field(default_factory=dict)

    async def open(self) -> None:
        """Everybody is at work, and has been for a while."""
        for user in self.users:
            self.doing[user] = self.chance.choice(AT_FIRST)
        await self._tell(self.users, aged=True)
        await self.report()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[list[int]]:
        """Let seconds pass during the block: how many agents did something else in each."""
        moved: list[int] = []

        async def work() -> None:
            """One second after the other."""
            while True:
                moved.append(await self.second())
                await asyncio.sleep(1.0)

        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(work())
            yield moved
            task.cancel()

    async def second(self) -> int:
        """Let a second pass: returns how many agents do something else now."""
        moved = [
            user for user, doing in self.doing.items() if self.chance.random() < 1 / STAY_S[doing]
        ]
        for user in moved:
            after = NEXT[self.doing[user]]
            rests = after == "READY" and self.chance.random() < BREAK_SHARE
            self.doing[user] = "PAUSED" if rests else after
        await self._tell(moved)
        await self.report()
        return len(moved)

    async def report(self) -> None:
        """The figures of campaigns and floor."""
        now_ms = self.now_ms()
        cards = {each["id"]: campaign_card(each, len(self.users)) for each in CAMPAIGNS}
        cards["floor"] = {"now": now_ms, "stream_at": now_ms, "dialing_stopped": False}
        told: dict[Any, Any] = {name: msgspec.msgpack.encode(card) for name, card in cards.items()}
        await self.redis.hset(FIGURES, mapping=told)

    async def _tell(self, users: Sequence[str], *, aged: bool = False) -> None:
        now_ms, batch = self.now_ms(), []
        for user in users:
            age_ms = self.chance.randrange(90_000) if aged else 0
            card = agent_card(user, self.doing[user], now_ms - age_ms, self.chance)
            batch.append((f"agent:{user}", [Card("agent", msgspec.msgpack.encode(card))]))
        if batch:
            await self.broker.publish_many(batch)


def agent_card(user: str, doing: str, since_ms: int, chance: Random) -> dict[str, Any]:
    """As the dialer says it."""
    at_call = doing in {"IN_CALL", "WRAP_UP"}
    return {
        "user": user,
        "status": doing if doing == "PAUSED" else "READY",
        "reason": "SHORT" if doing == "PAUSED" else None,
        "state": doing if at_call else "IDLE",
        "link": "UP",
        "since": since_ms,
        "status_since": since_ms,
        "deadline": since_ms + 20_000 if doing == "WRAP_UP" else None,
        "extends_left": 2,
        "pending": None,
        "call": f"{chance.getrandbits(128):032x}" if at_call else None,
        "campaign": chance.choice(CAMPAIGNS),
        "disposed": False,
        "muted": False,
    }


def campaign_card(campaign: dict[str, str], agents: int) -> dict[str, Any]:
    """As the dialer says it; its figures stand still."""
    return {
        **campaign,
        "state": "RUNNING",
        "stopped": False,
        "mode": "PREDICTIVE",
        "ratio": 1.4,
        "ceiling": 3.0,
        "because": "STEADY",
        "lines": agents // 6,
        "lines_wanted": agents // 6,
        "waiting": 0,
        "agents": {"total": agents // 6},
        "dialed": 12_000,
        "answered": 7_000,
        "abandoned": 70,
        "answer_rate": 0.6,
        "abandon_pct": 1.0,
        "abandon_limit_pct": 3.0,
        "abandon_target_pct": 2.0,
        "promises": 0,
        "leads_left": 8_000,
        "window_until": None,
        "pop": None,
        "talk_s": 94,
        "wrap_s": 17,
    }
