"""Addresses of the wall: page and snapshot, the stop key and its undoing, a campaign's controls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from starlette.responses import HTMLResponse, Response

from app.breaks import service as breaks
from app.breaks.rules import BACK_OFFICE
from app.campaigns import service as campaigns
from app.people import service as people
from app.people.answers import NO_STORE, json_answer
from app.people.doors import Deed, Door, Visit, Whom
from app.people.rules import Permission
from app.people.shell import page_context
from app.wall import service

if TYPE_CHECKING:
    from app.db import Database, WriteSession
    from app.render import Pages
    from app.wall.service import Dialer
    from realtime.broker import Broker


class Stop(msgspec.Struct):
    """Which campaign (None: all of them), and why."""

    campaign: UUID | None = None
    reason: str = ""


class Resume(msgspec.Struct):
    """Which campaign (None: all of them), and why it may go on."""

    campaign: UUID | None = None
    reason: str = ""


class Tune(msgspec.Struct):
    """Mode and numbers to be set, what the page showed of them before, and why."""

    changes: dict[str, float | str]
    seen: dict[str, float | str] = {}
    reason: str = ""


class OfAgent(msgspec.Struct):
    """Which agent is meant."""

    user: UUID


class Nothing(msgspec.Struct):
    """A deed that needs no words: its address says all."""


@dataclass(frozen=True, slots=True)
class WallDoors:
    """The doors of the wall."""

    database: Database
    pages: Pages
    dialer: Dialer
    broker: Broker

    def doors(self) -> list[Door | Deed]:
        """Every address of the wall."""
        stop, control = Permission.DIALING_STOP, Permission.CAMPAIGN_CONTROL
        complete = Permission.AGENT_COMPLETE
        return [
            Door("GET", "/wall", Permission.WALL_VIEW, self.show_wall, Whom.LISTED),
            Door("GET", "/wall/snapshot", Permission.WALL_VIEW, self.show_snapshot, Whom.LISTED),
            Deed("/wall/stop", stop, self.stop, Stop, self.tell_stop),
            Deed("/wall/resume", stop, self.resume, Resume, self.tell_resume),
            Deed(
                "/wall/complete",
                complete,
                self.complete,
                OfAgent,
                self.tell_complete,
                whom=Whom.USER,
            ),
            Deed("/campaigns/{id}/start", control, self.start, Nothing, self.tell_changed),
            Deed("/campaigns/{id}/pause", control, self.pause, Nothing, self.tell_changed),
            Deed("/campaigns/{id}/stop", control, self.end, Nothing, self.tell_changed),
            Deed("/campaigns/{id}/tune", control, self.tune, Tune, self.tell_changed),
        ]

    async def show_wall(self, visit: Visit) -> Response:
        """The page; its figures come by the socket."""
        async with self.database.reading() as session:
            context: dict[str, Any] = await page_context(session, visit)
            context["boot"]["pause_reasons"] = await breaks.menu(session, visit.language)
        text = self.pages.page("wall/wall.html", visit.language, **context)
        return HTMLResponse(text, headers=NO_STORE)

    async def show_snapshot(self, visit: Visit) -> Response:
        """What the sockets of this person would be told, with its place: by channel, key and value."""
        who = visit.user
        found = {}
        for channel in people.channels_of(who.person, who.rights):
            if channel.startswith("wall:"):
                snapshot = await self.broker.snapshot(channel)
                found[channel] = {
                    "epoch": snapshot.position.epoch,
                    "offset": snapshot.position.offset,
                    "cards": {key: msgspec.msgpack.decode(card) for _, key, card in snapshot.cards},
                }
        return json_answer({"channels": found})

    async def stop(self, visit: Visit, body: Stop, session: WriteSession) -> dict[str, Any]:
        """No new line; live calls go on."""
        who, reason = visit.user, body.reason
        await service.stop_dialing(session, body.campaign, who, reason=reason, now=visit.now)
        return {"campaign": body.campaign, "reason": reason}

    async def resume(self, visit: Visit, body: Resume, session: WriteSession) -> dict[str, Any]:
        """Dialling may go on."""
        again = await service.resume_dialing(
            session, body.campaign, visit.user, reason=body.reason, now=visit.now
        )
        return {"campaign": body.campaign, "campaigns": again}

    async def complete(self, visit: Visit, body: OfAgent, session: WriteSession) -> dict[str, Any]:
        """End the wrap-up that an agent left over."""
        await service.complete_agent(session, body.user, visit.user, now=visit.now)
        limits = await breaks.limits_ms(session)
        return {"user": body.user, "limit_ms": limits.get(BACK_OFFICE)}

    async def start(self, visit: Visit, _body: Nothing, session: WriteSession) -> dict[str, Any]:
        """Begin or go on dialling a campaign."""
        return await self._move(visit, session, campaigns.start)

    async def pause(self, visit: Visit, _body: Nothing, session: WriteSession) -> dict[str, Any]:
        """Put a campaign off; it can be started again."""
        return await self._move(visit, session, campaigns.pause)

    async def end(self, visit: Visit, _body: Nothing, session: WriteSession) -> dict[str, Any]:
        """End a campaign for good."""
        return await self._move(visit, session, campaigns.stop)

    async def tune(self, visit: Visit, body: Tune, session: WriteSession) -> dict[str, Any]:
        """Dial harder or softer, from the next tick on."""
        campaign = _campaign_in(visit)
        tuning = service.Tuning(body.changes, body.seen, body.reason)
        await service.tune_campaign(session, campaign, tuning, visit.user, now=visit.now)
        return {"campaign": campaign}

    async def _move(self, visit: Visit, session: WriteSession, move: Any) -> dict[str, Any]:
        campaign = _campaign_in(visit)
        await move(session, campaign, visit.user.actor, visit.now)
        return {"campaign": campaign}

    async def tell_stop(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The dialer hears of a stop."""
        campaign = _uuid(answer["campaign"])
        await self.dialer.stop(campaign, visit.user.id, answer["reason"], visit.now_ms)

    async def tell_resume(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The dialer hears that it may go on."""
        await self.dialer.resume(_uuid(answer["campaign"]), visit.user.id, visit.now_ms)
        for campaign in answer["campaigns"]:
            await self.dialer.changed(UUID(campaign), visit.now_ms)

    async def tell_complete(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The dialer ends the wrap-up."""
        who, limit = visit.user, answer["limit_ms"]
        await self.dialer.complete(
            UUID(answer["user"]), who.id, visit.now_ms, name=who.person.short_name, limit_ms=limit
        )

    async def tell_changed(self, visit: Visit, answer: dict[str, Any]) -> None:
        """The dialer loads the campaign again."""
        await self.dialer.changed(UUID(answer["campaign"]), visit.now_ms)


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _campaign_in(visit: Visit) -> UUID:
    return visit.id_in("id", "There is no such campaign.")
