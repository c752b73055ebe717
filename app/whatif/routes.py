"""The tab of a campaign's page that asks a recorded day what other settings would have brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from app.errors import NotFound
from app.people import service as people
from app.people.doors import Deed, Door, Visit, Whom
from app.people.rules import Permission
from app.whatif import service
from app.whatif.drawing import Drawer
from app.whatif.rules import DIALLED_BY_ITSELF, DaySettings, bounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from app.campaigns.routes import CampaignDoors
    from app.clock import Clock
    from app.db import WriteSession
    from app.whatif.service import WhatIf

OPEN = frozenset({"WAITING", "RUNNING"})


class WhatIfForm(msgspec.Struct):
    """A day and the settings to try on it. Percentages are of answered calls, the ceiling is lines per agent."""

    day: date
    mode: str
    abandon_target_pct: float
    abandon_limit_pct: float
    ratio_ceiling: float
    lines: int


class Nothing(msgspec.Struct):
    """A deed that needs no words: its address says all."""


@dataclass(frozen=True, slots=True)
class WhatIfDoors:
    """The doors of the tab. `campaigns` draws the frame around it."""

    campaigns: CampaignDoors
    clock: Clock

    def doors(self) -> list[Door | Deed]:
        """The tab with its latest answer, an earlier one, the question and its end."""
        view, control, tab = (
            Permission.CAMPAIGN_VIEW,
            Permission.CAMPAIGN_CONTROL,
            "/campaigns/{id}/what-if",
        )
        return [
            Door("GET", tab, view, self.show, Whom.LISTED),
            Door("GET", f"{tab}/{{question}}", view, self.show, Whom.LISTED),
            Deed(tab, control, self.ask, WhatIfForm, whom=Whom.LISTED),
            Deed(f"{tab}/cancel", control, self.cancel, Nothing, whom=Whom.LISTED),
        ]

    async def show(self, visit: Visit) -> Response:
        """The form, how far the present question is, and the answer of the one that is looked at."""
        frame = self.campaigns
        async with frame.database.reading() as session:
            campaign = await frame.find(session, visit)
            zone = (await people.organisation(session)).timezone
            days = await service.list_days(session, campaign.id, visit.now)
            asked = await service.latest(session, campaign.id)
            own = await service.own_settings(session, campaign.id, days[0]) if days else None
        drawer = Drawer(frame.pages.sentences.speaker(visit.language), visit.language, zone)
        looked_at = _looked_at(visit, asked)
        return await frame.draw(
            "what-if", visit,
            days=days, own=own, modes=DIALLED_BY_ITSELF, bounds=bounds, zone=zone,
            question=looked_at, going=next((each for each in asked if each.state in OPEN), None),
            left_s=_left_s(looked_at, visit),
            drawing=_drawing(looked_at, drawer),
            earlier=[(each, drawer.changed(*_settings(each))) for each in asked if each.own],
            may_ask=visit.user.may(Permission.CAMPAIGN_CONTROL),
        )  # fmt: skip

    async def ask(self, visit: Visit, body: WhatIfForm, session: WriteSession) -> dict[str, Any]:
        """Put the question; the worker answers it."""
        campaign = await self.campaigns.find(session, visit)
        changes = msgspec.structs.asdict(body)
        asking = service.Asking(changes.pop("day"), changes)
        await service.ask(session, campaign.id, asking, visit.user.actor, self.clock)
        return {"next": f"/campaigns/{campaign.id}/what-if"}

    async def cancel(self, visit: Visit, _body: Nothing, session: WriteSession) -> dict[str, Any]:
        """Take the question back."""
        campaign = await self.campaigns.find(session, visit)
        await service.cancel(session, campaign.id, visit.user.actor, visit.now)
        return {"next": f"/campaigns/{campaign.id}/what-if"}


def _looked_at(visit: Visit, asked: Sequence[WhatIf]) -> WhatIf | None:
    """The question of the address, else the newest. Raises NotFound for one that is not there."""
    if "question" not in visit.request.path_params:
        return asked[0] if asked else None
    wanted = visit.id_in("question", "There is no such question.")
    found = next((each for each in asked if each.id == wanted), None)
    if found is None:
        raise NotFound("There is no such question.")
    return found


def _settings(question: WhatIf) -> tuple[DaySettings, DaySettings]:
    """The day's own, and those that were asked about."""
    asked = msgspec.convert(question.asked, DaySettings)
    return (msgspec.convert(question.own, DaySettings) if question.own else asked), asked


def _drawing(question: WhatIf | None, drawer: Drawer) -> Any:
    answer = None if question is None else service.answer_of(question)
    return None if answer is None or question is None else drawer.draw(answer, *_settings(question))


def _left_s(question: WhatIf | None, visit: Visit) -> int | None:
    """How long it will still take, by how long it took so far; None before that can be said."""
    if question is None or question.begun_at is None or question.days_done < 1:
        return None
    spent = (visit.now - question.begun_at).total_seconds()
    return round(spent / question.days_done * (question.days_of - question.days_done))
