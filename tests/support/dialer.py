"""A room for tests: builders of campaigns, agents and lines, and a world that answers its orders.

Ids are small numbers made into UUIDs so that a failing example can be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from dialer.core import events as e
from dialer.core.campaign import Campaign, CampaignState, Limits, Mode, Window
from dialer.core.floor import Floor
from dialer.core.live import LineOpened

if TYPE_CHECKING:
    from dialer.core.agent import Agent
    from dialer.core.call import Call
    from dialer.core.orders import Order

START = 1_763_776_800_000  # 2025-11-22 09:00 in Ho Chi Minh City
HOUR = 3_600_000

_T = TypeVar("_T")


def uid(number: int) -> UUID:
    """A readable id."""
    return UUID(int=number)


CAMPAIGN, AGENT, TEAM, LEADER = uid(0xC1), uid(0xA1), uid(0x7E), uid(0x1E)


def a_campaign(number: int = 0xC1, **changes: Any) -> Campaign:
    """A progressive campaign that runs and may dial for an hour."""
    settings: dict[str, Any] = {
        "id": uid(number),
        "name": f"Campaign {number:x}",
        "mode": Mode.PROGRESSIVE,
        "state": CampaignState.RUNNING,
        "loaded_at_ms": START,
        "windows": (Window(START - HOUR, START + HOUR),),
        "day_ends_at_ms": START + 15 * HOUR,
        "limits": Limits(),
        "leads_left": 100,
        "caller_ids": ("+842471000000",),
    }
    return Campaign(**(settings | changes))


def a_line(call: int, campaign: UUID = CAMPAIGN, **changes: Any) -> LineOpened:
    """A lawful call that was not placed yet."""
    settings: dict[str, Any] = {
        "call": uid(call),
        "campaign": campaign,
        "lead": uid(call + 0x10000),
        "customer": uid(call + 0x20000),
        "number": "+84500000001",
        "caller_id": "+842471000000",
        "attempt_no": 1,
        "attempts_today": 1,
        "cap": 3,
    }
    return LineOpened(**(settings | changes))


@dataclass
class Desk:
    """A floor with its clock, and everything that it ordered."""

    floor: Floor = field(default_factory=Floor)
    now: int = START
    orders: list[Order] = field(default_factory=list)

    def tell(self, event: e.Event, after: int = 0) -> list[Order]:
        """One event, `after` ms later; the orders it yields."""
        self.now += after
        orders = self.floor.receive(event, self.now)
        self.orders += orders
        return orders

    def open_campaign(self, number: int = 0xC1, **changes: Any) -> Campaign:
        """Load a campaign."""
        campaign = a_campaign(number, **changes)
        self.tell(e.CampaignLoaded(campaign))
        return campaign

    def seat(self, number: int = 0xA1, *campaigns: UUID, ready: bool = True) -> Agent:
        """Sign an agent in, open his socket and make him ready."""
        of = frozenset(campaigns or {CAMPAIGN})
        self.tell(e.AgentSignedIn(uid(number), f"Agent {number:x}", TEAM, of))
        self.tell(e.LinkUp(uid(number), f"s{number:x}"))
        if ready:
            self.tell(e.AgentReady(uid(number)))
        return self.agent(number)

    def agent(self, number: int = 0xA1) -> Agent:
        """An agent of the room."""
        return self.floor.room.agents[uid(number)]

    def call(self, number: int = 1) -> Call:
        """A call of the room."""
        return self.floor.room.calls[uid(number)]

    def ring(self, number: int = 1, campaign: UUID = CAMPAIGN, **changes: Any) -> list[Order]:
        """Open a line and let it ring."""
        self.tell(a_line(number, campaign, **changes))
        return self.tell(e.Ringing(uid(number), self.now))

    def answer(self, number: int = 1, campaign: UUID = CAMPAIGN, **changes: Any) -> list[Order]:
        """A person answers a line that rang for three seconds."""
        self.ring(number, campaign, **changes)
        self.now += 3_000
        return self.tell(e.Answered(uid(number), self.now))

    def grant(self, number: int = 1, agent: int = 0xA1) -> list[Order]:
        """The store grants the agent, his browser has the pop."""
        orders = self.tell(e.Reserved(uid(agent), uid(number)), 2)
        return orders + self.tell(e.ScreenReceived(uid(agent), uid(number), self.now), 20)

    def connect(self, number: int = 1, agent: int = 0xA1) -> None:
        """A call all the way to the agent's ear."""
        self.answer(number)
        self.grant(number, agent)
        self.tell(e.BridgedUp(uid(number), uid(agent), self.now))

    def hang_up(
        self, number: int = 1, by: str = "CUSTOMER", cause: str = "COMPLETED"
    ) -> list[Order]:
        """The carrier's last word."""
        return self.tell(e.HungUp(uid(number), cause, by, self.now))


def only(orders: list[Order], kind: type[_T]) -> list[_T]:
    """The orders of one kind."""
    return [order for order in orders if isinstance(order, kind)]


def a_floor(agents: int = 1, **campaign: Any) -> Desk:
    """A desk with a campaign and so many agents who are ready."""
    desk = Desk()
    desk.open_campaign(**campaign)
    for n in range(agents):
        desk.seat(0xA1 + n)
    return desk
