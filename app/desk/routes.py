"""Addresses of the agent's table: the page, the calls' controls, the outcome, the draft.

Each deed parses, calls one service function, and tells the dialer after the commit. What the dialer
makes of it comes back by the socket: an answer here says "taken", never "done".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec
from starlette.responses import HTMLResponse, Response

from app.breaks import service as breaks
from app.breaks.rules import TRAINING
from app.campaigns import service as campaigns
from app.desk import drafts, service, training, tries
from app.desk.bars import Standing
from app.desk.intents import (
    CancelPending,
    ChooseMode,
    Disposed,
    Extend,
    Finish,
    HangUp,
    Hold,
    Intent,
    Mute,
    Pause,
    Ready,
    SignedOut,
)
from app.desk.outcomes import Form
from app.desk.pop import Speaker
from app.desk.presets import Snooze, snoozed_until
from app.desk.rules import bars, choices
from app.errors import NotFound, Refused, Unavailable
from app.history import service as history
from app.people import service as people
from app.people.answers import NO_STORE, json_answer
from app.people.doors import Deed, Door, Visit
from app.people.rules import Permission
from app.people.shell import page_context
from app.supervision import service as supervision
from app.supervision.rules import Kind, request_cards

if TYPE_CHECKING:
    from app.clock import Clock
    from app.db import Database, WriteSession
    from app.desk.asking import Asking
    from app.render import Pages


class Nothing(msgspec.Struct):
    """A deed that needs no words."""


class Readiness(msgspec.Struct):
    """What the page found when it looked for a headset."""

    headset: Literal["PASSED", "FAILED", "NOT_REQUIRED"] = "NOT_REQUIRED"


class Break(msgspec.Struct):
    """Why the agent is away: a code of the break reasons."""

    reason: str


class Mode(msgspec.Struct):
    """Who finds the next customer: the dialer, or the agent himself."""

    mode: Literal["AUTO", "MANUAL"]


class OfCall(msgspec.Struct):
    """Which call is meant, so that a late press cannot hit the next one."""

    call: UUID


class OfCallback(msgspec.Struct):
    """Which agreed call is meant."""

    callback: UUID


class Snoozed(msgspec.Struct):
    """Which agreed call, and until when it is not spoken of."""

    callback: UUID
    until: Snooze


class Switch(msgspec.Struct):
    """On or off."""

    on: bool


@dataclass(frozen=True, slots=True)
class DeskDoors:
    """The doors of the desk."""

    database: Database
    clock: Clock
    pages: Pages
    asking: Asking
    page_phones: bool = False  # agents speak by their pages, unless they chose a desk phone

    def doors(self) -> list[Door | Deed]:
        """Every address of the desk."""
        needs = Permission.DESK_USE
        return [
            Door("GET", "/desk", needs, self.show_desk),
            Deed("/desk/ready", needs, self.ready, Readiness, self.tell_ready),
            Deed("/desk/pause", needs, self.pause, Break, self.tell_pause),
            Deed("/desk/mode", needs, self.choose_mode, Mode, self.tell_mode),
            Deed("/desk/sign-out", needs, self.taken, Nothing, self.tell_leave),
            Deed("/desk/cancel-pending", needs, self.taken, Nothing, self.tell_cancel, spoken=True),
            Deed("/desk/hangup", needs, self.of_call, OfCall, self.tell_hangup, spoken=True),
            Deed("/desk/extend", needs, self.at_call, Nothing, self.tell_extend),
            Deed("/desk/mute", needs, self.switch, Switch, self.tell_mute, spoken=True),
            Deed("/desk/hold", needs, self.switch_call, Switch, self.tell_hold, spoken=True),
            Deed("/desk/outcome", needs, self.choose, Form, self.tell_disposed),
            Deed("/desk/finish", needs, self.finish, OfCall, self.tell_finish),
            Deed("/desk/correct", needs, self.correct, Form),
            Deed("/desk/draft", needs, self.keep_draft, drafts.Typed),
            Door("GET", "/desk/draft", needs, self.show_draft),
            Door("GET", "/desk/last", needs, self.show_last),
            Door("GET", "/desk/templates", needs, self.show_templates),
            Deed("/desk/reminder/seen", needs, self.put_away, OfCallback),
            Deed("/desk/reminder/snooze", needs, self.snooze, Snoozed),
        ]

    async def show_desk(self, visit: Visit) -> Response:
        """The page; whoever opens it is on the floor from here on."""
        async with self.database.reading() as session:
            context = await page_context(session, visit)
            context["boot"]["pause_reasons"] = await breaks.menu(session, visit.language)
            context["boot"]["training"] = await training.is_on(session, visit.user.id)
        context["boot"]["softphone"] = self._speaks_by_page(visit)
        context["boot"]["phone_choice"] = self.page_phones
        context["boot"]["choices"] = choices(visit.language)
        context["boot"]["tries"] = tries.words(visit.language)
        await self.asking.signed_in(visit.user.person)
        text = self.pages.page("desk/desk.html", visit.language, **context)
        return HTMLResponse(text, headers=NO_STORE)

    async def taken(self, _visit: Visit, _body: Nothing, _session: object) -> dict[str, Any]:
        """Nothing is written: the dialer decides."""
        return {}

    async def ready(self, visit: Visit, body: Readiness, session: WriteSession) -> dict[str, Any]:
        """Ready needs a campaign to be ready for (check LG7), and a headset where one is demanded.

        A desk in training is ready to practise, and nothing else.
        """
        person = visit.user.person
        if await training.is_on(session, person.id):
            return {"training": True}
        found = await campaigns.campaigns_of(session, person.id, person.team_id)
        if not found:
            raise Refused("No campaign is assigned to you: ask your team lead.", code="NO_CAMPAIGN")
        by_page = self._speaks_by_page(visit)
        heard = body.headset == "PASSED" or (body.headset == "NOT_REQUIRED" and not by_page)
        if not heard and await campaigns.demand_headset(session, found):
            raise Refused("Your headset was not heard: plug it in and try again.", code="HEADSET")
        return {"training": False}

    async def pause(self, visit: Visit, body: Break, session: WriteSession) -> dict[str, Any]:
        """A break has a reason from the list; some reasons ask whoever leads first."""
        terms = await breaks.find_offered(session, body.reason)
        if terms.needs_approval:
            wish = supervision.Wish(Kind.BREAK, terms.code)
            request = await supervision.ask(session, wish, visit.user, self.clock)
            return {"reason": terms.code, "asked": request.id}
        await breaks.tell_fault(session, visit.user.id, terms, visit.now)
        return {"reason": terms.code, "limit_ms": breaks.limit_ms(terms), "asked": None}

    async def choose_mode(
        self, _visit: Visit, body: Mode, _session: WriteSession
    ) -> dict[str, Any]:
        """The dialer's calls, or calls of one's own; in a call it takes effect after it."""
        return {"mode": body.mode}

    async def of_call(self, visit: Visit, body: OfCall, _session: None) -> dict[str, Any]:
        """The call that the page shows must be the call at this desk."""
        return {"call": await self._call(visit, body.call)}

    async def at_call(self, visit: Visit, _body: Nothing, _session: WriteSession) -> dict[str, Any]:
        """The call at this desk, whichever it is."""
        return {"call": await self._call(visit, None)}

    async def switch(self, _visit: Visit, body: Switch, _session: None) -> dict[str, Any]:
        """On or off, of the agent's microphone."""
        return {"on": body.on}

    async def switch_call(self, visit: Visit, body: Switch, _session: None) -> dict[str, Any]:
        """On or off, of the call at this desk."""
        return {"on": body.on, "call": await self._call(visit, None)}

    async def choose(self, visit: Visit, body: Form, session: WriteSession) -> dict[str, Any]:
        """Choose an outcome; it can be changed until the call is finished."""
        try:
            leaf = await service.save_outcome(session, body, visit.user.actor, self.clock)
        except NotFound as unknown:
            raise await self._unless_new(visit, body.call, unknown) from unknown
        return {"call": body.call, "leaf": leaf.code}

    async def finish(self, visit: Visit, body: OfCall, session: WriteSession) -> dict[str, Any]:
        """Record the outcome with its effects; the next call may come."""
        done = await service.finish_call(session, body.call, visit.user.actor, self.clock)
        return {"call": done.call, "leaf": done.leaf, "action": done.action}

    async def correct(self, visit: Visit, body: Form, session: WriteSession) -> dict[str, Any]:
        """Put an outcome right within five minutes."""
        done = await service.correct(session, body, visit.user.actor, self.clock)
        return {"call": done.call, "leaf": done.leaf, "action": done.action}

    async def keep_draft(
        self, visit: Visit, body: drafts.Typed, session: WriteSession
    ) -> dict[str, Any]:
        """Keep what was typed; the answer holds the draft when another page's words stand in it too."""
        try:
            kept = await drafts.keep(session, body, visit.user.id, self.clock)
        except NotFound as unknown:
            raise await self._unless_new(visit, body.call, unknown) from unknown
        return {"call": body.call, "version": kept.version, "draft": kept.draft}

    async def show_draft(self, visit: Visit) -> Response:
        """What was typed about the call at this desk, with the outcome chosen; null for nothing."""
        call = await self.asking.call_of(visit.user.id)
        draft: dict[str, Any] | None = None
        if call is not None:
            async with self.database.reading() as session:
                draft = await drafts.read(session, call, visit.user.id)
        return json_answer({"ok": True, "draft": draft})

    async def show_last(self, visit: Visit) -> Response:
        """The outcome of the last call while it can be corrected, with all that it can become."""
        async with self.database.reading() as session:
            last = await service.last_outcome(session, visit.user.id, self.clock, visit.language)
        told = last and {
            "label": last.leaf.label(visit.language),
            "at": round(last.at.timestamp() * 1000),
            "draft": last.draft,
            "compliance": last.statements,
            **last.filled,
            **bars(visit.language, Standing()),
        }
        return json_answer({"ok": True, "last": told})

    async def show_templates(self, visit: Visit) -> Response:
        """Note templates filled with what is known of the call at this desk; none without a call."""
        call, rows = await self.asking.call_of(visit.user.id), []
        if call is not None:
            who = visit.user.person
            speaker = Speaker(who.id, who.short_name, visit.language)
            async with self.database.reading() as session:
                rows = await service.note_templates(session, call, speaker, visit.now)
        return json_answer({"ok": True, "templates": rows})

    async def put_away(
        self, visit: Visit, body: OfCallback, session: WriteSession
    ) -> dict[str, Any]:
        """The agent has read that a call he agreed was missed; said twice it is the same."""
        if not await history.put_away_callback(session, body.callback, visit.user.id, visit.now):
            raise NotFound("No missed call of yours is known by that id.", field="callback")
        return {"callback": body.callback}

    async def snooze(self, visit: Visit, body: Snoozed, session: WriteSession) -> dict[str, Any]:
        """The agent wants to be reminded later; the call stays agreed for its time."""
        organisation = await people.organisation(session)
        until = snoozed_until(body.until, visit.now, organisation.timezone)
        if not await history.snooze_callback(session, body.callback, visit.user.id, until):
            raise NotFound("No open call of yours is known by that id.", field="callback")
        return {"callback": body.callback, "until": round(until.timestamp() * 1000)}

    def _speaks_by_page(self, visit: Visit) -> bool:
        """His page is his telephone: it is looked for a headset."""
        return self.page_phones and not visit.user.person.desk_phone

    async def _call(self, visit: Visit, shown: UUID | None) -> UUID:
        call = await self.asking.call_of(visit.user.id)
        if call is None or shown not in (None, call):
            raise Refused("That call is over.", code="CALL_OVER")
        return call

    async def _unless_new(self, visit: Visit, call: UUID, unknown: NotFound) -> Exception:
        """A call that the room gave this agent a moment ago: the books follow, the page sends again."""
        if await self.asking.call_of(visit.user.id) != call:
            return unknown
        return Unavailable("The call is still being written down.", code="CALL_NOT_YET")

    async def tell_ready(self, visit: Visit, answer: dict[str, Any]) -> None:
        """Ready for calls; from training, away from them."""
        user, at_ms = visit.user.id, visit.now_ms
        practises = answer["training"]
        await self._tell(
            Pause(user=user, reason=TRAINING, at_ms=at_ms)
            if practises
            else Ready(user=user, at_ms=at_ms)
        )

    async def tell_pause(self, visit: Visit, answer: dict[str, Any]) -> None:
        """Away, for the reason stored; or those who lead are shown that he wants to be."""
        if answer["asked"] is not None:
            async with self.database.reading() as session:
                request = await supervision.find_request(session, UUID(answer["asked"]))
            await self.asking.show(request_cards(request))
            return
        user, reason, limit = visit.user.id, answer["reason"], answer["limit_ms"]
        await self._tell(Pause(user=user, reason=reason, limit_ms=limit, at_ms=visit.now_ms))

    async def tell_mode(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The mode chosen."""
        chosen = ChooseMode(user=visit.user.id, mode=answer["mode"], at_ms=visit.now_ms)
        await self._tell(chosen)

    async def tell_leave(self, visit: Visit, _answer: dict[str, Any]) -> None:
        """Off the floor, after wrap-up when there is a call; the sign-in ends when the room says so."""
        await self._tell(SignedOut(user=visit.user.id, why="LOGOUT", at_ms=visit.now_ms))

    async def tell_cancel(self, visit: Visit, _answer: dict[str, Any]) -> None:
        """What was chosen for after the call is taken back."""
        await self._tell(CancelPending(user=visit.user.id, at_ms=visit.now_ms))

    async def tell_hangup(self, visit: Visit, answer: dict[str, Any]) -> None:
        """End the call."""
        call = UUID(answer["call"])
        await self._tell(HangUp(user=visit.user.id, call=call, at_ms=visit.now_ms))

    async def tell_extend(self, visit: Visit, answer: dict[str, Any]) -> None:
        """More wrap-up. Told twice it may extend twice, which the limit of ten bounds."""
        call = UUID(answer["call"])
        await self._tell(Extend(user=visit.user.id, call=call, at_ms=visit.now_ms))

    async def tell_mute(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The microphone."""
        await self._tell(Mute(user=visit.user.id, on=answer["on"], at_ms=visit.now_ms))

    async def tell_hold(self, visit: Visit, answer: dict[str, Any]) -> None:
        """Hold, or take back."""
        call = UUID(answer["call"])
        on = answer["on"]
        await self._tell(Hold(user=visit.user.id, call=call, on=on, at_ms=visit.now_ms))

    async def tell_disposed(self, visit: Visit, answer: dict[str, Any]) -> None:
        """An outcome is chosen: wrap-up may end by itself."""
        call, leaf = UUID(answer["call"]), answer["leaf"]
        await self._tell(Disposed(user=visit.user.id, call=call, leaf=leaf, at_ms=visit.now_ms))

    async def tell_finish(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The outcome is on record: wrap-up is over."""
        user, call, at_ms = visit.user.id, UUID(answer["call"]), visit.now_ms
        disposed = Disposed(user=user, call=call, leaf=answer["leaf"], at_ms=at_ms)
        await self.asking.send(disposed, Finish(user=user, call=call, at_ms=at_ms))

    async def _tell(self, intent: Intent) -> None:
        await self.asking.send(intent)
