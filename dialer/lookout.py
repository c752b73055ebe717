"""What the engine looks at beside its loop: whose browser is heard, which campaigns there are, the wall's figures.

Finds nothing of its own accord to be right or wrong: what it sees becomes events, what fails is raised.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.desk.intents import CampaignChanged, Intent, ScreenStale, SignedIn
from app.errors import Unavailable
from dialer.core import events as e
from dialer.core.campaign import CampaignState
from dialer.core.floor import Floor
from dialer.core.orders import Publish
from dialer.errands import ANSWER_SECONDS
from dialer.tools import Tools


class Lookout:
    """Looks at presence, the meter and the campaigns for one floor; `tell` puts an event into the inbox."""

    def __init__(
        self, floor: Floor, tools: Tools, tell: Callable[[e.Event], Awaitable[None]], silent_ms: int
    ) -> None:
        self._floor = floor
        self._tools = tools
        self._tell = tell
        self._silent_ms = silent_ms
        self._changed: dict[UUID, Mapping[str, Any]] = {}  # agents' cards since the last report

    def note(self, card: Publish) -> None:
        """A card that leaves for a desk: an agent's own is the wall's too."""
        if card.key == "agent" and card.value is not None:
            self._changed[UUID(str(card.value["user"]))] = card.value

    async def report(self) -> None:
        """Hand over the figures. Raises `Unavailable` or TimeoutError; what changed is then kept."""
        now = self._tools.clock.now_ms()
        changed, self._changed = self._changed, {}
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._tools.meter.report(
                    self._floor.campaign_cards(now), self._floor.floor_card(now), changed
                )
        except (Unavailable, TimeoutError):
            self._changed = changed | self._changed
            raise

    async def links(self) -> None:
        """Tell the room whose browser fell silent, and who is heard again. Raises `BrokerLost`."""
        now = self._tools.clock.now_ms()
        silent = set(await self._tools.presence.silent(now - self._silent_ms))
        for agent in self._floor.linked():
            if str(agent) in silent:
                await self._tell(e.LinkDown(agent))
        lost = self._floor.lost()
        if lost:
            heard = await self._tools.presence.heard([str(agent) for agent in lost])
            for agent, since in lost.items():
                if heard.get(str(agent), 0) > since:
                    await self._tell(e.LinkUp(agent))

    async def heed(self, intent: Intent) -> None:
        """What an intent asks of others than the room, before the room hears of it."""
        match intent:
            case CampaignChanged():
                await self._campaign(intent.campaign)
            case SignedIn():
                self._tools.screens.meet(intent.user)
            case ScreenStale():
                self._renew(intent.call)
            case _:
                pass

    def _renew(self, call_id: UUID) -> None:
        """The books know more about this call's customer than his screen shows."""
        call = self._floor.call(call_id)
        if call is not None:
            agent = call.agent if call.confirmed else None
            self._tools.screens.renew(call_id, agent, call.assigned_at or 0)

    async def _campaign(self, campaign_id: UUID) -> None:
        """One campaign was changed. A store that does not answer leaves it to the next `campaigns`."""
        try:
            campaign = await self._tools.leads.campaign(campaign_id, self._tools.clock.now_ms())
        except Unavailable:
            return
        known = self._floor.room.efforts.get(campaign_id)
        if campaign is None and known is not None:
            campaign = replace(known.campaign, state=CampaignState.ARCHIVED)
        if campaign is not None:
            await self._tell(e.CampaignLoaded(campaign))

    async def roster(self) -> None:
        """Who is planned to be away. Raises `Unavailable`: what was planned before holds on."""
        await self._tell(
            e.RosterRead(await self._tools.roster.absences(self._tools.clock.now_ms()))
        )

    async def campaigns(self) -> None:
        """Every campaign as it is stored. Raises `Unavailable`."""
        for campaign in await self._tools.leads.campaigns(self._tools.clock.now_ms()):
            await self._tell(e.CampaignLoaded(campaign))
