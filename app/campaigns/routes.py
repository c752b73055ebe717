"""Addresses of campaigns: the list, and a page for each with one tab per subject.

A tab is an address of its own, so that it can be linked to and a slice above may add one: its door, its
template on `campaigns/campaign.html`, and its line in `TABS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import UUID

from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.campaigns import abandonment, message, service
from app.campaigns.forms import SettingsForm, retry_rows
from app.campaigns.lawful import MOST_WINDOWS, bounds
from app.campaigns.retries import Again
from app.campaigns.rules import CampaignState, startable
from app.compliance.profiles import PROFILES, Rule, source_label
from app.errors import NotFound
from app.people import service as people
from app.people.answers import NO_STORE
from app.people.doors import Deed, Door, Visit, Whom
from app.people.rules import Permission
from app.people.shell import page_context
from app.values.period import clock_text

if TYPE_CHECKING:
    from app.campaigns.models import Campaign
    from app.campaigns.strategy import Settings
    from app.compliance.profiles import Profile
    from app.db import Database, ReadSession, WriteSession
    from app.render import Pages

TABS: Final = (
    ("law", "campaigns.tab_law"),
    ("retries", "campaigns.tab_retries"),
    ("calling", "campaigns.tab_calling"),
    ("abandonment", "campaigns.tab_abandonment"),
    ("pacing", "campaigns.tab_pacing"),
    ("curves", "campaigns.tab_curves"),
    ("what-if", "campaigns.tab_what_if"),
    ("readiness", "campaigns.tab_readiness"),
)
"""Slug and word of each tab of a campaign's page, in their order."""
SPARE_WINDOWS: Final = 1  # empty rows that the form offers


class Dialer(Protocol):
    """How a change reaches the room of calls; fulfilled by `app.desk.asking`."""

    async def changed(self, campaign: UUID, at_ms: int) -> None:
        """A campaign's stored settings or state changed."""
        ...


@dataclass(frozen=True, slots=True)
class CampaignDoors:
    """The doors of campaigns. What moves one (start, pause, stop) is at the wall's."""

    database: Database
    pages: Pages
    dialer: Dialer

    def doors(self) -> list[Door | Deed]:
        """The list, the tabs, and the change of settings."""
        view, edit, one = Permission.CAMPAIGN_VIEW, Permission.CAMPAIGN_EDIT, "/campaigns/{id}"
        tabs = {
            "law": self.show_law,
            "retries": self.show_retries,
            "calling": self.show_calling,
            "abandonment": self.show_abandonment,
            "readiness": self.show_readiness,
        }
        return [
            Door("GET", "/campaigns", view, self.show_list, Whom.LISTED),
            Door("GET", one, view, self.show, Whom.LISTED),
            *(Door("GET", f"{one}/{tab}", view, show, Whom.LISTED) for tab, show in tabs.items()),
            Deed(f"{one}/settings", edit, self.change, SettingsForm, self.tell_change),
        ]

    async def show_list(self, visit: Visit) -> Response:
        """Every campaign within the reader's scope, with its leads."""
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            found = await service.list_seen(session, visit.user.only_team(Permission.CAMPAIGN_VIEW))
            counts = {each.id: await service.counts(session, each.id) for each in found}
        return self._page("list", visit, context, campaigns=found, counts=counts)

    async def show(self, visit: Visit) -> Response:
        """The campaign's first tab."""
        async with self.database.reading() as session:
            campaign = await self.find(session, visit)
        return RedirectResponse(f"/campaigns/{campaign.id}/{TABS[0][0]}", 303, NO_STORE)

    async def show_law(self, visit: Visit) -> Response:
        """Whose law holds, the hours, and how often somebody may be called."""
        return await self.draw("law", visit, profiles=list(PROFILES), windows=MOST_WINDOWS)

    async def show_retries(self, visit: Visit) -> Response:
        """When somebody is tried again, by how the last call went."""
        return await self.draw("retries", visit, choices=list(Again))

    async def show_calling(self, visit: Visit) -> Response:
        """The numbers that customers see, lines, ringing, and what agents need."""
        return await self.draw("calling", visit)

    async def show_abandonment(self, visit: Visit) -> Response:
        """How many may reach nobody, after how long, and what they then hear."""
        async with self.database.reading() as session:
            campaign = await self.find(session, visit)
            judged = await abandonment.judged(session, campaign.id, visit.now)
        return await self.draw(
            "abandonment",
            visit,
            usual=message.USUAL,
            reminder=message.USUAL_REMINDER,
            judged=judged,
        )

    async def show_readiness(self, visit: Visit) -> Response:
        """What is missing before the campaign may start."""
        async with self.database.reading() as session:
            campaign = await self.find(session, visit)
            checks = await service.check(session, campaign.id, visit.now)
        may_start = visit.user.may(Permission.CAMPAIGN_CONTROL)
        can_start = may_start and startable(CampaignState(campaign.state))
        return await self.draw("readiness", visit, checks=checks, can_start=can_start)

    async def change(
        self, visit: Visit, body: SettingsForm, session: WriteSession
    ) -> dict[str, Any]:
        """Set what the tab shows; refused when somebody else was quicker."""
        campaign, who = _id_in(visit), visit.user
        home = (await people.organisation(session)).legal_profile
        await service.change_settings(
            session, campaign, body.changes(home), who.actor, visit.now, version=body.version
        )
        return {"campaign": campaign, "version": body.version + 1}

    async def tell_change(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The dialer loads the campaign again."""
        await self.dialer.changed(UUID(answer["campaign"]), visit.now_ms)

    async def find(self, session: ReadSession, visit: Visit) -> Campaign:
        """The campaign of the address, within the reader's scope. Raises NotFound."""
        campaign = await service.find(session, _id_in(visit))
        team = visit.user.only_team(Permission.CAMPAIGN_VIEW)
        if team is not None and campaign not in await service.list_seen(session, team):
            raise NotFound("There is no such campaign.")
        return campaign

    async def draw(self, tab: str, visit: Visit, **shown: Any) -> Response:
        """A tab in its frame, one of a slice above too: its template is given what is `shown`."""
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            campaign = await self.find(session, visit)
            law = await service.law_on(session, campaign)
        settings = service.settings_of(campaign)
        return self._page(
            tab, visit, context,
            campaign=campaign, settings=settings, tab=tab, tabs=TABS, law=law,
            message_source=source_label(law.message.source, visit.language),
            may_edit=visit.user.may(Permission.CAMPAIGN_EDIT),
            limits=_limits(law, visit.language),
            **_rows(tab, settings, visit.language), **shown,
        )  # fmt: skip

    def _page(self, template: str, visit: Visit, context: dict[str, Any], **shown: Any) -> Response:
        text = self.pages.page(f"campaigns/{template}.html", visit.language, **context, **shown)
        return HTMLResponse(text, headers=NO_STORE)


def _rows(tab: str, settings: Settings, language: str) -> dict[str, Any]:
    """What a tab lists of the settings."""
    if tab == "retries":
        causes, outcomes = retry_rows(dict(settings.retry), language)
        return {"causes": causes, "outcomes": outcomes}
    if tab == "law":
        rows = [
            (sorted(w.weekdays), clock_text(w.from_minute), clock_text(w.to_minute))
            for w in settings.windows
        ]
        spare = min(SPARE_WINDOWS, MOST_WINDOWS - len(rows))
        return {"window_rows": [*rows, *[(list(range(1, 8)), "", "")] * spare]}
    return {}


def _limits(law: Profile, language: str) -> dict[str, Any]:
    """Between what each field may be set, its sources in words, and the lawful hours."""
    told: dict[str, Any] = {
        name: {
            "least": bound.least,
            "most": bound.most,
            "source": source_label(bound.least_source, language)
            if name in {"min_gap_minutes", "ring_timeout_s"}
            else source_label(bound.most_source, language),
        }
        for name, bound in bounds(law).items()
    }
    hours = law.hours
    told["windows"] = {
        "least": clock_text(hours.from_minute),
        "most": clock_text(hours.to_minute),
        "source": source_label(law.source(Rule.OUT_OF_WINDOW), language),
    }
    return told


def _id_in(visit: Visit) -> UUID:
    return visit.id_in("id", "There is no such campaign.")
