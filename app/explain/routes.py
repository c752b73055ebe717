"""Addresses of the explanation: look a customer up by POST, then read the answer at his internal id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.errors import Invalid
from app.explain import service
from app.explain.phrases import Teller
from app.people import service as people
from app.people.answers import NO_STORE, wants_json
from app.people.doors import Deed, Door, Visit, Whom
from app.people.rules import Permission
from app.people.shell import page_context
from app.values.phone import masked

if TYPE_CHECKING:
    from app.customers.service import Person
    from app.db import Database
    from app.render import Pages

TEMPLATE = "explain/explain.html"
TYPED_FORMAT = "%Y-%m-%dT%H:%M"  # of a datetime-local field


@dataclass(frozen=True, slots=True)
class ExplainDoors:
    """The doors of the explanation. Nothing that names a person is ever in an address.

    Who may not look at customers is told why one was called, and not who he is.
    """

    database: Database
    pages: Pages

    def doors(self) -> list[Door | Deed]:
        """Every address of this slice."""
        view = Permission.CAMPAIGN_VIEW
        return [
            Door("GET", "/explain", view, self.show_search, Whom.LISTED),
            Door("POST", "/explain", view, self.find, Whom.LISTED),
            Door("GET", "/explain/{id}", view, self.show, Whom.LISTED),
        ]

    async def show_search(self, visit: Visit) -> Response:
        """The empty form."""
        return await self._page(visit)

    async def find(self, visit: Visit) -> Response:
        """Lead to the one customer that a number names; let choose among several; say when nobody has it."""
        typed = str((await visit.request.form()).get("text", ""))
        try:
            async with self.database.reading() as session:
                found = await service.find_customers(session, typed)
        except Invalid:
            if wants_json(visit.request):
                raise
            return await self._page(visit, status=422, fault="explain.type_something")
        if not found:
            return await self._page(visit, status=404, fault="explain.nobody", typed=typed)
        if len(found) == 1:
            return RedirectResponse(f"/explain/{found[0].id}", 303, NO_STORE)
        return await self._page(
            visit, several=[self._named(visit, person) for person in found], typed=typed
        )

    async def show(self, visit: Visit) -> Response:
        """The answer for one customer, now or at the time in the query (`at`, the organisation's wall)."""
        customer = visit.id_in("id", "There is no such customer.")
        typed = visit.request.query_params.get("at", "")
        async with self.database.writing() as session:
            zone = (await people.organisation(session)).timezone
            fault, at = None, visit.now
            try:
                at = service.read_instant(typed, zone) if typed else visit.now
            except Invalid:
                fault = "explain.bad_time"
            team = visit.user.only_team(Permission.CAMPAIGN_VIEW)
            told = await service.explain(
                session, customer, at, visit.user.actor, visit.now, team=team
            )
        status = 200 if fault is None else 422
        return await self._page(visit, status=status, fault=fault, answer=self._answer(visit, told))

    def _answer(self, visit: Visit, told: service.Explanation) -> dict[str, Any]:
        say = self.pages.sentences.speaker(visit.language)
        teller = Teller(say, visit.language, told.zone)
        named = visit.user.may(Permission.CUSTOMER_VIEW)
        return {
            **self._named(visit, told.customer),
            "at": told.at.astimezone(ZoneInfo(told.zone)).strftime(TYPED_FORMAT),
            "when": teller.when(told.at),
            "zone": told.zone.rpartition("/")[2].replace("_", " "),
            "called": told.call is not None,
            "derived": told.derived,
            "future": told.at > visit.now,
            "free_from": told.free_from and teller.when(told.free_from),
            "reasons": [
                {
                    "why": str(reason.why),
                    "text": teller.sentence(reason),
                    "source": teller.source(reason),
                    "heard": teller.heard(reason),
                    "derived": reason.derived,
                }
                for reason in told.reasons
            ],
            "consents": [teller.consent(word) for word in told.consents],
            "trail": [
                {
                    "at": teller.when(asked.at),
                    "campaign": teller.campaign(asked),
                    "channel": asked.channel,
                    "number": masked(asked.number) if asked.number and named else "",
                    "allowed": asked.allowed,
                    "verdict": teller.verdict(asked),
                    "source": teller.source(asked),
                    "until": "" if asked.allowed else teller.when(asked.until),
                    "outcome": teller.outcome(asked),
                    "heard": teller.heard(asked),
                }
                for asked in told.trail
            ],
        }

    def _named(self, visit: Visit, person: Person) -> dict[str, str]:
        """The customer by name and number, to whom may see them."""
        if visit.user.may(Permission.CUSTOMER_VIEW):
            return {"id": str(person.id), "name": person.display, "cif": person.cif}
        unnamed = self.pages.sentences.say(visit.language, "explain.unnamed")
        return {"id": str(person.id), "name": unnamed, "cif": ""}

    async def _page(self, visit: Visit, *, status: int = 200, **shown: Any) -> Response:
        async with self.database.reading() as session:
            context = await page_context(session, visit)
        nothing = {"fault": None, "typed": "", "several": (), "answer": None}
        text = self.pages.page(TEMPLATE, visit.language, **context, **nothing | shown)
        return HTMLResponse(text, status, NO_STORE)
