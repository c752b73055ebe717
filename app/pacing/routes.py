"""The tab of a campaign's page that shows how it is dialled, why, and lets it be dialled otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from app.campaigns import service as campaigns
from app.campaigns.lawful import mode_problem
from app.campaigns.rules import Mode
from app.errors import Invalid
from app.pacing import service
from app.pacing.phrases import Teller
from app.pacing.rules import MINUTE, read_instant
from app.pacing.strip import strip_of
from app.people import service as people
from app.people.doors import Deed, Door, Visit, Whom
from app.people.rules import Permission

if TYPE_CHECKING:
    from starlette.responses import Response

    from app.campaigns.routes import CampaignDoors
    from app.db import WriteSession

TUNED = ("ratio_ceiling", "abandon_target_pct", "calls_per_second")
SECOND_FORMAT = "%Y-%m-%dT%H:%M:%S"  # of a datetime-local field with seconds


class PaceForm(msgspec.Struct):
    """How a campaign is to be dialled. Percentages are of answered calls, the ceiling is lines per agent.

    `calls_per_second` null: no cap; left out: as it is.
    """

    version: int
    mode: str
    ratio_ceiling: float
    abandon_target_pct: float
    calls_per_second: int | msgspec.UnsetType | None = msgspec.UNSET
    reason: str = ""

    def wanted(self) -> dict[str, Any]:
        """By the names of the settings."""
        said = {
            name: value for name in TUNED if (value := getattr(self, name)) is not msgspec.UNSET
        }
        return {"mode": self.mode, **{n: v if v is None else round(v, 2) for n, v in said.items()}}


class CarrierForm(msgspec.Struct):
    """Most calls within a second of all campaigns together, null for no cap, and what the page showed."""

    carrier_calls_per_second: int | None
    was: int | None = None


@dataclass(frozen=True, slots=True)
class PacingDoors:
    """The doors of the tab. `campaigns` draws the frame around it."""

    campaigns: CampaignDoors

    def doors(self) -> list[Door | Deed]:
        """The tab and its deed."""
        view, control = Permission.CAMPAIGN_VIEW, Permission.CAMPAIGN_CONTROL
        return [
            Door("GET", "/campaigns/{id}/pacing", view, self.show, Whom.LISTED),
            Deed("/campaigns/{id}/pace", control, self.set_pace, PaceForm, self.tell_change),
            Deed(
                "/campaigns/{id}/carrier-pace",
                control,
                self.set_carrier_pace,
                CarrierForm,
                self.tell_change,
            ),
        ]

    async def show(self, visit: Visit) -> Response:
        """The last hour, the settings, and any second that is asked for (`at`)."""
        frame, typed = self.campaigns, visit.request.query_params.get("at", "").strip()
        async with frame.database.reading() as session:
            campaign = await frame.find(session, visit)
            house = await people.organisation(session)
            zone, carrier_pace = house.timezone, house.calls_per_second
            law = await campaigns.law_on(session, campaign)
            minutes = await service.hour(session, campaign.id, visit.now)
            teller = Teller(frame.pages.sentences.speaker(visit.language), visit.language, zone)
            shown: dict[str, Any] = {"typed": typed, "fault": None, "told": None, "when": ""}
            if typed:
                try:
                    at = read_instant(typed, visit.now, zone)
                    second = await service.second(session, campaign.id, at)
                    shown["when"] = teller.when(at)
                    shown["told"] = second and teller.explain(second)
                except Invalid:
                    shown["fault"] = "pacing.bad_time"
        return await frame.draw(
            "pacing", visit,
            strip=strip_of(minutes, visit.now), teller=teller,
            modes=[mode.value for mode in Mode if mode_problem(mode, law) is None],
            may_control=visit.user.may(Permission.CAMPAIGN_CONTROL),
            carrier_pace=carrier_pace,
            suggested=typed or f"{teller.local(visit.now - MINUTE):{SECOND_FORMAT}}",
            **shown,
        )  # fmt: skip

    async def set_pace(self, visit: Visit, body: PaceForm, session: WriteSession) -> dict[str, Any]:
        """Dial harder or softer, or in another mode, from the next tick on."""
        campaign = await self.campaigns.find(session, visit)
        settings = campaigns.settings_of(campaign)
        stored = {"mode": campaign.mode} | {name: getattr(settings, name) for name in TUNED}
        changes = {name: v for name, v in body.wanted().items() if v != stored[name]}
        if not changes:
            raise Invalid("Nothing is changed: set at least one of them.", field="mode")
        await campaigns.change_settings(
            session, campaign.id, changes, visit.user.actor, visit.now,
            version=body.version, reason=body.reason,
        )  # fmt: skip
        return {"campaign": campaign.id, "version": body.version + 1}

    async def set_carrier_pace(
        self, visit: Visit, body: CarrierForm, session: WriteSession
    ) -> dict[str, Any]:
        """Spare the carrier: it is of all campaigns, and set from the tab of any."""
        campaign = await self.campaigns.find(session, visit)
        await campaigns.set_carrier_pace(
            session, body.carrier_calls_per_second, was=body.was, actor=visit.user.actor,
            now=visit.now,
        )  # fmt: skip
        return {"campaign": campaign.id, "next": f"/campaigns/{campaign.id}/pacing"}

    async def tell_change(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The dialer loads the campaign again."""
        await self.campaigns.dialer.changed(UUID(answer["campaign"]), visit.now_ms)
