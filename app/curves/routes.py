"""The tab of a campaign's page that shows what its calls have taught, and on how many observations it rests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.curves import service
from app.curves.drawing import sheet_of
from app.people.doors import Deed, Door, Visit, Whom
from app.people.rules import Permission

if TYPE_CHECKING:
    from starlette.responses import Response

    from app.campaigns.routes import CampaignDoors


@dataclass(frozen=True, slots=True)
class CurveDoors:
    """The door of the tab. `campaigns` draws the frame around it."""

    campaigns: CampaignDoors

    def doors(self) -> list[Door | Deed]:
        """The tab."""
        place, view = "/campaigns/{id}/curves", Permission.CAMPAIGN_VIEW
        return [Door("GET", place, view, self.show, Whom.LISTED)]

    async def show(self, visit: Visit) -> Response:
        """How often people answer, by hour and try, and how long each part of a call lasts."""
        frame = self.campaigns
        async with frame.database.reading() as session:
            campaign = await frame.find(session, visit)
            counts = await service.list_counts(session, campaign.id, visit.now)
        sheet = sheet_of(counts, comma=visit.language == "vi") if counts else None
        return await frame.draw("curves", visit, sheet=sheet, days=service.MEMORY.days)
