"""The care page: disputes and hardships that wait for a decision, and the decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec
from starlette.responses import HTMLResponse, Response

from app.care import rules, service
from app.care.rules import DECIDED, DisputeStatus, Source
from app.people import service as people
from app.people.answers import NO_STORE
from app.people.doors import Deed, Door, Visit
from app.people.rules import Permission
from app.people.shell import page_context

if TYPE_CHECKING:
    from app.clock import Clock
    from app.db import Database, ReadSession, WriteSession
    from app.render import Pages

CHOICES: Final = (DisputeStatus.IN_REVIEW, *sorted(DECIDED))


class DisputeDecision(msgspec.Struct):
    """What becomes of a dispute: IN_REVIEW, UPHELD, REJECTED or WITHDRAWN, and why."""

    dispute: UUID
    status: str
    comment: str = ""


class HardshipDecision(msgspec.Struct):
    """When a hardship is looked at again; without a day it is over."""

    hardship: UUID
    again_on: date | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class CareDoors:
    """The doors of care."""

    database: Database
    clock: Clock
    pages: Pages

    def doors(self) -> list[Door | Deed]:
        """Every address of care."""
        needs = Permission.CARE_DECIDE
        return [
            Door("GET", "/care", needs, self.show_care),
            Deed("/care/dispute", needs, self.decide_dispute, DisputeDecision),
            Deed("/care/hardship", needs, self.decide_hardship, HardshipDecision),
        ]

    async def show_care(self, visit: Visit) -> Response:
        """What waits, the most urgent first."""
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            waiting = await service.waiting(session)
            today = await self._today(session)
        text = self.pages.page(
            "care/care.html",
            visit.language,
            **context,
            waiting=waiting,
            choices=CHOICES,
            today=today,
            earliest=today + timedelta(days=1),
            latest=today + timedelta(days=rules.REVIEW_DAYS_MAX),
            zone=context["boot"]["zone"],
        )
        return HTMLResponse(text, headers=NO_STORE)

    async def decide_dispute(
        self, visit: Visit, body: DisputeDecision, session: WriteSession
    ) -> dict[str, Any]:
        """Take a dispute up, or decide it; with the last one the hold on the customer ends."""
        origin = await self._origin(visit, session)
        await service.decide_dispute(session, body.dispute, body.status, body.comment, origin)
        return {"dispute": body.dispute, "status": body.status}

    async def decide_hardship(
        self, visit: Visit, body: HardshipDecision, session: WriteSession
    ) -> dict[str, Any]:
        """A hardship goes on until a day, or it is over."""
        origin = await self._origin(visit, session)
        await service.review_hardship(
            session, body.hardship, again_on=body.again_on, comment=body.comment, origin=origin
        )
        return {"hardship": body.hardship, "again_on": body.again_on}

    async def _origin(self, visit: Visit, session: WriteSession) -> service.Origin:
        today = await self._today(session)
        return service.Origin(visit.user.actor, self.clock, today, Source.LEAD)

    async def _today(self, session: ReadSession) -> date:
        return self.clock.today((await people.organisation(session)).timezone)
