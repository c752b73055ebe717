"""A room with many small campaigns under way, for benches: agents in calls, and as many lines that ring.

Everything is told to the product's own `Floor`, event by event, as the engine would.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from dialer.core import events as e
from dialer.core.floor import Floor
from dialer.core.live import LineOpened
from loadtests.pacing_live import OPENS_MS, a_campaign
from loadtests.pacing_referee.scenario import Scenario

if TYPE_CHECKING:
    from dialer.core.campaign import Campaign

BUSY = 0.8  # of the agents are in a call
APART = 1_237  # between campaigns' ids: each decides at an instant of its own
TICK_MS = 250
SETTLES_MS = 8 * TICK_MS  # until every campaign has decided twice


class RoomAtWork:
    """So many campaigns with so many agents each."""

    def __init__(self, campaigns: int, agents: int) -> None:
        self.floor = Floor()
        self.now_ms = OPENS_MS
        terms = replace(
            a_campaign(Scenario(name="one of many", agents=agents)), amd=False, wrapup_s=30
        )
        for number in range(campaigns):
            self._open(replace(terms, id=_id(0xC, APART * number)), agents)
        self.pass_by(SETTLES_MS)

    def pass_by(self, ms: int) -> None:
        """Let time go by, four ticks a second."""
        for _ in range(ms // TICK_MS):
            self.now_ms += TICK_MS
            self._tell(e.Tick())

    def _open(self, campaign: Campaign, agents: int) -> None:
        self._tell(e.CampaignLoaded(campaign))
        for _ in range(agents):
            agent = _id(0xA, len(self.floor.room.agents))
            self._tell(e.AgentSignedIn(agent, "one of many", None, frozenset({campaign.id})))
            self._tell(e.LinkUp(agent, "socket"))
            self._tell(e.AgentReady(agent))
        for _ in range(int(BUSY * agents)):
            self._converse(self._ring(campaign.id))
        for _ in range(agents):
            self._ring(campaign.id)

    def _ring(self, campaign: UUID) -> UUID:
        call = _id(0xD, len(self.floor.room.calls))
        self._tell(
            LineOpened(
                call, campaign, lead=call, customer=call, number="+84500000001",
                caller_id="+842471000000", attempt_no=1, attempts_today=1, cap=3,
            )
        )  # fmt: skip
        self._tell(e.Ringing(call, self.now_ms))
        return call

    def _converse(self, call: UUID) -> None:
        self._tell(e.Answered(call, self.now_ms))
        known = self.floor.call(call)
        if known is None or known.agent is None:
            raise RuntimeError(f"nobody took call {call}: the room has too few free agents")
        self._tell(e.Reserved(known.agent, call))
        self._tell(e.ScreenReceived(known.agent, call, self.now_ms))
        self._tell(e.BridgedUp(call, known.agent, self.now_ms))

    def _tell(self, event: e.Event) -> None:
        self.floor.receive(event, self.now_ms)


def _id(kind: int, number: int) -> UUID:
    return UUID(int=(kind << 96) + number)
