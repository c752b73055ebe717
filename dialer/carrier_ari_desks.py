"""Agents' telephones at one Asterisk: a leg of each that stays up between calls, in a bridge of his own.

Pure: events and answers in, requests out; time is passed in. A leg alone in its bridge hears silence that
is really sent, else a telephone that waits for sound hangs up. A leg that was lost is raised again: of a
telephone after a while, of a page as soon as it is registered. A page that is gone leaves its leg behind,
and one that comes anew is another browser, so its leg is always raised anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.phone.rules import agent_of, endpoint_of
from dialer.carrier_ari_words import Ask
from dialer.core.events import VoiceLost, VoiceUp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any
    from uuid import UUID

    from dialer.carrier_ari_words import Names, Plan

RING_S: Final = 30  # a telephone that is not picked up by then has nobody in front of it
AGAIN_MS: Final = (500, 1_000, 2_000, 5_000, 10_000)
"""Until a leg that was lost is raised again: the first time, the second time, and so on."""
SETTLE_MS: Final = 1_500  # a new desk's leg may take so long before it counts as missing
MADE: Final = ("endpoint", "aor", "auth")  # what a page's telephone consists of at Asterisk


@dataclass(slots=True)
class Desk:
    """One agent's telephone. `ready` means that he could be joined now."""

    agent: UUID
    leg: str = ""  # the channel's name; empty while none is being raised
    ready: bool = False
    quiet: bool = False  # silence is sent to him
    muted: bool = False
    with_call: UUID | None = None  # whose voice he has
    awaited_by: UUID | None = None  # the call that is joined as soon as he is ready
    falls: int = 0  # legs lost or refused in a row
    again_at: int | None = None  # ms; when his leg is raised again
    page: bool = False  # the leg leads to his page
    leads: bool = False  # nobody of the floor: his leg comes and goes, his page stays known
    told_up: bool = True  # what the room believes
    patience_until: int = 0  # ms; a missing leg is not told of before


@dataclass(slots=True)
class Desks:
    """All agents' telephones of one server."""

    names: Names
    plan: Plan
    of: dict[UUID, Desk] = field(default_factory=dict)
    pages: dict[UUID, str] = field(default_factory=dict)  # where each registered page is

    def seat(
        self, agents: frozenset[UUID], desk_phones: frozenset[UUID], now: int
    ) -> Iterator[Ask]:
        """These have a leg of their own from now on, and nobody else."""
        for agent in agents:
            page = self.plan.pages and agent not in desk_phones
            if agent not in self.of:
                self.of[agent] = Desk(agent, page=page, patience_until=now + SETTLE_MS)
            desk = self.of[agent]
            yield from self._turn(desk, now, page=page)
            yield from self.raise_leg(desk, now)
        for desk in list(self.of.values()):
            if desk.agent not in agents and desk.with_call is None and desk.awaited_by is None:
                yield from self.clear(desk)

    def desk(self, agent: UUID) -> Desk:
        """His desk, made if need be."""
        return self.of.setdefault(agent, Desk(agent))

    def raise_leg(self, desk: Desk, now: int) -> Iterator[Ask]:
        """Ring his telephone, unless that is under way or must wait."""
        if desk.leg or (desk.again_at is not None and now < desk.again_at):
            return
        if desk.page and desk.agent not in self.pages:
            return
        desk.leg, desk.again_at = self.names.leg(desk.agent, f"{now:x}"), None
        yield self._ask(
            desk,
            "leg",
            "POST",
            f"/channels/{desk.leg}",
            {
                "endpoint": (self.plan.page if desk.page else self.plan.desk)(desk.agent),
                "app": self.names.app,
                "appArgs": "leg",
                "timeout": str(RING_S),
            },
        )

    def clear(self, desk: Desk) -> Iterator[Ask]:
        """He has left: hang up, take his bridge away."""
        del self.of[desk.agent]
        if desk.leg:
            yield self._ask(desk, "", "DELETE", f"/channels/{desk.leg}")
        yield self._ask(desk, "", "DELETE", f"/bridges/{self.names.desk(desk.agent)}")
        if desk.page and not desk.leads:
            self.pages.pop(desk.agent, None)
            for kind in MADE:
                path = f"/asterisk/config/dynamic/res_pjsip/{kind}/{endpoint_of(desk.agent)}"
                yield self._ask(desk, "", "DELETE", path)

    def due(self, now: int) -> Iterator[Ask | VoiceUp | VoiceLost]:
        """Legs to be raised again, and what the room does not know yet of those that are up or missing."""
        for desk in self.of.values():
            if desk.again_at is not None and now >= desk.again_at:
                yield from self.raise_leg(desk, now)
            if desk.ready is not desk.told_up and (desk.ready or now >= desk.patience_until):
                desk.told_up = desk.ready
                yield (VoiceUp if desk.ready else VoiceLost)(desk.agent, now)

    def _turn(self, desk: Desk, now: int, *, page: bool) -> Iterator[Ask]:
        """He speaks by his page from now on, or by a telephone; not before his call is over."""
        if desk.page is page or desk.with_call is not None or desk.awaited_by is not None:
            return
        desk.page = page
        yield from self.drop(desk, now)
        desk.again_at, desk.falls = None, 0

    def drop(self, desk: Desk, now: int) -> Iterator[Ask]:
        """Hang his leg up, as one that is lost."""
        if desk.leg:
            yield self._ask(desk, "", "DELETE", f"/channels/{desk.leg}")
        self.lost(desk, now)

    # --- pages ---

    def know(self, endpoints: Iterable[Mapping[str, Any]]) -> None:
        """Which pages are registered, as the server lists endpoints; where is told with the next change."""
        known = {
            agent: self.pages.get(agent, "")
            for each in endpoints
            if each["state"] == "online" and (agent := agent_of(str(each["resource"]))) is not None
        }
        self.pages = known

    def page_turned(self, endpoint: Mapping[str, Any], contact: Mapping[str, Any]) -> Desk | None:
        """A page registered or went away. The desk whose leg is of no use any more, if there is one."""
        agent = agent_of(str(endpoint["resource"]))
        if agent is None:
            return None
        if contact["contact_status"] == "Removed":
            if endpoint["state"] == "online":
                return None  # an older page of his, whose place was taken
            self.pages.pop(agent, None)
        else:
            there, uri = self.pages.get(agent), str(contact["uri"])
            self.pages[agent] = uri
            if there in {"", uri}:
                return None
        desk = self.of.get(agent)
        if desk is None or not desk.page:
            return None
        desk.again_at, desk.falls = None, 0
        return desk

    # --- what Asterisk says ---

    def owner(self, channel: str, agent: UUID) -> Desk | None:
        """The desk whose present leg this channel is."""
        desk = self.of.get(agent)
        return desk if desk is not None and desk.leg == channel else None

    def picked_up(self, desk: Desk) -> Iterator[Ask]:
        """He answered: into his bridge with him, which may still be there."""
        bridge = self.names.desk(desk.agent)
        yield self._ask(desk, "", "POST", f"/bridges/{bridge}", {"type": "mixing"})
        yield self._ask(desk, "", "POST", f"/bridges/{bridge}/addChannel", {"channel": desk.leg})

    def seated(self, desk: Desk) -> Iterator[Ask]:
        """His leg is in his bridge: he can be joined."""
        desk.ready, desk.falls = True, 0
        yield from self.hush(desk)

    def lost(self, desk: Desk, now: int) -> None:
        """His leg is gone, or could not be raised: again after a while."""
        desk.again_at = now + AGAIN_MS[min(desk.falls, len(AGAIN_MS) - 1)]
        desk.leg, desk.falls, desk.patience_until = "", desk.falls + 1, 0
        desk.ready = desk.quiet = desk.muted = False
        desk.with_call = desk.awaited_by = None

    def hush(self, desk: Desk) -> Iterator[Ask]:
        """Nobody is with him: send him silence."""
        if desk.ready and not desk.quiet:
            desk.quiet = True
            yield self._ask(desk, "", "POST", f"/channels/{desk.leg}/silence")

    def voice(self, desk: Desk) -> Iterator[Ask]:
        """Somebody comes to him: what is sent to him now is that voice, and his own is heard."""
        if desk.quiet:
            desk.quiet = False
            yield self._ask(desk, "", "DELETE", f"/channels/{desk.leg}/silence")
        yield from self.mute(desk, on=False)

    def mute(self, desk: Desk, *, on: bool) -> Iterator[Ask]:
        """Close his microphone, or open it."""
        if desk.muted is not on and desk.leg:
            desk.muted = on
            method = "POST" if on else "DELETE"
            path = f"/channels/{desk.leg}/mute"
            yield self._ask(desk, "", method, path, {"direction": "in"})

    def found(
        self, name: str, agent: UUID, bridge: str, *, up: bool, page: bool = False
    ) -> Iterator[Ask]:
        """A leg that the server has: his, taken over from an earlier dialer, or one too many."""
        desk = self.of.setdefault(agent, Desk(agent, page=page))
        if desk.leg not in {"", name}:
            yield self._ask(desk, "", "DELETE", f"/channels/{name}")
            return
        desk.leg, desk.again_at = name, None
        desk.ready = bridge == self.names.desk(agent)
        if up and not desk.ready:
            yield from self.picked_up(desk)

    @staticmethod
    def _ask(
        desk: Desk, why: str, method: str, path: str, params: Mapping[str, str] | None = None
    ) -> Ask:
        return Ask(desk.agent, why, desk.agent, method, path, params or {})
