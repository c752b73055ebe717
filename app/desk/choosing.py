"""Addresses of an agent who decides on each call himself: dial, skip, pick, and whom there is to pick from.

Deeds write nothing: whether there still is such an offer, and whether the call is lawful at this moment,
is the dialer's to say, and what was done is written by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

import msgspec

from app.campaigns import service as campaigns
from app.desk import store, tries
from app.desk.intents import Dial, Pick, Skip
from app.errors import NotFound, Refused
from app.people.answers import json_answer
from app.people.doors import Deed, Door, Visit
from app.people.rules import Permission

if TYPE_CHECKING:
    from starlette.responses import Response

    from app.clock import Clock
    from app.db import Database, WriteSession
    from app.desk.asking import Asking

MOST_WORK: Final = 12  # rows that the panel holds without scrolling


class Dialled(msgspec.Struct):
    """Which offer, by the call that it may become: a late press cannot hit the next one.

    `phone`: on which number of the customer's; none: the one shown first.
    """

    call: UUID
    phone: UUID | None = None


class Skipped(msgspec.Struct):
    """Which offer, and why not."""

    call: UUID
    reason: Literal["LATER", "PREPARE", "SPOKEN", "UNFIT"]


class Picked(msgspec.Struct):
    """Whom the agent wants to look at."""

    lead: UUID


@dataclass(frozen=True, slots=True)
class ChoosingDoors:
    """The doors of PREVIEW and MANUAL."""

    database: Database
    clock: Clock
    asking: Asking

    def doors(self) -> list[Door | Deed]:
        """Every address of them."""
        needs = Permission.DESK_USE
        return [
            Door("GET", "/desk/work", needs, self.show_work),
            Deed("/desk/dial", needs, self.dial, Dialled, self.tell_dial, spoken=True),
            Deed("/desk/skip", needs, self.skip, Skipped, self.tell_skip, spoken=True),
            Deed("/desk/pick", needs, self.pick, Picked, self.tell_pick),
        ]

    async def show_work(self, visit: Visit) -> Response:
        """Whom the agent may call next in his campaigns: what he agreed himself first, then by turn."""
        person = visit.user.person
        async with self.database.reading() as session:
            mine = await campaigns.campaigns_of(session, person.id, person.team_id)
            found = await store.work(session, person.id, mine, now=visit.now, most=MOST_WORK)
        rows = [
            {
                "lead": str(row.lead),
                "campaign": row.campaign,
                "name": row.name,
                "dpd": row.dpd,
                "overdue_minor": row.overdue_minor,
                "currency": row.currency,
                "at": round(row.at.timestamp() * 1000),
                "tries": row.tries,
                "last": tries.told(row.last, visit.language),
                "agreed": row.agreed,
                "called": None
                if row.called_at is None
                else round(row.called_at.timestamp() * 1000),
            }
            for row in found
        ]
        return json_answer({"ok": True, "work": rows})

    async def dial(self, visit: Visit, body: Dialled, _session: None) -> dict[str, Any]:
        """The offer that the page shows must be the one at this desk."""
        return {"call": await self._offered(visit, body.call), "phone": body.phone}

    async def skip(self, visit: Visit, body: Skipped, _session: None) -> dict[str, Any]:
        """Not this one; the dialer puts the lead off and writes who did, and why."""
        return {"call": await self._offered(visit, body.call), "reason": body.reason}

    async def pick(self, visit: Visit, body: Picked, session: WriteSession) -> dict[str, Any]:
        """Somebody of one's own campaigns."""
        person = visit.user.person
        mine = await campaigns.campaigns_of(session, person.id, person.team_id)
        campaign = await store.campaign_of_lead(session, body.lead)
        if campaign is None or campaign not in mine:
            raise NotFound(
                "This customer is not on a list of yours.", code="LEAD_UNKNOWN", field="lead"
            )
        return {"lead": body.lead, "campaign": campaign}

    async def _offered(self, visit: Visit, call: UUID) -> UUID:
        card = await self.asking.agent_card(visit.user.id)
        if card.get("state") != "REVIEW" or card.get("call") != str(call):
            raise Refused("This customer is not offered to you any more.", code="OFFER_OVER")
        return call

    async def tell_dial(self, visit: Visit, answer: dict[str, Any]) -> None:
        """He wants this call."""
        call, phone = UUID(answer["call"]), answer["phone"]
        chosen = None if phone is None else UUID(phone)
        dial = Dial(user=visit.user.id, call=call, phone=chosen, at_ms=visit.now_ms)
        await self.asking.send(dial)

    async def tell_skip(self, visit: Visit, answer: dict[str, Any]) -> None:
        """He does not."""
        call, reason = UUID(answer["call"]), answer["reason"]
        skipped = Skip(user=visit.user.id, call=call, reason=reason, at_ms=visit.now_ms)
        await self.asking.send(skipped)

    async def tell_pick(self, visit: Visit, answer: dict[str, Any]) -> None:
        """He wants to look at this one."""
        campaign, lead = UUID(answer["campaign"]), UUID(answer["lead"])
        picked = Pick(user=visit.user.id, campaign=campaign, lead=lead, at_ms=visit.now_ms)
        await self.asking.send(picked)
